"""plotly's traces to series: their arrays by what these are for, under the titles of their axes and colour bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from gofigr_jupyter.capture.plotly import plain, title
from gofigr_jupyter.capture.series import units, values
from gofigr_jupyter.capture.series.axes import Found
from gofigr_jupyter.capture.series.bundle import MAX_ROWS, of_colours
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.plotly_axes import axes_of, names_of
from gofigr_jupyter.capture.series.plotly_layout import Layout, item
from gofigr_jupyter.capture.series.table import Column, array, shares, text
from gofigr_jupyter.errors import CaptureError

# Attributes that hold data, by their paths: the name and the role of the column.
_LEADING = {
    name: (name, name)
    for name in "x y z r theta a b c real imag lat lon locations labels parents values open high low close".split()
}
_FURTHER = {name: (name, name) for name in "u v w value intensity base measure q1 median q3 lowerfence".split()} | {
    name: (name, name) for name in "upperfence mean sd notchspan".split()
}
_FURTHER |= {
    "width": ("width", "width"),
    "marker.size": ("size", "size"),
    "marker.color": ("colour", "colour"),
    "line.color": ("line_colour", "colour"),
    "surfacecolor": ("colour", "colour"),
    "marker.symbol": ("symbol", "shape"),
}
_FURTHER |= {f"error_{d}.array": (f"{d}_error", f"{d}_error") for d in "xyz"}
_FURTHER |= {f"error_{d}.arrayminus": (f"{d}_error_minus", f"{d}_error_minus") for d in "xyz"}
# What is added to the label of an axis where further columns bear it.
_SAYS = {"base": ", base"} | {f"error_{d}.array": ", error" for d in "xyz"}
_SAYS |= {f"error_{d}.arrayminus": ", error below" for d in "xyz"}
_KINDS = {
    "bar": "bars",
    "histogram": "values of a histogram",
    "histogram2d": "values of a histogram",
    "histogram2dcontour": "values of a histogram",
    "box": "values of a box plot",
    "violin": "values of violins",
    "heatmap": "grid",
    "contour": "grid",
    "surface": "surface",
    "mesh3d": "corners",
}


def series_of(figure: Mapping[str, Any], left_out: list[str], axes: Found) -> Iterator[Series]:
    """All traces of a figure's JSON; `left_out` is told what is not among them."""
    traces = [one for one in figure.get("data") or () if isinstance(one, Mapping)]
    layout = Layout(figure.get("layout") or {}, title(figure) or "", traces)
    numbered = [(number, trace) for number, trace in enumerate(traces, 1) if trace.get("visible") is not False]
    axes.note(lambda: axes_of(numbered, layout))
    for number, trace in numbered:
        kind, name = str(trace.get("type") or "scatter"), plain(str(trace.get("name") or "")) or ""
        try:
            for one in _READERS.get(kind, _points)(trace, layout):
                yield one.under(layout.legend, tuple(names_of(trace, number).values()))
        except Exception as error:  # noqa: BLE001 -- JSON of anybody; what fails costs its own data
            reason = (
                str(error) if isinstance(error, CaptureError) else f"cannot be read ({type(error).__name__}: {error})"
            )
            left_out.append(f"{name or f'trace {number}'} ({kind}): {reason}")
    if figure.get("frames"):
        left_out.append(f"the {len(figure['frames'])} frames of the animation are not in it")


# ---------------------------------------------------------------- sorts of traces


