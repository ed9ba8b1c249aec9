"""What figures and specifications show, as Arrow tables by their names: the whole road from a source to Parquet."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from gofigr_jupyter.capture import matplotlib
from gofigr_jupyter.capture.series import axes, bundle, reading
from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.records import Source


def tables_of(figure: Any) -> dict[str, pa.Table]:
    """The tables of a live matplotlib figure, by way of its pickle; all of them, or the test fails."""
    source = matplotlib.source(figure)
    assert isinstance(source, Source), source
    return opened(source)


def opened(source: Source, left_out: int = 0) -> dict[str, pa.Table]:
    """The tables of a source; so many things are said to be missing."""
    found = bundle.unpack(bundle.pack(reading.read(source)))
    assert len(found.left_out) == left_out, found.left_out
    made = {one.name: parquet.read_table(io.BytesIO(one.data)) for one in found.tables}
    for one in found.tables:
        assert [column["name"] for column in one.columns] == made[one.name].column_names
        assert one.rows == made[one.name].num_rows
    return made


def of_json(kind: str, value: Any, left_out: int = 0) -> dict[str, pa.Table]:
    """The tables of a specification."""
    return opened(Source(kind, json.dumps(value).encode()), left_out)


def values(table: pa.Table) -> dict[str, list[Any]]:
    """Columns as lists."""
    return table.to_pydict()


def only(found: dict[str, pa.Table]) -> pa.Table:
    """The table, where there is one."""
    (table,) = found.values()
    return table


def facts(table: pa.Table, name: str) -> tuple[str, str, str]:
    """Label, unit and role of a column."""
    told = table.schema.field(name).metadata or {}
    return tuple(told.get(key, b"").decode() for key in (b"label", b"unit", b"role"))  # type: ignore[return-value]


def axes_of(source: Source) -> dict[str, Axis]:
    """The axes of a source on their whole road to the reader's end, by what is told of them: `x`, `y twin`, `1 y`."""
    read = reading.read(source).axes
    sent = bundle.unpack(bundle.pack(bundle.Bundle(axes=read))).axes
    arrived = axes.read(axes.as_json(sent))
    assert arrived == sent == read, (read, sent, arrived)
    names = [_name(one) for one in arrived]
    assert len(set(names)) == len(names), names
    return dict(zip(names, arrived, strict=True))


def axes_of_json(kind: str, value: Any) -> dict[str, Axis]:
    """The axes of a specification."""
    return axes_of(Source(kind, json.dumps(value).encode()))


def limits(axis: Axis) -> tuple[Any, ...]:
    """Scale, ends and direction, as most tests ask for."""
    return (axis.scale, axis.low, axis.high, axis.is_inverted)


def span(axis: Axis) -> tuple[Any, ...]:
    """The ends of the plotted values."""
    return (axis.values_low, axis.values_high)


def _name(axis: Axis) -> str:
    number = [str(axis.index)] if axis.index else []
    return " ".join([*number, axis.direction, *(["twin"] if axis.twin_of is not None else [])])
