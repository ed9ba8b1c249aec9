"""Whether a series levels off: how much it changes over its last third, against what it has done before.

In: lists of finite floats, of one length. Out: a plain dict, as it goes over a pipe.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import StatisticsError, linear_regression
from typing import Any

LEAST = 12  # points: each third needs a line with its error
FLAT = 0.05  # of the range: what a level changes by at most over its third
STILL = 0.01  # the same of a series that has been level for two thirds
SLOWER = 0.5  # of the change over the third before: a logarithm keeps 0.58 wherever one stops, however flat it looks
APART = 0.3  # of the range: so far from its level a series must have begun
SURE, FEWER = 2.5, 5.0  # errors of a slope that it may be off by, and how many more where few points tell the error
SIGMAS = 4.0
TRIMMED = 50  # one in so many values may be out of line at either end


def level(x: Sequence[float], y: Sequence[float]) -> dict[str, Any]:
    """`verdict`: `levels` or `goes on`, or why neither can be told: `few`, `constant`, `scattered`, `no course`.

    With the numbers that it rests on: `change` over the last third, `range`, slopes of the `first` and `last` third,
    and for what levels off its `value` and the position that it begins `at`.
    """
    if y and min(y) == max(y):
        return {"verdict": "constant"}
    if len(x) < LEAST:
        return {"verdict": "few"}
    order = sorted(range(len(x)), key=x.__getitem__)
    along, above = [x[at] for at in order], [y[at] for at in order]
    reach = _range(above)
    third = len(x) // 3
    parts = [_part(along[start:end], above[start:end]) for start, end in _thirds(len(x), third)]
    first, middle, last = parts
    if first is None or middle is None or last is None or not math.isfinite(reach):
        return {"verdict": "few"}  # places: they lie above one another
    told = {"change": last.change, "range": reach, "first": first.slope, "last": last.slope}
    value = math.fsum(above[-third:]) / third
    change, scatter = abs(last.change), (SURE + FEWER / (third - 2)) * last.error
    if change - scatter > FLAT * reach:
        return told | {"verdict": "goes on"}
    if change > FLAT * reach or scatter > 2 * FLAT * reach:
        return told | {"verdict": "scattered"}
    if abs(first.begin - value) <= max(APART * reach, SIGMAS * 2 * last.sigma / math.sqrt(third)):
        return told | {"verdict": "no course"}
    was_level = max(abs(middle.change), change) <= STILL * reach
    if not was_level and change - scatter > SLOWER * abs(middle.change):
        return told | {"verdict": "goes on"}
    band = max(FLAT * reach, SIGMAS * last.sigma)
    begin = next((at + 1 for at in range(len(x) - 1, -1, -1) if abs(above[at] - value) > band), 0)
    return told | {"verdict": "levels", "value": value, "at": order[min(begin, len(x) - 1)]}


class _Line:
    """The line through a part: its slope, what it changes by from end to end, and how sure that is."""

    def __init__(self, x: Sequence[float], y: Sequence[float], slope: float, intercept: float) -> None:
        width = x[-1] - x[0]
        middle = math.fsum(x) / len(x)
        rest = math.fsum([(above - slope * at - intercept) ** 2 for at, above in zip(x, y, strict=True)])
        self.slope = slope
        self.change = slope * width
        self.begin = slope * x[0] + intercept
        self.sigma = math.sqrt(rest / (len(x) - 2))
        self.error = self.sigma * width / math.sqrt(math.fsum([(at - middle) ** 2 for at in x]))


def _part(x: Sequence[float], y: Sequence[float]) -> _Line | None:
    try:
        slope, intercept = linear_regression(x, y)
        line = _Line(x, y, slope, intercept)
    except (StatisticsError, OverflowError, ValueError, ZeroDivisionError):
        return None
    return line if math.isfinite(line.change + line.begin + line.sigma + line.error) else None


def _thirds(count: int, third: int) -> tuple[tuple[int, int], ...]:
    """By the number of points: on an axis that is spaced by powers of ten, thirds of the picture."""
    return (0, third), (third, count - third), (count - third, count)


def _range(values: Sequence[float]) -> float:
    ranked = sorted(values)
    cut = len(ranked) // TRIMMED
    return ranked[-1 - cut] - ranked[cut]
