"""The DataFrame with its English."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import StringType

from . import _columns
from ._counters import Counters
from ._job import Job, environment
from ._worker import Worker


def translate(
    df: DataFrame,
    text: str = "body",
    config: str | os.PathLike[str] = "wortlaut.toml",
    *,
    id: str | None = None,
    engine: str | None = None,
    files: Sequence[str | os.PathLike[str]] = (),
    arguments: Sequence[str] = (),
    program: str | None = None,
    counters: Counters | None = None,
) -> DataFrame:
    """Adds the English of a column of German texts.

    The columns `en`, `status` (translated, kept or failed), `segments`, `terms`, `findings` and `error` come behind those of
    `df`; a text that cannot be translated has the status failed and does not fail the task. Rows keep their order in their
    partition. Each task runs one `wortlaut worker`; if that fails, the task fails with what it said, and Spark tries it again.

    `config` and what it names in its folder (glossary, SRX rules, prompts, certificates) are read here and go with the job;
    `files` names more of that folder, such as the program of an engine of the kind `command`. Keys do not: the executors
    have them, in the environment or in files, where the engine profile says. `id` is a column that names the articles,
    `engine` the engine profile, `arguments` are more of the command line, such as `["--max-cost", "5"]` for each task.
    `program` is where `wortlaut` is on the executors, if it is neither beside their Python nor on their path.
    """
    names = {name.lower() for name in df.columns}
    taken = [name for name in _columns.NAMES if name in names]
    if taken:
        raise ValueError(f"there are columns {', '.join(taken)} already; rename them")
    if not isinstance(df.schema[text].dataType, StringType):
        raise TypeError(f"the column {text} is {df.schema[text].dataType.simpleString()}, not string")
    if id is not None:
        df.schema[id]
    more = ["--text-field", _TEXT, "--id-field", _ID, *(["--engine", engine] if engine else []), *arguments]
    task = _Task(Job.of(config, files, more, program), text, id, counters)
    return df.mapInArrow(task, _columns.schema(df.schema))


#: The fields of the records that are sent.
_TEXT = "text"
_ID = "id"


@dataclass(frozen=True)
class _Task:
    """What each task does with its rows."""

    job: Job
    text: str
    id: str | None
    counters: Counters | None

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        filled = (batch for batch in batches if batch.num_rows > 0)
        first = next(filled, None)
        if first is None:
            return
        with self.job.folder() as folder, Worker(self.job.command(), folder, environment(folder)) as worker:
            waiting = deque([first])
            worker.send(self._records(first))
            for batch in filled:
                worker.send(self._records(batch))
                waiting.append(batch)
                # What is answered goes on at once, so that no more is held here than the worker works on.
                while waiting and worker.ready >= waiting[0].num_rows:
                    yield _answered(waiting.popleft(), worker)
            worker.end_input()
            while waiting:
                yield _answered(waiting.popleft(), worker)
            summary = worker.finish()
        if self.counters is not None:
            self.counters.add(summary)

    def _records(self, batch: pa.RecordBatch) -> Iterator[dict[str, str | None]]:
        texts = batch.column(batch.schema.get_field_index(self.text))
        if self.id is None:
            return ({_TEXT: text.as_py()} for text in texts)
        ids = batch.column(batch.schema.get_field_index(self.id))
        return (
            {_ID: None if id.as_py() is None else str(id.as_py()), _TEXT: text.as_py()}
            for id, text in zip(ids, texts, strict=True)
        )


def _answered(batch: pa.RecordBatch, worker: Worker) -> pa.RecordBatch:
    return _columns.with_answers(batch, worker.receive(batch.num_rows))
