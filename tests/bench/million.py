#!/usr/bin/env python3
"""What a person waits for with a million pairs in the memory, and whether corrections stay all the same.

    python3 tests/bench/million.py target/release/wortlaut [--pairs 1000000] [--articles 20] [--segments 40]

Makes a project of its own in a temporary folder, imports the pairs as corrections (TSV), translates articles with the engine
`pseudo`, and corrects a sentence on the review page, in NAME.en.txt, in NAME.bilingual.xlsx and in NAME.xlf. After each, after
a new glossary entry, and with another engine profile, every correction so far has to stand in the files of all formats.
Prints a table: step, seconds, peak of the memory of the process in MB (never less than Python takes, some 25 MB). Ends with 1
if a correction is lost.
Python standard library only; where openpyxl is installed, the workbook is changed with it.
"""
import argparse
import html
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import zipfile

SYLLABLES = "be ver gang stein hof land ber ge rich ten wal der schu le mo na strom kraft zeug flug ha fen küs te bahn".split()
COMMON = "der die und in den von zu das mit sich des auf für ist im nicht".split()
# The files of an article that English stands in as it is, or escaped for XML.
ENDINGS = (".en.txt", ".english.txt", ".tsv", ".jsonl", ".xlf", ".tmx", ".bilingual.html", ".bilingual.md", ".bilingual.xlsx")
FORMATS = "lines,text,tsv,jsonl,xliff,tmx,html,md,xlsx"


class Table:
    """The figures, printed as they come."""

    def __init__(self):
        self.is_sound = True
        print(f"| {'step':58} | {'s':>8} | {'peak MB':>8} |\n|{'-' * 60}|{'-' * 10}|{'-' * 10}|", flush=True)

    def row(self, step, seconds, peak):
        print(f"| {step:58} | {seconds:8.2f} | {peak:8.0f} |", flush=True)

    def fault(self, what):
        self.is_sound = False
        print(f"LOST: {what}", flush=True)


class Project:
    """A folder in which the program is run."""

    def __init__(self, program, folder, table):
        self.program, self.folder, self.table = program, folder, table

    def run(self, step, *arguments, exits=(0,)):
        with tempfile.TemporaryFile() as output:
            begin = time.perf_counter()
            process = subprocess.Popen([self.program, *arguments], cwd=self.folder, stdout=output, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.table.row(step, time.perf_counter() - begin, usage.ru_maxrss / 1024)
            output.seek(0)
            text = output.read().decode(errors="replace")
        if process.returncode not in exits:
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}:\n{text}")
        return text

    def output(self, number, ending):
        return self.folder / "output" / f"{number:02}{ending}"

    def english(self, number, ending):
        """The text of a file, free of the escapes of its format."""
        path = self.output(number, ending)
        if ending == ".bilingual.xlsx":
            with zipfile.ZipFile(path) as archive:
                texts = (archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
                return html.unescape("".join(texts))
        return html.unescape(path.read_text(encoding="utf-8"))

    def edit(self, number, ending, old, new):
        path = self.output(number, ending)
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"{path} has no {old!r}")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def edit_workbook(self, number, old, new):
        path = self.output(number, ".bilingual.xlsx")
        try:
            import openpyxl
        except ImportError:
            self.edit_archive(path, old, new)
            return
        workbook = openpyxl.load_workbook(path)
        cells = (cell for row in workbook.active.iter_rows() for cell in row)
        for cell in cells:
            if cell.value == old:
                cell.value = new
        workbook.save(path)

    @staticmethod
    def edit_archive(path, old, new):
        changed = io.BytesIO()
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as out:
            for name in archive.namelist():
                out.writestr(name, archive.read(name).replace(old.encode(), new.encode()))
        path.write_bytes(changed.getvalue())


def sentence(numbers):
    words = (
        numbers.choice(COMMON) if numbers.random() < 0.5 else "".join(numbers.choices(SYLLABLES, k=numbers.randint(1, 4)))
        for _ in range(numbers.randint(6, 19))
    )
    text = " ".join(words)
    return text[0].upper() + text[1:] + "."


def make(folder, arguments):
    """The project: articles of sentences that are in the memory, of new ones, and of the one that is corrected."""
    numbers = random.Random(13)
    known = []
    with open(folder / "pairs.tsv", "w", encoding="utf-8") as pairs:
        pairs.write("source\ttarget\n")
        for number in range(arguments.pairs):
            text = sentence(numbers)
            if number % 1000 == 0:
                known.append(text)
            pairs.write(f"{text}\tWhat a person wrote of number {number}.\n")
    (folder / "articles").mkdir()
    for number in range(arguments.articles):
        lines = [german(number)]
        for line in range(1, arguments.segments):
            lines.append(numbers.choice(known) if line % 2 else sentence(numbers))
        (folder / "articles" / f"{number:02}.txt").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    (folder / "glossary").mkdir()
    (folder / "glossary" / "terms.tsv").write_text("source\ttarget\nHafen\tharbour\n", encoding="utf-8")
    profile = "[engines.other]\nkind = 'pseudo'\n"
    (folder / "wortlaut.toml").write_text(
        f"[translate]\nengine = 'pseudo'\nformats = {json.dumps(FORMATS.split(','))}\n\n{profile}", encoding="utf-8"
    )


