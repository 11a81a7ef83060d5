#!/usr/bin/env python3
"""What `wortlaut verify` finds, what it raises a false alarm about, and how fast it is.

    verify_edits.py edits     --wortlaut BINARY [--edits 10000] [--seed 1]
    verify_edits.py untouched --wortlaut BINARY [--earlier BINARY] [--folders DIR ...]
    verify_edits.py speed     --wortlaut BINARY [--segments 400000] [--times 5]

`edits` writes the sample articles, a page, a Word-like table and a corpus in all formats, and makes one random edit in a fresh copy of
that folder at a time: of the bytes, characters, lines, end, place or name of one file, the manifest among them. An edit that leaves the
bytes as they were is drawn again. It prints found and made by kind and by format, and each that was missed.

`untouched` verifies the outputs of many different runs, none of which was touched: formats, engines, corrections that were learned and taken
back, articles that came, changed and went, runs of some formats only, merged files, and with `--earlier` those of an earlier build before and
after a run of this one. `--folders` are output folders of other runs, such as same_output.py keeps. No error may be found in any of them.

`speed` writes a corpus of many segments and as many articles in single files, and times verify beside sha256sum (and b3sum, if there is one)
over the same bytes, in turns; the best of all times counts. Python standard library only.
"""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ".wortlaut-manifest.jsonl"
PAGE = (
    "<!doctype html><html lang='de'><title>Der Start</title><h1>Der Start in Wostotschny</h1><p>Die <b>Rakete</b> hob ab. "
    "Nordkorea schwieg.</p><ul><li>Pjöngjang, <a href='https://example.org/'>sagte Moskau</a>, wisse davon.</li></ul></html>"
)
CORPUS = "id,text\n" + "".join(
    f'm{n},"Am {n}. Mai tagte der UN-Sicherheitsrat. Nordkorea und Nordkoreas Nachbarn schwiegen.\n\nPjöngjang dementiert."\n' for n in range(1, 9)
)


