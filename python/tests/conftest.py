"""A cluster of two executors on this machine, and projects to translate with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

#: The program under test. The test target `real-parts` names the one it was built with.
PROGRAM = os.environ.get("PROGRAM_UNDER_TEST", str(Path(__file__).parents[2] / "target" / "debug" / "wortlaut"))


@pytest.fixture(scope="session")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Spark keeps its log of what happened to executors and tasks."""
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="session")
def spark(events: Path) -> Iterator[SparkSession]:
    # Executors are processes of their own, which get all this from the environment.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = (
        SparkSession.Builder()
        .master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.dir", events.as_uri())
        .config("spark.eventLog.compress", "false")
        .config("spark.eventLog.rolling.enabled", "false")
    )
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a glossary and the engine that needs nothing."""
    folder = tmp_path / "project"
    (folder / "glossary").mkdir(parents=True)
    (folder / "glossary" / "terms.tsv").write_text("source\ttarget\nHafen\tharbour\n")
    (folder / "wortlaut.toml").write_text("[translate]\nengine = 'pseudo'\nforce = true\n")
    return folder
