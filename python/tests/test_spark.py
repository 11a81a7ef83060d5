"""DataFrames on a cluster of two executors."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import PROGRAM
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row, SparkSession

from wortlaut_spark import Counters, translate

ADDED = ["en", "status", "segments", "terms", "findings", "error"]


def articles(spark: SparkSession, count: int, partitions: int) -> DataFrame:
    rows = [(number, f"Der Hafen {number} war leer. Es regnet am Tag {number}.", number / 8) for number in range(count)]
    slices = spark.sparkContext.parallelize(rows, partitions)
    return spark.createDataFrame(slices, "number long, body string, weight double")


def single(project: Path, rows: list[Row]) -> dict[int, dict[str, Any]]:
    """The same records by one worker on this machine."""
    records = "".join(json.dumps({"number": row.number, "text": row.body}) + "\n" for row in rows)
    ran = subprocess.run(
        [PROGRAM, "worker", "--config", "wortlaut.toml", "--quiet"], cwd=project, input=records, text=True, capture_output=True, check=True
    )
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    return {answer["number"]: answer for answer in answers}


def as_answer(row: Row) -> dict[str, Any]:
    """The columns that were added, as they stand in a record: without what is not there."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(one) for name, one in value.items() if one is not None}
        return [bare(one) for one in value] if isinstance(value, list) else value

    answer: dict[str, Any] = bare({name: row.asDict(recursive=True)[name] for name in ADDED})
    return answer


def expected(answer: dict[str, Any]) -> dict[str, Any]:
    own = {name: answer[name] for name in ADDED if name in answer}
    bare: dict[str, Any] = json.loads(json.dumps(own), object_hook=lambda it: {k: v for k, v in it.items() if v is not None})
    return bare


def test_rows_keep_their_columns_and_get_those_of_a_worker(spark: SparkSession, project: Path) -> None:
    df = articles(spark, 60, 3)
    counters = Counters(spark)
    english = translate(df, config=project / "wortlaut.toml", program=PROGRAM, counters=counters)
    assert english.columns == ["number", "body", "weight", *ADDED]
    rows = english.collect()
    assert [row[:3] for row in rows] == [tuple(row) for row in df.collect()]
    alone = single(project, rows)
    assert {row.number: as_answer(row) for row in rows} == {number: expected(it) for number, it in alone.items()}
    held = english.selectExpr("explode(terms) AS term").where("term.held").count()
    assert held == 60
    assert (counters.records.value, counters.segments.value) == (120, 240), "two actions"
    assert counters.terms.value == counters.terms_held.value == 120
    assert counters.requests.value > 0 and counters.cost.value == 0


def test_texts_that_cannot_be_translated_are_rows_as_all_others(spark: SparkSession, project: Path) -> None:
    df = spark.createDataFrame([("a", "Ein Satz."), ("b", None), ("c", "")], "name string, body string").coalesce(1)
    rows = translate(df, config=project / "wortlaut.toml", program=PROGRAM, id="name").collect()
    assert [(row.en, row.status, row.error) for row in rows] == [
        ("[de] Ein Satz.", "translated", None),
        (None, "failed", 'the field "text" is null'),
        ("", "kept", None),
    ]


def test_a_mistake_is_found_before_the_job_begins(spark: SparkSession, project: Path) -> None:
    config = project / "wortlaut.toml"
    df = spark.createDataFrame([(1, "a", "b")], "id int, body string, Status string")
    with pytest.raises(ValueError, match="status already"):
        translate(df, config=config)
    with pytest.raises(TypeError, match="int, not string"):
        translate(df.drop("Status"), text="id", config=config)
    with pytest.raises(KeyError):
        translate(df.drop("Status"), text="text", config=config)


def test_a_task_fails_with_what_its_worker_said(spark: SparkSession, project: Path) -> None:
    (project / "wortlaut.toml").write_text("[translate]\nengine = 'deepl'\n")
    english = translate(articles(spark, 2, 1), config=project / "wortlaut.toml", program=PROGRAM)
    with pytest.raises(PySparkException, match=r"exit code 5(.|\n)*DEEPL_API_KEY"):
        english.collect()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "gate"
    folder.mkdir()
    (folder / "gate").touch()
    os.mkfifo(folder / "seen")
    yield folder