class Project:
    """A project in a scratch folder."""

    def __init__(self, folder, binary, settings="", samples=True):
        self.folder, self.binary = Path(folder), binary
        (self.folder / "seeds").mkdir(parents=True)
        if samples:
            for name in ("seeds", "glossary"):
                shutil.copytree(ROOT / name, self.folder / name, dirs_exist_ok=True)
            self.put("seeds/page.html", PAGE)
            self.put("seeds/corpus.csv", CORPUS)
        self.put("wortlaut.toml", f"[translate]\ninput = 'seeds'\nengine = 'pseudo'\ntext_field = 'text'\nforce = true\n{settings}")

    def put(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *arguments, binary=None):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        command = [binary or self.binary, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        # Some terms do not hold, and some segments fail.
        if done.returncode not in (0, 1, 3):
            raise SystemExit(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")
        return done


def verify(binary, folder):
    done = subprocess.run([binary, "verify", str(folder), "--json"], capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines[:-1], lines[-1] if lines else {}


def characters(data):
    """The text, or None for what is not text."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def flip_bit(data, dice):
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def set_byte(data, dice):
    at = dice.randrange(len(data))
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]


def delete_character(data, dice):
    text = characters(data)
    if text is None:
        at = dice.randrange(len(data))
        return data[:at] + data[at + 1 :]
    at = dice.randrange(len(text))
    return (text[:at] + text[at + 1 :]).encode()


def insert_character(data, dice):
    text = characters(data)
    if text is None:
        at = dice.randrange(len(data) + 1)
        return data[:at] + bytes([dice.randrange(256)]) + data[at:]
    at = dice.randrange(len(text) + 1)
    return (text[:at] + dice.choice(" \n\tabcxyzÄß0189.,\"{}<>\u00ad\u200b") + text[at:]).encode()


def lines_of(data):
    return data.splitlines(keepends=True) or [b""]


def swap_lines(data, dice):
    lines = lines_of(data)
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def double_line(data, dice):
    lines = lines_of(data)
    at = dice.randrange(len(lines))
    return b"".join(lines[: at + 1] + lines[at:])


def drop_line(data, dice):
    lines = lines_of(data)
    lines.pop(dice.randrange(len(lines)))
    return b"".join(lines)


def cut_off(data, dice):
    return data[: dice.randrange(len(data))]


def append(data, dice):
    return data + dice.choice([b"\n", b" ", b"\0", b"{}\n", b"x"])


def change_word(data, dice):
    text = characters(data)
    if text is None:
        return flip_bit(data, dice)
    words = text.split(" ")
    at = dice.randrange(len(words))
    words[at] = dice.choice(["launcher", "not", "2025", "“", "Moscow", words[dice.randrange(len(words))]])
    return " ".join(words).encode()


EDITS = [flip_bit, set_byte, delete_character, insert_character, swap_lines, double_line, drop_line, cut_off, append, change_word]
MOVES = ["removed", "renamed", "moved", "emptied", "replaced by another", "replaced by a folder"]


def move(kind, path, files, dice):
    """Does something to a file as a whole; whether it changed anything."""
    data = path.read_bytes()
    if kind == "removed":
        path.unlink()
    elif kind == "renamed":
        path.rename(path.with_name(path.name + dice.choice([".bak", "~", ".old"])))
    elif kind == "moved":
        (path.parent / "kept").mkdir()
        path.rename(path.parent / "kept" / path.name)
    elif kind == "emptied":
        path.write_bytes(b"")
        return data != b""
    elif kind == "replaced by another":
        other = dice.choice(files).read_bytes()
        path.write_bytes(other)
        return data != other
    else:
        path.unlink()
        path.mkdir()
    return True


def edits(options):
    dice = random.Random(options.seed)
    found, made, by_format = collections.Counter(), collections.Counter(), collections.Counter()
    missed = []
    with tempfile.TemporaryDirectory() as scratch:
        project = Project(f"{scratch}/project", options.wortlaut)
        project.run("translate", "--format", "all")
        whole = project.folder / "output"
        names = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
        print(f"{len(names)} files, {sum((whole / name).stat().st_size for name in names)} bytes; seed {options.seed}")
        code, _, sum_of = verify(options.wortlaut, whole)
        assert code == 0, sum_of
        copy = Path(scratch) / "copy" / "output"
        # The articles are found from the copy as they are from the folder itself.
        shutil.copytree(project.folder / "seeds", copy.parent / "seeds")
        while sum(made.values()) < options.edits:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(whole, copy)
            # A fifth of all edits are of the manifest.
            name = Path(MANIFEST) if dice.random() < 0.2 else dice.choice(names)
            path = copy / name
            if dice.random() < 0.15:
                kind = dice.choice(MOVES)
                changed = move(kind, path, [copy / other for other in names], dice)
            else:
                edit = dice.choice(EDITS)
                kind, data = edit.__name__, path.read_bytes()
                edited = edit(data, dice) if data else b"x"
                path.write_bytes(edited)
                changed = edited != data
            if not changed:
                continue
            code, flaws, _ = verify(options.wortlaut, copy)
            form = "manifest" if name.name == MANIFEST else "".join(name.suffixes[-2:])
            made[kind] += 1
            by_format[form, "made"] += 1
            if code == 1 and any(flaw["severity"] == "error" for flaw in flaws):
                found[kind] += 1
                by_format[form, "found"] += 1
            else:
                missed.append((kind, str(name), code))
        code, _, _ = verify(options.wortlaut, whole)
        assert code == 0, "the folder itself was touched"
    for kind in sorted(made):
        print(f"{kind:22} {found[kind]:6} of {made[kind]:6}")
    for form in sorted({form for form, _ in by_format}):
        print(f"  {form:20} {by_format[form, 'found']:6} of {by_format[form, 'made']:6}")
    total, all_found = sum(made.values()), sum(found.values())
    print(f"{'all':22} {all_found:6} of {total:6}  {100 * all_found / total:.3f} %")
    for case in missed[:20]:
        print("missed:", case)
    return 0 if all_found >= 0.999 * total else 1


class Alarms:
    """Counts what is found in folders that nobody touched."""

    def __init__(self, binary):
        self.binary, self.folders, self.raised = binary, 0, 0
        self.sums, self.others = collections.Counter(), collections.Counter()

    def look(self, folder, name):
        code, flaws, sum_of = verify(self.binary, folder)
        errors = [flaw for flaw in flaws if flaw["severity"] == "error"]
        self.folders += 1
        self.raised += bool(errors or code)
        for key in ("files", "segments", "terms"):
            self.sums[key] += sum_of.get(key, 0)
        self.others.update(flaw["check"] for flaw in flaws if flaw["severity"] != "error")
        for flaw in errors[:3]:
            print(f"FALSE ALARM in {name}: {flaw}")
        if code and not errors:
            print(f"FALSE ALARM in {name}: exit {code}")


# An engine that renders terms now and then as they should be, otherwise, once for twice, or not at all, and fails at times.
ENGINE = """import json, random, sys
ENGLISH = "the of and to in that is was for on with as by at from this have which one all there more when who would about after over new year two state".split()
for line in sys.stdin:
    task = json.loads(line)
    terms = task.get("terms") or [[] for _ in task["texts"]]
    answers = []
    for text, own in zip(task["texts"], terms):
        dice = random.Random(text)
        words = [word if any(c.isdigit() for c in word) else dice.choice(ENGLISH) for word in text.split()]
        for term in own:
            shape = dice.choice([term["target"]] * 4 + [term["target"] + "s", term["target"].lower(), "it", "its", "and " + term["target"], ""])
            words.insert(dice.randrange(len(words) + 1), shape)
        answers.append("The " + " ".join(word for word in words if word) + ".")
    print(json.dumps({"id": task["id"], "translations": answers}), flush=True)
"""


def untouched(options):
    alarms = Alarms(options.wortlaut)
    with tempfile.TemporaryDirectory() as scratch:
        count = 0

        def project(settings="", binary=None):
            nonlocal count
            count += 1
            return Project(f"{scratch}/{count}", binary or options.wortlaut, settings)

        for formats in ("all", "lines", "jsonl", "lines,jsonl", "tsv-bom,jsonl,text", "html", "xlsx,xliff,tmx,jsonl", "md,document"):
            one = project()
            one.run("translate", "--format", formats)
            alarms.look(one.folder / "output", f"formats {formats}")
            one.run("translate", "--format", formats)
            alarms.look(one.folder / "output", f"formats {formats}, again")
        for arguments in (
            ["--furniture", "translate"], ["--attributes", "keep"], ["--merge", "--format", "tmx,xliff,jsonl"], ["--rungs", "native"],
            ["--id-field", "id"], ["--id-field", "id", "--keep-fields", "id"], ["--text-type", "html"],
        ):
            one = project()
            one.run("translate", "--format", "all", *arguments) if "--format" not in arguments else one.run("translate", *arguments)
            alarms.look(one.folder / "output", " ".join(arguments))
        for seed in range(options.lives):
            dice = random.Random(seed)
            one = project()
            one.run("translate", "--format", "all")
            for step in range(6):
                life(one, dice, step)
                alarms.look(one.folder / "output", f"life {seed}, step {step}")
        for setting in ("", "house_form = true", "rungs = ['native']", "rungs = ['native', 'repair']"):
            one = project(f"[engines.mine]\nkind = 'command'\ncommand = '{sys.executable} engine.py'\n[glossary]\n{setting}\n")
            one.put("engine.py", ENGINE)
            one.put("wortlaut.toml", (one.folder / "wortlaut.toml").read_text("utf-8").replace("'pseudo'", "'mine'"))
            one.run("trust")
            one.run("translate", "--format", "all")
            alarms.look(one.folder / "output", f"an engine that is not to be relied on, {setting}")
        if options.earlier:
            for formats in ("all", "lines,jsonl", "tsv", "jsonl"):
                one = project()
                one.run("translate", "--format", formats, binary=options.earlier)
                alarms.look(one.folder / "output", f"earlier build, {formats}")
                one.run("translate", "--format", "lines")
                alarms.look(one.folder / "output", f"earlier build, {formats}, then lines")
                one.run("translate", "--format", formats)
                alarms.look(one.folder / "output", f"earlier build, {formats}, renewed")
    for folder in options.folders:
        for manifest in sorted(Path(folder).rglob(MANIFEST)):
            alarms.look(manifest.parent, str(manifest.parent))
    sums = ", ".join(f"{count} {key}" for key, count in alarms.sums.items())
    print(f"{alarms.folders} folders, {sums}; false alarms: {alarms.raised}; warnings and notes: {dict(alarms.others)}")
    return 1 if alarms.raised else 0


def life(project, dice, step):
    """Something that happens to a project, and the run after it."""
    output, seeds = project.folder / "output", project.folder / "seeds"
    kind = dice.choice(["correct", "undo", "glossary", "article", "gone", "formats", "again", "corpus"])
    formats = dice.choice(["all", "lines,jsonl", "tsv,xlsx", "jsonl", "html,md"])
    if kind == "correct":
        path = dice.choice(sorted(path for path in output.rglob("*.en.txt") if "corpus" not in path.name))
        lines = path.read_text("utf-8").split("\n")
        full = [at for at, line in enumerate(lines) if len(line) > 20]
        for at in dice.sample(full, min(2, len(full))):
            lines[at] = f"{lines[at]} And so on, {step}."
        path.write_text("\n".join(lines), "utf-8")
        project.run("learn", "--yes")
        return
    if kind == "undo":
        project.run("learn", "--undo")
    elif kind == "glossary":
        table = project.folder / "glossary" / "sample.tsv"
        rows = table.read_text("utf-8").split("\n")
        at = dice.choice([at for at, row in enumerate(rows) if at and row.count("\t") > 0 and not row.startswith("#")])
        cells = rows[at].split("\t")
        cells[1] = dice.choice([f"{cells[1]}|new {cells[1]}", f"new {cells[1].split('|')[0]}"])
        rows[at] = "\t".join(cells)
        table.write_text("\n".join(rows), "utf-8")
    elif kind == "article":
        path = dice.choice(sorted(seeds.glob("0*.txt")))
        text = path.read_bytes()
        path.write_bytes(text + b"\n\nNordkorea schweigt.\n")
    elif kind == "gone":
        project.put(f"seeds/new{step}.txt", "Pjöngjang schweigt. Nordkorea auch.\n\nEnde.\n")
    elif kind == "corpus":
        project.put("seeds/corpus.csv", CORPUS + f'x{step},"Nordkorea schweigt."\n')
    project.run("translate", "--format", formats)
    if kind == "gone":
        (seeds / f"new{step}.txt").unlink()
        project.run("translate", "--format", formats, "--prune", "--yes")


def sentences():
    """The sentences of the sample articles."""
    with tempfile.TemporaryDirectory() as scratch:
        found = []
        for path in sorted((ROOT / "seeds").glob("*.txt")):
            done = subprocess.run([OPTIONS.wortlaut, "segment", str(path)], cwd=scratch, capture_output=True, text=True, check=True)
            found += [line.split("\t")[3] for line in done.stdout.splitlines() if "\tparagraph\t" in line]
    return found


def speed(options):
    known, dice = sentences(), random.Random(1)
    with tempfile.TemporaryDirectory() as scratch:
        for shape in ("a corpus", "single files"):
            one = Project(f"{scratch}/{shape.split()[-1]}", options.wortlaut, samples=False)
            shutil.copytree(ROOT / "glossary", one.folder / "glossary")
            articles = options.segments // 20
            texts = (" ".join(f"{dice.choice(known)}" for _ in range(20)) for _ in range(articles))
            if shape == "a corpus":
                with open(one.folder / "seeds" / "c.jsonl", "w", encoding="utf-8") as file:
                    file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
            else:
                for number, text in enumerate(texts):
                    one.put(f"seeds/{number // 1000}/{number}.txt", text + "\n")
            for formats in ("jsonl", "lines,document,jsonl", "all"):
                one.run("translate", "--format", formats, "--quiet")
                measure(options, one.folder / "output", f"{shape}, {formats}")


def measure(options, output, name):
    """Times verify and its peers over the same files, in turns."""
    files = [str(path) for path in output.rglob("*") if path.is_file()]
    inputs = [str(path) for path in (output.parent / "seeds").rglob("*") if path.is_file()]
    listed = "\0".join(files + inputs).encode()
    size = sum(os.path.getsize(path) for path in files + inputs)
    peers = {"sha256sum": ["xargs", "-0", "sha256sum"], "sha256sum, all cores": ["xargs", "-0", "-P", str(os.cpu_count()), "-n", "64", "sha256sum"]}
    if shutil.which("b3sum"):
        peers["b3sum"] = ["xargs", "-0", "b3sum"]
    best = collections.defaultdict(lambda: float("inf"))
    for _ in range(options.times):
        for peer, command in peers.items():
            start = time.monotonic()
            subprocess.run(command, input=listed, stdout=subprocess.DEVNULL, check=True)
            best[peer] = min(best[peer], time.monotonic() - start)
        start = time.monotonic()
        code, _, sum_of = verify(options.wortlaut, output)
        best["verify"] = min(best["verify"], time.monotonic() - start)
        assert code == 0, sum_of
    segments, terms = sum_of["segments"], sum_of["terms"]
    print(f"{name}: {segments} segments, {terms} terms, {len(files)} files, {size / 1e6:.0f} MB with the articles")
    print(f"  {'verify':22} {best['verify']:7.3f} s  {segments / best['verify']:10.0f} segments/s  {size / best['verify'] / 1e6:7.0f} MB/s")
    for peer in peers:
        print(f"  {peer:22} {best[peer]:7.3f} s  {'':21}  {size / best[peer] / 1e6:7.0f} MB/s")


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, work in (("edits", edits), ("untouched", untouched), ("speed", speed)):
        one = commands.add_parser(name)
        one.set_defaults(work=work)
        one.add_argument("--wortlaut", required=True, type=os.path.abspath)
        if name == "edits":
            one.add_argument("--edits", type=int, default=10_000)
            one.add_argument("--seed", type=int, default=1)
        elif name == "untouched":
            one.add_argument("--earlier", type=os.path.abspath, help="a build from before there was a proof")
            one.add_argument("--lives", type=int, default=20, help="projects that something happens to six times")
            one.add_argument("--folders", nargs="*", default=[], help="folders with outputs of other runs below them")
        else:
            one.add_argument("--segments", type=int, default=400_000)
            one.add_argument("--times", type=int, default=5)
    OPTIONS = parser.parse_args()
    return OPTIONS.work(OPTIONS)


if __name__ == "__main__":
    sys.exit(main())
