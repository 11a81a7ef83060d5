#!/usr/bin/env python3
"""Has the n-th call to the system of `wortlaut translate` go wrong, for n = 1, 2, 3 … or for some n by chance, and holds the same
command after it to the files of a run that nothing happens to.

    faults.py ARTICLES --wortlaut target/release/wortlaut --articles 20
    faults.py ARTICLES --wortlaut target/release/wortlaut --articles 500 --draws 200 --seed 1

ARTICLES is a folder; the first articles there by name are translated into all formats by a double on loopback, one request at a time.
`tests/support/faults.c` says what goes wrong and is built with `cc`. After each fault:

- the process has ended by itself, unless it was killed, with a documented exit code and without a panic;
- the same command ends as the undisturbed run did, with the same files byte for byte in the whole project, hidden ones included;
- the memory is sound and has the same texts;
- no text was bought twice but those of one request: the one that was in flight or whose answer could not be stored.

Python standard library only. Exits with 1 if anything of it does not hold.
"""
import argparse
import collections
import concurrent.futures
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import zlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
KINDS = ("kill", "torn", "error", "full", "readonly", "read")
# What belongs to a memory: its times differ from run to run, so it is compared by what is in it.
MEMORY = ".wortlaut/memory.db"
EXITS = (0, 1, 2, 3, 4, 5)
# A run takes a second; one that waits for something for ever is a fault.
PATIENCE = 300


WORDS = """able above across after again along among another area around become before began behind below better between book
bright bring brought build call carry cause change city clear close cold common country course cover current dark deep different
direct door down draw during early earth east easy enough even every example face fall family farm fast field figure final fire
first food force form found four free friend front full game garden give gold good govern grand great green ground group grow
half hand happen hard heard heavy hold home horse hour house hundred idea island large late laugh lead learn leave left letter
life light line list listen little live long look machine main many mark measure might mile mind money moon morning mother
mountain move much music need never night north notice number object ocean often only open order other over page paper part
people perhaps person picture piece place plain plan plane plant play point possible power present problem produce question
quick rain reach read ready real record rest river road rock room round rule school science second sentence serve several shape
ship short show side simple since slow small snow some soon south space special stand star start state still stood story strong
study such summer surface system table take talk teach tell thing think thousand three through time together toward town travel
tree true turn under unit until usual voice walk warm watch water weather week west wheel while white whole wind winter wonder
wood work world write year young""".split()


# By these words a text is known to be German.
GERMAN = {word for line in (REPOSITORY / "src/check/data/german_words.txt").read_text().splitlines() if line[:1] != "#"
          for word in line.split()}


def english(text):
    """What the double makes of a text: other words in the same place, and always the same ones; what may be a name stays."""
    def word(found):
        is_kept = found[0][0].isupper() and found[0].lower() not in GERMAN
        if is_kept or found[0].startswith("<") or re.search(r"[\d_]", found[0]):
            return found[0]
        other = WORDS[zlib.crc32(found[0].encode()) % len(WORDS)]
        return other.capitalize() if found[0][0].isupper() else other

    return re.sub(r"<[^>]*>|\w+", word, text)


