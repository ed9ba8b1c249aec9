"""The child that decodes a table: a Parquet file in, some of its rows out, or all of them as CSV.

In: the file as standard input, or several one after the other; as arguments `csv`, or `rows OFFSET LIMIT` and the
size of each file. Out: frames as in `server/child.py`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from gofigr_jupyter.server import child

# Before Arrow is loaded: what it and numpy would reserve is more than there is here.
os.environ |= {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

import pyarrow as pa
from pyarrow import parquet

MOST_ROWS = 5_000_000
MOST_COLUMNS = 2_000
SHOWN_COLUMNS = 100
LONGEST_CELL = 300
_BATCH = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SECONDS = re.compile(r"\.0+(?=$|[Z+-])")


def read(stream: BinaryIO) -> Iterator[child.Frame]:
    """What was asked for; of several files, one that is no table, or too large a one, costs only its own answer."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    if sys.argv[1] == "csv":
        yield from _csv(opened(stream.read()))
        return
    offset, limit, *sizes = map(int, sys.argv[2:])
    for size in sizes:
        try:
            file = opened(stream.read(size))
            yield head(file), [rows(file, offset, limit)]
        except Exception as error:  # noqa: BLE001 -- damaged files make Arrow raise whatever its parts raise
            yield {"problem": type(error).__name__}, []


def opened(content: bytes) -> parquet.ParquetFile:
    """The file; raises ValueError for too large a table."""
    file = parquet.ParquetFile(pa.BufferReader(content), pre_buffer=False)
    if file.metadata.num_rows > MOST_ROWS or file.metadata.num_columns > MOST_COLUMNS:
        raise ValueError("too large a table")
    return file


def head(file: parquet.ParquetFile) -> dict[str, Any]:
    """Columns, and how many rows there are."""
    columns = [facts(file.schema_arrow.field(i)) for i in range(len(file.schema_arrow))]
    return {
        "total": file.metadata.num_rows,
        "columns": columns[:SHOWN_COLUMNS],
        "more_columns": len(columns) > SHOWN_COLUMNS,
    }


def facts(field: pa.Field) -> dict[str, str]:
    """Name, type, label, unit and role of a column; texts are cut."""
    told = {
        key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for key, value in (field.metadata or {}).items()
    }
    kept = {name: told.get(name, "")[:LONGEST_CELL] for name in ("label", "unit", "role")}
    return {"name": field.name[:LONGEST_CELL], "type": _kind(field.type)} | kept


def _kind(kind: pa.DataType) -> str:
    """A type in the words of a reader: `number`, `whole number`, `text`, `time`, `yes or no`."""
    if pa.types.is_dictionary(kind):
        return _kind(kind.value_type)
    if pa.types.is_integer(kind):
        return "whole number"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_temporal(kind):
        return "time"
    return "yes or no" if pa.types.is_boolean(kind) else "text"


def rows(file: parquet.ParquetFile, offset: int, limit: int) -> bytes:
    """Some rows as JSON; texts are cut."""
    names = [field.name for field in file.schema_arrow][:SHOWN_COLUMNS]
    found: list[list[Any]] = []
    for batch in _batches(file, offset, limit):
        columns = [[short(one) for one in cells(batch.column(i))] for i in range(len(names))]
        found += map(list, zip(*columns, strict=True))
    return json.dumps(found).encode()


def _batches(file: parquet.ParquetFile, offset: int, limit: int) -> Iterator[pa.RecordBatch]:
    """The rows from `offset` on, at most `limit`; groups of rows before them are not decoded."""
    groups: list[int] = []
    for number in range(file.metadata.num_row_groups):
        inside = file.metadata.row_group(number).num_rows
        if not groups and offset >= inside:
            offset -= inside
        else:
            groups.append(number)
    for batch in file.iter_batches(_BATCH, row_groups=groups, use_threads=False):
        if offset >= batch.num_rows:
            offset -= batch.num_rows
            continue
        part = batch.slice(offset, limit)
        offset, limit = 0, limit - part.num_rows
        yield part
        if limit <= 0:
            return


def _csv(file: parquet.ParquetFile) -> Iterator[child.Frame]:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([harmless(one) for one in headings([facts(field) for field in file.schema_arrow])])
    for batch in _batches(file, 0, MOST_ROWS):
        written = [[_written(one) for one in cells(column)] for column in batch.columns]
        writer.writerows(zip(*written, strict=True))
        yield {}, [stream.getvalue().encode("utf-8", "replace")]
        stream.seek(0)
        stream.truncate()
    yield {}, [stream.getvalue().encode("utf-8", "replace")]


def headings(columns: list[dict[str, str]]) -> list[str]:
    """What stands over the columns: label and unit where there is one, with the name where that is not enough."""
    words = [
        one["label"] + (f" ({one['unit']})" if one["unit"] else "") if one["label"] else one["name"] for one in columns
    ]
    return [
        f"{word} [{one['name']}]" if words.count(word) > 1 and one["label"] else word
        for word, one in zip(words, columns, strict=True)
    ]


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; numbers stay numbers."""
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def cells(column: pa.Array) -> list[Any]:
    """Plain values: numbers, texts, true and false, None; times and all else as text."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        return [None if one is None else _SECONDS.sub("", one) for one in column.cast(pa.string()).to_pylist()]
    if pa.types.is_duration(kind):
        return [None if one is None else f"{one} {kind.unit}" for one in column.cast(pa.int64()).to_pylist()]
    if is_measured(kind):
        return list(column.to_pylist())
    return [one if one is None or isinstance(one, bool | int | float | str) else str(one) for one in column.to_pylist()]


def is_measured(kind: pa.DataType) -> bool:
    """Whether cells of this type are Python's own numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def short(one: Any) -> Any:
    """The cell, if it is a text cut to what a page can show."""
    return f"{one[: LONGEST_CELL - 1]}…" if isinstance(one, str) and len(one) > LONGEST_CELL else one


def _written(one: Any) -> Any:
    """A cell of CSV: empty for what is not there, `NaN` for what is no number."""
    if one is None:
        return ""
    if isinstance(one, float) and math.isnan(one):
        return "NaN"
    return harmless(one) if isinstance(one, str) else one


if __name__ == "__main__":
    child.main(read)
    os._exit(0)  # not by way of Arrow's threads, which at times end in a crash; all has been sent
