#!/usr/bin/env python3
"""Kills `wortlaut translate --batch` at moments spread over everything that it does, and counts what is bought twice.

    night_kills.py [--wortlaut BINARY] [--kills 50] [--vendors anthropic,openai,gemini,mistral] [--seed 1] [--at-once 12]

Each kill has a project, a memory and a double of a vendor's batch jobs of its own. The double hands answers out in another
order than asked (where the vendor does), lets jobs wait, lets requests expire, some of them twice, and lets some fail, which
wortlaut then asks in the open. Of everything that happens at the double there are three moments: a request has come, what it
asks for is done, the answer is sent; the kills are spread evenly over all of them and over the start, each with a random
pause of up to 60 ms behind it. A request that comes in the moment of the kill is lost. Then the same command is given again
until it ends with 0. The files must be those of a run in the open with the same answers, and `batch status` must know no job.

`night twice` counts texts that were answered for money more than once where at least one of the answers was a job's: it must
be 0. `open twice` counts those that were answered twice in the open. An answer in the open that is on its way when the
process is killed is lost with it, as with every run; the double lets few requests fail, so that there are few of these.
The program ends with 1 if a figure is bad. A job that was never handed in is looked for over five minutes, and most of the
time goes there.

Python standard library only.
"""
import argparse
import collections
import concurrent.futures
import email
import email.policy
import http.server
import itertools
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

VENDORS = ("anthropic", "openai", "gemini", "mistral")
# The longest pause between a moment and the kill, in seconds.
PAUSE = 0.06
# Commands after which a night that has not ended counts as stuck.
TRIES = 6


def english(german):
    """The English of a text, the same for whoever asks."""
    return f"In the harbour of the town lies the ship with number {number(german)}."


def number(german):
    return int(re.sub(r"\D", "", german))


class Vendor:
    """What one vendor's requests, jobs and answers look like."""

    live = None
    batches = None

    def texts(self, body):
        """The ids and texts of a request."""
        lines = self.prompt(body).split("Segments:\n", 1)[1].splitlines()
        return [(key, json.loads(text)) for key, text in (line.split(": ", 1) for line in lines if line)]

    def written(self, texts):
        """What a model writes for texts."""
        return json.dumps(dict(reversed([(key, english(text)) for key, text in texts])))

    def prompt(self, body):
        return body["messages"][-1]["content"]

    def answer(self, texts):
        message = {"role": "assistant", "content": self.written(texts)}
        usage = {"prompt_tokens": 300, "completion_tokens": 70}
        return {"choices": [{"index": 0, "finish_reason": "stop", "message": message}], "usage": usage}

    def order(self, path, body, files):
        """The mark and the named requests of an order."""

    def said(self, job):
        """What is said of a job."""

    def lines(self, job):
        """What came of its requests, a line each."""

    def other(self, double, path):
        """What else there is to be read."""


class Anthropic(Vendor):
    live, batches = "/v1/messages", "/v1/messages/batches"

    def answer(self, texts):
        content = [{"type": "text", "text": self.written(texts)}]
        usage = {"input_tokens": 300, "output_tokens": 70}
        return {"type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn", "usage": usage}

    def order(self, path, body, files):
        if path == self.batches:
            return "", [(request["custom_id"], request["params"]) for request in body["requests"]]

    def said(self, job):
        done = len(job.requests) if job.has_ended() else 0
        counts = {"processing": len(job.requests) - done, "succeeded": done, "errored": 0, "canceled": 0, "expired": 0}
        state = "ended" if job.has_ended() else "in_progress"
        return {"id": job.id, "type": "message_batch", "processing_status": state, "request_counts": counts,
                "created_at": job.date(), "cancel_initiated_at": None}

    def lines(self, job):
        for name, outcome in job.shuffled():
            if outcome == "expired":
                result = {"type": "expired"}
            elif outcome == "errored":
                error = {"type": "error", "error": {"type": "api_error", "message": "overloaded"}}
                result = {"type": "errored", "error": error}
            else:
                result = {"type": "succeeded", "message": outcome}
            yield {"custom_id": name, "result": result}

    def other(self, double, path):
        if path.endswith("/results"):
            return list(self.lines(double.job(path.split("/")[-2])))


