#!/usr/bin/env python3
"""How long the review page takes: to answer, to list a corpus, to bring a correction into the files, and to search.

    python3 tests/bench/review.py target/release/wortlaut [--articles 500] [--segments 14]

It makes a project of its own in a temporary folder, with a sentence that stands in one article of ten, and translates it with
the engine `pseudo`. Times are medians of five, in milliseconds.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

SHARED = "Der Kran am Kai steht still."


def project(folder, articles, segments):
    (folder / "articles").mkdir()
    for number in range(articles):
        lines = [f"Schiff Nummer {number} liegt seit {line} Tagen im Hafen." for line in range(2, segments + 1)]
        lines.append(SHARED if number % 10 == 0 else f"Kran {number} steht still.")
        (folder / "articles" / f"{number:05}.txt").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    (folder / "glossary").mkdir()
    (folder / "glossary" / "terms.tsv").write_text("source\ttarget\nHafen\tharbour\nKran\tcrane\n", encoding="utf-8")
    (folder / "wortlaut.toml").write_text("[translate]\nengine = 'pseudo'\n", encoding="utf-8")


class Page:
    def __init__(self, program, folder):
        begin = time.perf_counter()
        command = [program, "review", "--no-open"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = urllib.parse.urlsplit(self.process.stdout.readline().strip())
        self.base, self.token = f"http://{address.netloc}", urllib.parse.parse_qs(address.query)["token"][0]
        self.get("/")
        self.first = time.perf_counter() - begin
        while "class=\"busy\"" in self.get("/"):
            pass
        self.listed = time.perf_counter() - begin

    def get(self, path):
        joint = "&" if "?" in path else "?"
        return urllib.request.urlopen(f"{self.base}{path}{joint}token={self.token}").read().decode()

    def post(self, path, body):
        request = urllib.request.Request(f"{self.base}{path}?token={self.token}", json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        return json.loads(urllib.request.urlopen(request).read())

    def timed(self, path):
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            self.get(path)
            times.append(time.perf_counter() - begin)
        return statistics.median(times)


def corrected(page, folder, articles, segments):
    """Seconds until a correction is answered, and until it stands in the files of all articles with the sentence."""
    answered, followed = [], []
    touched = [folder / "output" / f"{number:05}.en.txt" for number in range(0, articles, 10)]
    for turn in range(5):
        row = page.get("/article?id=00000.txt").split(f'id="s{segments}"')[1]
        state = re.search(r'data-state="(\w+)"', row).group(1)
        target = f"Version {turn} of the sentence about the crane."
        begin = time.perf_counter()
        change = {"id": "00000.txt", "number": segments, "state": state, "target": target, "page": "bench"}
        page.post("/correct", change)
        answered.append(time.perf_counter() - begin)
        while not all(target in file.read_text(encoding="utf-8") for file in touched):
            pass
        followed.append(time.perf_counter() - begin)
    return statistics.median(answered), statistics.median(followed)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program", type=pathlib.Path)
    arguments.add_argument("--articles", type=int, default=500)
    arguments.add_argument("--segments", type=int, default=14)
    arguments = arguments.parse_args()
    program = str(arguments.program.resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        project(folder, arguments.articles, arguments.segments)
        subprocess.run([program, "translate", "-q"], cwd=folder, check=False, stderr=subprocess.DEVNULL)
        page = Page(program, folder)
        try:
            answered, followed = corrected(page, folder, arguments.articles, arguments.segments)
            times = {
                "first page": page.first,
                "all articles listed": page.listed,
                "the list": page.timed("/"),
                "a search": page.timed("/?q=kran"),
                "an article": page.timed("/article?id=00001.txt"),
                "a correction is kept": answered,
                f"and in the files of {len(range(0, arguments.articles, 10))} articles": followed,
            }
        finally:
            page.process.terminate()
            page.process.wait()
    for what, seconds in times.items():
        print(f"{what:40} {seconds * 1000:8.0f} ms")


if __name__ == "__main__":
    main()
