"""Collections of marks: scatter, hexagons, arrows, segments of lines, events, contours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.areas import parts_of
from gofigr_jupyter.capture.series.matplotlib.place import Place, colour_key, plain_numbers
from gofigr_jupyter.capture.series.table import Column, array, text

_MANY_COLOURS = 500  # of which each gets its name; more are no categories


def colour_column(mappable: Any, labels: dict[int, tuple[str, str]], values: Any = None) -> tuple[Column, ...]:
    """The values that colours stand for, under the label of the colour bar."""
    values = mappable.get_array() if values is None else values
    if values is None:
        return ()
    label, unit = labels.get(id(mappable), ("", ""))
    return (Column("colour", array(np.ma.asarray(values).ravel()), label, unit, "colour"),)


def scatter(place: Place, collection: Any, labels: dict[int, tuple[str, str]]) -> Series | None:
    """Points, with their sizes and colours where these differ."""
    offsets = np.ma.asarray(collection.get_offsets())
    if not all(place.is_in_data(collection.get_offset_transform())) or offsets.ndim != 2:
        return None
    count = len(offsets)
    columns = [*place.columns("x", offsets[:, 0]), *place.columns("y", offsets[:, 1])]
    colours = colour_column(collection, labels)
    if colours and len(colours[0].values) == count:
        columns += colours
    else:
        columns += _plain_colours(place, collection, count)
    return Series(place.title, "points", _name(place, collection, columns), tuple(columns + sizes(collection, count)))


def sizes(collection: Any, count: int) -> list[Column]:
    """The areas of markers, where they differ."""
    found = np.ma.asarray(collection.get_sizes()) if hasattr(collection, "get_sizes") else np.ma.array([])
    if found.size != count or count < 2 or len(np.unique(np.ma.compressed(found))) < 2:
        return []
    return [Column("size", array(found), "Area of the marker", "pt²", "size")]


def is_hexbin(collection: Any) -> bool:
    """Whether one outline stands at many places, each with a value."""
    values = collection.get_array()
    return (
        values is not None and 1 < np.size(values) == len(collection.get_offsets()) and len(collection.get_paths()) == 1
    )


def hexagons(place: Place, collection: Any, labels: dict[int, tuple[str, str]]) -> Series:
    """The centres of hexagons and their values."""
    centres: Any = np.ma.array(collection.get_offsets(), dtype=float)
    for number, direction in enumerate("xy"):
        if place.axis(direction).get_scale() == "log":  # they lie where the logarithms do
            centres[:, number] = 10.0 ** centres[:, number]
    columns = [
        *place.columns("x", centres[:, 0]),
        *place.columns("y", centres[:, 1]),
        *colour_column(collection, labels),
    ]
    return Series(place.title, "hexagons", place.name_of(collection), tuple(columns))


def arrows(place: Place, collection: Any, labels: dict[int, tuple[str, str]]) -> Series:
    """Arrows and barbs: where they stand, and their two components."""
    is_barbs = not hasattr(collection, "U")
    u, v = (collection.u, collection.v) if is_barbs else (collection.U, collection.V)
    x, y = (collection.x, collection.y) if is_barbs else (collection.X, collection.Y)
    count = len(np.ravel(x))
    mask = getattr(collection, "Umask", np.ma.nomask)
    parts = [np.ma.array(np.broadcast_to(np.ma.ravel(one), (count,)), mask=mask) for one in (u, v)]
    columns = [*place.columns("x", np.ma.ravel(x)), *place.columns("y", np.ma.ravel(y))]
    columns += [Column(name, array(part), role=name) for name, part in zip("uv", parts, strict=True)]
    colours = colour_column(collection, labels)
    columns += [one for one in colours if len(one.values) == count]
    return Series(place.title, "barbs" if is_barbs else "arrows", place.name_of(collection), tuple(columns))


def segments(place: Place, collection: Any, labels: dict[int, tuple[str, str]]) -> Iterator[Series]:
    """Collections of lines: by their two ends where that is all, else by the points of each."""
    found: list[Any] = [plain_numbers(one) for one in collection.get_segments()]
    found = [one for one in found if one.ndim == 2 and len(one)]
    in_x, in_y = place.is_data(collection)
    if not found or not (in_x or in_y):
        return
    label = place.name_of(collection, _first(collection.get_color()))
    values = colour_column(collection, labels)
    values = values if values and len(values[0].values) == len(found) else ()
    directions = [d for d, is_data in (("x", in_x), ("y", in_y)) if is_data]
    if all(len(one) == 2 for one in found):
        columns = _ends(place, np.array(found), directions)
        yield Series(place.title, "line segments", label, (*columns, *values))
        return
    counts = [len(one) for one in found]
    points = np.concatenate(found)
    columns = [Column("part", array(np.repeat(np.arange(1, len(found) + 1), counts)), role="part")]
    for direction in directions:
        columns += place.columns(direction, points[:, "xy".index(direction)])
    for one in values:
        columns.append(
            Column(
                one.name,
                one.values.take(array(np.repeat(np.arange(len(found)), counts))),
                one.label,
                one.unit,
                one.role,
            )
        )
    yield Series(place.title, "lines in parts", label, tuple(columns))


def events(place: Place, collection: Any) -> Series:
    """The positions of an event plot, and the height of their row."""
    along, across = ("x", "y") if collection.is_horizontal() else ("y", "x")
    positions = np.asarray(collection.get_positions(), dtype=float)
    row = place.columns(across, np.full(len(positions), float(collection.get_lineoffset())))
    return Series(place.title, "events", place.name_of(collection), (*place.columns(along, positions), *row))


def contours(place: Place, found: Any, labels: dict[int, tuple[str, str]]) -> Series | None:
    """The lines of a contour plot, or the outlines of its filled bands, by level."""
    label, unit = labels.get(id(found), ("", ""))
    low = np.asarray(found.levels, dtype=float)
    levels: list[int] = []
    parts: list[int] = []
    corners: list[Any] = []
    number = 0
    for level, path in enumerate(found.get_paths()):
        for part in parts_of(path):
            number += 1
            corners.append(part)
            levels += [level] * len(part)
            parts += [number] * len(part)
    if not corners:
        return None
    points, index = np.concatenate(corners), np.array(levels)
    if found.filled:
        edges = np.asarray(
            found._levels if len(found.get_paths()) == len(found._levels) - 1 else found.levels, dtype=float
        )
        columns = [
            Column("level_low", array(edges[index]), label, unit, "level_low"),
            Column("level_high", array(edges[np.minimum(index + 1, len(edges) - 1)]), label, unit, "level_high"),
        ]
    else:
        columns = [Column("level", array(low[index]), label, unit, "level")]
    columns.append(Column("part", array(np.array(parts)), role="part"))
    columns += [*place.columns("x", points[:, 0]), *place.columns("y", points[:, 1])]
    return Series(place.title, "contours", "", tuple(columns))


def _ends(place: Place, found: Any, directions: Sequence[str]) -> list[Column]:
    """From and to in each direction; one column where they are the same, as in `vlines`."""
    columns: list[Column] = []
    for direction in directions:
        begin, end = (found[:, i, "xy".index(direction)] for i in (0, 1))
        if np.array_equal(begin, end, equal_nan=True):
            columns += place.columns(direction, begin)
        else:
            columns += [
                *place.columns(direction, begin, suffix="_start"),
                *place.columns(direction, end, suffix="_end"),
            ]
    return columns


def _plain_colours(place: Place, collection: Any, count: int) -> list[Column]:
    """Colours that were given point by point: the legend's words for them, else the colours themselves."""
    faces = collection.get_facecolor()
    faces = faces if len(faces) else collection.get_edgecolor()
    if len(faces) != count or count < 2:
        return []
    distinct, which = np.unique(np.asarray(faces), axis=0, return_inverse=True)
    if len(distinct) < 2 or len(distinct) > max(_MANY_COLOURS, 2):
        return []
    words = [place.names.get(colour_key(one), "") for one in distinct]
    role = "series" if all(words) else "colour"
    shown = words if all(words) else ["#" + "".join(f"{round(part * 255):02x}" for part in one[:3]) for one in distinct]
    return [Column(role, text([shown[i] for i in np.ravel(which)]), role=role)]


def _name(place: Place, collection: Any, columns: Sequence[Column]) -> str:
    by_point = any(one.role in {"series", "colour"} for one in columns)
    return place.name_of(collection, None if by_point else _first(collection.get_facecolor()))


def _first(colours: Any) -> Any:
    colours = np.asarray(colours) if colours is not None else np.empty(0)
    return colours if colours.ndim == 1 and len(colours) else colours[0] if len(colours) else None