class OpenAi(Vendor):
    live, batches = "/v1/chat/completions", "/v1/batches"

    def texts(self, body):
        segments = json.loads(self.prompt(body))["segments"]
        return [(segment["id"], segment["de"]) for segment in segments]

    def written(self, texts):
        return json.dumps({"translations": [{"id": key, "en": english(text)} for key, text in reversed(texts)]})

    def order(self, path, body, files):
        if path == self.batches:
            requests = [json.loads(line) for line in files[body["input_file_id"]].splitlines()]
            named = [(request["custom_id"], request["body"]) for request in requests]
            return body["metadata"]["wortlaut"], named

    def said(self, job):
        ended = job.has_ended()
        return {"id": job.id, "object": "batch", "status": "completed" if ended else "in_progress",
                "metadata": {"wortlaut": job.mark}, "created_at": job.at, "output_file_id": f"good-{job.id}" if ended else None,
                "error_file_id": f"bad-{job.id}" if ended else None,
                "request_counts": {"total": len(job.requests), "completed": len(job.requests) if ended else 0, "failed": 0}}

    def lines(self, job):
        for name, outcome in job.shuffled():
            if outcome == "expired":
                yield {"custom_id": name, "response": None, "error": {"code": "batch_expired", "message": "late"}}
            elif outcome == "errored":
                yield {"custom_id": name, "response": {"status_code": 500, "body": {"error": {"message": "overloaded"}}}}
            else:
                yield {"custom_id": name, "response": {"status_code": 200, "body": outcome}}

    def other(self, double, path):
        found = re.fullmatch(r"/v1/files/(good|bad)-(.*)/content", path)
        if found:
            is_good = found[1] == "good"
            lines = self.lines(double.job(found[2]))
            return [line for line in lines if ((line["response"] or {}).get("status_code") == 200) == is_good]


class Gemini(Vendor):
    live, batches = "/v1beta/models/m:generateContent", "/v1beta/batches"

    def prompt(self, body):
        return body["contents"][0]["parts"][0]["text"]

    def answer(self, texts):
        content = {"role": "model", "parts": [{"text": self.written(texts)}]}
        usage = {"promptTokenCount": 300, "candidatesTokenCount": 70}
        return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": usage}

    def order(self, path, body, files):
        if path == "/v1beta/models/m:batchGenerateContent":
            requests = body["batch"]["inputConfig"]["requests"]["requests"]
            named = [(request["metadata"]["key"], request["request"]) for request in requests]
            return body["batch"]["displayName"], named

    def said(self, job):
        state = "BATCH_STATE_SUCCEEDED" if job.has_ended() else "BATCH_STATE_RUNNING"
        metadata = {"state": state, "displayName": job.mark, "createTime": job.date()}
        said = {"name": f"batches/{job.id}", "metadata": metadata, "done": job.has_ended()}
        if job.has_ended():
            said["response"] = {"inlinedResponses": {"inlinedResponses": list(self.lines(job))}}
        return said

    def lines(self, job):
        # In the order of the requests, and without the names of those that were answered.
        for name, outcome in job.outcomes:
            code = {"errored": 13, "expired": 4}.get(outcome) if isinstance(outcome, str) else None
            error = {"error": {"code": code, "message": outcome}, "metadata": {"key": name}}
            yield error if code else {"response": outcome}


class Mistral(Vendor):
    live, batches = "/v1/chat/completions", "/v1/batch/jobs"

    def order(self, path, body, files):
        if path == self.batches:
            named = [(request["custom_id"], request["body"]) for request in body["requests"]]
            return body["metadata"]["wortlaut"], named

    def said(self, job):
        said = {"id": job.id, "object": "batch", "status": "SUCCESS" if job.has_ended() else "RUNNING",
                "metadata": {"wortlaut": job.mark}, "created_at": job.at, "completed_requests": 0}
        if job.has_ended():
            said["outputs"] = list(self.lines(job))
        return said

    lines = OpenAi.lines


KINDS = {"anthropic": Anthropic, "openai": OpenAi, "gemini": Gemini, "mistral": Mistral}


