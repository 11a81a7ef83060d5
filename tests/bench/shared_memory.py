#!/usr/bin/env python3
"""What runs that share a memory on a PostgreSQL server send, write and achieve.

    shared_memory.py TOOLS --data RECORDED.jsonl [--wortlaut BINARY] [--claims PROGRAM] [--articles 500] [--only runs,killed,claims]

TOOLS is a folder with `replay_mt.py`, a server that plays the protocols of the services with recorded sentences; the articles are
made of these, and share many. PROGRAM is the example `claims` of this repository. A PostgreSQL server is started in a temporary
folder, as the user of Debian's package `postgresql`. Each part prints its figures and a verdict; the program ends with 1 if one of
them is bad.

- runs: 4 runs, each with a quarter of the articles, against one with all of them, at 200 ms an answer and 2 requests at once each.
  No text is sent twice, the files are those of the one run, and it takes at most 1/3.4 of the time.
- killed: the same, and one of the 4 is killed in the middle and started again. Only texts that were on their way are sent twice.
- claims: claims, answers stored and looked up a second, in batches of 500 by 4 processes; bytes an answer.

Python standard library only.
"""
import argparse
import atexit
import collections
import hashlib
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

WORKERS = 4
CONCURRENCY = 2
SEGMENTS = 1
LATENCY = 200


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """A server in a folder of its own; what is committed is on the disk."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shared-memory-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.user = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig=INT"]
        data = self.folder / "data"
        make = [*self.user, self.programs / "initdb", "--pgdata", data, "--username=wortlaut", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        subprocess.run(make, check=True, cwd="/", capture_output=True)
        self.port = free_port()
        options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=256MB"]
        command = [*self.user, self.programs / "postgres", "-D", data, "-p", str(self.port), *(word for option in options for word in ("-c", option))]
        self.process = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.stop)
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode:
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def sql(self, sql, database="postgres"):
        command = [self.programs / "psql", "-qtAX", "-v", "ON_ERROR_STOP=1", self.url(database), "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def url(self, database):
        return f"postgres://wortlaut@127.0.0.1:{self.port}/{database}"

    def database(self, name):
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)


class Service:
    """The server of the tools, with a log of its requests."""

    def __init__(self, options, folder):
        self.log = folder / f"requests-{time.monotonic_ns()}.jsonl"
        self.port = free_port()
        command = [sys.executable, f"{options.tools}/replay_mt.py", "--data", options.data, "--port", str(self.port),
                   "--latency-ms", str(LATENCY), "--log", self.log]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.process.kill)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz").close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def sent(self):
        """How often each text was sent, in the order in which requests ended."""
        self.process.terminate()
        self.process.wait()
        texts = collections.Counter()
        for line in open(self.log, encoding="utf-8"):
            request = json.loads(line)
            if request["path"] == "/translate" and request["status"] in (200, 0):
                asked = json.loads(request["body"])["q"]
                texts.update(asked if isinstance(asked, list) else [asked])
        return texts


def articles(options):
    """Articles of recorded sentences: some of each are its own, the others stand in several."""
    with open(options.data, encoding="utf-8") as recorded:
        sentences = list(dict.fromkeys(json.loads(line)["de"].strip() for line in recorded))
    dice = random.Random(16)
    dice.shuffle(sentences)
    common, own = sentences[: len(sentences) // 10], sentences[len(sentences) // 10 :]
    each = len(own) // options.articles
    if each == 0:
        raise SystemExit("too few sentences for so many articles")
    made = {}
    for number in range(options.articles):
        parts = own[number * each : (number + 1) * each] + dice.sample(common, 2)
        dice.shuffle(parts)
        made[f"a{number:03}.txt"] = "\n\n".join(parts) + "\n"
    return made


class Worker:
    """A run in a project of its own."""

    def __init__(self, options, folder, service, memory, texts):
        self.folder, self.options = folder, options
        (folder / "articles").mkdir(parents=True)
        for name, text in texts.items():
            (folder / "articles" / name).write_text(text, encoding="utf-8")
        (folder / "wortlaut.toml").write_text(
            '[translate]\ninput = "articles"\nengine = "service"\nformats = ["lines", "tsv", "jsonl"]\n'
            f'[memory]\nurl = "{memory}"\n'
            f'[engines.service]\nkind = "libretranslate"\nidentity = "recorded"\nbase_url = "http://127.0.0.1:{service.port}"\n'
            f"max_segments = {SEGMENTS}\nconcurrency = {CONCURRENCY}\n"
        )

    def start(self):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        command = [self.options.wortlaut, "translate", "--json"]
        self.errors = open(self.folder / "stderr", "wb")
        self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL, stderr=self.errors)
        return self

    def end(self):
        if self.process.wait() not in (0, 1):
            print((self.folder / "stderr").read_text()[-2000:])
            return False
        return True

    def files(self):
        found = {}
        for path in sorted((self.folder / "output").rglob("*")):
            if path.is_file() and path.suffix in (".txt", ".tsv", ".jsonl") and not path.name.startswith("."):
                found[str(path.relative_to(self.folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found


def timed(workers):
    begin = time.monotonic()
    for worker in workers:
        worker.start()
    good = all([worker.end() for worker in workers])
    return time.monotonic() - begin, good


def quarters(texts):
    names = sorted(texts)
    return [{name: texts[name] for name in names[number::WORKERS]} for number in range(WORKERS)]


def verdict(what, is_good):
    print(f"{'good' if is_good else 'BAD'}: {what}", flush=True)
    return is_good


def runs(options, server, folder, texts):
    service = Service(options, folder)
    one = Worker(options, folder / "one", service, server.database("one"), texts)
    alone, good = timed([one])
    expected = service.sent()
    service = Service(options, folder)
    memory = server.database("four")
    four = [Worker(options, folder / f"four-{n}", service, memory, part) for n, part in enumerate(quarters(texts))]
    together, all_good = timed(four)
    sent = service.sent()
    # A text whose answer was no translation is sent once more in another form, whoever runs.
    again = sum((sent - expected).values())
    files = {name: hash for worker in four for name, hash in worker.files().items()}
    print(f"{len(texts)} articles, {sum(sent.values())} texts sent ({len(sent)} different): one run {alone:.1f} s, {WORKERS} runs {together:.1f} s")
    good = verdict("all runs ended well", good and all_good)
    good &= verdict(f"texts that were sent more often than by the one run: {again}", again == 0 and sent.keys() == expected.keys())
    good &= verdict(f"files: {len(files)}, other than those of the one run: {sum(files[n] != h for n, h in one.files().items())}", files == one.files())
    return verdict(f"{alone / together:.2f} times the throughput of one run, at least 3.4 is wanted", alone / together >= 3.4) and good


def killed(options, server, folder, texts):
    service = Service(options, folder)
    memory = server.database("killed")
    workers = [Worker(options, folder / f"killed-{n}", service, memory, part) for n, part in enumerate(quarters(texts))]
    begin = time.monotonic()
    for worker in workers:
        worker.start()
    # In the middle of its requests: it has stored a good part of its answers.
    while time.monotonic() - begin < 3:
        time.sleep(0.05)
    workers[0].process.kill()
    workers[0].process.wait()
    held = int(server.sql("SELECT count(*) FROM wortlaut.claim", "killed"))
    workers[0].start()
    good = all([worker.end() for worker in workers])
    seconds = time.monotonic() - begin
    sent = service.sent()
    twice = sum(count - 1 for count in sent.values())
    left = int(server.sql("SELECT count(*) FROM wortlaut.claim", "killed"))
    print(f"killed after 3 s with {held} texts claimed by all, done after {seconds:.1f} s")
    good = verdict("all runs ended well", good)
    good &= verdict(f"texts sent twice: {twice}, on their way were at most {CONCURRENCY * SEGMENTS}", twice <= CONCURRENCY * SEGMENTS)
    return verdict(f"claims left: {left}", left == 0) and good


def claims(options, server, folder, texts):
    url = server.database("claims")
    out = subprocess.run([options.claims, url], check=True, capture_output=True, text=True).stdout
    figures = json.loads(out)
    print(out.strip())
    size = server.sql("SELECT string_agg(relname || ' ' || pg_total_relation_size(oid) || ' (table ' || pg_relation_size(oid) || ')', ', ') FROM pg_class WHERE relname = 'translation'", "claims")
    print(f"{size}; {figures['bytes'] / figures['answers']:.0f} bytes an answer")
    return verdict(f"{figures['claims_per_second']} claims a second, at least 5000 are wanted", figures["claims_per_second"] >= 5000)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools")
    parser.add_argument("--data", required=True)
    parser.add_argument("--wortlaut", default="target/release/wortlaut", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--claims", default="target/release/examples/claims")
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--only", default="runs,killed,claims")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="shared-runs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = Postgres()
    texts = articles(options)
    parts = {"runs": runs, "killed": killed, "claims": claims}
    results = [parts[name](options, server, folder, texts) for name in options.only.split(",")]
    sys.exit(0 if all(results) else 1)


main()
