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
_DIGITS = 12  # of positions beside words, which nobody has given
_NEAR = 1e-9
# What is added to the label of an axis where several columns bear it, by the ends of their names.
_SAYS = {"_low": " from", "_high": " to", "_start": " from", "_end": " to", "_base": ", base"}
_SAYS |= {"1": ", edge 1", "2": ", edge 2", "_second": ", second point"}


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
        return ("Angle", "rad") if not own and self.is_polar and direction == "x" else units.split(own)

    def column(self, direction: str, values: Any, *, suffix: str = "", says: str | None = None) -> Column:
        """One column of values as they were given, in an axis's direction; `says` what its label adds to the axis's."""
        label, unit = self.label(direction)
        label = label and label + (_SAYS.get(suffix, "") if says is None else says)
        name = {"x": "theta", "y": "r"}.get(direction, direction) if self.is_polar else direction
        return Column(f"{name}{suffix}", array(values), label, unit, f"{direction}{suffix}")

    def columns(
        self, direction: str, positions: Any, *, suffix: str = "", says: str | None = None
    ) -> tuple[Column, ...]:
        """Positions as what they stand for; between two categories, the nearer one and the position."""
        positions = np.ma.asarray(positions)
        names = self.categories(direction)
        if names is not None:
            nearest = [
                None if one is np.ma.masked or not np.isfinite(one) else names.get(round(one)) for one in positions
            ]
            found = (self.column(direction, text(nearest), suffix=suffix, says=says),) if any(nearest) else ()
            if found and all(one is np.ma.masked or not np.isfinite(one) or one == round(one) for one in positions):
                return found
            if not found:
                return (self.column(direction, positions, suffix=suffix, says=says),)
            return (*found, _position(self.column(direction, positions.round(_DIGITS), suffix=suffix)))
        return (self.column(direction, self.values(direction, positions), suffix=suffix, says=says),)

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
        """Positions of bars, boxes and the like: the names they bear, if each has one, and where these do not stand."""
        words, are_there = _words_at(self.tick_names(direction), positions)
        if not words or self.categories(direction) is not None:
            return self.columns(direction, positions)
        names = self.column(direction, text(words))
        if are_there and any(np.array_equal(positions, np.arange(first, first + len(positions))) for first in (0, 1)):
            return (names,)  # one after the other, as libraries count them
        return (names, *map(_position, self.columns(direction, np.round(positions, _DIGITS))))

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


def plain_numbers(positions: Any) -> Any:
    """Positions as floats, NaN for what is masked."""
    return np.ma.filled(np.ma.asarray(positions, dtype=float), np.nan)


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


def legend_title(axes: Any, figure: Any) -> str:
    """The title of the first legend that has one."""
    legends = filter(None, (axes.get_legend(), *getattr(figure, "legends", ())))
    return next(filter(None, (one_line(one.get_title().get_text()) for one in legends)), None) or ""


def _colour_of(handle: Any) -> Any:
    for name in ("get_facecolor", "get_color"):
        colour = getattr(handle, name, lambda: None)()
        if colour is not None:
            parts = np.asarray(colour, dtype=object)
            return colour if parts.ndim < 2 else colour[0] if len(colour) else None
    return None


def _position(column: Column) -> Column:
    """Where something stands, beside what it is called."""
    return Column(f"{column.name}_position", column.values, "", "", f"{column.role}_position")


def _words_at(ticks: Mapping[float, str], positions: Any) -> tuple[list[str], bool]:
    """The words at these positions, and whether they stand exactly there; no words unless each position has one.

    They may stand beside, as those of bars in groups do, if no two positions share one.
    """
    if not ticks or not len(positions):
        return [], False
    places = np.array(sorted(ticks))
    reach = float(np.diff(places).min()) / 2 if len(places) > 1 else 0.0
    near = [float(places[np.abs(places - one).argmin()]) for one in positions]
    distances = np.abs(np.array(near) - np.asarray(positions, dtype=float))
    words = [ticks[one] for one in near]
    are_there = bool((distances <= _NEAR).all())
    are_beside = bool((distances < reach * (1 - _NEAR)).all()) and len(set(near)) == len(near)
    return (words if all(words) and (are_there or are_beside) else []), are_there


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
