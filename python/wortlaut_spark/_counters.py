"""What the workers of a job add up to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pyspark.accumulators import Accumulator, AccumulatorParam
from pyspark.sql import SparkSession


class _Amounts(AccumulatorParam[Decimal]):
    """Adds money without rounding it."""

    def zero(self, value: Decimal) -> Decimal:
        return Decimal(0)

    def addInPlace(self, value1: Decimal, value2: Decimal) -> Decimal:
        return value1 + value2


class Counters:
    """Accumulators of Spark; their `value` is there after an action.

    Spark adds the figures of a task when it has succeeded. It adds them again if it has to run a stage a second time,
    as it does when results are lost, or when the DataFrame is computed twice: cache it, or write it, to count once.
    """

    records: Accumulator[int]
    segments: Accumulator[int]
    #: Characters of German that were sent.
    characters: Accumulator[int]
    #: Terms that were looked for in the English, and how many of them hold.
    terms: Accumulator[int]
    terms_held: Accumulator[int]
    failed_records: Accumulator[int]
    failed_segments: Accumulator[int]
    findings: Accumulator[int]
    requests: Accumulator[int]
    #: In the currency of the engine profile; 0 without prices.
    cost: Accumulator[Decimal]

    def __init__(self, spark: SparkSession) -> None:
        context = spark.sparkContext
        for name in self._numbers({}):
            setattr(self, name, context.accumulator(0))
        self.cost = context.accumulator(Decimal(0), _Amounts())

    @staticmethod
    def _numbers(summary: Mapping[str, Any]) -> dict[str, int]:
        """The figures in the summary of a worker."""

        def number(*names: str) -> int:
            return sum(summary.get(name, 0) for name in names)

        terms: Mapping[str, int] = summary.get("terms", {})
        return {
            "records": number("articles", "skipped"),
            "segments": number("segments"),
            "characters": number("characters"),
            "terms": terms.get("found", 0),
            "terms_held": terms.get("held", 0),
            "failed_records": number("skipped"),
            "failed_segments": number("failed"),
            "findings": number("errors", "warnings", "remarks"),
            "requests": number("requests"),
        }

    def add(self, summary: Mapping[str, Any]) -> None:
        """Adds what a worker says of itself at its end."""
        for name, value in self._numbers(summary).items():
            getattr(self, name).add(value)
        cost: Mapping[str, str] = summary.get("cost") or {}
        self.cost.add(Decimal(cost.get("cost", "0")))
