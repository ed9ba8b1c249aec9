"""Pies: the parts by their labels, their shares of the whole, and their values where words beside them tell these."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import exact
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.place import Place
from gofigr_jupyter.capture.series.table import Column, array, text

_NEAR = 1e-3  # degrees
# A number that is no percentage, and no part of a longer word.
_NUMBER = re.compile(r"(?<![\w.,])(\d{1,3}(?:[,\u2009\u202f\u00a0 ]\d{3})+|\d+)(\.\d+)?(?!\s*[%\u2030]|[\w.,]*\w)")
_Number = tuple[float, int]  # and how many digits it has behind the point


def pie(place: Place, wedges: Sequence[Any]) -> Series:
    """The parts of a pie; matplotlib itself keeps no more of the values than their shares."""
    drawn = np.array([one.theta2 - one.theta1 for one in wedges]) / 360
    share = exact.shortest(drawn, lambda candidate: np.abs(candidate - drawn) < 1e-14)
    is_one_ring = len({(one.r, one.width) for one in wedges}) == 1
    beside = _beside(place, wedges) if is_one_ring else [[] for _ in wedges]
    labels = _labels(place, wedges, beside)
    values = _values([[*words, label] for words, label in zip(beside, labels, strict=True)], drawn)
    columns = [Column("label", text(labels), role="label")] if any(labels) else []
    if values is not None:
        columns.append(Column("value", array(values), role="value"))
    columns.append(Column("share", array(share), "Share of the whole", "", "share"))
    if not is_one_ring:
        columns.append(Column("radius", array([float(one.r) for one in wedges]), role="radius"))
    return Series(place.title, "pie", "", tuple(columns))


def _labels(place: Place, wedges: Sequence[Any], beside: Sequence[Sequence[str]]) -> list[str]:
    """Their own labels, else those of the legend, else words beside them that are no numbers."""
    own = [place.name_of(one, one.get_facecolor()) for one in wedges]
    if any(own):
        return own
    return [next((one for one in words if any(map(str.isalpha, one))), "") for words in beside]


def _beside(place: Place, wedges: Sequence[Any]) -> list[list[str]]:
    """The words on the middle line of each part, where labels stand."""
    found: list[list[str]] = [[] for _ in wedges]
    for one in place.axes.texts:
        words = one_line(one.get_text())
        x, y = one.get_position()
        for wedge, own in zip(wedges, found, strict=True):
            right, up = x - wedge.center[0], y - wedge.center[1]
            turn = math.degrees(math.atan2(up, right)) - (wedge.theta1 + wedge.theta2) / 2
            if words and math.hypot(right, up) > _NEAR and abs((turn + 180) % 360 - 180) < _NEAR:
                own.append(words)
    return found


def _values(words: Sequence[Sequence[str]], shares: Any) -> list[float] | list[int] | None:
    """Numbers beside the parts, if these stand to one another as the parts do."""
    numbers = [[_number(found) for one in dict.fromkeys(own) for found in _NUMBER.finditer(one)] for own in words]
    for which in range(min(map(len, numbers))):
        found = [own[which] for own in numbers]
        if _fit(found, shares):
            whole = all(digits == 0 for _, digits in found)
            return [int(value) for value, _ in found] if whole else [value for value, _ in found]
    return None


def _number(found: re.Match[str]) -> _Number:
    digits = found[2] or ""
    return float(re.sub(r"\D", "", found[1]) + digits), max(len(digits) - 1, 0)


def _fit(found: Sequence[_Number], shares: Any) -> bool:
    """Whether rounded numbers can be those that were drawn; what comes to 100 may as well be percentages."""
    values, errors = np.array([one for one, _ in found]), np.array([0.5 * 10.0**-digits for _, digits in found])
    total, error = values.sum(), errors.sum()
    if len(values) < 2 or total <= error or abs(total - 100) <= error:
        return False
    parts = shares / shares.sum()
    return bool((np.abs(values - parts * total) <= errors + parts * error).all())
