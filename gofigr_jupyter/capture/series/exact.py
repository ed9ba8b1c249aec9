"""The numbers that somebody gave, out of those that drawing made of them: centres of bars, edges of bins, steps.

Each is a number that gives the drawn one to the last bit; among several, the one with the fewest digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

_DIGITS = range(1, 17)
_NEAR = 2  # units in the last place
_MANY = 20_000  # numbers, of which nobody has written each


def shortest(near: Any, gives: Callable[[Any], Any], scale: Any = 0.0) -> Any:
    """For each number the one with the fewest digits beside it for which `gives` holds; else itself.

    `near` is an array of floats; `gives` takes such an array and answers which of its numbers will do. `scale` is the
    size of what they were computed from, where that is larger.
    """
    near = np.asarray(near, dtype=float)
    if near.size > _MANY:
        return near
    found, open_ = near.copy(), np.isfinite(near) & (near != 0)
    with np.errstate(all="ignore"):
        tolerance = 8 * np.spacing(np.maximum(np.abs(near), np.abs(scale)))
        for digits in _DIGITS:
            if not open_.any():
                break
            candidate = _rounded(near, digits)
            fits = open_ & (np.abs(candidate - near) <= tolerance) & gives(candidate)
            found[fits], open_ = candidate[fits], open_ & ~fits
    return found


def centres(low: Any, width: Any) -> Any:
    """The centres that bars were drawn around, from their lower sides and widths."""
    low, width = np.asarray(low, dtype=float), np.asarray(width, dtype=float)
    return shortest(low + width / 2, lambda centre: centre - width / 2 == low, np.maximum(np.abs(low), np.abs(width)))


def edges(low: Any, width: Any) -> Any | None:
    """The edges of bins that touch, one more than there are bins; None where bars have gaps or overlap."""
    low, width = np.asarray(low, dtype=float), np.asarray(width, dtype=float)
    if len(low) == 0 or not (np.isfinite(low).all() and (width > 0).all()):
        return None
    high = low + width
    scale = max(np.abs(low).max(), np.abs(high).max())
    if len(low) > 1 and np.abs(high[:-1] - low[1:]).max() > max(1e-9 * width.min(), 8 * np.spacing(scale)):
        return None
    direct = np.append(low, high[-1])
    for middle in (0.0, 0.5):  # bars that begin at the edges, and bars around the middles of bins, as hist() has them
        for likely in _even(low, width):
            if _gives(likely, low, width, middle):
                return likely
    few_digits = _rounded(direct, 15) if len(direct) <= _MANY else direct
    is_drawn = any(_gives(few_digits, low, width, middle) for middle in (0.0, 0.5))
    return few_digits if is_drawn else direct


def _even(low: Any, width: Any) -> Iterator[Any]:
    """Evenly spaced edges, from all ends that are hardly apart from the drawn ones."""
    for start in _neighbours(low[0]):
        for end in _neighbours(low[-1] + width[-1]):
            yield np.linspace(start, end, len(low) + 1)


def _gives(edges: Any, low: Any, width: Any, middle: float) -> bool:
    """Whether bars that are drawn from these edges, step by step as matplotlib does it, are those that were drawn."""
    between = np.diff(edges)
    given = edges[:-1] + middle * between
    wide = (given[0] + between) - given[0]
    return bool((wide == width).all() and (given - middle * wide == low).all())


def _neighbours(value: float) -> list[float]:
    found = [value]
    for direction in (np.inf, -np.inf):
        near = value
        for _ in range(_NEAR):
            near = float(np.nextafter(near, direction))
            found.append(near)
    return sorted(found, key=lambda one: len(repr(one)))


def _rounded(values: Any, digits: int) -> Any:
    """To so many significant digits, as decimal notation has them."""
    return np.array([float(f"{value:.{digits - 1}e}") for value in values.ravel()]).reshape(values.shape)
