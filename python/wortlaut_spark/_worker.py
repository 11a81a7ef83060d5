"""A `wortlaut worker` that records go to while others come back."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any

#: Exit codes of a worker that answered every record: all went well, there are findings, or some records failed.
_DONE = (0, 1, 3)

#: Seconds that a worker has after it was told to stop: it waits up to 30 s for what is in flight, and stores it.
_DRAIN = 40.0

#: Characters of standard error that an error shows: its end, which says why.
_SHOWN = 8000


class WorkerError(RuntimeError):
    """A worker ended before it had answered all records. The message is what it said."""


class Worker:
    """A process whose answers are read while records are sent to it, so that neither side waits for the other."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        # A file takes whatever is said without anybody reading it meanwhile.
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._answers: SimpleQueue[bytes | None] = SimpleQueue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_input()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_DRAIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join()
        self._errors.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as answers:
            for line in answers:
                self._answers.put(line)
        self._answers.put(None)

    def send(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Sends records. If the worker has ended, the answers say so."""
        assert self._process.stdin is not None
        try:
            for record in records:
                line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
                self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    @property
    def ready(self) -> int:
        """How many answers are there at once."""
        return self._answers.qsize()

    def receive(self, count: int) -> list[dict[str, Any]]:
        """The next answers."""
        return [self._answer() for _ in range(count)]

    def _answer(self) -> dict[str, Any]:
        line = self._answers.get()
        if line is None:
            self._answers.put(None)
            raise self._failure(self._process.wait())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end_input(self) -> None:
        """Says that no more records come."""
        self._close_input()

    def finish(self) -> dict[str, Any]:
        """Waits for the end, and gives back what the worker says of itself."""
        code = self._process.wait()
        if code not in _DONE:
            raise self._failure(code)
        lines = self._said().splitlines()
        summary: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        return summary

    def _close_input(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").rstrip()

    def _failure(self, code: int) -> WorkerError:
        # The last line is the summary, which is for programs.
        said = "\n".join(line for line in self._said().splitlines() if not line.startswith("{"))
        return WorkerError(f"wortlaut worker ended with exit code {code}\n{said[-_SHOWN:]}")
