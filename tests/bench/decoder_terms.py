#!/usr/bin/env python3
"""What holding terms in the decoder brings and costs, beside asking a second time and beside terms in the prompt alone.

  python3 tests/bench/decoder_terms.py ROWS.jsonl --before PROGRAM [--program target/release/wortlaut] [--engine gguf]
                                       [--first 1] [--last 60] [--work target/decoder_terms] [--only WAY ...] [--show N]

ROWS.jsonl is an object a line: {"de", "en", "terms": [{"de", "en"}]}, as the data of the WMT terminology tasks. Each row becomes an article of
its own; its terms go along as a line of a glossary in JSON lines. The ways are

  prompt   PROGRAM of --before with no rungs: the terms stand in the prompt, and what comes of that stays
  asked    the same with all rungs: where a term is missing it is put into the German, which is asked again
  decoder  PROGRAM of --program: the model writes on with the term

--before is a program of version 0.1, or of a commit before `gguf` held terms as it writes. Prints for each way the share of terms that hold, and
that hold exclusively (each in a place of its own), chrF, both by `wortlaut evaluate` of --program, the seconds of the run, as the program
counts them, and how many times those of `prompt` they are. With --show also the first sentences in which `decoder` differs from
`prompt`. Nothing else should run meanwhile. Python standard library only.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

WAYS = ["prompt", "asked", "decoder"]


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("--before", help="a program that does not hold terms in the decoder")
    parser.add_argument("--program", default="target/release/wortlaut")
    parser.add_argument("--engine", default="gguf")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=60)
    parser.add_argument("--work", default="target/decoder_terms")
    parser.add_argument("--only", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--show", type=int, default=0)
    return parser.parse_args()


def write(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def run(program, arguments, work):
    done = subprocess.run([os.path.abspath(program), *arguments], cwd=work, stdout=subprocess.PIPE, text=True)
    # Terms that do not hold are findings, which are no failure here.
    if done.returncode not in (0, 1, 3):
        sys.exit(f"{program} ended with {done.returncode}")
    return json.loads(done.stdout)


def translated(way, rows, program, a):
    work = os.path.join(os.path.abspath(a.work), way)
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, "articles"))
    names = [f"{number:04}.txt" for number in range(len(rows))]
    for name, row in zip(names, rows):
        write(os.path.join(work, "articles", name), [row["de"].strip()])
    lines = []
    for name, row in zip(names, rows):
        terms = [{"source": term["de"], "target": term["en"]} for term in row["terms"]]
        lines.append(json.dumps({"article": name, "terms": terms}, ensure_ascii=False))
    write(os.path.join(work, "terms.jsonl"), lines)
    rungs = ["rungs = []"] if way == "prompt" else []
    write(os.path.join(work, "wortlaut.toml"), ["[memory]", "path = 'memory.db'", "[glossary]", *rungs])
    arguments = ["translate", "articles", "--engine", a.engine, "--glossary", "terms.jsonl", "--output", "out"]
    summary = run(program, [*arguments, "--format", "jsonl", "--json", "--quiet"], work)
    english = []
    for name in names:
        with open(os.path.join(work, "out", name.replace(".txt", ".jsonl")), encoding="utf-8") as file:
            english.append(" ".join(unit["en"] or "" for unit in map(json.loads, file) if "en" in unit).strip())
    write(os.path.join(work, "english.txt"), [text.replace("\n", " ") for text in english])
    write(os.path.join(work, "reference.txt"), [row["en"].replace("\n", " ") for row in rows])
    write(os.path.join(work, "rows.jsonl"), [json.dumps(row, ensure_ascii=False) for row in rows])
    arguments = ["evaluate", "english.txt", "--ref", "reference.txt", "--source", "rows.jsonl", "--metrics", "chrf", "--json"]
    return english, summary, run(a.program, arguments, work)


def main():
    a = options()
    with open(a.rows, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()][a.first - 1 : a.last]
    texts, seconds = {}, {}
    for way in a.only:
        program = a.program if way == "decoder" else a.before
        if program is None:
            sys.exit(f"--before is needed for {way}")
        texts[way], summary, figures = translated(way, rows, program, a)
        seconds[way] = summary["seconds"]
        times = f", {seconds[way] / seconds['prompt']:.2f} times" if "prompt" in seconds else ""
        terms = figures["terms"]
        print(
            f"{way:8} {terms['occurrences']} terms: held {100 * terms['success']:.1f}%, "
            f"exclusively {100 * terms['exclusive']:.1f}%, chrF {figures['chrf']:.2f}, "
            f"{seconds[way]:.1f} s{times}, failed {summary['failed']}",
            flush=True,
        )
    shown = 0
    for number, row in enumerate(rows):
        one, other = (texts.get(way, [""] * len(rows))[number] for way in ("prompt", "decoder"))
        if one != other and shown < a.show:
            shown += 1
            terms = "; ".join(f"{term['de']} = {term['en']}" for term in row["terms"])
            print(f"\n{a.first + number} {row['de']}\n    {terms}\n  prompt   {one}\n  decoder  {other}\n  reference {row['en']}")


if __name__ == "__main__":
    main()
