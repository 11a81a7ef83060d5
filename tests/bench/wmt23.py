#!/usr/bin/env python3
"""The first rows of the WMT 2023 terminology task (de-en) through wortlaut, with and without their terms.

  python3 tests/bench/wmt23.py ROWS.jsonl [--scorer term_score.py] [--rows 300] [--engine auto] [--wortlaut PATH] [--work DIR]

ROWS.jsonl is an object a line: {"de", "en", "terms": [{"de", "en"}]}.  Each row becomes an article of its own; its terms go along as a
line of a --glossary FILE.jsonl.  Prints term success (an occurrence of a term counts if its English stands in the row's translation,
case ignored, plural and possessive allowed) and chrF (by sacrebleu, if it is installed) of both runs.  With --scorer the outputs
are also left as ROWS for that tool.  A run that was broken off goes on where it stopped.
"""
import argparse, json, os, re, subprocess, sys, unicodedata

args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
args.add_argument("rows"); args.add_argument("--rows", dest="count", type=int, default=300)
args.add_argument("--engine", default="auto"); args.add_argument("--wortlaut", default="target/release/wortlaut")
args.add_argument("--work", default="target/wmt23"); args.add_argument("--scorer"); args.add_argument("--only", choices=["with", "without"])
a = args.parse_args()


def norm(text):
    text = unicodedata.normalize("NFKC", text).translate(dict.fromkeys(map(ord, "\u2019\u2018"), "'"))
    return re.sub(r"\s+", " ", re.sub("[\u2010-\u2015\u2212]", "-", text)).strip().casefold()


def stands(target, text):
    body = re.escape(norm(target)) + r"(?:'s|s'|s|es)?"
    if target[-1:] in "yY":
        body = f"(?:{body}|{re.escape(norm(target)[:-1])}ies)"
    return re.search(rf"(?<![^\W_]){body}(?![^\W_])", norm(text)) is not None


def translate(name, rows, glossary):
    work = os.path.join(os.path.abspath(a.work), name)
    articles = os.path.join(work, "articles")
    os.makedirs(articles, exist_ok=True)
    for i, row in enumerate(rows):
        with open(os.path.join(articles, f"{i:04}.txt"), "w", encoding="utf-8") as file:
            file.write(row["de"].strip() + "\n")
    path = os.path.join(work, "terms.jsonl" if glossary else "terms.tsv")
    with open(path, "w", encoding="utf-8") as file:
        if glossary:
            for i, row in enumerate(rows):
                terms = [{"source": t["de"], "target": t["en"]} for t in row["terms"]]
                file.write(json.dumps({"article": f"{i:04}.txt", "terms": terms}, ensure_ascii=False) + "\n")
        else:
            file.write("source\ttarget\n")
    with open(os.path.join(work, "wortlaut.toml"), "w", encoding="utf-8") as file:
        file.write(f"[memory]\npath = '{os.path.join(work, 'memory.db')}'\n")
    run = [os.path.abspath(a.wortlaut), "translate", articles, "--engine", a.engine, "--glossary", path, "--output", os.path.join(work, "out"),
           "--format", "jsonl", "--json", "--quiet"]
    done = subprocess.run(run, cwd=work, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"wortlaut ended with {done.returncode}")
    print(name, json.dumps({k: v for k, v in json.loads(done.stdout).items() if k in ("terms", "failed", "seconds", "requests")}))
    out = []
    for i in range(len(rows)):
        with open(os.path.join(work, "out", f"{i:04}.jsonl"), encoding="utf-8") as file:
            out.append(" ".join(x["en"] or "" for x in map(json.loads, file) if "en" in x).strip())
    with open(os.path.join(work, "hyp.txt"), "w", encoding="utf-8") as file:
        file.writelines(x.replace("\n", " ") + "\n" for x in out)
    return out


def score(name, rows, out):
    held = total = 0
    for row, text in zip(rows, out):
        for term in row["terms"]:
            total += 1
            held += stands(term["en"], text)
    line = f"{name}: {held} of {total} terms hold ({100 * held / max(1, total):.1f}%)"
    try:
        import sacrebleu
        line += f", chrF {sacrebleu.corpus_chrf(out, [[row['en'] for row in rows]]).score:.2f}"
    except ImportError:
        pass
    print(line)


with open(a.rows, encoding="utf-8") as file:
    ROWS = [json.loads(line) for line in file if line.strip()][: a.count]
for NAME in ("with", "without"):
    if a.only in (None, NAME):
        OUT = translate(NAME, ROWS, NAME == "with")
        score(NAME, ROWS, OUT)
        if a.scorer:
            subset = os.path.join(a.work, "rows.jsonl")
            with open(subset, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
            subprocess.run([sys.executable, a.scorer, subset, "--hyp", os.path.join(a.work, NAME, "hyp.txt")], check=False)
