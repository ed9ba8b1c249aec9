"""The noun of this package: a table of plotted values, its columns typed, with axis labels, units and roles.

In: lists, numpy arrays, pandas objects. Out: Arrow arrays of the same values, and Parquet. Knows no plotting library.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from gofigr_jupyter.capture.series.bundle import Packed

_ROWS_PER_GROUP = 50_000  # a reader of the first rows need not decode the rest
_TIME_UNITS = frozenset({"D", "s", "ms", "us", "ns"})


@dataclass(frozen=True, slots=True)
class Column:
    """Values under a name; `label` and `unit` are the axis's, `role` is `x`, `y`, `z`, `colour`, `size`, `series`..."""

    name: str
    values: pa.Array
    label: str = ""
    unit: str = ""
    role: str = ""

    def facts(self) -> dict[str, str]:
        """All but the values, without what is empty."""
        optional = {"label": self.label, "unit": self.unit, "role": self.role}
        return {"name": self.name} | {key: value for key, value in optional.items() if value}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length, under the name of what they show."""

    name: str
    columns: tuple[Column, ...]

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.columns[0].values) if self.columns else 0

    def packed(self) -> Packed:
        """As a Parquet file that tells its labels, too; the same values give the same bytes."""
        facts = [column.facts() for column in self.columns]
        fields = [
            pa.field(column.name, column.values.type, metadata={k: v for k, v in one.items() if k != "name"})
            for column, one in zip(self.columns, facts, strict=True)
        ]
        told = {"gofigr": json.dumps({"name": self.name, "columns": facts})}
        content = pa.table([column.values for column in self.columns], schema=pa.schema(fields, metadata=told))
        stream = io.BytesIO()
        parquet.write_table(content, stream, compression="zstd", row_group_size=_ROWS_PER_GROUP)
        return Packed(self.name, self.rows, tuple(facts), stream.getvalue())


def array(values: Any) -> pa.Array:
    """The same values with one type; what has no type in common becomes text.

    Masked entries and None are null, NaN stays NaN. Text in bytes is decoded.
    """
    if isinstance(values, pa.Array):
        return values
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    mask = getattr(values, "mask", None) if hasattr(values, "filled") else None
    plain = _plain(getattr(values, "data", values) if mask is not None else values)
    if mask is not None and getattr(mask, "shape", None) != getattr(plain, "shape", None):
        mask = None if not mask else [True] * len(plain)
    try:
        made = pa.array(plain, mask=mask, from_pandas=False)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        made = pa.array([None if one is None else _text(one) for one in plain], pa.string(), mask=mask)
    return _settled(made)


def shares(values: pa.Array) -> pa.Array | None:
    """What part of their sum each number is; None where that means nothing."""
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        return None
    found = [None if one is None or math.isnan(one) else float(one) for one in values.to_pylist()]
    total = math.fsum(one for one in found if one is not None)
    if not 0 < total < math.inf or any(one is not None and one < 0 for one in found):
        return None
    return pa.array([None if one is None else one / total for one in found], pa.float64())


def text(values: Any) -> pa.Array:
    """Labels, stored once each."""
    return pa.array([None if one is None else _text(one) for one in values], pa.string()).dictionary_encode()


def constant(value: str, count: int) -> pa.Array:
    """One label for many rows."""
    indices = pa.array([0], pa.int32()).take(pa.nulls(count, pa.int64()).fill_null(0))
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], pa.string()))


def _plain(values: Any) -> Any:
    """Without what Arrow does not take of numpy: other byte orders, coarse times, wide floats, complex numbers."""
    dtype: Any = getattr(values, "dtype", None)
    kind = getattr(dtype, "kind", "")
    if kind in "mM" and hasattr(values, "astype") and str(dtype).startswith(("datetime64[", "timedelta64[")):
        unit = str(dtype).partition("[")[2].rstrip("]")
        if unit.partition(",")[0] not in _TIME_UNITS:
            return values.astype(f"{'datetime64' if kind == 'M' else 'timedelta64'}[s]")
    if kind == "f" and dtype.itemsize not in (4, 8):
        return values.astype("float32" if dtype.itemsize < 4 else "float64")
    if hasattr(dtype, "newbyteorder") and not dtype.isnative:
        return values.astype(dtype.newbyteorder("="))
    return values


def _settled(made: pa.Array) -> pa.Array:
    if isinstance(made, pa.ChunkedArray):
        made = made.combine_chunks()
    if pa.types.is_null(made.type):
        return made.cast(pa.float64())
    if pa.types.is_date(made.type):
        return made.cast(pa.timestamp("s"))  # days, too, are times to those who read them
    if pa.types.is_binary(made.type) or pa.types.is_nested(made.type):
        return pa.array([None if one is None else _text(one) for one in made.to_pylist()], pa.string())
    return made


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
