"""Filled areas and outlines: `fill_between`, stacks, steps of histograms, polygons of any shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.place import Place
from gofigr_jupyter.capture.series.table import Column, array

_MOVE, _CLOSE = 1, 79  # codes of paths


def areas(place: Place, collection: Any) -> Iterator[Series]:
    """Areas between two curves, else polygons, with their values where colours stand for some."""
    outlines = outlines_of(collection)
    label = place.name_of(collection, _first(collection.get_facecolor()))
    told = getattr(collection, "t_direction", None)
    bands = [_band(one, told) for one in outlines]
    if outlines and all(one is not None for one in bands) and collection.get_array() is None:
        for direction in "xy":
            parts = [one[1:] for one in bands if one is not None and one[0] == direction]
            if parts:
                yield _between(place, direction, parts, label)
        return
    yield from polygons(place, outlines, label, collection.get_array())


def polygons(place: Place, outlines: Sequence[Any], label: str, values: Any = None) -> Iterator[Series]:
    """The corners of polygons, numbered by polygon where there are several."""
    outlines = [one for one in outlines if len(one)]
    if not outlines:
        return
    is_each = values is not None and np.size(values) == len(outlines)
    values = np.ma.ravel(np.ma.asarray(values)) if is_each else None
    if all(map(_is_rectangle, outlines)):
        yield _rectangles(place, np.array(outlines), label, values)
        return
    counts = [len(one) for one in outlines]
    corners = np.concatenate(outlines)
    columns = [*place.columns("x", corners[:, 0]), *place.columns("y", corners[:, 1])]
    if len(outlines) > 1:
        columns.insert(0, Column("part", array(np.repeat(np.arange(1, len(counts) + 1), counts)), role="part"))
    if values is not None:
        columns.append(Column("value", array(np.ma.repeat(values, counts)), role="colour"))
    yield Series(place.title, "polygons", label, tuple(columns))


def _rectangles(place: Place, corners: Any, label: str, values: Any) -> Series:
    """Upright rectangles, by their sides."""
    columns: list[Column] = []
    for number, direction in enumerate("xy"):
        columns += place.columns(direction, corners[:, :, number].min(axis=1), suffix="_low")
        columns += place.columns(direction, corners[:, :, number].max(axis=1), suffix="_high")
    if values is not None:
        columns.append(Column("value", array(values), role="colour"))
    return Series(place.title, "rectangles", label, tuple(columns))


def _is_rectangle(corners: Any) -> bool:
    """Whether four corners are all those that two pairs of sides have."""
    has_two_sides = all(len(np.unique(corners[:, one])) == 2 for one in (0, 1))
    return len(corners) == 4 and has_two_sides and len(np.unique(corners, axis=0)) == 4


def outline(place: Place, patch: Any) -> Iterator[Series]:
    """A polygon that somebody drew, or the outline of a histogram."""
    corners = _open(np.asarray(patch.get_path().vertices, dtype=float))
    if not all(place.is_data(patch)) or len(corners) == 0:
        return
    label = place.name_of(patch, patch.get_facecolor() if patch.get_fill() else patch.get_edgecolor())
    for along, across in (("x", "y"), ("y", "x")):
        steps = _steps(corners if along == "x" else corners[:, ::-1])
        if steps is not None:
            edges, values = steps
            low, high = place.columns(along, edges[:-1], suffix="_low"), place.columns(along, edges[1:], suffix="_high")
            yield Series(place.title, "histogram", label, (*low, *high, place.column(across, values)))
            return
    yield from polygons(place, [corners], label)


def ellipse(place: Place, patch: Any) -> Series | None:
    """A circle or an ellipse."""
    if not all(place.is_data(patch)):
        return None
    x, y = patch.get_center()
    measures = {"width": patch.get_width(), "height": patch.get_height(), "angle": patch.get_angle()}
    columns = [*place.columns("x", [x]), *place.columns("y", [y])]
    columns += [Column(name, array([float(value)]), role=name) for name, value in measures.items()]
    return Series(place.title, "ellipses", place.name_of(patch, patch.get_facecolor()), tuple(columns))


def outlines_of(collection: Any) -> list[Any]:
    """The corners of each polygon, without the one that only closes it."""
    return [_open(part) for path in collection.get_paths() for part in parts_of(path)]


def parts_of(path: Any) -> list[Any]:
    """The pieces of a path, all their vertices; what drawing calls polygons would be simplified."""
    vertices = np.array(path.vertices, dtype=float)
    if path.codes is None:
        return [vertices]
    starts = np.flatnonzero(path.codes == _MOVE)
    parts = []
    for begin, end in zip(starts, [*starts[1:], len(vertices)], strict=True):
        part = vertices[begin:end]
        part[path.codes[begin:end] == _CLOSE] = part[0]
        parts.append(part)
    return parts


def _between(place: Place, direction: str, parts: Sequence[tuple[Any, Any, Any]], label: str) -> Series:
    along, first, second = (np.concatenate([part[i] for part in parts]) for i in range(3))
    other = "y" if direction == "x" else "x"
    columns = [
        *place.columns(direction, along),
        *place.columns(other, first, suffix="1"),
        *place.columns(other, second, suffix="2"),
    ]
    if len(parts) > 1:
        numbers = np.repeat(np.arange(1, len(parts) + 1), [len(part[0]) for part in parts])
        columns.insert(0, Column("part", array(numbers), role="part"))
    return Series(place.title, "areas", label or _category(place, other, (first + second) / 2), tuple(columns))


def _category(place: Place, direction: str, middles: Any) -> str:
    """The only category around which an area lies, as a violin does; "" for other areas."""
    names = place.categories(direction) or {}
    nearest = {round(one) for one in middles if np.isfinite(one)} if names else set()
    return names.get(nearest.pop(), "") if len(nearest) == 1 else ""


def _band(corners: Any, told: str | None) -> tuple[str, Any, Any, Any] | None:
    """The direction, positions and two curves of an area between them; None for any other polygon."""
    count, odd = divmod(len(corners) - 2, 2)
    if odd or count < 1:
        return None
    for direction in (told,) if told else ("x", "y"):
        along, across = (0, 1) if direction == "x" else (1, 0)
        there, back = corners[1 : count + 1], corners[count + 2 :][::-1]
        if np.array_equal(there[:, along], back[:, along], equal_nan=True) and (count > 1 or told):
            return direction, there[:, along], there[:, across], back[:, across]
    return None


def _steps(corners: Any) -> tuple[Any, Any] | None:
    """Edges and values of an outline in steps that begins and ends at its base."""
    length = len(corners)
    for bins, rest in (divmod(length, 2), divmod(length + 4, 4)):
        if rest or bins < 2 or 2 * bins > length:
            continue
        x, y = corners[: 2 * bins, 0], corners[: 2 * bins, 1]
        tops = y[1:-1].reshape(-1, 2)
        in_pairs = np.array_equal(x[::2], x[1::2]) and np.array_equal(tops[:, 0], tops[:, 1])
        if in_pairs and (np.diff(x[::2]) > 0).all() and (length > 4 or bins > 2):
            return x[::2], tops[:, 0]
    return None


def _open(corners: Any) -> Any:
    is_closed = len(corners) > 1 and np.array_equal(corners[0], corners[-1], equal_nan=True)
    return corners[:-1] if is_closed else corners


def _first(colours: Any) -> Any:
    return colours[0] if colours is not None and len(colours) else None
