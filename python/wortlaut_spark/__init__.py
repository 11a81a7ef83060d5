"""Translate a column of a Spark DataFrame with wortlaut.

    from wortlaut_spark import translate

    english = translate(articles, text="body", config="wortlaut.toml")

Each task runs one `wortlaut worker`. The configuration and the glossary go with the job; keys do not: the executors have
them in their environment.
"""

from ._counters import Counters
from ._spark import translate
from ._worker import WorkerError

__all__ = ["Counters", "WorkerError", "translate"]
