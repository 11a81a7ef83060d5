#!/usr/bin/env python3
"""How runs fare with services that fail, are slow, or limit the rate of requests.

    fire.py TOOLS --articles DIR --data RECORDED.jsonl [--wortlaut BINARY] [--protocols deepl,libretranslate,openai]
            [--seeds 1,2,3] [--only faults,floor,throughput,rate] [--rates 2,5,10,20,50] [--minutes 6]

TOOLS is a folder with `replay_mt.py`, a server that plays the protocols of the services. Each part prints its figures and a
verdict; the program ends with 1 if one of them is bad.

- faults: 429 (10%), 5xx (5%), resets (3%), answers cut off (10%) and mangled placeholders (20%). Nothing is lost, every file
  is what a run without faults writes, and characters that were paid twice are those of answers that were lost after they
  were paid.
- floor: 200 ms an answer, 16 requests at once: at most 1.15 times requests * 0.2 s / 16.
- throughput: `context = false`, no latency: segments a second, and the peak of the memory.
- rate: a server that allows N requests a second: the share of N that passes once the rate is known, and refusals a minute.

Python standard library only.
"""
import argparse
import atexit
import collections
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

FAULTS = "--p429 0.1 --p500 0.05 --preset-resets 0.03 --p-truncate 0.1 --honour-markup --p-mangle 0.2".split()
SOUND = ["--honour-markup"]
PATHS = {"openai": "/v1"}
MODELS = {"openai": "recorded"}
# Seconds until the rate is known, as the documentation has it: a minute or two.
LEARNT = 120


class Replay:
    """The server of the tools, on a free port, for the time of a run."""

    def __init__(self, options, *arguments):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, f"{options.tools}/replay_mt.py", "--data", options.data, "--port", str(self.port)]
        self.process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(600):
            try:
                self.stats()
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:
            return json.load(answer)


