"""Values as bokeh's documents hold them: lists, arrays in base64 and compressed, lists in cells, times."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from gofigr_jupyter.capture.series import values
from gofigr_jupyter.capture.series.table import array
from gofigr_jupyter.errors import CaptureError

_NUMBERS = {"nan": math.nan, "+inf": math.inf, "-inf": -math.inf, "inf": math.inf}
_GZIP = b"\x1f\x8b"
_MOST_BYTES = 200_000_000


def column(found: Any) -> pa.Array:
    """One column of a data source: a list, or numbers in base64."""
    if isinstance(found, Mapping) and found.get("type") == "ndarray":
        return _array_of(found)
    if isinstance(found, Mapping) and "__ndarray__" in found:
        return values.typed(base64.b64decode(found["__ndarray__"]), str(found.get("dtype")))
    if not isinstance(found, list):
        raise CaptureError("a column that is no list")
    return array([plain(one) for one in found])


def _array_of(found: Mapping[str, Any]) -> pa.Array:
    """The document's own form of numpy arrays."""
    inner, dtype = found.get("array"), str(found.get("dtype"))
    if isinstance(inner, Mapping) and inner.get("type") == "bytes" and isinstance(inner.get("data"), str):
        raw = _unzipped(base64.b64decode(inner["data"]))
        if dtype == "bool":
            return array([bool(one) for one in raw])
        return values.typed(raw, dtype, is_big=found.get("order") == "big")
    if isinstance(inner, list):
        return array([plain(one) for one in inner])
    raise CaptureError("numbers that are not in the document")


def _unzipped(raw: bytes) -> bytes:
    """Newer documents hold compressed numbers; a bomb ends at the size of what may be sent anyway."""
    if not raw.startswith(_GZIP):
        return raw
    opener = zlib.decompressobj(wbits=31)
    found = opener.decompress(raw, _MOST_BYTES)
    if opener.unconsumed_tail:
        raise CaptureError(f"numbers of more than {_MOST_BYTES // 1_000_000} MB")
    return found


def plain(one: Any) -> Any:
    """A value out of its clothing; arrays become lists."""
    if isinstance(one, Mapping):
        if one.get("type") == "number":
            return _NUMBERS.get(str(one.get("value")))
        if one.get("type") == "ndarray" or "__ndarray__" in one:
            return column(one).to_pylist()
        return None
    return [plain(inner) for inner in one] if isinstance(one, list) else one


def grid(cell: Any) -> tuple[int, int, list[Any]]:
    """Rows, columns and values of an image."""
    shape = cell.get("shape") if isinstance(cell, Mapping) else None
    if isinstance(shape, list) and len(shape) == 2:
        return shape[0], shape[1], column(cell).to_pylist()
    lines = [plain(line) for line in cell] if isinstance(cell, list) else []
    if not lines or any(not isinstance(line, list) or len(line) != len(lines[0]) for line in lines):
        raise CaptureError("its grid is not of one shape")
    return len(lines), len(lines[0]), [one for line in lines for one in line]


def is_nested(found: Any) -> bool:
    """Whether there are lists in the cells of a column."""
    return isinstance(found, list) and any(isinstance(plain(one), list) for one in found)


def length(one: Any) -> int:
    """How many values a cell holds."""
    return len(one) if isinstance(one, list) else 1


def moments(found: pa.Array) -> pa.Array:
    """Milliseconds or texts as times, where they are some."""
    numeric = pa.types.is_integer(found.type) or pa.types.is_floating(found.type)
    times = values.from_milliseconds(found) if numeric else values.times(found)
    return found if times is None else times