class Double:
    """A LibreTranslate server that remembers what it sold, request by request."""

    def __init__(self):
        self.requests = []
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One packet an answer: the second of two would wait for the first to be acknowledged.
            wbufsize = -1

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.answer({"charLimit": -1})

            def do_POST(self):
                length = int(self.headers["content-length"] or -1)
                body = self.rfile.read(max(length, 0))
                # Of a process that was killed, half a request may come.
                if len(body) != length:
                    self.close_connection = True
                    return
                texts = json.loads(body)["q"]
                texts = texts if isinstance(texts, list) else [texts]
                double.requests.append(texts)
                self.answer({"translatedText": [english(text) for text in texts]})

            def answer(self, value):
                content = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *address):
                # Connections of a killed process break.
                if not isinstance(sys.exception(), OSError):
                    super().handle_error(*address)

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def address(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Project:
    """A project in a folder of its own."""

    def __init__(self, options, articles):
        self.options = options
        self.holder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.holder.name).resolve() / "project"
        self.log = self.folder.parent / "calls"
        (self.folder / "seeds").mkdir(parents=True)
        (self.folder / "temporary").mkdir()
        for article in articles:
            shutil.copy(article, self.folder / "seeds")
        self.double = Double()
        # The address is no part of what an answer belongs to, so that all memories have the same keys.
        (self.folder / "wortlaut.toml").write_text(
            "[translate]\ninput = 'seeds'\nengine = 'double'\nformats = ['all']\ntext_field = 'text'\n"
            "[engines.double]\nkind = 'libretranslate'\nconcurrency = 1\nmax_segments = 20\nidentity = 'double'\n"
            f"base_url = '{self.double.address()}'\n")

    def close(self):
        self.double.close()
        self.holder.cleanup()

    def run(self, kind=None, at=0):
        environment = {"HOME": str(self.folder.parent), "PATH": os.environ["PATH"], "TMPDIR": str(self.folder / "temporary")}
        if kind:
            environment |= {"LD_PRELOAD": self.options.shim, "FAULTS_ROOT": str(self.folder), "FAULTS_LOG": str(self.log),
                            "FAULTS_KIND": kind, "FAULTS_AT": str(at)}
            if self.options.nameless:
                environment["FAULTS_NAMELESS"] = "1"
        command = [self.options.wortlaut, "translate"]
        return subprocess.run(command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def files(self):
        found = {}
        for path in self.folder.rglob("*"):
            name = str(path.relative_to(self.folder))
            if name != "wortlaut.toml" and not path.is_dir():
                found[name] = b"" if name.startswith(MEMORY) else path.read_bytes()
        return found

    def memory(self):
        """What SQLite says of the memory, and its texts."""
        connection = sqlite3.connect(f"file:{self.folder / MEMORY}?mode=ro", uri=True)
        try:
            sound = connection.execute("PRAGMA integrity_check").fetchall()
            return sound, sorted(connection.execute("SELECT key, source, target FROM translation"))
        finally:
            connection.close()


Expected = collections.namedtuple("Expected", "code files memory requests")


def undisturbed(options, articles):
    project = Project(options, articles)
    ran = project.run()
    if ran.returncode not in (0, 1, 3):
        raise SystemExit(f"a run that nothing happens to ends with {ran.returncode}\n{ran.stdout}")
    expected = Expected(ran.returncode, project.files(), project.memory(), project.double.requests)
    project.close()
    return expected


Verdict = collections.namedtuple("Verdict", "at call code told wrong")


def disturbed(options, articles, expected, kind, at):
    """A run with a fault and one after it; `call` is None if the run was over before."""
    project = Project(options, articles)
    wrong = []
    try:
        first = project.run(kind, at)
        call = next((line[1:] for line in project.calls() if line.startswith("!")), None)
        if call is None and first.returncode != expected.code:
            wrong.append(f"without a fault it ends with {first.returncode}")
        if call and kind in ("kill", "torn") and first.returncode != -signal.SIGKILL:
            wrong.append("not killed")
        if kind not in ("kill", "torn") and first.returncode not in EXITS:
            wrong.append(f"ends with {first.returncode}")
        if "panicked" in first.stdout:
            wrong.append("panics")
        if call and first.returncode == expected.code < 2 and kind not in ("kill", "torn"):
            wrong += [f"success, but {name} differs" for name in differing(project.files(), expected.files)
                      if name.startswith("output/") and "/." not in name]
        again = project.run()
        if again.returncode != expected.code:
            wrong.append(f"afterwards it ends with {again.returncode}: {again.stdout.strip()[-400:]}")
        wrong += [f"{name} differs" for name in differing(project.files(), expected.files)]
        try:
            sound, rows = project.memory()
            if sound != [("ok",)] or rows != expected.memory[1]:
                wrong.append(f"the memory has {len(rows)} texts: {sound}")
        except sqlite3.Error as error:
            wrong.append(f"the memory: {error}")
        # What is asked again because of an answer that is none is asked again in both.
        more = bought(project.double.requests) - bought(expected.requests)
        if more and (max(more.values()) > 1 or not any(more.keys() <= set(texts) for texts in project.double.requests)):
            wrong.append(f"{len(more)} texts are bought once more")
        return Verdict(at, call, first.returncode, first.stdout, wrong)
    except subprocess.TimeoutExpired:
        return Verdict(at, "?", None, "", ["does not end"])
    finally:
        project.close()


def bought(requests):
    return collections.Counter(text for texts in requests for text in texts)


def differing(files, expected):
    return sorted(name for name in files.keys() | expected.keys() if files.get(name) != expected.get(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--wortlaut", default="target/release/wortlaut", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--articles", type=int, default=20)
    parser.add_argument("--draws", type=int, help="so many n by chance instead of all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--nameless", action="store_true", help="count the temporary files without a name, too, in which workbooks are made")
    parser.add_argument("--told", action="store_true", help="print what each way of ending says")
    options = parser.parse_args()
    articles = sorted(path for path in options.folder.iterdir() if path.is_file())[: options.articles]
    bad = False
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        options.shim = f"{folder}/faults.so"
        source = REPOSITORY / "tests/support/faults.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", options.shim, source, "-ldl"], check=True)
        expected = undisturbed(options, articles)
        print(f"{len(articles)} articles, {len(expected.files)} files, {len(expected.requests)} requests", flush=True)
        for kind in options.kinds.split(","):
            counted = Project(options, articles)
            counted.run(kind)
            calls = counted.calls()
            counted.close()
            names = collections.Counter(call.split()[0] for call in calls)
            if not calls:
                raise SystemExit(f"{kind}: no call was counted")
            if options.draws:
                places = sorted(random.Random(options.seed).sample(range(1, len(calls) + 1), min(options.draws, len(calls))))
            else:
                # A few more, since threads do not come in the same order each time.
                places = range(1, len(calls) + 1 + len(calls) // 50)
            verdicts = list(pool.map(lambda at: disturbed(options, articles, expected, kind, at), places))
            hit = [verdict for verdict in verdicts if verdict.call]
            wrong = [verdict for verdict in verdicts if verdict.wrong]
            codes = collections.Counter(verdict.code for verdict in hit)
            print(f"{kind}: {len(calls)} calls ({', '.join(f'{name} {times}' for name, times in names.most_common())}); "
                  f"{len(hit)} faults, {len(hit) - len([v for v in wrong if v.call])} as undisturbed; exit codes {dict(codes)}", flush=True)
            for verdict in wrong:
                print(f"  {kind} {verdict.at} ({verdict.call}): {'; '.join(verdict.wrong)}", flush=True)
            if options.told:
                ways = {}
                for verdict in hit:
                    call = re.sub(r"/tmp/\S*?/project|[0-9a-f]{16}|memory-\w+", "*", verdict.call)
                    told = re.sub(r"/tmp/\S*?/project|\d+ of|memory-\w+", "*", verdict.told)
                    ways.setdefault((verdict.code, told), []).append(f"{verdict.at} {call}")
                for (code, told), calls in sorted(ways.items(), key=lambda way: -len(way[1])):
                    print(f"--- {len(calls)}x, exit {code}, first {calls[:6]}\n{told}")
            bad |= bool(wrong)
    sys.exit(bad)


if __name__ == "__main__":
    main()
