"""The axes of a figure as facts: limits, scale, direction, twins, and whether bars stand on them.

In: what the readers of figures say, or JSON of anybody. Out: frozen values, and JSON. Knows no library, no numpy, no
Arrow: the server reads with it, too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

ROLE = "axes"  # of the data object
NAME = "axes"  # of the same
MOST = 100  # axes of a figure
LONGEST = 300  # characters of a text
DIRECTIONS = ("x", "y", "z", "colour")
MOST_BYTES = 400_000  # of their JSON
MOST_PANELS = 10_000
_LONGEST_SCALE = 40
_MOMENT = re.compile(r"[+-]?\d{4,6}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d(?::\d\d)?)?)?")

Limit = float | str | None


@dataclass(frozen=True, slots=True)
class Run:
    """Where an axis of direction x or y runs in the picture as shown, and over which numbers.

    `start` and `end` are fractions of the picture, of its width from the left or of its height from the top; there the
    axis stands for the numbers `first` and `last`: values, in seconds since 1970 (UTC) for times, positions from 0 for
    categories. Between them it is even, in the logarithm where its scale is `log`.
    """

    start: float
    end: float
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a subplot, or what its colours stand for.

    `panel` is the title of the subplot, with which the names of its tables begin, and `index` its number from 0.
    `direction` is `x`, `y`, `z` or `colour`; `scale` such as `linear`, `log`, `symlog`, `category`, `time`; "" where it
    is not known. `low` and `high` are the limits as shown, the lesser first, as numbers, or as ISO 8601 where there are
    times; None for categories, and where only the viewer works them out. An axis beside another one of the same
    subplot and direction (two scales over one another) has that subplot's index in `twin_of`. `bars` says that bars or
    areas that start from one line are drawn on it; `values_low` and `values_high` are the ends of what is plotted.
    `run` is None where nobody knows.
    """

    panel: str
    index: int
    direction: str
    label: str = ""
    unit: str = ""
    scale: str = ""
    low: Limit = None
    high: Limit = None
    is_inverted: bool = False
    twin_of: int | None = None
    values_low: Limit = None
    values_high: Limit = None
    bars: bool = False
    run: Run | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether bars are drawn on it and zero, from where their lengths would be true, is not."""
        if not self.bars or self.scale != "linear":
            return False
        return (isinstance(self.low, float) and self.low > 0) or (isinstance(self.high, float) and self.high < 0)


@dataclass(slots=True)
class Found:
    """The axes of a figure while it is read, by names of which `Series.drawn_on` holds those of each series.

    `unknown` holds the names of those whose plotted values are not all in the series; `automatic` how the limits follow
    from the ends of the values, where nobody has set any and that is known. `shown` is the size of the picture of it
    that was shown, in pixels, or in points where it is no raster.
    """

    shown: tuple[float, float] | None = None
    axes: dict[str, Axis] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    automatic: dict[str, Callable[[float, float], tuple[float, float]]] = field(default_factory=dict)

    def note(self, read: Callable[[], Iterable[tuple[str, Axis]]]) -> None:
        """Add what can be read, up to where it fails: that costs axes, never the tables."""
        with suppress(Exception):
            for name, axis in read():
                self.axes.setdefault(name, axis)


def are_told_in(type_: str, metadata: Mapping[str, Any], size: int) -> bool:
    """Whether a data object with this type, these metadata and so many bytes tells the axes."""
    is_ours = type_ == "text" and metadata.get("role") == ROLE and metadata.get("format") == "json"
    return is_ours and size <= MOST_BYTES


def as_json(axes: Iterable[Axis]) -> str:
    """A list of objects with the fields of `Axis`; at most so many, texts and limits within theirs."""
    kept = of([asdict(one) for one in list(axes)[:MOST]])
    return json.dumps([asdict(one) for one in kept], ensure_ascii=False, allow_nan=False)


def read(text: str) -> tuple[Axis, ...]:
    """The axes in JSON that anybody may have written; what has another form is left out."""
    if len(text) > MOST_BYTES:
        return ()
    try:
        return of(json.loads(text))
    except (ValueError, RecursionError):
        return ()


def of(entries: Any) -> tuple[Axis, ...]:
    """The same from a list as JSON has it."""
    found = entries[:MOST] if isinstance(entries, list) else []
    return tuple(axis for one in found if (axis := _axis(one)) is not None)


def _axis(one: Any) -> Axis | None:
    try:
        axis = Axis(
            panel=_text(one["panel"]),
            index=_number_of_panel(one["index"]),
            direction=_direction(one["direction"]),
            label=_text(one.get("label", "")),
            unit=_text(one.get("unit", "")),
            scale=_text(one.get("scale", ""))[:_LONGEST_SCALE],
            low=_limit(one.get("low")),
            high=_limit(one.get("high")),
            is_inverted=_truth(one.get("is_inverted", False)),
            twin_of=None if one.get("twin_of") is None else _number_of_panel(one["twin_of"]),
            values_low=_limit(one.get("values_low")),
            values_high=_limit(one.get("values_high")),
            bars=_truth(one.get("bars", False)),
            run=_run(one.get("run"), one),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    return axis if _is_sound(axis) else None


def _is_sound(axis: Axis) -> bool:
    """Whether its ends are in order, and of the sort that its scale has."""
    ends = (axis.low, axis.high, axis.values_low, axis.values_high)
    if axis.scale == "category" and any(one is not None for one in ends):
        return False
    if any(isinstance(one, str) != (axis.scale == "time") for one in ends if one is not None):
        return False
    return _is_in_order(axis.low, axis.high) and _is_in_order(axis.values_low, axis.values_high)


def _run(found: Any, one: Any) -> Run | None:
    """Where it runs, if that makes sense; the axis is worth more than that."""
    try:
        run = Run(*(_number(found[name]) for name in ("start", "end", "first", "last")))
    except (ValueError, KeyError, TypeError):
        return None
    is_log = one.get("scale") == "log"
    has_ways = run.start != run.end and run.first != run.last and not (is_log and min(run.first, run.last) <= 0)
    is_within = all(-1 <= end <= 2 for end in (run.start, run.end))  # what is cut off at the edge is part of it, too
    return run if has_ways and is_within and one.get("direction") in {"x", "y"} else None


def _is_in_order(low: Limit, high: Limit) -> bool:
    return not (isinstance(low, float) and isinstance(high, float)) or low <= high


def _text(value: Any) -> str:
    """Words in one line, cut; raises TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError(value)
    return " ".join(value[: 4 * LONGEST].encode("utf-8", "replace").decode("utf-8").split())[:LONGEST].rstrip()


def _number_of_panel(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MOST_PANELS:
        raise ValueError(value)
    return value


def _direction(value: Any) -> str:
    if value not in DIRECTIONS:
        raise ValueError(value)
    return str(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _limit(value: Any) -> Limit:
    """A finite number, a moment, or None; raises for anything else."""
    if value is None or (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return value
    return _number(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)