class Run:
    """One run of the program in a folder of its own."""

    def __init__(self, options, port, protocol, *settings, articles=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fire-"))
        model = MODELS.get(protocol)
        lines = [
            "[translate]", f'input = "{articles or options.articles}"', 'engine = "service"', 'formats = ["lines", "tsv", "jsonl"]',
            "[engines.service]", f'kind = "{protocol}"', 'identity = "recorded"', 'key_env = "FIRE_KEY"',
            f'base_url = "http://127.0.0.1:{port}{PATHS.get(protocol, "")}"', *([f'model = "{model}"'] if model else []), *settings,
        ]
        (self.folder / "wortlaut.toml").write_text("\n".join(lines) + "\n")
        environment = {**os.environ, "FIRE_KEY": "secret-key", "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder)}
        subprocess.run([options.wortlaut, "trust"], cwd=self.folder, env=environment, check=True, capture_output=True)
        command = [options.wortlaut, "translate", "--json", *(["--glossary", options.glossary] if options.glossary else [])]
        begin = time.monotonic()
        with open(self.folder / "stdout", "wb") as out, open(self.folder / "stderr", "wb") as errors:
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=out, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - begin
        self.exit = process.returncode
        self.peak = usage.ru_maxrss / 1024
        # What it takes whatever else the machine does.
        self.processor = usage.ru_utime + usage.ru_stime
        if self.exit not in (0, 1):
            print((self.folder / "stderr").read_text()[-2000:])

    def files(self):
        """The hash of each output, without the manifest and what says how an answer came about."""
        found = {}
        for path in sorted((self.folder / "output").rglob("*")):
            if path.is_file() and path.suffix in (".txt", ".tsv", ".jsonl"):
                found[str(path.relative_to(self.folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def remove(self):
        # At the end only: ext4 without a journal makes new files slowly for some time after many were removed.
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)


# What the server has no translation for comes back marked; a few such texts are turned down, which is exit code 3.
SENT = (0, 3)


class Verdicts:
    def __init__(self):
        self.is_good = True

    def tell(self, good, text):
        self.is_good &= good
        print(("ok   " if good else "BAD  ") + text, flush=True)


def faults(options, verdicts):
    for protocol in options.protocols:
        with Replay(options, *SOUND) as server:
            sound = Run(options, server.port, protocol)
            base = server.stats()
        for seed in options.seeds:
            with Replay(options, *FAULTS, "--seed", str(seed)) as server:
                run = Run(options, server.port, protocol)
                stats = server.stats()
            expected, written = sound.files(), run.files()
            differ = [name for name, mark in expected.items() if written.get(name) != mark]
            twice = stats["characters"] - base["characters"]
            # What the server translated and then reset was paid for in vain; openai's also answers with an item missing.
            mean = base["characters"] / max(1, base["requests"])
            lost = stats["statuses"].get("200", 0) - base["statuses"].get("200", 0)
            text = (
                f"faults {protocol} seed {seed}: exit {run.exit} ({sound.exit}), {len(written)} of {len(expected)} files, {len(differ)} differ; "
                f"{stats['requests']} requests ({base['requests']}), {stats['statuses']}; characters {stats['characters']} ({base['characters']}), "
                f"{twice} more, {lost} answers lost or cut after they were paid, {mean:.0f} characters a request; {run.seconds:.0f} s ({sound.seconds:.0f})"
            )
            verdicts.tell(run.exit == sound.exit and len(written) == len(expected) and not differ, text)
            for name in differ[:3]:
                print(f"     {name}: {run.folder} {sound.folder}")
            if not differ:
                run.remove()
        sound.remove()


def floor(options, verdicts):
    for protocol in options.protocols:
        with Replay(options, "--latency-ms", "200") as server:
            run = Run(options, server.port, protocol, "concurrency = 16")
            stats = server.stats()
        least = max(1, stats["requests"]) * 0.2 / 16
        text = f"floor {protocol}: {run.seconds:.2f} s, {run.seconds / least:.2f} times {least:.2f} s ({stats['requests']} requests), processor {run.processor:.2f} s, {run.peak:.0f} MiB"
        verdicts.tell(run.exit in SENT and run.seconds <= 1.15 * least, text)
        run.remove()


def throughput(options, verdicts):
    for protocol in options.protocols:
        with Replay(options) as server:
            run = Run(options, server.port, protocol, "concurrency = 16", "context = false")
            stats = server.stats()
        segments = sum(path.read_bytes().count(b'"segment":') for path in run.folder.glob("output/*.jsonl"))
        rate = segments / run.seconds
        text = f"throughput {protocol}: {segments} segments in {run.seconds:.2f} s, {rate:.0f} a second, processor {run.processor:.2f} s, {run.peak:.0f} MiB, {stats['requests']} requests"
        verdicts.tell(run.exit in SENT and rate >= 3500 and run.peak < 60, text)
        run.remove()


class Limited(http.server.ThreadingHTTPServer):
    """A LibreTranslate server that allows so many requests in any second, or fills a bucket at this rate."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, rate, kind):
        super().__init__(("127.0.0.1", 0), LimitedHandler)
        self.rate, self.kind, self.lock = rate, kind, threading.Lock()
        self.window, self.tokens, self.filled = collections.deque(), float(rate), time.monotonic()
        self.passed, self.refused = [], []

    def takes(self):
        with self.lock:
            now = time.monotonic()
            if self.kind == "bucket":
                self.tokens, self.filled = min(self.rate, self.tokens + (now - self.filled) * self.rate), now
                good = self.tokens >= 1
                self.tokens -= good
            else:
                begin = now - 1 if self.kind == "sliding" else now // 1
                while self.window and self.window[0] < begin:
                    self.window.popleft()
                good = len(self.window) < self.rate
                if good:
                    self.window.append(now)
            (self.passed if good else self.refused).append(now)
            return good


class LimitedHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet for headers and body.
    wbufsize = -1

    def log_message(self, *_):
        pass

    def do_POST(self):
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["q"]
        if self.server.takes():
            time.sleep(0.15)
            self.reply(200, {"translatedText": [f"The text number {len(text)} is in English now." for text in texts]})
        else:
            self.reply(429, {"error": "Too many requests"}, {"Retry-After": "1"})

    def reply(self, status, body, headers=None):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def rate(options, verdicts):
    words = "haus baum stadt land fluss berg tal see wald wiese feld dorf hafen schiff zug wagen strasse bruecke turm tor".split()
    for kind in options.kinds:
        for allowed in options.rates:
            with tempfile.TemporaryDirectory(prefix="fire-articles-") as folder:
                # One segment a request, all different.
                need = int(allowed * 60 * options.minutes)
                for start in range(0, need, 500):
                    lines = (
                        " ".join(["Hier", "steht", words[n % 20], words[n // 20 % 20], words[n // 400 % 20], str(n), "heute."]) for n in range(start, min(need, start + 500))
                    )
                    pathlib.Path(folder, f"{start:06}.txt").write_text("\n".join(lines) + "\n")
                server = Limited(allowed, kind)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                run = Run(options, server.server_port, "libretranslate", "concurrency = 16", "max_segments = 1", articles=folder)
                server.shutdown()
            begin, end = server.passed[0] + LEARNT, server.passed[-1]
            minutes = (end - begin) / 60
            passed = sum(at >= begin for at in server.passed) / (end - begin)
            refused = sum(at >= begin for at in server.refused)
            first = len(server.refused) - refused
            text = (
                f"rate {kind} {allowed}: after {LEARNT} s {passed:.2f} a second, {passed / allowed:.3f} of the limit, {refused} refusals in "
                f"{minutes:.1f} minutes; {first} before; exit {run.exit}"
            )
            verdicts.tell(passed >= 0.95 * allowed and refused <= max(1, minutes), text)
            run.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools")
    parser.add_argument("--articles", required=True, type=os.path.abspath)
    parser.add_argument("--data", required=True, type=os.path.abspath)
    parser.add_argument("--glossary", type=os.path.abspath)
    parser.add_argument("--wortlaut", default="target/release/wortlaut", type=os.path.abspath)
    commas = lambda kind: lambda text: [kind(part) for part in text.split(",")]
    parser.add_argument("--protocols", type=commas(str), default=["deepl", "libretranslate", "openai"])
    parser.add_argument("--seeds", type=commas(int), default=[1, 2, 3])
    parser.add_argument("--only", type=commas(str), default=["floor", "throughput", "faults", "rate"])
    parser.add_argument("--rates", type=commas(int), default=[2, 5, 10, 20, 50])
    parser.add_argument("--kinds", type=commas(str), default=["sliding", "bucket", "fixed"])
    parser.add_argument("--minutes", type=float, default=6)
    options = parser.parse_args()
    options.tools = os.path.abspath(options.tools)
    verdicts = Verdicts()
    for part in options.only:
        {"faults": faults, "floor": floor, "throughput": throughput, "rate": rate}[part](options, verdicts)
    raise SystemExit(0 if verdicts.is_good else 1)


if __name__ == "__main__":
    main()