def _points(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """What has a row for each point."""
    if _is_grid(trace):
        yield from _grid(trace, layout)
        return
    columns = [column for path, (name, role) in _LEADING.items() for column in _column(trace, layout, path, name, role)]
    if not columns:
        return
    rows = min(len(one.values) for one in columns)
    columns = [_cut(one, rows) for one in columns]
    names = {one.name for one in columns}
    for direction, other in _COUNTED.get(str(trace.get("type") or "scatter"), ()):
        if other in names and direction not in names:
            counted = _counted(trace, layout, direction, rows)
            columns.insert(0 if direction == "x" else len(columns), counted)
    for path, (name, role) in _FURTHER.items():
        for column in _column(trace, layout, path, name, role):
            columns.append(_cut(column, rows))
    yield Series(layout.place(trace), _kind(trace), _label(trace), tuple(columns))


# Sorts of traces of which one coordinate may be left to count, and the other that must be there.
_COUNTED: dict[str, tuple[tuple[str, str], ...]] = dict.fromkeys(
    ("scatter", "scattergl", "bar", "waterfall", "funnel"), (("x", "y"), ("y", "x"))
)
_COUNTED |= dict.fromkeys(("ohlc", "candlestick"), (("x", "open"),))


def _grid(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """What has a value for each cell of a grid: a row for each cell."""
    found = values.matrix(trace["z"])
    if found is None:
        raise CaptureError("its grid is not of one shape")
    rows, width, z = found
    if rows * width > MAX_ROWS:
        raise CaptureError(f"{rows} × {width} values, more than {MAX_ROWS:,}")
    columns: list[Column] = []
    by_row = [i for i in range(rows) for _ in range(width)]
    by_column = [i for _ in range(rows) for i in range(width)]
    if trace.get("transpose"):
        by_row, by_column = by_column, by_row
    for direction, every, count in (("x", by_column, max(by_column) + 1), ("y", by_row, max(by_row) + 1)):
        columns += _side(trace, layout, direction, array(every), count)
    label, unit = layout.colour(trace)
    if trace.get("type") == "surface":
        label, unit = layout.axis(trace, "z")
    columns.append(Column("z", z, label, unit, "z" if trace.get("type") == "surface" else "colour"))
    colours = values.matrix(trace.get("surfacecolor"))
    if colours is not None and len(colours[2]) == len(z):
        columns.append(Column("colour", colours[2], *layout.colour(trace), role="colour"))
    yield Series(layout.place(trace), _kind(trace), _label(trace), tuple(columns))


def _side(trace: Mapping[str, Any], layout: Layout, direction: str, every: pa.Array, count: int) -> Iterator[Column]:
    """Where the cells of a grid lie in one direction: middles, edges, or one position for each cell."""
    label, unit = layout.axis(trace, direction)
    whole = values.matrix(trace.get(direction))
    if whole is not None and len(whole[2]) == len(every):
        yield Column(direction, whole[2], label, unit, direction)
        return
    given = values.vector(trace.get(direction))
    if given is None:
        given = _counted(trace, layout, direction, count).values
    given = layout.timed(trace, direction, given)
    if len(given) == count + 1:
        low, high = (label and f"{label} {end}" for end in ("from", "to"))
        yield Column(f"{direction}_low", given.take(every), low, unit, f"{direction}_low")
        yield Column(f"{direction}_high", given.slice(1).take(every), high, unit, f"{direction}_high")
    elif len(given) >= count:
        yield Column(direction, given.take(every), label, unit, direction)
    else:
        raise CaptureError(f"{len(given)} positions for {count} cells")


def _dimensions(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """What has several dimensions, each with a label of its own."""
    columns = []
    for number, one in enumerate(trace.get("dimensions") or (), 1):
        found = values.vector(item(one, "values"))
        if found is not None:
            label, unit = units.split(plain(str(item(one, "label") or "")) or "")
            columns.append(Column(f"dimension {number}", found, label, unit, "dimension"))
    yield from _even(trace, layout, columns)


def _table(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """A table that is drawn as one."""
    names = item(trace, "header.values") or []
    columns = []
    for number, one in enumerate(item(trace, "cells.values") or [], 1):
        name = names[number - 1] if number <= len(names) else ""
        label = plain(" ".join(map(str, name)) if isinstance(name, list) else str(name)) or ""
        found = values.vector(one)
        if found is not None:
            columns.append(Column(f"column {number}", found, label, "", "column"))
    yield from _even(trace, layout, columns)


def _flows(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """The links of a Sankey diagram, by the names of their ends."""
    names = item(trace, "node.label") or []
    columns = []
    for end in ("source", "target"):
        found = values.vector(item(trace, f"link.{end}"))
        if found is not None:
            columns.append(Column(end, _looked_up(names, found), role=end))
    amount = values.vector(item(trace, "link.value"))
    if amount is not None:
        columns.append(Column("value", amount, role="value"))
    yield from _even(trace, layout, columns)


def _single(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """An indicator: one number, and what it is compared with."""
    found = {"value": trace.get("value"), "reference": item(trace, "delta.reference")}
    label = plain(str(item(trace, "title.text") or "")) or ""
    columns = [
        Column(name, array([value]), label, "", name)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    yield Series(layout.place(trace), "indicator", _label(trace) or label, tuple(columns))


def _mesh(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """The corners of a mesh, and the corners of each of its triangles by their numbers."""
    yield from _points(trace, layout)
    sides = [(name, values.vector(trace.get(name))) for name in "ijk"]
    columns = [Column(name, found, role=name) for name, found in sides if found is not None]
    if len(columns) == 3:
        yield Series(layout.place(trace), "triangles", _label(trace), tuple(columns))


def _pie(trace: Mapping[str, Any], layout: Layout) -> Iterator[Series]:
    """The parts of a pie, and their shares; labels without values are counted, as plotly does it."""
    for one in _points(trace, layout):
        columns = {column.name: column for column in one.columns}
        if "labels" in columns and "values" not in columns:
            counted = Counter(columns["labels"].values.to_pylist())
            columns = {"labels": replace(columns["labels"], values=array(list(counted)))}
            columns["values"] = Column("values", array(list(counted.values())), "Count", role="values")
        part = shares(columns["values"].values) if "values" in columns else None
        if part is not None:
            columns["share"] = Column("share", part, "Share of the whole", role="share")
        yield replace(one, columns=tuple(columns.values()))


def _photograph(trace: Mapping[str, Any], _layout: Layout) -> Iterator[Series]:
    """A picture of colours is no data."""
    z = trace.get("z")
    rows = z if isinstance(z, list) and z and isinstance(z[0], list) else None
    raise CaptureError(of_colours(len(rows), len(rows[0])) if rows else "it is a picture, not values")


_READERS: dict[str, Callable[[Mapping[str, Any], Layout], Iterator[Series]]] = {
    "funnelarea": _pie,
    "image": _photograph,
    "indicator": _single,
    "mesh3d": _mesh,
    "parcats": _dimensions,
    "parcoords": _dimensions,
    "pie": _pie,
    "sankey": _flows,
    "splom": _dimensions,
    "table": _table,
}


# ---------------------------------------------------------------- columns


def _column(trace: Mapping[str, Any], layout: Layout, path: str, name: str, role: str) -> Iterator[Column]:
    value = item(trace, path)
    levels = _levels(value)
    if levels is not None:  # categories of two levels
        label, unit = layout.label(trace, path)
        for part, one in zip((f"{name}_group", name), levels, strict=True):
            yield Column(part, one, label, unit, role if part == name else f"{role}_group")
        return
    found = values.vector(value)
    if found is None or (name == "colour" and len(found) < 2):
        return
    label, unit = layout.label(trace, path)
    label = label and label + _SAYS.get(path, "")
    yield Column(name, layout.timed(trace, path, found), label, unit, role)


def _levels(value: Any) -> list[pa.Array] | None:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(one, list) for one in value):
        return None
    found = [values.vector(one) for one in value]
    return [one for one in found if one is not None] if all(one is not None for one in found) else None


def _counted(trace: Mapping[str, Any], layout: Layout, direction: str, rows: int) -> Column:
    """Positions that were not given are counted: from 0 by 1, or as the trace says."""
    start, step = trace.get(f"{direction}0", 0), trace.get(f"d{direction}", 1)
    is_plain = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (start, step))
    found = array([start + i * step for i in range(rows)] if is_plain else list(range(rows)))
    return Column(direction, found, *layout.axis(trace, direction), role=direction)


def _cut(column: Column, rows: int) -> Column:
    """As many values as there are points: plotly draws no more, and what is missing has none."""
    found = column.values.slice(0, rows)
    if len(found) < rows:
        found = pa.concat_arrays([found, pa.nulls(rows - len(found), found.type)])
    return Column(column.name, found, column.label, column.unit, column.role)


def _even(trace: Mapping[str, Any], layout: Layout, columns: Sequence[Column]) -> Iterator[Series]:
    if columns:
        rows = max(len(one.values) for one in columns)
        yield Series(layout.place(trace), _kind(trace), _label(trace), tuple(_cut(one, rows) for one in columns))


def _looked_up(names: Sequence[Any], found: pa.Array) -> pa.Array:
    if not names or not pa.types.is_integer(found.type):
        return found
    return text([str(names[i]) if i is not None and 0 <= i < len(names) else str(i) for i in found.to_pylist()])


def _is_grid(trace: Mapping[str, Any]) -> bool:
    z: Any = trace.get("z")
    return (
        len(values.shape_of(z)) == 2
        if values.is_typed(z)
        else bool(z) and isinstance(z, list) and isinstance(z[0], list | dict)
    )


def _kind(trace: Mapping[str, Any]) -> str:
    kind = str(trace.get("type") or "scatter")
    if kind.startswith(("scatter", "line")):
        mode = trace.get("mode")
        return "points" if isinstance(mode, str) and "lines" not in mode else "lines"
    return _KINDS.get(kind, kind)


def _label(trace: Mapping[str, Any]) -> str:
    return plain(str(trace.get("name") or "")) or ""
