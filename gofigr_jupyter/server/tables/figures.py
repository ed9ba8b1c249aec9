"""What lists of numbers amount to: ranges, lines through points, peaks, outliers. Plain Python and its statistics.

In: lists of finite floats, of one length where there are two. Out: plain dicts, as they go over a pipe.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import StatisticsError, correlation, linear_regression, median, quantiles
from typing import Any

FENCE = 1.5  # Tukey's: so many times the interquartile range beyond the quartiles
EXPLAINED = 0.5  # of the variance: from here on a point is out of line, not out of range
LEAST_FOR_OUTLIERS = 8
LEAST_FOR_FIT = 4
NOISE = 1e-15  # of the arithmetic, in a sum of values that cancel one another
MOST_RANKED = 200_000
MOST_SEARCHED = 20_000  # points among which peaks are looked for
PROMINENT = 0.2  # of the range: how far a peak stands above the saddles beside it
EVEN, WIDE = 0.01, 3  # of the usual step: by so much others may differ, and so many times it is a hole
MOST_PEAKS = 10
MOST_OUTLIERS = 10


def numbers(values: Sequence[float]) -> dict[str, Any]:
    """Count, extremes with their positions, mean, median, quartiles, sum; the spread is that of a sample."""
    if not values:
        return {"count": 0}
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    least, greatest = min(values), max(values)
    total = _sum(values)
    mean = None if total is None else total / len(values)
    return {
        "count": len(values),
        "least": least,
        "greatest": greatest,
        "least_at": values.index(least),
        "greatest_at": values.index(greatest),
        "mean": mean,
        "median": _finite(middle),
        "q1": _finite(low),
        "q3": _finite(high),
        "spread": _spread(values, mean),
        "sum": total,
    }


def _sum(values: Sequence[float]) -> float | None:
    try:
        total = math.fsum(values)
        return total if abs(total) > NOISE * math.fsum(map(abs, values)) else 0.0
    except OverflowError:
        return None


def _spread(values: Sequence[float], mean: float | None) -> float | None:
    """The standard deviation of a sample; `statistics` would compute it with fractions, for seconds."""
    if mean is None:
        return None
    if len(values) == 1:
        return 0.0
    try:
        return math.sqrt(math.fsum([(one - mean) ** 2 for one in values]) / (len(values) - 1))
    except OverflowError:
        return None


def trend(x: Sequence[float], y: Sequence[float]) -> dict[str, Any] | None:
    """The straight line of least squares, how well it fits, and curves that fit better; None where there is none."""
    try:
        slope, intercept = linear_regression(x, y)
    except (StatisticsError, OverflowError, ValueError):
        return None  # too few points, or all above one another
    if not (math.isfinite(slope) and math.isfinite(intercept)):
        return None
    found: dict[str, Any] = {"count": len(x), "slope": slope, "intercept": intercept}
    found |= {"r": pearson(x, y), "rho": ranked(x, y)}
    if len(x) >= LEAST_FOR_FIT:
        found |= {"r2": share_explained(y, [slope * one + intercept for one in x])}
        found |= {"curves": _curves(x, y)}
    return found


def pearson(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Pearson's correlation; None where one of the two is constant."""
    try:
        return _finite(round(correlation(x, y), 12))  # what is beyond is the arithmetic's
    except (StatisticsError, OverflowError, ValueError):
        return None


