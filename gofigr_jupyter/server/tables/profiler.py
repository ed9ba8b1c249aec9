"""The child that profiles a table: a Parquet file in, what its columns and series amount to out, and its first rows.

In: files one after the other as standard input; as arguments how many rows, and the size of each file. Out: frames as
in `server/child.py`: a profile, and rows as `tables/decoder.py` sends them. What is computed is in `figures.py` and
`levels.py`.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from gofigr_jupyter.server import child

if __name__ == "__main__":
    child.spare("cloudpickle", "numpy")  # before Arrow loads them: plotted values are plain ones

from gofigr_jupyter.server.tables import decoder, figures, levels

import pyarrow as pa  # isort: skip -- `decoder` says first how much Arrow may take

MOST_ROWS = 1_000_000
MOST_COLUMNS = 30
MOST_GROUPS = 40
MOST_WORDS = 12
VALUES = ("y", "value", "z", "colour", "y1", "x")  # roles of what is measured, the likeliest first
COMPARED = frozenset({"x", "y", "z", "colour", "size", "value"})
MOST_COMPARED = 5


@dataclass(frozen=True)
class Column:
    """A column with its cells as they are shown, and as numbers where they are such: seconds for times."""

    facts: dict[str, str]
    cells: Sequence[Any]
    numbers: Sequence[float | None] | None

    @property
    def name(self) -> str:
        """Its name."""
        return self.facts["name"]

    @property
    def is_time(self) -> bool:
        """Whether its numbers are seconds."""
        return self.facts["type"] == "time"


def read(stream: BinaryIO) -> Iterator[child.Frame]:
    """A profile of each file; one that is no table, or too large a one, costs only its own answer."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    limit, *sizes = map(int, sys.argv[1:])
    for size in sizes:
        try:
            file = decoder.opened(stream.read(size))
            if file.metadata.num_rows > MOST_ROWS:
                raise ValueError("too many rows")
            first = decoder.head(file) | {"offset": 0, "rows": json.loads(decoder.rows(file, 0, limit))}
            yield profile(file.read(use_threads=False)), [json.dumps(first).encode()]
        except Exception as error:  # noqa: BLE001 -- damaged files make Arrow raise whatever its parts raise
            yield {"problem": type(error).__name__}, []


def profile(table: pa.Table) -> dict[str, Any]:
    """What the table amounts to: as a whole, and each of its series."""
    columns = [_column(table, at) for at in range(min(table.num_columns, MOST_COLUMNS))]
    key = next((one for one in columns if one.facts["role"] == "series"), None)
    along, across = _axes([one for one in columns if one is not key])
    names = list(dict.fromkeys(key.cells)) if key else []
    rows = list(range(table.num_rows))
    groups = [_group("", rows, columns, along, across)]
    if key is not None and len(names) > 1:
        places: dict[Any, list[int]] = {name: [] for name in names[:MOST_GROUPS]}
        for row, name in enumerate(key.cells):
            if name in places:
                places[name].append(row)
        groups += [_group(str(name), at, columns, along, across) for name, at in places.items()]
    return {
        "rows": table.num_rows,
        "columns": [one.facts for one in columns],
        "key": key.name if key else None,
        "series": len(names),
        "only": str(names[0]) if len(names) == 1 else None,
        "along": along.name if along else None,
        "across": across.name if across else None,
        "groups": groups,
        "pairs": _pairs(columns, (along, across), groups[0].get("trend")),
    }


# ---------------------------------------------------------------- columns


def _column(table: pa.Table, at: int) -> Column:
    facts = decoder.facts(table.schema.field(at))
    whole = table.column(at).combine_chunks()
    values = whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole
    cells = decoder.cells(values)
    if decoder.is_measured(values.type):
        return Column(facts, cells, _finite(cells))
    return Column(facts, [decoder.short(one) for one in cells], _numbers(values))


def _numbers(values: pa.Array) -> list[float | None] | None:
    kind = values.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        moments = values.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False).cast(pa.int64())
        return [None if one is None else one / 1e6 for one in moments.to_pylist()]
    return _finite(values.to_pylist()) if pa.types.is_decimal(kind) else None


def _finite(values: Sequence[Any]) -> list[float | None]:
    plain = [None if one is None else float(one) for one in values]
    return [one if one is not None and math.isfinite(one) else None for one in plain]


def _axes(columns: Sequence[Column]) -> tuple[Column | None, Column | None]:
    """Along what, and what: the position column and the one that is measured. A histogram's bins are their middles."""
    by_name = {one.name: one for one in columns}
    for along, across in (("x", "y"), ("y", "x")):
        low, high = by_name.get(f"{along}_low"), by_name.get(f"{along}_high")
        if along not in by_name and low and high and across in by_name:
            return _middle(along, low, high), by_name[across]
    grid = _grid(columns)
    if grid is not None:
        return grid
    measured = [one for one in columns if one.numbers is not None and not one.is_time]
    by_role = {one.facts["role"]: one for one in reversed(measured)}
    across_column = next((by_role[role] for role in VALUES if role in by_role), None)
    if across_column is None:
        return None, None
    sides = ("y",) if across_column.facts["role"] == "x" else ("x",)
    return next((one for one in columns if one.facts["role"] in sides), None), across_column


