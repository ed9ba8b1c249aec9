"""Facts of the axes: limits and scales, and what about them may mislead: truncated, logarithmic, inverted, double."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.schema.insight import Evidence, EvidenceRef
from gofigr_jupyter.server.insight.facts import Fact, Topic, in_metadata, words_of
from gofigr_jupyter.server.insight.record import Record
from gofigr_jupyter.server.insight.wording import cell, name

MOST_TOLD = 40
PLAIN = frozenset({"", "linear", "category", "time"})
CROPPED = 0.5  # of the distance from zero to the greatest value: an axis that begins beyond shows less than half of it


def facts(record: Record) -> Iterator[Fact]:
    """What may mislead comes first: it is what a reader should know."""
    if not record.axes:
        text = "The limits and scales of its axes were not recorded."
        yield Fact(Topic.AXES, text, in_metadata(record, "Axes"))
        return
    traps = [fact for axis in record.axes[:MOST_TOLD] for fact in _traps(record, axis)]
    yield from traps
    if not traps:
        text = "Nothing about its axes misleads: none is truncated under bars, logarithmic, inverted or double."
        yield Fact(Topic.TRAP, text, _place(record, record.axes[0]), words_of("trap"))
    for axis in record.axes[:MOST_TOLD]:
        yield Fact(Topic.AXES, _described(record, axis), _place(record, axis), _names(axis))


def _place(record: Record, axis: Axis) -> Evidence:
    piece = record.piece("axes")
    label = f"{axis.direction} axis of {axis.panel}" if axis.panel else f"{axis.direction} axis"
    ref = EvidenceRef(data=piece.id) if piece is not None else EvidenceRef(revision=record.id)
    return Evidence(kind="metadata", label=label[:200], ref=ref, value=[axis.low, axis.high])


def _names(axis: Axis) -> frozenset[str]:
    return words_of(axis.label, axis.panel, axis.direction, f"{axis.direction} axis", f"{axis.direction}-axis")


def _subject(record: Record, axis: Axis) -> str:
    """`the y axis (Force) of Spring`; the panel only where there are several."""
    what = f"the {axis.direction} axis" if axis.direction != "colour" else "the scale of colours"
    label = f" ({name(axis.label)})" if axis.label else ""
    panels = {one.panel for one in record.axes}
    return f"{what}{label}{f' of {name(axis.panel)}' if len(panels) > 1 and axis.panel else ''}"


def _traps(record: Record, axis: Axis) -> Iterator[Fact]:
    subject = _subject(record, axis)
    told = []
    if axis.is_truncated:
        told.append(f"Bars are drawn on {subject}, which does not include zero (it {_limits(axis)}): lengths mislead")
    elif _is_cropped(axis):
        told.append(f"Beware: {subject} {_limits(axis)}, far from zero, so that changes look larger than they are")
    if axis.scale not in PLAIN:
        told.append(f"Beware: {subject} is {_scale(axis.scale)}, so equal distances stand for equal ratios")
    if axis.is_inverted:
        told.append(f"Beware: {subject} is inverted, greater values lie at its beginning")
    if axis.twin_of is not None:
        told.append(f"Beware: {subject} lies over another {axis.direction} axis with a scale of its own")
    for text in told:
        yield Fact(Topic.TRAP, f"{text}.", _place(record, axis), _names(axis))


def _is_cropped(axis: Axis) -> bool:
    """Whether a linear y axis of positive values begins beyond half of the greatest one."""
    low, high = axis.low, axis.high
    if axis.direction != "y" or axis.scale != "linear" or not isinstance(low, float) or not isinstance(high, float):
        return False
    return low > CROPPED * high > 0


def _described(record: Record, axis: Axis) -> str:
    subject = _subject(record, axis)
    scale = f" is {_scale(axis.scale)}" if axis.scale else ""
    limits = f" {_limits(axis)}" if axis.low is not None and axis.high is not None else ""
    text = " and".join(part for part in (scale, limits) if part) or " is drawn"
    unit = f", in {name(axis.unit)}" if axis.unit else ""
    beyond = _beyond(axis)
    return f"{subject[0].upper()}{subject[1:]}{text}{unit}{f'; {beyond}' if beyond else ''}."


def _limits(axis: Axis) -> str:
    return f"goes from {cell(axis.low)} to {cell(axis.high)}"


def _scale(scale: str) -> str:
    known = {"log": "logarithmic", "symlog": "logarithmic on both sides of zero", "category": "one of categories"}
    return known.get(scale, "one of times" if scale == "time" else name(scale))


def _beyond(axis: Axis) -> str:
    """Whether plotted values lie outside of what is shown."""
    ends: Sequence[object] = (axis.low, axis.high, axis.values_low, axis.values_high)
    low, high, least, greatest = (one if isinstance(one, float) else None for one in ends)
    if None in (low, high, least, greatest) or low is None or high is None or least is None or greatest is None:
        return ""
    outside = [word for word, is_so in (("below", least < low), ("above", greatest > high)) if is_so]
    return f"there are plotted values {' and '.join(outside)} it" if outside else ""
