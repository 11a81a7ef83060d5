"""The columns that are added, as Spark and as Arrow have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    IntegerType,
    StringType,
    StructField,
    StructType,
)

_STRINGS = "strings"

# The fields of the objects in the lists of a record. The page docs/src/many-machines.md says what they are.
_SEGMENT: Mapping[str, type | str] = {
    "segment": int,
    "block": int,
    "kind": str,
    "reason": str,
    "status": str,
    "de": str,
    "en": str,
    "engine": str,
    "caveat": str,
    "rung": str,
    "by": str,
    "at": str,
}
_TERM: Mapping[str, type | str] = {
    "segment": int,
    "source": str,
    "target": str,
    "surface": str,
    "start": int,
    "end": int,
    "held": bool,
    "en_start": int,
    "en_end": int,
    "kind": str,
    "rule": str,
    "accepted": _STRINGS,
    "entry": str,
}
_FINDING: Mapping[str, type | str] = {
    "segment": int,
    "kind": str,
    "severity": str,
    "message": str,
    "start": int,
    "end": int,
    "is": str,
    "should": str,
}

_TYPES: Mapping[type | str, tuple[DataType, pa.DataType]] = {
    bool: (BooleanType(), pa.bool_()),
    int: (IntegerType(), pa.int32()),
    str: (StringType(), pa.string()),
    _STRINGS: (ArrayType(StringType()), pa.list_(pa.string())),
}


def _objects(fields: Mapping[str, type | str]) -> tuple[DataType, pa.DataType]:
    """A list of objects."""
    spark = StructType([StructField(name, _TYPES[kind][0]) for name, kind in fields.items()])
    arrow = pa.struct([(name, _TYPES[kind][1]) for name, kind in fields.items()])
    return ArrayType(spark), pa.list_(arrow)


_COLUMNS: Mapping[str, tuple[DataType, pa.DataType]] = {
    "en": _TYPES[str],
    "status": _TYPES[str],
    "segments": _objects(_SEGMENT),
    "terms": _objects(_TERM),
    "findings": _objects(_FINDING),
    "error": _TYPES[str],
}

NAMES: Sequence[str] = tuple(_COLUMNS)


def schema(before: StructType) -> StructType:
    """The schema of a DataFrame with the columns behind its own."""
    added = [StructField(name, spark) for name, (spark, _) in _COLUMNS.items()]
    return StructType([*before.fields, *added])


def with_answers(batch: pa.RecordBatch, answers: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """A batch with the columns that the answers to its rows make."""
    added = [
        pa.array([answer.get(name) for answer in answers], type=arrow) for name, (_, arrow) in _COLUMNS.items()
    ]
    return pa.RecordBatch.from_arrays([*batch.columns, *added], names=[*batch.schema.names, *NAMES])
