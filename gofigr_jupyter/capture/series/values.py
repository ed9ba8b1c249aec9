"""Values as JSON has them to Arrow arrays: lists, typed arrays in base64, texts that are times."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import prod
from typing import Any

import pyarrow as pa
from pyarrow import compute

from gofigr_jupyter.capture.series.table import array

_DTYPES = {
    "i1": pa.int8(),
    "u1": pa.uint8(),
    "u1c": pa.uint8(),
    "i2": pa.int16(),
    "u2": pa.uint16(),
    "i4": pa.int32(),
    "u4": pa.uint32(),
    "i8": pa.int64(),
    "u8": pa.uint64(),
    "f4": pa.float32(),
    "f8": pa.float64(),
}
_NAMES = {"int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4", "int64": "i8"}
_NAMES |= {"uint64": "u8", "float32": "f4", "float64": "f8"}
_MOMENT = re.compile(
    r"(?P<clock>[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?)(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


def typed(raw: bytes, dtype: str, *, is_big: bool = False) -> pa.Array:
    """Bytes as numbers. Raises ValueError for a type that is none of theirs, or that was cut."""
    kind = _DTYPES.get(_NAMES.get(dtype, dtype.lstrip("<|=")))
    if kind is None:
        raise ValueError(f"numbers of type {dtype!r}")
    width = kind.bit_width // 8
    if len(raw) % width:
        raise ValueError("a typed array that was cut")
    if is_big:
        raw = b"".join(raw[i : i + width][::-1] for i in range(0, len(raw), width))
    return pa.Array.from_buffers(kind, len(raw) // width, [None, pa.py_buffer(raw)])


def is_typed(value: Any) -> bool:
    """Whether a JSON value is a typed array as plotly writes it."""
    return isinstance(value, Mapping) and "bdata" in value and "dtype" in value


def vector(value: Any) -> pa.Array | None:
    """A list or typed array of one dimension; None for anything else."""
    if is_typed(value):
        return typed(base64.b64decode(value["bdata"]), str(value["dtype"])) if len(shape_of(value)) < 2 else None
    if not isinstance(value, list) or any(isinstance(one, list | dict) for one in value):
        return None
    return array(value)


def matrix(value: Any) -> tuple[int, int, pa.Array] | None:
    """Rows, columns and the values of each row in turn; short rows end in nulls. None for anything else."""
    if is_typed(value):
        shape = shape_of(value)
        found = typed(base64.b64decode(value["bdata"]), str(value["dtype"]))
        return (shape[0], shape[1], found) if len(shape) == 2 and prod(shape) == len(found) else None
    if not isinstance(value, list) or not value:
        return None
    rows = [vector(one) for one in value]
    if any(one is None for one in rows):
        return None
    width = max(len(one) for one in rows if one is not None)
    flat = [item for one in rows if one is not None for item in (*one.to_pylist(), *[None] * (width - len(one)))]
    return len(rows), width, array(flat)


def shape_of(value: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of a typed array; empty where it has one dimension."""
    shape = value.get("shape", "")
    parts = shape.split(",") if isinstance(shape, str) else shape if isinstance(shape, Sequence) else [shape]
    return tuple(int(one) for one in parts if str(one).strip())


def times(found: pa.Array) -> pa.Array | None:
    """Texts as times where every one is one, else None; those with one offset keep it, with several are in UTC."""
    if not (pa.types.is_string(found.type) or pa.types.is_large_string(found.type)) or len(found) == found.null_count:
        return None
    parts = [None if one is None else _MOMENT.fullmatch(one) for one in found.to_pylist()]
    if any(part is None and one.is_valid for part, one in zip(parts, found, strict=True)):
        return None
    clocks = [None if part is None else part["clock"].replace(" ", "T").replace(",", ".") for part in parts]
    zones = {part["zone"] for part in parts if part is not None}
    unit = "ns" if any(clock and len(clock.partition(".")[2]) > 6 for clock in clocks) else "us"
    try:
        moments = pa.array(clocks, pa.string()).cast(pa.timestamp(unit))
        if zones == {None}:
            return moments
        if None in zones:
            return None
        offsets = [0 if part is None else _minutes(part["zone"]) for part in parts]
        shift = pa.array([timedelta(minutes=one) for one in offsets], pa.duration(unit))
        zone = _zone(offsets[0]) if len(zones) == 1 else "UTC"
        return compute.subtract(moments, shift).cast(pa.timestamp(unit, "UTC")).cast(pa.timestamp(unit, zone))
    except (pa.ArrowException, ValueError):
        return None


def from_milliseconds(found: pa.Array) -> pa.Array:
    """Milliseconds since 1970, as JavaScript counts, as times; fractions are microseconds."""
    if pa.types.is_integer(found.type):
        return found.cast(pa.int64()).cast(pa.timestamp("ms"))
    steps = [None if one is None or one != one else round(one * 1000) for one in found.to_pylist()]  # noqa: PLR0124
    return pa.array(steps, pa.int64()).cast(pa.timestamp("us"))


def _minutes(zone: str) -> int:
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    return (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))


def _zone(minutes: int) -> str:
    sign, rest = ("-" if minutes < 0 else "+"), abs(minutes)
    return "UTC" if minutes == 0 else f"{sign}{rest // 60:02}:{rest % 60:02}"
