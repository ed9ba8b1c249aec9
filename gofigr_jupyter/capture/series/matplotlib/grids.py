"""Grids of values: images, meshes, two-dimensional histograms. One row a cell: where it is, and its value."""

from __future__ import annotations

from typing import Any

import numpy as np

from gofigr_jupyter.capture.series import exact
from gofigr_jupyter.capture.series.bundle import MAX_ROWS, of_colours
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.place import Place, plain_numbers
from gofigr_jupyter.capture.series.table import Column, array, text
from gofigr_jupyter.errors import CaptureError


def image(place: Place, artist: Any, labels: dict[int, tuple[str, str]]) -> Series | None:
    """An image of values. Raises CaptureError for photographs and for what is too large."""
    values = artist.get_array()
    if values is None:
        return None
    if np.ndim(values) != 2:
        raise CaptureError(of_colours(*np.shape(values)[:2]))
    rows, columns = np.shape(values)
    _check_size(rows, columns)
    if hasattr(artist, "_Ax") and len(artist._Ax) == columns + 1:  # pcolorfast with edges of its own
        x, y = _middles(artist._Ax), _middles(artist._Ay)
    elif hasattr(artist, "_Ax") and len(artist._Ax) == columns:
        x, y = artist._Ax, artist._Ay
    else:
        left, right, bottom, top = artist.get_extent()
        first, last = (top, bottom) if artist.origin == "upper" else (bottom, top)
        x, y = _cell_middles(left, right, columns), _cell_middles(first, last, rows)
    return _grid(place, "image", (x, y), values, _label(artist, labels))


def mesh(place: Place, artist: Any, labels: dict[int, tuple[str, str]]) -> Series | None:
    """The cells of `pcolormesh`, `hist2d` and heat maps: middles, edges where these say more, value."""
    values = artist.get_array()
    corners = np.ma.asarray(artist._coordinates)
    flat = artist._shading == "flat" if hasattr(artist, "_shading") else True
    shape = (corners.shape[0] - flat, corners.shape[1] - flat)
    if values is None:
        return None
    if np.size(values) != shape[0] * shape[1]:
        raise CaptureError(of_colours(*shape))
    _check_size(*shape)
    values, label = np.ma.asarray(values).reshape(shape), _label(artist, labels)
    x, y = corners[0, :, 0], corners[:, 0, 1]
    is_rectangular = (corners[:, :, 0] == x).all() and (corners[:, :, 1] == y[:, None]).all()
    if is_rectangular:
        middles, edges = ((None, None), (x, y)) if flat else ((x, y), None)
        return _grid(place, "mesh", middles, values, label, edges=edges)
    if flat:
        corners = (corners[:-1, :-1] + corners[1:, :-1] + corners[:-1, 1:] + corners[1:, 1:]) / 4
    columns = [*place.columns("x", corners[..., 0].ravel()), *place.columns("y", corners[..., 1].ravel())]
    return Series(place.title, "mesh", "", (*columns, _values(values, label)))


def _grid(
    place: Place,
    kind: str,
    middles: tuple[Any, Any],
    values: Any,
    label: tuple[str, str],
    *,
    edges: tuple[Any, Any] | None = None,
) -> Series:
    """A row for each cell, row by row. Without middles of its own it has edges."""
    rows, columns = values.shape
    found: list[Column] = []
    sides: list[Column] = []
    for number, direction in enumerate("xy"):
        every = np.tile(np.arange(columns), rows) if direction == "x" else np.repeat(np.arange(rows), columns)
        side: Any = None if edges is None else plain_numbers(edges[number])
        where = middles[number] if side is None else _middles(side)
        names = _tick_words(place, direction, where)
        if names:
            found.append(place.column(direction, text(names).take(array(every))))
            continue
        found += [_taken(one, every) for one in place.columns(direction, where)]
        if side is not None:
            sides += place.columns(direction, side[:-1][every], suffix="_low")
            sides += place.columns(direction, side[1:][every], suffix="_high")
    return Series(place.title, kind, "", (*found, *sides, _values(values, label)))


def _tick_words(place: Place, direction: str, middles: Any) -> list[str]:
    """The names of a heat map's rows or columns, where each has one."""
    ticks = {round(position, 6): word for position, word in place.tick_names(direction).items()}
    words = [ticks.get(round(float(middle), 6), "") for middle in middles] if ticks else []
    return words if words and all(words) else []


def _taken(column: Column, every: Any) -> Column:
    return Column(column.name, column.values.take(array(every)), column.label, column.unit, column.role)


def _values(values: Any, label: tuple[str, str]) -> Column:
    return Column("value", array(np.ma.ravel(values)), *label, role="colour")


def _label(artist: Any, labels: dict[int, tuple[str, str]]) -> tuple[str, str]:
    return labels.get(id(artist), ("", ""))


def _middles(edges: Any) -> Any:
    """Between edges; with few digits where that makes no difference to the eye of a computer."""
    edges = np.asarray(edges, dtype=float)
    middles = edges[:-1] + np.diff(edges) / 2
    return exact.shortest(middles, lambda candidate: np.abs(candidate - middles) <= 2 * np.spacing(np.abs(middles)))


def _cell_middles(begin: float, end: float, count: int) -> Any:
    """The middles of cells of one size; whole numbers where the axis only counts."""
    step = (end - begin) / count
    middles = begin + (np.arange(count) + 0.5) * step
    return middles.astype("int64") if abs(step) == 1 and (middles == np.round(middles)).all() else middles


def _check_size(rows: int, columns: int) -> None:
    if rows * columns > MAX_ROWS:
        raise CaptureError(f"{rows} × {columns} values, more than {MAX_ROWS:,}")