def executors(app: str) -> list[int]:
    """The processes of the executors of an application, of this test's cluster only."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(word.endswith("CoarseGrainedExecutorBackend") for word in words) and app in words:
            found.append(int(folder.name))
    return found


def test_a_job_survives_the_death_of_an_executor(spark: SparkSession, project: Path, gate: Path, events: Path) -> None:
    engine = Path(__file__).with_name("engine.py")
    (project / "engine.py").write_bytes(engine.read_bytes())
    (project / "wortlaut.toml").write_text(
        "[translate]\nengine = 'own'\nforce = true\n"
        f"[engines.own]\nkind = 'command'\ncommand = 'python3 engine.py {gate}'\nconcurrency = 1\nmax_segments = 10\n"
    )
    counters = Counters(spark)
    df = articles(spark, 400, 4)
    english = translate(df, config=project / "wortlaut.toml", files=["engine.py"], program=PROGRAM, counters=counters)
    # Open for writing, too, the pipe never makes anyone wait for a reader.
    pipe = os.open(gate / "seen", os.O_RDWR)
    with ThreadPoolExecutor(1) as pool, (gate / "gate").open("r+") as lock, os.fdopen(pipe) as seen:
        fcntl.flock(lock, fcntl.LOCK_EX)
        job = pool.submit(english.collect)
        # One that fails before it has begun must not be waited for.
        job.add_done_callback(lambda _: os.write(pipe, b"ended\n"))
        # Both executors have had their first answers.
        assert [seen.readline(), seen.readline()] == ["begun\n", "begun\n"]
        victims = executors(spark.sparkContext.applicationId)
        assert len(victims) == 2
        os.kill(victims[0], signal.SIGKILL)
        fcntl.flock(lock, fcntl.LOCK_UN)
        rows = job.result()
        # For the run on this machine below, whose engine says that it has begun, too.
        alone = single(project, rows)
    assert len(rows) == 400
    assert {row.number: as_answer(row) for row in rows} == {number: expected(it) for number, it in alone.items()}
    assert (counters.records.value, counters.segments.value) == (400, 800)
    told = [json.loads(line) for file in events.iterdir() for line in file.read_text().splitlines()]
    lost = [event for event in told if event["Event"] == "SparkListenerExecutorRemoved"]
    ends = [event["Task End Reason"]["Reason"] for event in told if event["Event"] == "SparkListenerTaskEnd"]
    assert len(lost) == 1 and ends.count("ExecutorLostFailure") == 1
    print(f"\n{lost[0]['Removed Reason']}\ntasks: {ends.count('Success')} done, 1 lost with its executor and done again")


def test_tasks_with_one_memory_send_a_text_once(spark: SparkSession, project: Path, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    (project / "engine.py").write_bytes(Path(__file__).with_name("counting_engine.py").read_bytes())
    (project / "wortlaut.toml").write_text(
        "[translate]\nengine = 'own'\nforce = true\n"
        f"[engines.own]\nkind = 'command'\ncommand = 'python3 engine.py {sent}'\nconcurrency = 1\nmax_segments = 2\n"
        # The one that the test target `real-parts` has started.
        f"[memory]\nurl = '{os.environ['SHARED_MEMORY']}'\n"
    )
    rows = [(number, f"Am Kai {number % 8} liegt ein Kahn.") for number in range(80)]
    df = spark.createDataFrame(spark.sparkContext.parallelize(rows, 4), "number long, body string")
    english = translate(df, config=project / "wortlaut.toml", files=["engine.py"], program=PROGRAM).collect()
    assert [(row.number, row.en) for row in english] == [(number, f"EN {text}") for number, text in rows]
    assert sorted(sent.read_text().splitlines()) == sorted(text for _, text in rows[:8])
