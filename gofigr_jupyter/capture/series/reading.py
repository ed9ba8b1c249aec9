"""A figure's source to a bundle of tables and axes: which reader it needs, and how much of what it finds can be sent.

In: a Source. Out: a Rendition with the bundle, or Missing. For the worker's child process: loading a source runs code
of its author, and Arrow is loaded here.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

from gofigr_jupyter.capture import rc
from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import bundle, spans
from gofigr_jupyter.capture.series.axes import Axis, Found
from gofigr_jupyter.capture.series.bundle import Bundle, Packed
from gofigr_jupyter.capture.series.grouping import Series, tables
from gofigr_jupyter.capture.series.table import Table
from gofigr_jupyter.records import Missing, Rendition, Source

_READERS = {"plotly": "plotly", "vega": "vega", "vega-lite": "vega", "bokeh": "bokeh"}
Reader = Callable[[Any, list[str], Found], Iterator[Series]]


def rendition(source: Source | Missing, shown: tuple[float, float] | None = None) -> Rendition:
    """The tables of a figure as a bundle; `shown` is the size of the picture of it that was shown. Never raises."""
    if isinstance(source, Missing):
        return _missing(source.reason)
    try:
        return Rendition(bundle.FORMAT, bundle.pack(read(source, shown)), bundle.ROLE)
    except Exception as error:  # noqa: BLE001 -- anything may happen while objects of others are made and read
        return _missing(f"the plotted data cannot be read ({type(error).__name__}: {error})")


def read(source: Source, shown: tuple[float, float] | None = None) -> Bundle:
    """What a source shows, within the limits. Raises whatever its reader does."""
    left_out: list[str] = []
    axes = Found(shown)
    series = list(_series(source, left_out, axes))
    return replace(within_limits(tables(series), left_out), axes=_axes(axes, series))


def within_limits(found: list[Table], left_out: list[str]) -> Bundle:
    """The tables that can be sent, in order; a table is whole or it is not there."""
    packed: list[Packed] = []
    rows = size = 0
    for table in found:
        if len(packed) == bundle.MAX_TABLES:
            left_out.append(f"{len(found) - found.index(table)} tables: a figure has at most {bundle.MAX_TABLES}")
            break
        if rows + table.rows > bundle.MAX_ROWS:
            left_out.append(f"{table.name}: {table.rows:,} rows; a figure has at most {bundle.MAX_ROWS:,}")
            continue
        one = table.packed()
        if size + len(one.data) > bundle.MAX_BYTES:
            left_out.append(
                f"{table.name}: {len(one.data) / 1e6:.0f} MB; a figure has at most {bundle.MAX_BYTES / 1e6:.0f}"
            )
            continue
        packed.append(one)
        rows, size = rows + one.rows, size + len(one.data)
    return Bundle(tuple(packed), tuple(one_line(line) or "" for line in left_out))


def _axes(found: Found, series: list[Series]) -> tuple[Axis, ...]:
    try:
        return spans.completed(found, series)
    except Exception:  # noqa: BLE001 -- values of anybody; the tables are worth more than their axes
        return ()


def _series(source: Source, left_out: list[str], axes: Found) -> Iterator[Series]:
    if source.format == "pickle":
        content = rc.loaded(source)
        plot = content.get("plot")
        if plot is not None and not type(plot).__module__.startswith("seaborn."):
            return _reader("plotnine")(plot, left_out, axes)
        figure = content["figure"] if plot is None else plot.plot()._figure
        return _reader("matplotlib.figure")(figure, left_out, axes)
    if source.format not in _READERS:
        raise ValueError(f"no reader for {source.format}")
    return _reader(_READERS[source.format])(json.loads(source.data), left_out, axes)


def _reader(name: str) -> Reader:
    module = importlib.import_module(f"gofigr_jupyter.capture.series.{name}")
    return cast("Reader", module.series_of)


def _missing(reason: str) -> Rendition:
    return Rendition(bundle.FORMAT, Missing(one_line(reason, 300) or "unknown"), bundle.ROLE)
