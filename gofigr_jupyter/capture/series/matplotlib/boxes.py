"""Box plots and violins, which leave nothing behind but lines and areas: known again by how these lie.

In: the lines or collections of an axes, in the order drawn. Out: a row of statistics for each box or violin, and the
artists that are thereby accounted for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.areas import outlines_of
from gofigr_jupyter.capture.series.matplotlib.place import Place
from gofigr_jupyter.capture.series.table import Column, array, text

_STATISTICS = {
    "low": "Lower whisker",
    "q1": "First quartile",
    "median": "Median",
    "q3": "Third quartile",
    "high": "Upper whisker",
    "mean": "Mean",
}


@dataclass
class _Box:
    """What the lines of one box say."""

    position: float
    low: float
    q1: float
    q3: float
    high: float
    median: float = np.nan
    mean: float = np.nan
    outliers: Any = None
    name: str = ""  # by the legend's word for its colour
    used: list[Any] = field(default_factory=list)


def boxes(place: Place, lines: Sequence[Any], bodies: Sequence[Any] = ()) -> tuple[list[Series], set[int]]:
    """Box plots among the lines, upright or lying; `bodies` are patches, some of which may be theirs."""
    for along, across in (("x", "y"), ("y", "x")):
        found = list(_boxes([(one, _xy(one, along, across)) for one in lines]))
        if found:
            for box in found:
                box.name = _name(place, box, bodies, along)
            used = {id(line) for box in found for line in box.used}
            return list(_statistics(place, along, across, found)), used
    return [], set()


def violins(place: Place, collections: Sequence[Any]) -> tuple[list[Series], set[int]]:
    """The statistics of violins: the lines across their bodies. The bodies themselves are areas like others."""
    for along, across in (("x", "y"), ("y", "x")):
        for start, one in enumerate(collections):
            if type(one).__name__ != "LineCollection":
                continue
            bodies = _bodies_before(collections, start)
            lines = list(_lines_after(collections, start, len(bodies), along))
            series = _violin(place, bodies, lines, along, across) if bodies else None
            if series is not None:
                return [series], {id(artist) for artist, *_ in lines}
    return [], set()


def _boxes(lines: Sequence[tuple[Any, Any]]) -> Iterator[_Box]:
    """Two whiskers at one place begin a box: caps, median, mean and outliers follow, its outline comes before."""
    number = 0
    while number + 1 < len(lines):
        inner = _inner(lines[number : number + 3])
        if inner is not None:
            yield inner
            number += 3
            continue
        (first, lower), (second, upper) = lines[number], lines[number + 1]
        if not (_is_whisker(lower) and _is_whisker(upper) and lower[0, 0] == upper[0, 0]):
            number += 1
            continue
        box = _Box(lower[0, 0], lower[1, 1], lower[0, 1], upper[0, 1], upper[1, 1], used=[first, second])
        if not box.low <= box.q1 <= box.q3 <= box.high:
            number += 1
            continue
        if number and len(lines[number - 1][1]) >= 5 and _is_outline(lines[number - 1][1], box):
            box.used.append(lines[number - 1][0])
        number = _rest(box, lines, number + 2)
        if not np.isnan(box.median):
            yield box


def _inner(lines: Sequence[tuple[Any, Any]]) -> _Box | None:
    """What seaborn draws inside a violin: a line from whisker to whisker, one between the quartiles, and the median."""
    if len(lines) < 3 or len(lines[2][1]) != 1 or not (_is_whisker(lines[0][1]) and _is_whisker(lines[1][1])):
        return None
    (low, high), (q1, q3) = (sorted(points[:, 1].tolist()) for _, points in lines[:2])
    position, median = lines[2][1][0]
    is_one = all((points[:, 0] == position).all() for _, points in lines)
    if not (is_one and low <= q1 <= median <= q3 <= high):
        return None
    return _Box(position, low, q1, q3, high, median, used=[line for line, _ in lines])


def _rest(box: _Box, lines: Sequence[tuple[Any, Any]], number: int) -> int:
    """Take what belongs to a box from the lines after its whiskers; returns where the next may begin."""
    caps = [box.low, box.high]
    while number < len(lines):
        line, points = lines[number]
        is_level = len(points) == 2 and points[0, 1] == points[1, 1] and points[0, 0] < box.position < points[1, 0]
        if is_level and caps and points[0, 1] == caps[0]:
            caps.pop(0)
        elif is_level and np.isnan(box.median) and box.q1 <= points[0, 1] <= box.q3:
            box.median, caps = points[0, 1], []
        elif (is_level or (len(points) == 1 and points[0, 0] == box.position)) and _may_be_mean(box, points[0, 1]):
            box.mean = points[0, 1]
        elif not np.isnan(box.median) and _is_scatter(line) and (points[:, 0] == box.position).all():
            box.outliers = points[:, 1]
            box.used.append(line)
            return number + 1
        else:
            break
        box.used.append(line)
        number += 1
    return number


def _may_be_mean(box: _Box, value: float) -> bool:
    """A single outlier looks like a mean, but lies beyond the whiskers; a mean comes first."""
    return not np.isnan(box.median) and np.isnan(box.mean) and box.outliers is None and box.low <= value <= box.high


def _statistics(place: Place, along: str, across: str, found: Sequence[_Box]) -> Iterator[Series]:
    label, unit = place.label(across)
    names = [box.name for box in found]
    columns = [*place.named(along, np.array([box.position for box in found]))]
    if all(names) and len(set(names)) > 1:
        columns.insert(0, Column("series", text(names), role="series"))
    for name, words in _STATISTICS.items():
        values = np.array([getattr(box, name) for box in found], dtype=float)
        if not np.isnan(values).all():
            columns.append(Column(name, array(values), f"{words} of {label}" if label else words, unit, name))
    yield Series(place.title, "boxes", "", tuple(columns))
    outliers = [box for box in found if box.outliers is not None and len(box.outliers)]
    if outliers:
        positions = np.concatenate([np.full(len(box.outliers), box.position) for box in outliers])
        values = np.concatenate([box.outliers for box in outliers])
        yield Series(place.title, "outliers", "", (*place.named(along, positions), *place.columns(across, values)))


def _name(place: Place, box: _Box, bodies: Sequence[Any], along: str) -> str:
    """The name of the patch or line that a box is drawn with."""
    for line in box.used:
        if len(line.get_xdata(orig=False)) >= 5 and not _is_scatter(line):
            return place.name_of(line, line.get_color())
    for body in bodies:
        corners = np.asarray(body.get_path().vertices, dtype=float)
        points = corners if along == "x" else corners[:, ::-1]
        if points[:, 0].min() < box.position < points[:, 0].max() and _is_as_high(points, box):
            return place.name_of(body, body.get_facecolor())
    return ""


def _violin(
    place: Place, bodies: Sequence[Any], lines: Sequence[tuple[Any, Any, Any]], along: str, across: str
) -> Series | None:
    """Extremes are the lines that touch the ends of the bodies; means come before them and medians after."""
    which = 1 if across == "y" else 0
    ends = [outlines_of(body)[0][:, which] for body in bodies]
    low, high = np.array([one.min() for one in ends]), np.array([one.max() for one in ends])
    known: dict[str, Any] = {}
    for _, positions, values in lines:
        if positions is not None:
            known.setdefault("position", positions)
        elif np.array_equal(values, high) and "max" not in known:
            known["max"] = values
        elif np.array_equal(values, low) and "min" not in known:
            known["min"] = values
        else:
            known.setdefault("median" if "min" in known else "mean", values)
    if "position" not in known or "min" not in known:
        return None
    words = {"min": "Minimum", "mean": "Mean", "median": "Median", "max": "Maximum"}
    label, unit = place.label(across)
    words = {name: f"{one} of {label}" if label else one for name, one in words.items()}
    columns = [Column(name, array(known[name]), words[name], unit, name) for name in words if name in known]
    return Series(place.title, "violins", "", (*place.named(along, known["position"]), *columns))


def _bodies_before(collections: Sequence[Any], end: int) -> list[Any]:
    """The areas that come right before a collection."""
    begin = end
    while (
        begin
        and "PolyCollection" in type(collections[begin - 1]).__name__
        and len(outlines_of(collections[begin - 1])) == 1
    ):
        begin -= 1
    return list(collections[begin:end])


def _lines_after(
    collections: Sequence[Any], start: int, count: int, along: str
) -> Iterator[tuple[Any, Any | None, Any]]:
    """Collections of one line for each body: their positions if they run along it, and their values across."""
    one_way, other_way = (0, 1) if along == "x" else (1, 0)
    for collection in collections[start : start + 6]:
        if type(collection).__name__ != "LineCollection":
            return
        found = collection.get_segments()
        if len(found) != count or any(np.shape(segment) != (2, 2) for segment in found):
            return
        ends = np.array(found)
        if (ends[:, 0, one_way] == ends[:, 1, one_way]).all():
            yield collection, ends[:, 0, one_way], None
        elif (ends[:, 0, other_way] == ends[:, 1, other_way]).all():
            yield collection, None, ends[:, 0, other_way]
        else:
            return


def _xy(line: Any, along: str, across: str) -> Any:
    return np.column_stack(
        [np.asarray(getattr(line, f"get_{d}data")(orig=False), dtype=float) for d in (along, across)]
    )


def _is_whisker(points: Any) -> bool:
    return len(points) == 2 and bool(points[0, 0] == points[1, 0]) and bool(np.isfinite(points).all())


def _is_outline(points: Any, box: _Box) -> bool:
    return _is_as_high(points, box) and bool(points[0, 0] == points[-1, 0])


def _is_as_high(points: Any, box: _Box) -> bool:
    return bool(points[:, 1].min() == box.q1 and points[:, 1].max() == box.q3)


def _is_scatter(line: Any) -> bool:
    return line.get_linestyle() in {"None", "none", " ", ""}