def ranked(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Spearman's correlation; None where one is constant, or there are too many points to be sorted."""
    return pearson(_ranks(x), _ranks(y)) if len(x) <= MOST_RANKED else None


def share_explained(y: Sequence[float], drawn: Sequence[float]) -> float | None:
    """R², the share of the variance of `y` that `drawn` explains; None where there is no variance."""
    try:
        middle = math.fsum(y) / len(y)
        total = math.fsum([(one - middle) ** 2 for one in y])
        rest = math.fsum([(one - other) ** 2 for one, other in zip(y, drawn, strict=True)])
    except OverflowError:
        return None
    return _finite(1 - rest / total) if total > 0 else None


def _curves(x: Sequence[float], y: Sequence[float]) -> dict[str, dict[str, Any]]:
    """An exponential and a power law, where they can be: fitted to logarithms, judged by the values themselves."""
    found = {}
    if min(y) > 0:
        logs = [math.log(one) for one in y]
        found["exponential"] = _curve(x, logs, y)
        if min(x) > 0:
            found["power"] = _curve([math.log(one) for one in x], logs, y)
    return {name: one for name, one in found.items() if one}


def _curve(along: Sequence[float], logs: Sequence[float], y: Sequence[float]) -> dict[str, Any]:
    try:
        rate, start = linear_regression(along, logs)
        explained = share_explained(y, [math.exp(start + rate * one) for one in along])
    except (StatisticsError, OverflowError, ValueError):
        return {}
    is_usable = explained is not None and math.isfinite(rate)
    return {"rate": rate, "start": start, "r2": explained} if is_usable else {}


def peaks(x: Sequence[float], y: Sequence[float]) -> list[int]:
    """The positions of prominent local maxima, the highest first; none for what is not one value above each `x`."""
    if not 3 <= len(x) <= MOST_SEARCHED or len(set(x)) < len(x):
        return []
    order = sorted(range(len(x)), key=x.__getitem__)
    heights = [y[at] for at in order]
    lowest = min(heights)
    least = PROMINENT * (max(heights) - lowest)
    tops = [at for at in _tops(heights) if heights[at] - lowest >= least > 0]
    found = [at for at, prominence in zip(tops, _prominences(heights, tops), strict=True) if prominence >= least]
    found.sort(key=lambda at: -heights[at])
    return [order[at] for at in found[:MOST_PEAKS]]


def _tops(heights: Sequence[float]) -> list[int]:
    """The middles of plateaus from which it goes down on both sides; the ends are none."""
    found, start = [], 0
    for end in range(1, len(heights)):
        if heights[end] == heights[start]:
            continue
        if start > 0 and heights[start - 1] < heights[start] > heights[end]:
            found.append((start + end - 1) // 2)
        start = end
    return found


def _prominences(heights: Sequence[float], tops: Sequence[int]) -> list[float]:
    """How far one must go down from each of these places before one can reach what is higher."""
    if not tops:
        return []
    left, right = _valleys(heights), _valleys(heights[::-1])
    return [heights[at] - max(left[at], right[-1 - at]) for at in tops]


def _valleys(heights: Sequence[float]) -> list[float]:
    """The lowest from each place back to what is higher, or to the beginning; in time that grows with the number."""
    found: list[float] = []
    higher: list[tuple[float, float]] = []  # falling heights, each with the lowest back to the one before it here
    for height in heights:
        lowest = height
        while higher and higher[-1][0] <= height:
            before = higher.pop()[1]
            if before < lowest:  # noqa: PLR1730 -- a call for every point takes twice as long
                lowest = before
        higher.append((height, lowest))
        found.append(lowest)
    return found


def hole(x: Sequence[float]) -> tuple[int, int] | None:
    """The positions beside the widest hole among places that are otherwise evenly spaced; None without one."""
    order = sorted(range(len(x)), key=x.__getitem__)
    steps = [x[after] - x[before] for before, after in pairwise(order)]
    if len(steps) < LEAST_FOR_FIT:
        return None
    usual, widest = median(steps), max(steps)
    if not 0 < usual * WIDE <= widest:
        return None
    if 2 * sum(abs(one - usual) <= EVEN * usual for one in steps) < len(steps):
        return None
    at = steps.index(widest)
    return order[at], order[at + 1]


def outliers(y: Sequence[float], x: Sequence[float] | None, line: dict[str, Any] | None) -> dict[str, Any] | None:
    """What lies beyond Tukey's fences: of the distances from the line where there is one, else of the values."""
    if len(y) < LEAST_FOR_OUTLIERS:
        return None
    is_line = x is not None and line is not None and (line.get("r2") or 0.0) >= EXPLAINED
    judged: Sequence[float] = y
    if is_line and x is not None and line is not None:
        slope, intercept = line["slope"], line["intercept"]
        judged = [above - slope * at - intercept for at, above in zip(x, y, strict=True)]
    low, _, high = quantiles(judged, n=4, method="inclusive")
    reach = FENCE * (high - low)
    if not math.isfinite(high + reach) or not math.isfinite(low - reach):
        return None
    noise = 1e-9 * max(map(abs, y))  # of the arithmetic: points on a line are none
    lower, upper = low - reach - noise, high + reach + noise
    found = [at for at, one in enumerate(judged) if one < lower or one > upper]
    found.sort(key=lambda at: -max(low - judged[at], judged[at] - high))
    fences = None if is_line else [low - reach, high + reach]
    return {"count": len(found), "at": found[:MOST_OUTLIERS], "from_line": is_line, "fences": fences}


def _ranks(values: Sequence[float]) -> list[float]:
    """1 for the least; equal values share the mean of their places."""
    ranks = [0.0] * len(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    if len(set(values)) == len(values):  # as measured values mostly are: in a third of the time
        for place, at in enumerate(order, 1):
            ranks[at] = float(place)
        return ranks
    start = 0
    for _, equal in groupby(order, key=values.__getitem__):
        places = list(equal)
        for at in places:
            ranks[at] = start + (len(places) + 1) / 2
        start += len(places)
    return ranks


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
