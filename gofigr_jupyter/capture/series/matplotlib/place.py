"""Where artists are drawn: an axes with its title, labels and legend, and the way from positions back to values.

In: an axes. Out: columns of what was plotted - categories, times, numbers - under the axis's label and unit.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units
from gofigr_jupyter.capture.series.table import Column, array, text

_DAY_IN_MICROSECONDS = 86_400_000_000


@dataclass
class Place:
    """An axes as a place for series; `names` holds legend labels by colour."""

    axes: Any
    title: str
    names: Mapping[tuple[float, ...], str] = field(default_factory=dict)
    fallback: Mapping[str, str] = field(default_factory=dict)  # labels of the whole figure, by direction

    @property
    def is_polar(self) -> bool:
        """Whether x is an angle and y a radius."""
        return getattr(self.axes, "name", "") == "polar"

    def axis(self, direction: str) -> Any:
        """The axis of a direction."""
        return getattr(self.axes, f"{direction}axis")

    def label(self, direction: str) -> tuple[str, str]:
        """What an axis shows, and its unit; axes that share it may carry the words."""
        own = _words(self.axis(direction))
        if not own and direction in "xy":
            shared = getattr(self.axes, f"get_shared_{direction}_axes")().get_siblings(self.axes)
            others = (_words(getattr(one, f"{direction}axis")) for one in shared)
            own = next(filter(None, others), "") or self.fallback.get(direction, "")
        return units.split(own)

    def column(self, direction: str, values: Any, *, suffix: str = "", role: str = "") -> Column:
        """One column of values as they were given, in an axis's direction."""
        label, unit = self.label(direction)
        name = {"x": "theta", "y": "r"}.get(direction, direction) if self.is_polar else direction
        return Column(f"{name}{suffix}", array(values), label, unit, role or f"{direction}{suffix}")

    def columns(self, direction: str, positions: Any, *, suffix: str = "") -> tuple[Column, ...]:
        """Positions as what they stand for; between two categories, the nearer one and the position."""
        positions = np.ma.asarray(positions)
        names = self.categories(direction)
        if names is not None:
            nearest = [
                None if one is np.ma.masked or not np.isfinite(one) else names.get(round(one)) for one in positions
            ]
            found = (self.column(direction, text(nearest), suffix=suffix),) if any(nearest) else ()
            if found and all(one is np.ma.masked or not np.isfinite(one) or one == round(one) for one in positions):
                return found
            exact = self.column(direction, positions, suffix=f"{suffix}_position")
            return (
                (*found, Column(exact.name, exact.values, "", "", exact.role))
                if found
                else (self.column(direction, positions, suffix=suffix),)
            )
        return (self.column(direction, self.values(direction, positions), suffix=suffix),)

    def categories(self, direction: str) -> dict[int, str] | None:
        """The categories of an axis by their positions; None where it has none."""
        mapping = getattr(getattr(self.axis(direction), "units", None), "_mapping", None)
        return {position: str(name) for name, position in mapping.items()} if mapping else None

    def tick_names(self, direction: str) -> dict[float, str]:
        """Words that stand at fixed positions of an axis, by position; nothing where these are only numbers."""
        axis = self.axis(direction)
        locations = getattr(axis.get_major_locator(), "locs", None)
        formatter = axis.get_major_formatter()
        if locations is None or type(formatter).__name__ not in {"FixedFormatter", "FuncFormatter"}:
            return {}
        words = [one_line(str(one)) or "" for one in formatter.format_ticks(list(locations))]
        named = dict(zip(map(float, locations), words, strict=False))
        return named if any(word and not _is_number(word, place) for place, word in named.items()) else {}

    def named(self, direction: str, positions: Any) -> tuple[Column, ...]:
        """Positions of bars, boxes and the like: the names they bear, if each has one, and the positions."""
        ticks = self.tick_names(direction)
        nearest = (
            [ticks.get(float(np.round(one, 9)), "") or ticks.get(float(one), "") for one in positions] if ticks else []
        )
        plain = self.columns(direction, positions)
        if not nearest or not all(nearest) or self.categories(direction) is not None:
            return plain
        names = self.column(direction, text(nearest))
        return (names, *(Column(f"{one.name}_position", one.values, "", "", f"{one.role}_position") for one in plain))

    def values(self, direction: str, positions: Any) -> Any:
        """Positions as times where the axis has times, else as they are."""
        axis = self.axis(direction)
        if _is_a(_converter(axis), "PeriodConverter") and getattr(axis, "freq", None) is not None:
            return _from_periods(positions, axis.freq)
        formatter = type(axis.get_major_formatter()).__mro__
        shows_dates = any(one.__name__ in {"DateFormatter", "AutoDateFormatter"} for one in formatter)
        dates = ("DateConverter", "_SwitchableDateConverter", "ConciseDateConverter", "DatetimeConverter")
        if (
            _is_a(_converter(axis), *dates)
            or shows_dates
            or any(one.__name__ == "ConciseDateFormatter" for one in formatter)
        ):
            return _times(positions, getattr(axis, "units", None))
        return positions

    def name_of(self, artist: Any, colour: Any = None) -> str:
        """The artist's label; where it has none, that of the legend's entry in its colour."""
        own = one_line(str(artist.get_label() or "")) or ""
        if own and not own.startswith("_"):
            return own
        return self.names.get(colour_key(colour), "") if colour is not None else ""

    def is_data(self, artist: Any) -> tuple[bool, bool]:
        """Whether an artist lies in data coordinates, in the directions of x and of y."""
        return self.is_in_data(artist.get_transform())

    def is_in_data(self, transform: Any) -> tuple[bool, bool]:
        """The same of a transform."""
        x, y = transform.contains_branch_seperately(self.axes.transData)
        return bool(x), bool(y)