class Job:
    """A job at the double, which is worked off when it has been looked at often enough."""

    def __init__(self, double, mark, requests):
        self.id = f"job_{len(double.jobs)}"
        self.mark, self.requests, self.double = mark, requests, double
        self.at = int(time.time())
        # Every other job is not done at the first look.
        self.pending = len(double.jobs) % 2
        self.outcomes = None

    def date(self):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.at))

    def has_ended(self):
        return self.outcomes is not None

    def look(self):
        if self.pending > 0:
            self.pending -= 1
        else:
            self.work_off()

    def work_off(self):
        if not self.has_ended():
            self.outcomes = [(name, self.double.outcome(body)) for name, body in self.requests]

    def shuffled(self):
        outcomes = list(self.outcomes)
        random.Random(self.id).shuffle(outcomes)
        return outcomes


class Double:
    """A vendor on loopback, with its own count of what it sold; it kills the process at one of its moments."""

    def __init__(self, vendor, kill_at=None, pause=0.0):
        self.vendor, self.kill_at, self.pause = KINDS[vendor](), kill_at, pause
        self.lock = threading.RLock()
        self.jobs, self.files = [], {}
        self.night, self.open, self.asked = collections.Counter(), collections.Counter(), collections.Counter()
        self.moments = 0
        self.process = None
        self.was_killed = False
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                double.handle(self, None)

            def do_POST(self):
                double.handle(self, self.rfile.read(int(self.headers["content-length"])))

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *address):
                # Connections of a killed process break.
                if not isinstance(sys.exception(), OSError):
                    super().handle_error(*address)

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        """Ends the day: a job is worked off whether anybody asks for it or not."""
        self.server.shutdown()
        self.server.server_close()
        for job in self.jobs:
            job.work_off()

    def job(self, name):
        return next(job for job in self.jobs if job.id == name)

    def kills(self):
        """Counts a moment; kills the process if it is the one."""
        with self.lock:
            self.moments += 1
            is_it = self.moments == self.kill_at
        if is_it:
            time.sleep(self.pause)
            self.was_killed = self.process.poll() is None
            self.process.kill()
            self.process.wait()
        return is_it

    def handle(self, handler, body):
        if self.kills():
            handler.close_connection = True
            return
        with self.lock:
            answer = self.respond(handler, body)
        if self.kills():
            handler.close_connection = True
            return
        if isinstance(answer, list):
            content = b"".join(json.dumps(line).encode() + b"\n" for line in answer)
        else:
            content = json.dumps(answer or {"error": {"message": "not found"}}).encode()
        handler.send_response(200 if answer is not None else 404)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
        handler.wfile.flush()
        self.kills()

    def respond(self, handler, body):
        vendor = self.vendor
        path = urllib.parse.urlsplit(handler.path).path
        if body is not None and path == "/v1/files":
            head = f"content-type: {handler.headers['content-type']}\r\n\r\n".encode()
            parts = email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts()
            name = f"file-{len(self.files)}"
            self.files[name] = next(part.get_content() for part in parts if part.get_filename())
            self.files[name] = self.files[name] if isinstance(self.files[name], str) else self.files[name].decode()
            return {"id": name, "purpose": "batch"}
        if body is not None:
            value = json.loads(body)
            if path == vendor.live:
                texts = vendor.texts(value)
                self.open.update(text for _, text in texts)
                return vendor.answer(texts)
            order = vendor.order(path, value, self.files)
            if order is None:
                return None
            self.jobs.append(Job(self, *order))
            return vendor.said(self.jobs[-1])
        if path == vendor.batches:
            for job in self.jobs:
                job.look()
            jobs = [vendor.said(job) for job in reversed(self.jobs)]
            return {"operations" if isinstance(vendor, Gemini) else "data": jobs, "has_more": False}
        if path.startswith(vendor.batches) and path.count("/") == vendor.batches.count("/") + 1:
            job = self.job(path.rsplit("/", 1)[1])
            job.look()
            return vendor.said(job)
        return vendor.other(self, path)

    def outcome(self, body):
        """What comes of a request of a job."""
        texts = self.vendor.texts(body)
        first = texts[0][1]
        self.asked[first] += 1
        times, kind = self.asked[first], number(first) % 12
        if times == 1 and kind in (1, 7) or times == 2 and kind == 7:
            return "expired"
        if times == 1 and kind == 10:
            return "errored"
        self.night.update(text for _, text in texts)
        return self.vendor.answer(texts)


