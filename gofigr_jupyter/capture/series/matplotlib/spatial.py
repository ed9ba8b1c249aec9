"""What axes of three dimensions show: lines, points, and the corners of surfaces."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.areas import parts_of
from gofigr_jupyter.capture.series.matplotlib.marks import colour_column, sizes
from gofigr_jupyter.capture.series.matplotlib.place import Place
from gofigr_jupyter.capture.series.table import Column, array

Labels = dict[int, tuple[str, str]]
_CORNERS, _FACES = 4, 6  # of a box


def series_of(place: Place, artist: Any, labels: Labels) -> Iterator[Series]:
    """A line, a collection of points, of lines or of surfaces, by what it keeps of its third dimension."""
    label = place.name_of(artist)
    if hasattr(artist, "get_data_3d"):
        coordinates = [np.ma.asarray(one) for one in artist.get_data_3d()]
        kind = "points" if artist.get_linestyle() in {"None", "none", " ", ""} else "lines"
        yield Series(place.title, kind, label, tuple(_columns(place, coordinates)))
    elif hasattr(artist, "_offsets3d"):
        coordinates = [np.ma.asarray(one) for one in artist._offsets3d]
        count = len(coordinates[0])
        colours = [one for one in colour_column(artist, labels) if len(one.values) == count]
        columns = [*_columns(place, coordinates), *colours, *sizes(artist, count)]
        yield Series(place.title, "points", label, tuple(columns))
    elif hasattr(artist, "_segments3d"):
        yield from _parts(place, "lines in parts", [np.asarray(one, dtype=float) for one in artist._segments3d], label)
    elif hasattr(artist, "_3dverts_codes"):
        yield from _parts(place, "contours", [one for path in artist._3dverts_codes for one in _pieces(*path)], label)
    else:
        yield from _surface(place, artist, label)


def _surface(place: Place, artist: Any, label: str) -> Iterator[Series]:
    """The corners of all faces, each once, in the order drawn; of bars, their sides."""
    bars = _bars(artist)
    if bars is not None:
        yield Series(place.title, "bars", label, tuple(_sides(place, *bars)))
        return
    corners = _corners(artist)
    if len(corners) == 0:
        return
    _, first = np.unique(corners, axis=0, return_index=True)
    points = corners[np.sort(first)]
    yield Series(place.title, "surface", label, tuple(_columns(place, [points[:, i] for i in range(3)])))


def _corners(artist: Any) -> Any:
    faces = getattr(artist, "_faces", None)
    if faces is not None:
        hidden = np.broadcast_to(artist._invalid_vertices, np.shape(faces)[:2])
        corners = np.asarray(faces, dtype=float)[~hidden]
    else:
        vectors = getattr(artist, "_vec", None)
        corners = np.empty((0, 3)) if vectors is None else np.asarray(vectors, dtype=float)[:3].T
    return corners[np.isfinite(corners).all(axis=1)]


def _bars(artist: Any) -> tuple[Any, Any] | None:
    """The lower and upper corners of upright boxes; None where the faces are no such boxes."""
    faces = np.asarray(getattr(artist, "_faces", np.empty(0)), dtype=float)
    if faces.ndim != 3 or faces.shape[1:] != (_CORNERS, 3) or not len(faces) or len(faces) % _FACES:
        return None
    corners = faces.reshape(-1, _FACES * _CORNERS, 3)
    low, high = corners.min(axis=1), corners.max(axis=1)
    is_box = ((corners == low[:, None]) | (corners == high[:, None])).all()
    return (low, high) if is_box else None


def _sides(place: Place, low: Any, high: Any) -> Iterator[Column]:
    for number, direction in enumerate("xyz"):
        yield from place.columns(direction, low[:, number], suffix="_low")
        yield from place.columns(direction, high[:, number], suffix="_high")


def _pieces(vertices: Any, codes: Any) -> list[Any]:
    """The pieces of a path in space."""
    return parts_of(SimpleNamespace(vertices=vertices, codes=codes))


def _parts(place: Place, kind: str, found: list[Any], label: str) -> Iterator[Series]:
    found = [one for one in found if one.ndim == 2 and one.shape[1] == 3 and len(one)]
    if not found:
        return
    points = np.concatenate(found)
    numbers = np.repeat(np.arange(1, len(found) + 1), [len(one) for one in found])
    columns = [Column("part", array(numbers), role="part"), *_columns(place, [points[:, i] for i in range(3)])]
    yield Series(place.title, kind, label, tuple(columns))


def _columns(place: Place, coordinates: list[Any]) -> Iterator[Column]:
    size = max(np.size(one) for one in coordinates)
    for direction, values in zip("xyz", coordinates, strict=True):
        whole = np.ma.ravel(np.broadcast_to(values, (size,)) if np.size(values) == 1 else values)
        yield from place.columns(direction, whole)
