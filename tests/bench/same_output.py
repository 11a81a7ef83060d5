#!/usr/bin/env python3
"""Records what a build of wortlaut writes for a fixed set of runs, and compares two such records.

    same_output.py record DIR --wortlaut BINARY --samples seeds --replay CMD --proxy CMD [--articles DIR] [--seeds DIR] ...
    same_output.py compare BEFORE AFTER [--ignore rule,message]

A change that must not alter any output is recorded before and after it. `--memory BEFORE` starts every run from the
memories of an earlier record: then no run may send anything, and what it writes must still be equal.

CMD starts a server that speaks the protocols of the services; `{port}` in it is replaced by a free port, `{system}` by
the recorded system of a case. The profiles carry an `identity`, so the port is no part of a fingerprint.
Python standard library only.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

FORMATS = "lines,text,document,tsv,jsonl"
PROTOCOLS = ("deepl", "libretranslate", "openai")
SYSTEMS = ("Online-A", "Online-B", "Online-G", "Online-W", "Online-Y")


class Server:
    """A server for the time of a run, on a free port of loopback."""

    def __init__(self, command, system):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = [word.format(port=self.port, system=system) for word in command.split()]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"the server on port {self.port} does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def profile(protocol, port):
    """The engine section of wortlaut.toml for one protocol."""
    path = "/v1" if protocol == "openai" else ""
    model = 'model = "recorded"\n' if protocol == "openai" else ""
    return (
        f'[engines.service]\nkind = "{protocol}"\nbase_url = "http://127.0.0.1:{port}{path}"\n'
        f'identity = "recorded"\nkey_env = "{protocol.upper()}_API_KEY"\n{model}'
    )


def cases(options):
    """Name, input folder or file, glossary, server command, system and protocol of each run."""
    yield "samples-pseudo", options.samples, options.samples_glossary, None, None, None
    if options.seeds:
        for protocol in PROTOCOLS:
            yield f"seeds-{protocol}", options.seeds, options.seeds_glossary, options.replay, "Online-W", protocol
    if options.news:
        for system in SYSTEMS:
            yield f"news-{system}", options.news, options.news_glossary, options.replay, system, "deepl"
        for protocol in PROTOCOLS[1:]:
            yield f"news-{protocol}", options.news, options.news_glossary, options.replay, "Online-G", protocol
    if options.articles:
        yield "articles-proxy", options.articles, options.seeds_glossary, options.proxy, None, "deepl"
        yield "articles-replay", options.articles, options.news_glossary, options.replay, "Online-Y", "deepl"
    for folder in sorted(Path(options.field).iterdir()) if options.field else ():
        inputs = [file for file in sorted(folder.glob("*")) if file.suffix in (".md", ".html", ".docx", ".srt", ".csv", ".jsonl", ".txt", ".tsv", ".xlsx")]
        if folder.is_dir() and inputs and not (folder / "wortlaut.toml").exists():
            yield f"field-{folder.name}", str(folder), options.seeds_glossary, options.replay, "Online-W", "deepl"


def prepare_news(rows, folder):
    """A folder with one article a row: what the services recorded is known sentence by sentence."""
    folder.mkdir(parents=True)
    with open(rows, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            (folder / f"{row['id']}.txt").write_text(row["de"] + "\n", encoding="utf-8")
    return str(folder)


def text_field(source):
    """The setting for a folder of corpus files, whose German is in the last of the usual fields that the first file has."""
    files = [file for file in sorted(Path(source).glob("*")) if file.suffix in (".csv", ".tsv", ".jsonl")]
    if not files:
        return ""
    head = files[0].read_bytes().split(b"\n")[0].decode("utf-8", "replace")
    names = [name for name in ("text", "body", "de", "inhalt", "Text", "title") if name in head]
    return f'text_field = "{names[0] if names else "text"}"\n'


def run_case(options, target, case):
    name, source, glossary, command, system, protocol = case
    work = Path(options.work) / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if os.path.isdir(source):
        shutil.copytree(source, work / "articles")
    else:
        (work / "articles").mkdir()
        shutil.copy(source, work / "articles")
    shutil.copy(glossary, work / "glossary.tsv")
    if options.memory:
        earlier = Path(options.memory) / name / "memory.db"
        (work / ".wortlaut").mkdir()
        if earlier.exists():
            shutil.copy(earlier, work / ".wortlaut" / "memory.db")

    def translate(port):
        # In the user's own file the profile needs no trust.
        home = work / "home"
        (home / "wortlaut").mkdir(parents=True, exist_ok=True)
        (home / "wortlaut" / "config.toml").write_text(profile(protocol, port) if protocol else "")
        (work / "wortlaut.toml").write_text("[translate]\nforce = true\n" + text_field(source))
        arguments = [
            options.wortlaut, "translate", "articles", "-o", "out", "--format", FORMATS, "--glossary", "glossary.tsv",
            "--engine", "service" if protocol else "pseudo", "--json", "-q",
        ]
        keys = {f"{protocol.upper()}_API_KEY": "recorded" for protocol in PROTOCOLS}
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CONFIG_HOME": str(home), **keys}
        return subprocess.run(arguments, cwd=work, env=environment, capture_output=True, text=True, check=False)

    if command:
        with Server(command, system) as server:
            done = translate(server.port)
    else:
        done = translate(0)
    kept = target / name
    kept.mkdir(parents=True)
    if (work / "out").is_dir():
        shutil.move(work / "out", kept / "out")
    if (work / ".wortlaut" / "memory.db").exists():
        shutil.copy(work / ".wortlaut" / "memory.db", kept / "memory.db")
    (kept / "stderr").write_text(done.stderr)
    (kept / "exit").write_text(str(done.returncode))
    summary = json.loads(done.stdout) if done.stdout.strip().startswith("{") else {"error": done.stderr}
    (kept / "summary.json").write_text(json.dumps(summary, indent=1, sort_keys=True))
    files = sum(1 for file in (kept / "out").rglob("*") if file.is_file()) if (kept / "out").exists() else 0
    print(f"{name:20} exit {done.returncode}  requests {summary.get('requests')}  files {files}", flush=True)


def record(options):
    target = Path(options.name)
    if target.exists():
        raise SystemExit(f"{target} is there already")
    target.mkdir(parents=True)
    if options.news:
        shutil.rmtree(Path(options.work) / "news-articles", ignore_errors=True)
        options.news = prepare_news(options.news, Path(options.work) / "news-articles")
    for case in cases(options):
        if not options.only or case[0].startswith(options.only):
            run_case(options, target, case)


def without(value, ignored):
    """A JSON value without the named fields, at any depth."""
    if isinstance(value, dict):
        return {key: without(inner, ignored) for key, inner in value.items() if key not in ignored}
    if isinstance(value, list):
        return [without(inner, ignored) for inner in value]
    return value


def differences(before, after, ignored):
    """Places at which two files differ."""
    left, right = before.read_bytes(), after.read_bytes()
    if left == right:
        return []
    if before.suffix == ".jsonl" and ignored:
        ours, theirs = left.decode().splitlines(), right.decode().splitlines()
        if len(ours) == len(theirs):
            pairs = [(number, one, other) for number, (one, other) in enumerate(zip(ours, theirs), 1) if one != other]
            pairs = [(number, without(json.loads(one), ignored), without(json.loads(other), ignored)) for number, one, other in pairs]
            return [(number, one, other) for number, one, other in pairs if one != other]
    return [(0, f"{len(left)} bytes", f"{len(right)} bytes")]


def compare(options):
    ignored = set(filter(None, options.ignore.split(",")))
    before, after = Path(options.name), Path(options.other)
    failed = False
    print(f"{'case':20} {'files':>6} {'differ':>6}  requests before, after")
    for folder in sorted(path for path in before.iterdir() if path.is_dir()):
        other = after / folder.name
        if not other.exists():
            continue
        names = {path.relative_to(folder) for path in (folder / "out").rglob("*") if path.is_file()}
        names |= {path.relative_to(other) for path in (other / "out").rglob("*") if path.is_file()}
        names = sorted(name for name in names if not name.name.startswith(".wortlaut"))
        bad = []
        for name in names:
            if not (folder / name).exists() or not (other / name).exists():
                bad.append((name, [(0, "there" if (folder / name).exists() else "missing", "there" if (other / name).exists() else "missing")]))
            elif places := differences(folder / name, other / name, ignored):
                bad.append((name, places))
        counts = [json.loads((side / "summary.json").read_text()).get("requests") for side in (folder, other)]
        codes = [(side / "exit").read_text() for side in (folder, other)]
        failed |= bool(bad) or codes[0] != codes[1]
        note = "" if codes[0] == codes[1] else f"  exit {codes[0]} and {codes[1]}"
        print(f"{folder.name:20} {len(names):6} {len(bad):6}  {counts[0]}, {counts[1]}{note}")
        for name, places in bad[: options.show]:
            for number, one, other_value in places[: options.show]:
                print(f"    {name}:{number}\n      - {one}\n      + {other_value}")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="run all cases and keep what they write in DIR")
    recording.add_argument("name", metavar="DIR")
    recording.add_argument("--wortlaut", required=True, type=os.path.abspath)
    recording.add_argument("--work", required=True, help="scratch folder")
    recording.add_argument("--samples", default="seeds", help="articles for the pseudo engine")
    recording.add_argument("--samples-glossary", default="glossary/sample.tsv")
    recording.add_argument("--seeds", help="folder of articles for the three protocols")
    recording.add_argument("--seeds-glossary", default="glossary/sample.tsv")
    recording.add_argument("--news", help="JSON lines with id and de: sentences whose translations are recorded")
    recording.add_argument("--news-glossary", default="glossary/sample.tsv")
    recording.add_argument("--articles", help="a larger folder of articles")
    recording.add_argument("--field", help="folder of folders with single documents of all formats")
    recording.add_argument("--replay", help="command of a server with recorded answers")
    recording.add_argument("--proxy", help="command of a counting double that speaks deepl")
    recording.add_argument("--memory", metavar="DIR", help="start from the memories of an earlier record")
    recording.add_argument("--only", help="cases whose name begins so")
    comparing = commands.add_parser("compare", help="compare two records")
    comparing.add_argument("name", metavar="BEFORE")
    comparing.add_argument("other", metavar="AFTER")
    comparing.add_argument("--ignore", default="", help="fields of jsonl that may differ, joined by commas")
    comparing.add_argument("--show", type=int, default=3, help="differences shown a case and a file")
    options = parser.parse_args()
    return record(options) if options.command == "record" else compare(options)


if __name__ == "__main__":
    sys.exit(main())
