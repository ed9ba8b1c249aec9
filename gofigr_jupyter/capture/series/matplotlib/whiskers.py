"""Error bars that were drawn as plain lines, as seaborn does it: known by standing across their points.

In: the lines of an axes. Out: for points, how far the lines through them reach.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np

from gofigr_jupyter.capture.series.matplotlib.place import Place, colour_key, plain_numbers
from gofigr_jupyter.capture.series.table import Column

_MOST_POINTS = 8  # of a line with a cap at each end, and gaps between
_MOST = 10_000  # points that anybody draws error bars for
_DIGITS = 9
_Found = tuple[Any, float, float]  # a line, and its two ends


def ends(place: Place, direction: str, low: Any, high: Any) -> tuple[Column, ...]:
    """How far error bars reach, below and above."""
    return (
        *place.columns(direction, low, suffix="_low", says=", lower end"),
        *place.columns(direction, high, suffix="_high", says=", upper end"),
    )


class Whiskers:
    """The lines of an axes that may be error bars, by where they stand; `used` are those that were found to be some."""

    def __init__(self, place: Place, lines: Iterable[Any]) -> None:
        self.used: list[Any] = []
        self._place = place
        self._by_place: dict[str, dict[float, list[_Found]]] = {"x": {}, "y": {}}
        self._standing: set[tuple[str, int]] = set()
        self._blank = 0  # lines of nothing, as error bars of single values are
        for line in lines:
            with suppress(Exception):  # whoever reads the line itself says what is wrong with it
                self._add(line)

    def around(self, along: str, positions: Any, values: Any, colour: Any = None) -> tuple[Column, ...]:
        """The ends of the lines around points with these values; nothing unless there is one for each point.

        With a colour, only lines of that colour.
        """
        if not self._by_place[along] or len(positions) > _MOST:
            return ()
        key = None if colour is None else colour_key(colour)
        found = [self._around(along, *point, key) for point in zip(positions, values, strict=True)]
        if not any(found) or found.count(None) > self._blank:
            return ()
        self.used += [one[0] for one in found if one is not None]
        low, high = (np.array([np.nan if one is None else one[i] for one in found]) for i in (1, 2))
        return ends(self._place, "y" if along == "x" else "x", low, high)

    def is_one(self, along: str, line: Any) -> bool:
        """Whether a line may itself be an error bar; then nothing around it is one of its own."""
        return (along, id(line)) in self._standing

    def _add(self, line: Any) -> None:
        for along, by_place in self._by_place.items():
            points = _points(line, along)
            found = None if points is None else _reach(*points)
            if found is not None and all(self._place.is_data(line)):
                by_place.setdefault(found[0], []).append((line, *found[1:]))
                self._standing.add((along, id(line)))
            elif points is not None and not len(points[0]) and along == "x":
                self._blank += 1

    def _around(self, along: str, position: float, value: float, key: tuple[float, ...] | None) -> _Found | None:
        """The line around one point; what only touches it, such as the next side of a square, is none."""
        for line, low, high in self._by_place[along].get(round(float(position), _DIGITS), ()):
            if (low < value < high or low == value == high) and key in {None, colour_key(line.get_color())}:
                return line, low, high
        return None


def _points(line: Any, along: str) -> tuple[Any, Any] | None:
    """The finite points of a short line, along and across; None for what is no such line."""
    if line.get_linestyle() in {"None", "none", " ", ""}:
        return None
    xy = [getattr(line, f"get_{direction}data")(orig=False) for direction in "xy"]
    if not 2 <= len(xy[0]) <= _MOST_POINTS:
        return None
    where, across = map(plain_numbers, xy if along == "x" else xy[::-1])
    is_there = np.isfinite(where) & np.isfinite(across)
    return where[is_there], across[is_there]


def _reach(where: Any, across: Any) -> tuple[float, float, float] | None:
    """Where a line stands and from where to where it reaches, perhaps with caps at its ends; None for other lines."""
    if len(where) < 2:
        return None
    middle = (where.min() + where.max()) / 2
    through = across[np.abs(where - middle) <= 10.0**-_DIGITS]
    if len(through) != 2 or not np.isin(across, through).all():
        return None
    return round(float(middle), _DIGITS), float(through.min()), float(through.max())
