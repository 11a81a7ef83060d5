"""A worker as a process."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import PROGRAM

from wortlaut_spark import WorkerError
from wortlaut_spark._job import Job, environment
from wortlaut_spark._worker import Worker


def worker(project: Path, *arguments: str) -> Worker:
    job = Job.of(project / "wortlaut.toml", [], arguments, PROGRAM)
    return Worker(job.command(), project, environment(project))


def test_more_than_all_pipes_hold_goes_in_before_anything_is_taken_out(project: Path) -> None:
    texts = [f"Der Hafen war leer, {number}. {'Es regnet. ' * 20}" for number in range(1500)]
    with worker(project) as process:
        process.send({"id": str(number), "text": text} for number, text in enumerate(texts))
        process.end_input()
        answers = process.receive(len(texts))
        summary = process.finish()
    assert [answer["id"] for answer in answers] == [str(number) for number in range(len(texts))]
    assert all(answer["en"].startswith("[de] Der harbour war leer") for answer in answers)
    assert summary["articles"] == len(texts) and summary["terms"]["held"] == len(texts)


def test_an_answer_comes_while_the_input_is_open(project: Path) -> None:
    with worker(project) as process:
        for number in range(3):
            process.send([{"text": f"Satz {number}."}])
            assert process.receive(1)[0]["en"] == f"[de] Satz {number}."


def test_a_worker_that_cannot_begin_says_why(project: Path) -> None:
    (project / "wortlaut.toml").write_text("[translate]\nengine = 'pseudo'\nfromats = ['text']\n")
    with worker(project) as process:
        # More than a pipe holds.
        process.send({"text": "Ein Satz. " * 1000} for _ in range(100))
        with pytest.raises(WorkerError, match="fromats"):
            process.receive(100)


#: Stands for a worker whose engine fails.
TIRED = """#!/bin/sh
read -r first
printf '%s\\n' "$first"
echo 'the engine is out of paper' >&2
echo '{"articles":1}' >&2
exit 4
"""


def test_a_worker_that_ends_in_the_middle_says_why(project: Path) -> None:
    program = project / "tired"
    program.write_text(TIRED)
    program.chmod(0o755)
    with Worker([str(program)], project, {}) as process:
        process.send({"text": "Ein Satz. " * 1000} for _ in range(100))
        process.end_input()
        assert process.receive(1)[0]["text"].startswith("Ein Satz.")
        with pytest.raises(WorkerError) as failure:
            process.receive(99)
    assert str(failure.value) == "wortlaut worker ended with exit code 4\nthe engine is out of paper"


def test_who_leaves_early_leaves_no_process(project: Path) -> None:
    with worker(project) as process:
        process.send([{"text": "Ein Satz."}])
    assert process._process.returncode is not None
