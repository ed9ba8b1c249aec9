"""The domains that Vega gives to the lengths of bars and areas where the chart says none: with zero, and round.

In: the ends of the values. Out: the ends of the axis, by the rules of Vega-Lite and of d3's linear scales.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

_TICKS = 10
_ROUNDS = 10
_GIVEN = ("domain", "domainMin", "domainMax", "domainMid", "domainRaw", "padding", "bins")

Domain = Callable[[float, float], tuple[float, float]]


def of_bars(scale: Mapping[str, Any]) -> Domain | None:
    """How the domain of a linear scale follows from the values; None where the chart says more than is known here.

    Without zero is such a case: whether it is shown nevertheless depends on how Vega-Lite stacks.
    """
    nice = scale.get("nice", True)
    if any(scale.get(name) is not None for name in _GIVEN) or not isinstance(nice, bool):
        return None
    if scale.get("zero", True) is not True:
        return None

    def domain(low: float, high: float) -> tuple[float, float]:
        ends = (min(low, 0.0), max(high, 0.0))
        return rounded(*ends) if nice else ends

    return domain


def rounded(low: float, high: float) -> tuple[float, float]:
    """Ends at multiples of the step between some ten ticks."""
    before = math.nan
    for _ in range(_ROUNDS):
        step = _step(low, high)
        if step is None or step == before:
            break
        if step > 0:
            low, high = math.floor(low / step) * step, math.ceil(high / step) * step
        else:  # the inverse of a step below one, whose multiples would not be exact
            low, high = math.floor(low * -step) / -step, math.ceil(high * -step) / -step
        before = step
    return low, high


def _step(low: float, high: float) -> float | None:
    rough = (high - low) / _TICKS
    if not (rough > 0 and math.isfinite(rough)):
        return None
    power = math.floor(math.log10(rough))
    error = rough / 10.0**power
    factor = 10 if error >= math.sqrt(50) else 5 if error >= math.sqrt(10) else 2 if error >= math.sqrt(2) else 1
    return factor * 10.0**power if power >= 0 else -(10.0**-power) / factor
