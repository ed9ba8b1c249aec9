"""The axes of a figure in words, as they stand under its plotted data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gofigr_jupyter.capture.series import axes
from gofigr_jupyter.capture.series.axes import Axis, Limit
from gofigr_jupyter.server.axes import item_of
from gofigr_jupyter.server.pages.revision import Reading
from gofigr_jupyter.server.pages.words import plain
from gofigr_jupyter.server.store.gallery import Item

MOST_SHOWN = 24
_NAMES = {"x": "x", "y": "y", "z": "z", "colour": "Colour"}
_SPOKEN = {"category": "categories", "time": "time"}
_MIDNIGHT = "T00:00:00"


@dataclass(frozen=True, slots=True)
class Told:
    """One axis in words; `panel` is empty where there is one subplot only."""

    panel: str
    name: str
    words: str


def told(items: Sequence[Item], read: Reading) -> tuple[Told, ...]:
    """The axes of a revision; none where nobody has told them."""
    item = item_of(items)
    found = read(item, axes.MOST_BYTES) if item else None
    every = axes.read(found[0]) if found else ()
    is_one = len({axis.index for axis in every}) == 1
    return tuple(
        Told("" if is_one else _panel(axis), _NAMES[axis.direction], in_words(axis)) for axis in every[:MOST_SHOWN]
    )


def in_words(axis: Axis) -> str:
    """`Dose (mg), log, 0.1 to 100`."""
    label = plain(axis.label, 80)
    unit = plain(axis.unit, 40)
    parts = [f"{label} ({unit})".strip() if unit else label]
    if axis.scale != "linear":
        parts.append(_SPOKEN.get(axis.scale, plain(axis.scale, 40)))
    if axis.low is not None and axis.high is not None:
        parts.append(f"{limit(axis.low)} to {limit(axis.high)}")
    elif axis.low is not None or axis.high is not None:
        parts.append(f"from {limit(axis.low)}" if axis.low is not None else f"up to {limit(axis.high)}")
    if axis.is_inverted:
        parts.append("inverted")
    if axis.twin_of is not None:
        parts.append("a second scale")
    if axis.is_truncated:
        parts.append("bars that do not begin at zero")
    return ", ".join(filter(None, parts)) or "linear"


def limit(value: Limit) -> str:
    """One end: six digits of a number, a day without its midnight."""
    if isinstance(value, str):
        return plain(value.removesuffix(_MIDNIGHT).replace("T", " "), 40)
    return f"{value:g}" if value is not None else ""


def _panel(axis: Axis) -> str:
    return plain(axis.panel, 80) or f"Part {axis.index + 1}"