def colour_key(colour: Any) -> tuple[float, ...]:
    """A colour without its transparency, such that equal ones are equal; () for none."""
    colours = importlib.import_module("matplotlib.colors")
    try:
        return tuple(round(float(part), 4) for part in colours.to_rgba(colour)[:3])
    except (ValueError, TypeError):
        return ()


def legend_names(axes: Any, figure: Any) -> dict[tuple[float, ...], str]:
    """Labels of the legends by the colour of their handles, where a colour stands for one label only."""
    found: dict[tuple[float, ...], set[str]] = {}
    for legend in filter(None, (axes.get_legend(), *getattr(figure, "legends", ()))):
        handles = getattr(legend, "legend_handles", None) or ()
        for handle, words in zip(handles, legend.get_texts(), strict=False):
            key, label = colour_key(_colour_of(handle)), one_line(words.get_text())
            if key and label:
                found.setdefault(key, set()).add(label)
    return {key: labels.pop() for key, labels in found.items() if len(labels) == 1}


def _colour_of(handle: Any) -> Any:
    for name in ("get_facecolor", "get_color"):
        colour = getattr(handle, name, lambda: None)()
        if colour is not None:
            parts = np.asarray(colour, dtype=object)
            return colour if parts.ndim < 2 else colour[0] if len(colour) else None
    return None


def _is_number(word: str, value: float) -> bool:
    """Whether a word says nothing but where it stands."""
    try:
        return abs(float(word.replace("−", "-").replace(",", "")) - value) <= 1e-6 * max(1.0, abs(value))
    except ValueError:
        return False


def _words(axis: Any) -> str:
    return one_line(axis.get_label_text()) or ""


def _converter(axis: Any) -> Any:
    return axis.get_converter() if hasattr(axis, "get_converter") else getattr(axis, "converter", None)


def _is_a(obj: Any, *names: str) -> bool:
    return any(base.__name__ in names for base in type(obj).__mro__)


def _times(days: Any, zone: Any) -> Any:
    """Days since matplotlib's epoch as times, to the microsecond."""
    days = np.ma.asarray(days, dtype=float)
    epoch = np.datetime64(importlib.import_module("matplotlib.dates").get_epoch(), "us")
    is_missing = np.ma.getmaskarray(days) | ~np.isfinite(np.ma.getdata(days))
    steps = np.round(np.where(is_missing, 0, np.ma.getdata(days)) * _DAY_IN_MICROSECONDS).astype("int64")
    found = array(np.ma.array(epoch + steps.astype("timedelta64[us]"), mask=is_missing))
    arrow = importlib.import_module("pyarrow")
    if zone is None or not hasattr(zone, "utcoffset"):
        return found
    try:
        return found.cast(arrow.timestamp("us", arrow.lib.tzinfo_to_string(zone)))
    except (ValueError, arrow.ArrowException):
        return found.cast(arrow.timestamp("us", "UTC"))


def _from_periods(ordinals: Any, frequency: Any) -> Any:
    pandas = importlib.import_module("pandas")
    whole = np.round(np.ma.filled(np.ma.asarray(ordinals, dtype=float), 0)).astype("int64")
    return array(pandas.PeriodIndex.from_ordinals(whole, freq=frequency).to_timestamp().to_numpy())