def project(folder, vendor, port):
    """A project whose articles have sentences in common."""
    sentence = "Im Hafen der Stadt liegt das Schiff mit Nummer {}.".format
    articles = folder / "seeds"
    articles.mkdir()
    for name, begin in (("a", 1), ("b", 21), ("c", 41)):
        (articles / f"{name}.txt").write_text(" ".join(sentence(n) for n in range(begin, begin + 30)) + "\n")
    (folder / "wortlaut.toml").write_text(
        "[translate]\ninput = 'seeds'\nengine = 'night'\nformats = ['lines', 'text', 'jsonl']\n"
        f"[engines.night]\nkind = '{vendor}'\nmodel = 'm'\nmax_segments = 2\nbase_url = 'http://127.0.0.1:{port}'\n"
    )


def start(options, folder, *arguments):
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    return subprocess.Popen([options.wortlaut, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def outputs(folder):
    files = (folder / "output").glob("*")
    return {file.name: file.read_bytes() for file in files if not file.name.startswith(".")}


def whole(options, vendor, *arguments):
    """A run that nothing happens to: its files, and the double with its counts."""
    double = Double(vendor)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        project(folder, vendor, double.port)
        process = start(options, folder, "translate", *arguments)
        told, _ = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"{vendor}: a run without a kill ends with {process.returncode}\n{told}")
        double.close()
        return outputs(folder), double


Night = collections.namedtuple("Night", "killed found lost jobs night_twice open_twice equal tries")


def night(options, vendor, kill_at, pause, expected):
    """A night with a kill; 0 is the moment when the process is started."""
    double = Double(vendor, kill_at, pause)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        project(folder, vendor, double.port)
        told, tries = "", 0
        while True:
            tries += 1
            process = double.process = start(options, folder, "translate", "--batch")
            if kill_at == 0 and tries == 1:
                time.sleep(pause)
                double.was_killed = process.poll() is None
                process.kill()
            told += process.communicate()[0]
            if process.returncode == 0:
                break
            if tries == TRIES or process.returncode != -signal.SIGKILL:
                print(f"{vendor}, killed at {kill_at}: ended with {process.returncode}\n{told}", file=sys.stderr)
                break
        status = start(options, folder, "batch", "status").communicate()[0]
        is_equal = outputs(folder) == expected and status == "no batch jobs\n"
        double.close()
    all_texts = set(double.night) | set(double.open)
    night_twice = sum(double.night[text] + double.open[text] > 1 and double.night[text] > 0 for text in all_texts)
    open_twice = sum(double.open[text] > 1 and double.night[text] == 0 for text in all_texts)
    return Night(double.was_killed, "found at the service" in told, "never reached" in told, len(double.jobs), night_twice,
                 open_twice, is_equal and tries < TRIES, tries)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wortlaut", default="target/release/wortlaut", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--vendors", default=",".join(VENDORS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=12)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    bad = False
    columns = "vendor moments kills resumed found lost jobs night-twice open-twice bytes-equal".split()
    print("  ".join(f"{column:>11}" for column in columns), flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        pending = []
        for vendor in options.vendors.split(","):
            expected, _ = whole(options, vendor)
            files, double = whole(options, vendor, "--batch")
            if files != expected or not files:
                raise SystemExit(f"{vendor}: the files of a night are not those of a run in the open")
            places = [(place * (double.moments + 1)) // options.kills for place in range(options.kills)]
            nights = [pool.submit(night, options, vendor, at, chance.uniform(0, PAUSE), expected) for at in places]
            pending.append((vendor, double.moments, nights))
        for vendor, moments, nights in pending:
            done = [one.result() for one in nights]
            killed = [one for one in done if one.killed]
            of = lambda name: sum(getattr(one, name) for one in done)
            resumed = sum(one.tries > 1 for one in killed)
            figures = [vendor, moments, len(killed), resumed, of("found"), of("lost"), of("jobs"), of("night_twice"),
                       of("open_twice"), f"{of('equal')}/{len(done)}"]
            print("  ".join(f"{figure:>11}" for figure in figures), flush=True)
            bad |= of("night_twice") > 0 or of("equal") < len(done) or len(killed) < len(done) * 9 // 10
    sys.exit(bad)


if __name__ == "__main__":
    main()
