#!/usr/bin/env python3
"""What a large corpus takes: time, peak of the memory of the process, and the size of the translation memory.

    python3 tests/bench/large.py target/release/wortlaut [--segments 1000000] [--in-a-record 20] [--short]

Makes a corpus of JSON lines in a temporary folder, translates it with the engine `pseudo`, once more from the memory with the outputs
deleted, and once more as it is, with a dry run before and after; then the same with 500 articles of 20 sentences, which are run
unchanged three times. Prints a table: step, seconds, segments a second, processor seconds, peak in MB.
Python standard library only.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time

from million import sentence


class Runs:
    """A project, and runs in it that are measured."""

    def __init__(self, program, folder, segments, settings):
        self.program, self.folder, self.segments = program, folder, segments
        (folder / "articles").mkdir(parents=True)
        (folder / "glossary").mkdir()
        (folder / "glossary" / "terms.tsv").write_text("source\ttarget\nHafen\tharbour\n", encoding="utf-8")
        (folder / "wortlaut.toml").write_text(f"[translate]\nengine = 'pseudo'\n{settings}", encoding="utf-8")

    def run(self, step, *arguments):
        begin = time.perf_counter()
        command = [self.program, "translate", "--quiet", *arguments]
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds, busy = time.perf_counter() - begin, usage.ru_utime + usage.ru_stime
        rate, peak = self.segments / seconds, usage.ru_maxrss / 1024
        print(f"| {step:42} | {seconds:8.2f} | {rate:9.0f} | {busy:8.2f} | {peak:7.0f} |", flush=True)
        if process.returncode not in (0, 1):
            raise SystemExit(f"ended with {process.returncode}: {' '.join(map(str, command))}")


def corpus(runs, arguments):
    numbers = random.Random(13)
    with open(runs.folder / "articles" / "corpus.jsonl", "w", encoding="utf-8") as out:
        for record in range(arguments.segments // arguments.in_a_record):
            first = record * arguments.in_a_record
            texts = (
                f"Der Satz Nummer {first + number} ist kurz." if arguments.short else sentence(numbers)
                for number in range(arguments.in_a_record)
            )
            out.write(json.dumps({"id": f"r{record}", "text": " ".join(texts)}, ensure_ascii=False) + "\n")
    runs.run("dry run", "--dry-run")
    runs.run("from scratch")
    shutil.rmtree(runs.folder / "output")
    runs.run("from the memory")
    runs.run("once more")
    runs.run("dry run, once more", "--dry-run")
    path = runs.folder / ".wortlaut" / "memory.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as memory:
        sizes = "SELECT sum(length(CAST(source AS BLOB)) + length(CAST(target AS BLOB))) FROM translation"
        texts = memory.execute(sizes).fetchone()[0]
    size = path.stat().st_size
    print(f"memory.db: {size / 1e6:.1f} MB, {size / texts:.2f} times its texts ({texts / 1e6:.1f} MB)", flush=True)


def articles(runs):
    numbers = random.Random(14)
    for number in range(500):
        paragraphs = (" ".join(sentence(numbers) for _ in range(4)) for _ in range(5))
        path = runs.folder / "articles" / f"{number:03}.txt"
        path.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    runs.run("500 articles, from scratch")
    runs.run("500 articles, unchanged")
    # By now nothing was written for a while, and what files hold is known without reading them.
    time.sleep(2)
    runs.run("500 articles, unchanged, two seconds later")
    runs.run("500 articles, unchanged, once more")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--in-a-record", type=int, default=20)
    parser.add_argument("--short", action="store_true", help="sentences of six words instead of six to nineteen")
    arguments = parser.parse_args()
    program = str(arguments.program.resolve())
    print(f"| {'step':42} | {'s':>8} | {'segm./s':>9} | {'CPU s':>8} | {'peak MB':>7} |\n|{'-' * 44}|{'-' * 10}|{'-' * 11}|{'-' * 10}|{'-' * 9}|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        corpus(Runs(program, folder / "corpus", arguments.segments, "text_field = 'text'\n"), arguments)
        articles(Runs(program, folder / "articles", 10_000, ""))


if __name__ == "__main__":
    main()
