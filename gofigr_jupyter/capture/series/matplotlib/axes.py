"""The axes of a figure as facts: limits as they are shown, scales, twins, colour bars, and whether bars stand on them.

In: the places of the series, and where they are in the picture. Out: axes by the names that their series bear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from gofigr_jupyter.capture.series.axes import Axis, Limit
from gofigr_jupyter.capture.series.matplotlib import bars
from gofigr_jupyter.capture.series.matplotlib.frame import Frame, run_of
from gofigr_jupyter.capture.series.matplotlib.place import Place, plain_numbers
from gofigr_jupyter.capture.series.spans import instants, ordered

_NORMS = {"LogNorm": "log", "SymLogNorm": "symlog", "AsinhNorm": "asinh", "PowerNorm": "power", "BoundaryNorm": "steps"}
_NORMS |= {"TwoSlopeNorm": "two slopes", "CenteredNorm": "linear", "Normalize": "linear", "NoNorm": "linear"}


@dataclass(frozen=True, slots=True)
class Ruled:
    """A place with the number of its subplot and the names of its axes by direction; those in `own` are its alone."""

    place: Place
    index: int
    names: Mapping[str, str]
    own: tuple[str, ...]
    is_shown: bool
    is_twin: bool = False


def ruled(places: Sequence[Place]) -> list[Ruled]:
    """Which axes each place has; a twin shares one with the axes under it, and is part of the same subplot."""
    found: list[Ruled] = []
    subplots = 0
    for number, place in enumerate(places):
        under = [one for one in found if one.is_shown and _are_twins(one.place.axes, place.axes)]
        names: dict[str, str] = {}
        for direction in "xyz" if hasattr(place.axes, "zaxis") else "xy":
            shared = [one.names[direction] for one in under if _share(one.place.axes, place.axes, direction)]
            names[direction] = shared[0] if shared else f"{direction}{number}"
        own = tuple(direction for direction, name in names.items() if name == f"{direction}{number}")
        index = under[0].index if under else subplots
        found.append(Ruled(place, index, names, own, _is_shown(place.axes), is_twin=bool(under)))
        subplots += not under
    return found


def axes_of(
    found: Sequence[Ruled], every: Sequence[Any], labels: Mapping[int, tuple[str, str]], frame: Frame | None
) -> Iterator[tuple[str, Axis]]:
    """The axes of all places, and the colours that bars beside them explain."""
    for one in found:
        for direction in one.own if one.is_shown else ():
            with suppress(Exception):  # an axis of another library's projection may be anything
                yield one.names[direction], _axis(one, direction, frame)
    for number, axes in enumerate(every):
        with suppress(Exception):
            bar = getattr(axes, "_colorbar", None)
            if bar is not None and bar.mappable is not None:
                yield from _colours(bar, found, labels, f"colour{number}")


def _axis(one: Ruled, direction: str, frame: Frame | None) -> Axis:
    place = one.place
    label, unit = place.label(direction)
    low, high, is_inverted = ordered(*map(float, getattr(place.axes, f"get_{direction}lim")()))
    scale = str(place.axis(direction).get_scale())
    if place.categories(direction) is not None:
        scale, low, high = "category", None, None
    elif low is not None and high is not None:
        shown = place.values(direction, np.array([low, high]))
        if isinstance(shown, pa.Array):
            scale, (low, high) = "time", _moments(shown)
    return Axis(
        panel=place.title,
        index=one.index,
        direction=direction,
        label=label,
        unit=unit,
        scale=scale,
        low=low,
        high=high,
        is_inverted=is_inverted,
        twin_of=one.index if one.is_twin else None,
        bars=_has_bars(place, direction),
        run=run_of(place, direction, frame) if frame else None,
    )


def _moments(shown: pa.Array) -> tuple[Limit, Limit]:
    low, high = instants(shown)
    return low, high


def _has_bars(place: Place, direction: str) -> bool:
    across = {"horizontal": "x", "vertical": "y"}
    found = [one for one in place.axes.containers if type(one).__name__ == "BarContainer"]
    return any(across.get(one.orientation) == direction and bars.have_one_base(one, direction) for one in found)


def _colours(
    bar: Any, found: Sequence[Ruled], labels: Mapping[int, tuple[str, str]], name: str
) -> Iterator[tuple[str, Axis]]:
    """What the colours of a picture stand for; the limits are those of its colours, not those of the bar."""
    drawn = bar.mappable
    axes = getattr(drawn, "axes", None)
    if axes is None:  # a bar for colours of no picture
        axes = next(iter(getattr(bar.ax, "_colorbar_info", {}).get("parents", ())), None)
    one = next((one for one in found if one.place.axes is axes), None)
    if one is None:
        return
    label, unit = labels.get(id(drawn), ("", ""))
    low, high, _ = ordered(*(None if end is None else float(end) for end in drawn.get_clim()))
    values_low, values_high = _span(drawn.get_array())
    yield name, Axis(
        panel=one.place.title,
        index=one.index,
        direction="colour",
        label=label,
        unit=unit,
        scale=next((_NORMS[base.__name__] for base in type(drawn.norm).__mro__ if base.__name__ in _NORMS), ""),
        low=low,
        high=high,
        is_inverted=bool(bar.long_axis.get_inverted()),
        values_low=values_low,
        values_high=values_high,
    )


def _span(values: Any) -> tuple[float | None, float | None]:
    numbers = plain_numbers(values if values is not None else []).ravel()
    numbers = numbers[np.isfinite(numbers)]
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (None, None)


def _is_shown(axes: Any) -> bool:
    """Whether there is something to be read off: not in empty axes, nor where they are hidden, as those of pies are."""
    with suppress(Exception):
        is_pie = any(type(one).__name__ == "Wedge" for one in axes.patches) and not axes.get_frame_on()
        is_on = getattr(axes, "_axis3don", axes.axison)  # those of three dimensions hide the flat ones under them
        return bool(is_on and axes.has_data() and not is_pie)
    return False


def _are_twins(axes: Any, other: Any) -> bool:
    with suppress(Exception):  # a name that matplotlib keeps to itself
        return bool(axes._twinned_axes.joined(axes, other))
    return False


def _share(axes: Any, other: Any, direction: str) -> bool:
    with suppress(Exception):  # there are none in the third direction
        return bool(getattr(axes, f"get_shared_{direction}_axes")().joined(axes, other))
    return False