def _grid(columns: Sequence[Column]) -> tuple[Column, Column] | None:
    """The cells of a map, each with both of its places, and their values; None where rows are no full grid."""
    by_role = {one.facts["role"]: one for one in reversed(columns)}
    x, y, value = (by_role.get(role) for role in ("x", "y", "colour"))
    if x is None or y is None or value is None or value.numbers is None:
        return None
    wide, high = len(set(x.cells)), len(set(y.cells))
    places = list(zip(x.cells, y.cells, strict=True))
    if min(wide, high) < 2 or wide * high != len(places) or len(set(places)) < len(places):
        return None
    words = [one.facts["label"] or one.name for one in (x, y)]
    cells = [f"{words[0]} {a}, {words[1]} {b}" for a, b in places]
    return Column({"name": f"{x.name}, {y.name}", "role": "", "type": "text"}, cells, None), value


def _middle(name: str, low: Column, high: Column) -> Column | None:
    if low.numbers is None or high.numbers is None:
        return None
    pairs = zip(low.numbers, high.numbers, strict=True)
    middles = [None if a is None or b is None else (a + b) / 2 for a, b in pairs]
    cells = [f"{a:g} to {b:g}" for a, b in zip(low.cells, high.cells, strict=True)]
    return Column(low.facts | {"name": name}, cells, middles)


# ---------------------------------------------------------------- groups


def _group(
    name: str, rows: list[int], columns: Sequence[Column], along: Column | None, across: Column | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "rows": len(rows), "columns": {}}
    for one in columns:
        found["columns"][one.name] = _told(one, rows)
    if along is None or across is None or across.numbers is None:
        return found
    if along.numbers is None:
        return found | {"extremes": _extremes(rows, along, across)}
    return found | _shape(rows, along, across)


def _told(one: Column, rows: list[int]) -> dict[str, Any]:
    """A column's part of a group: its numbers, or how often its commonest words occur."""
    if one.numbers is None:
        counted = Counter(cell for row in rows if (cell := one.cells[row]) is not None)
        common = [[str(word), count] for word, count in counted.most_common(MOST_WORDS)]
        return {"missing": len(rows) - counted.total(), "distinct": len(counted), "words": common}
    there, values = _there(rows, one.numbers)
    told = figures.numbers(values)
    told |= {"missing": len(rows) - len(there), "distinct": len(set(values))}
    for end in ("least", "greatest") if there else ():
        told[f"{end}_cell"] = one.cells[there[told.pop(f"{end}_at")]]
    return told


def _there(rows: list[int], numbers: Sequence[float | None]) -> tuple[list[int], list[float]]:
    """The rows that have a number, and these."""
    there = [row for row in rows if numbers[row] is not None]
    return there, [value for row in there if (value := numbers[row]) is not None]


def _extremes(rows: list[int], along: Column, across: Column) -> dict[str, Any]:
    """Where the least and the greatest value stand."""
    assert across.numbers is not None  # noqa: S101 - asked by the caller
    there, values = _there(rows, across.numbers)
    if not there:
        return {}
    return {
        "least": along.cells[there[values.index(min(values))]],
        "greatest": along.cells[there[values.index(max(values))]],
    }


def _shape(rows: list[int], along: Column, across: Column) -> dict[str, Any]:
    """The course of a series: trend, peaks, outliers, where it begins and ends."""
    assert along.numbers is not None  # noqa: S101 - asked by the caller
    assert across.numbers is not None  # noqa: S101 - the same
    there, y = _there(_there(rows, along.numbers)[0], across.numbers)
    x = _there(there, along.numbers)[1]
    if not there:
        return {}

    def point(at: int) -> list[Any]:
        return [along.cells[there[at]], y[at]]

    line = figures.trend(x, y)
    beyond = figures.outliers(y, x, line)
    if beyond is not None:
        beyond["points"] = [point(at) for at in beyond.pop("at")]
    level = levels.level(x, y)
    if "at" in level:
        level["at"] = along.cells[there[level["at"]]]
    return {
        "extremes": _extremes(rows, along, across),
        "level": level,
        "trend": line,
        "peaks": [point(at) for at in figures.peaks(x, y)],
        "outliers": beyond,
        "first": point(x.index(min(x))),
        "last": point(x.index(max(x))),
        "is_course": len(set(x)) == len(x),
        "hole": [along.cells[there[at]] for at in hole] if (hole := figures.hole(x)) else None,
    }


def _pairs(
    columns: Sequence[Column], drawn: tuple[Column | None, Column | None], line: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """How the measured columns go together; of the two that are `drawn` the line through all of them has told it."""
    chosen = [one for one in columns if one.numbers is not None and one.facts["role"] in COMPARED][:MOST_COMPARED]
    found = []
    for at, one in enumerate(chosen):
        for other in chosen[at + 1 :]:
            told = line if {id(one), id(other)} == {id(side) for side in drawn} else _together(one, other)
            if told is not None and told["r"] is not None and told["count"] > 2:
                found.append({"of": [one.name, other.name]} | {name: told[name] for name in ("r", "rho", "count")})
    return found


def _together(one: Column, other: Column) -> dict[str, Any]:
    both = [(a, b) for a, b in zip(one.numbers or (), other.numbers or (), strict=True) if a is not None]
    whole = [(a, b) for a, b in both if b is not None]
    x, y = [a for a, _ in whole], [b for _, b in whole]
    return {"r": figures.pearson(x, y), "rho": figures.ranked(x, y), "count": len(x)}


if __name__ == "__main__":
    child.main(read)
    os._exit(0)  # as in `tables/decoder.py`