def german(number):
    return f"Schiff Nummer {number} liegt seit gestern am Kai."


def correct_on_page(project, number, new):
    """Corrects the first sentence of an article as the page does, and waits for the files."""
    begin = time.perf_counter()
    command = [project.program, "review", "--no-open"]
    server = subprocess.Popen(command, cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = urllib.parse.urlsplit(server.stdout.readline().strip())
        token = urllib.parse.parse_qs(address.query)["token"][0]

        def ask(path, body=None):
            joint = "&" if "?" in path else "?"
            request = urllib.request.Request(f"http://{address.netloc}{path}{joint}token={token}", body)
            request.add_header("content-type", "application/json")
            return urllib.request.urlopen(request).read().decode()

        while 'class="busy"' in ask("/"):
            time.sleep(0.01)
        project.table.row("review: all articles listed", time.perf_counter() - begin, peak(server))
        id_ = f"{number:02}.txt"
        begin = time.perf_counter()
        row = ask(f"/article?id={id_}").split('id="s1"')[1]
        project.table.row("review: an article", time.perf_counter() - begin, peak(server))
        state = re.search(r'data-state="(\w+)"', row).group(1)
        change = {"id": id_, "number": 1, "state": state, "target": new, "page": "bench"}
        begin = time.perf_counter()
        ask("/correct", json.dumps(change).encode())
        project.table.row("review: a correction is kept", time.perf_counter() - begin, peak(server))
        while not all(new in project.english(number, ending) for ending in ENDINGS):
            time.sleep(0.005)
        project.table.row("review: and stands in all files", time.perf_counter() - begin, peak(server))
    finally:
        server.terminate()
        server.wait()


def peak(process):
    """The most memory that a running process had, in MB; 0 where the system does not say."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024
    except (OSError, AttributeError):
        return 0


def hold(project, said, when):
    """Looks for all corrections in all files."""
    for number, new in said.items():
        for ending in ENDINGS:
            if new not in project.english(number, ending):
                project.table.fault(f"{new!r} is not in {project.output(number, ending).name} ({when})")


def correct(project, said, number, how, change):
    """A correction, what follows from it, and that it stays."""
    # With the terms of the entries so far.
    old = project.output(number, ".en.txt").read_text(encoding="utf-8").splitlines()[0]
    new = f"Ship {number} has been alongside since yesterday, says {how}."
    change(old, new)
    if how != "the page":
        project.run(f"{how}: translate leaves it", "translate", exits=(3,))
        project.run(f"{how}: learn", "learn")
    said[number] = new
    hold(project, said, f"{how}, learned")
    project.run(f"{how}: translate", "translate", exits=(0, 1))
    hold(project, said, f"{how}, translated")
    with open(project.folder / "glossary" / "terms.tsv", "a", encoding="utf-8") as glossary:
        glossary.write(f"{('Kai', 'Schiff', 'gestern', 'Nummer')[number]}\tterm{number}\n")
    project.run(f"{how}: translate with another glossary entry", "translate", exits=(0, 1))
    hold(project, said, f"{how}, another entry")
    project.run(f"{how}: translate with another engine profile", "translate", "--engine", "other", exits=(0, 1))
    hold(project, said, f"{how}, another engine")
    project.run(f"{how}: translate with the first engine again", "translate", exits=(0, 1))
    hold(project, said, f"{how}, the first engine")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--articles", type=int, default=20)
    parser.add_argument("--segments", type=int, default=40)
    arguments = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make(folder, arguments)
        project = Project(str(arguments.program.resolve()), folder, table)
        project.run("memory import (TSV, as corrections)", "memory", "import", "pairs.tsv", "--as", "correction", "--by", "Ada")
        again = ["memory", "import", "pairs.tsv", "--as", "correction", "--by", "Ada", "--json"]
        if json.loads(project.run("memory import, the same again", *again))["known"] != arguments.pairs:
            table.fault("a second import added pairs")
        project.run("translate, the first time", "translate", exits=(0, 1))
        project.run("translate, unchanged", "translate", exits=(0, 1))
        said = {}
        correct(project, said, 0, "the page", lambda _, new: correct_on_page(project, 0, new))
        correct(project, said, 1, ".en.txt", lambda old, new: project.edit(1, ".en.txt", old, new))
        correct(project, said, 2, ".xlsx", lambda old, new: project.edit_workbook(2, old, new))
        correct(project, said, 3, ".xlf", lambda old, new: project.edit(3, ".xlf", old, new))
        project.run("learn --undo", "learn", "--undo")
        said.pop(3)
        hold(project, said, "undone")
        for step in (
            ("memory search, the first time (makes the index)", "memory", "search", "hafenstrom"),
            ("memory search", "memory", "search", "hafenstrom"),
            ("memory search --near", "memory", "search", "--near", german(0)),
            ("memory stats", "memory", "stats"),
            ("memory export (TMX)", "memory", "export", "all.tmx"),
            ("memory export (TSV)", "memory", "export", "all.tsv"),
            ("memory export (xlsx)", "memory", "export", "all.xlsx"),
            ("memory prune --gone", "memory", "prune", "--gone", "--yes"),
            ("memory check", "memory", "check"),
        ):
            project.run(*step)
    sys.exit(0 if table.is_sound else 1)


if __name__ == "__main__":
    main()
