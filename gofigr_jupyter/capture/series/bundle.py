"""Several tables and their axes as one piece of bytes, on the short way from the drawing process to the upload.

In: packed tables, axes, and what had to be left out. Out: bytes, and back. Knows neither Arrow nor any library.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gofigr_jupyter.capture.series import axes
from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.errors import CaptureError

FORMAT = "tables"  # of the Rendition that carries a bundle
ROLE = "series"
READABLE = frozenset({"pickle", "plotly", "vega-lite", "vega", "bokeh"})  # formats of sources that hold plotted values
MAX_TABLES = 50
MAX_ROWS = 1_000_000  # of all tables of a figure together
MAX_BYTES = 20_000_000  # the same

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Packed:
    """A table as a Parquet file; `columns` holds the name, label, unit and role of each."""

    name: str
    rows: int
    columns: tuple[Mapping[str, str], ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """The tables of a figure, in words what is not among them, and the axes that they are drawn on."""

    tables: tuple[Packed, ...] = ()
    left_out: tuple[str, ...] = ()
    axes: tuple[Axis, ...] = ()

    def reason(self) -> str:
        """What is not there, in one line; empty when all is."""
        shown = "; ".join(self.left_out[:3])
        return f"{shown}; and {len(self.left_out) - 3} more" if len(self.left_out) > 3 else shown


def of_colours(rows: int, columns: int) -> str:
    """Why a photograph is no table."""
    return f"{columns} × {rows} pixels of colours, which are in the picture and stand for no values"


def pack(bundle: Bundle) -> bytes:
    """One piece of bytes: the length of a JSON header, the header, the files."""
    tables = [{**asdict(table), "data": len(table.data)} for table in bundle.tables]
    told: dict[str, Any] = {"tables": tables, "left_out": bundle.left_out}
    if bundle.axes:
        told["axes"] = [asdict(axis) for axis in bundle.axes]
    header = json.dumps(told).encode()
    return b"".join([_LENGTH.pack(len(header)), header, *(table.data for table in bundle.tables)])


def unpack(content: bytes) -> Bundle:
    """The reverse; raises CaptureError, since the author's code ran in the process that packed it."""
    try:
        (length,) = _LENGTH.unpack_from(content)
        position = _LENGTH.size + length
        header = json.loads(content[_LENGTH.size : position])
        tables = []
        for entry in header["tables"]:
            data = content[position : position + entry["data"]]
            position += entry["data"]
            tables.append(Packed(str(entry["name"]), int(entry["rows"]), _facts(entry["columns"]), data))
        if position != len(content) or len(tables) > MAX_TABLES:
            raise ValueError("it is not as long as it says")
        left_out = tuple(str(one) for one in header["left_out"])
        return Bundle(tuple(tables), left_out, axes.of(header.get("axes")))
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CaptureError(f"the plotted data cannot be unpacked ({error})") from error


def _facts(columns: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], ...]:
    return tuple({str(key): str(value) for key, value in column.items()} for column in columns)
