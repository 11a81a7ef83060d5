#!/usr/bin/env python3
"""Whether the formats for people come back whole: every pair of `tsv`, `xlsx`, `html` and `md`, read by other parsers.

    tables.py target/debug/wortlaut FILE|FOLDER ... [-- --furniture translate]

Translates the articles with the engine `pseudo` and compares what openpyxl, html.parser and a reader of table cells find in the files with
`jsonl`: the German and the English of each segment in its order. `xlsx`, `html` and `md` have texts in one line, and
characters that cannot be shown as their code points.
"""

import argparse
import collections
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import openpyxl

FORMATS = "jsonl,tsv,xlsx,html,md"
BREAKS = re.compile("[\u00ad\u200b\u2060\ufeff]")


def line(text):
    """A text in one line, as people see it."""
    return " ".join(re.split(r"[\s\x1c-\x1f\x85]+", BREAKS.sub("", text or ""))).strip()


def letters(text):
    return "".join(c for c in text or "" if c.isalnum())


class Page(html.parser.HTMLParser):
    """The texts of both languages of each segment."""

    def __init__(self):
        super().__init__()
        self.pairs, self.side, self.depth, self.skip = [], None, 0, 0

    def handle_starttag(self, tag, attributes):
        kind = (dict(attributes).get("class") or "").split()
        if tag == "div" and "german" in kind:
            self.pairs.append(["", ""])
            self.side, self.depth = 0, 0
        elif tag == "div" and "english" in kind:
            self.side, self.depth = 1, 0
        if tag in ("span", "p") and ({"marker", "missing", "left-out"} & set(kind)):
            self.skip = 1
        if self.side is not None and tag == "div":
            self.depth += 1

    def handle_endtag(self, tag):
        self.skip = 0 if tag in ("span", "p") else self.skip
        if self.side is not None and tag == "div":
            self.depth -= 1
            self.side = None if self.depth == 0 else self.side

    def handle_data(self, data):
        if self.side is not None and not self.skip:
            self.pairs[-1][self.side] += data


def page(path):
    reader = Page()
    reader.feed(path.read_text("utf-8"))
    return reader.pairs


def cell(text):
    text = text[1:] if text.startswith("'") and len(text) > 1 and text[1] in "=+-@＝＋－＠\"'" else text
    return re.sub(r"\\(.)", lambda found: {"t": "\t", "n": "\n", "r": "\r"}.get(found[1], found[1]), text)


def tsv(path):
    rows = [row.split("\t") for row in path.read_text("utf-8").split("\n")[:-1]]
    german, english = rows[0].index("de"), rows[0].index("en")
    return [[cell(row[german]), cell(row[english])] for row in rows[1:]]


def xlsx(path):
    rows = list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))
    german, english = rows[0].index("German"), rows[0].index("English")
    return [[row[german] or "", row[english] or ""] for row in rows[1:]]


def md(path):
    pairs = []
    for row in path.read_text("utf-8").split("\n"):
        cells = re.match(r"\| (\d+) \| (.*) \| (.*) \|$", row)
        if cells:
            pairs.append([html.unescape(re.sub(r"\\(.)", r"\1", cells[at])) for at in (2, 3)])
    return pairs


READERS = {
    # What is read, and how a text is compared: exactly, in one line, or by its letters (markers stand before it).
    "tsv": (tsv, "{}.tsv", lambda own, text: own == (text or "")),
    "xlsx": (xlsx, "{}.bilingual.xlsx", lambda own, text: own == line(text)),
    "html": (page, "{}.bilingual.html", lambda own, text: letters(own) == letters(text)),
    "md": (md, "{}.bilingual.md", lambda own, text: letters(own).endswith(letters(text))),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("inputs", nargs="+")
    own, more = (sys.argv[1:], []) if "--" not in sys.argv else (
        sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :])
    arguments = parser.parse_args(own)
    program = str(pathlib.Path(arguments.program).resolve())
    inputs = [str(pathlib.Path(path).resolve()) for path in arguments.inputs]
    counts, wrong = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "translate", "--engine", "pseudo", "--format", FORMATS, "-o", "out/", "--quiet", *more, *inputs]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(done.stderr)
        for rows in sorted(pathlib.Path(folder, "out").rglob("*.jsonl")):
            if rows.name.startswith("."):
                continue
            with rows.open(encoding="utf-8") as file:
                segments = [json.loads(row) for row in file]
            segments = [row for row in segments if "segment" in row]
            for name, (read, ending, is_same) in READERS.items():
                found = read(rows.with_name(ending.format(rows.name.removesuffix(".jsonl"))))
                counts[name] += len(found)
                pairs = [(row["de"], row["en"]) for row in segments]
                bad = abs(len(found) - len(pairs)) + sum(
                    not (is_same(own[0], pair[0]) and is_same(own[1], pair[1])) for own, pair in zip(found, pairs))
                if bad:
                    wrong += bad
                    print(f"{rows.name} {name}: {bad} pairs differ", file=sys.stderr)
            counts["articles"] += 1
    print(", ".join(f"{name} {count}" for name, count in counts.items()), f"; {wrong} pairs differ")
    sys.exit(wrong > 0)


main()
