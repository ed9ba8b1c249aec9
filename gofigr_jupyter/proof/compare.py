"""What was shown against what is shown now: identical, the same within tolerance, or different, and where.

In: the stored pictures, and all that the new run displayed. Out: one Compared for each stored picture. Pictures are
decoded by `capture.pictures` alone, which counts pixels first; interactive figures are compared by their data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from gofigr_jupyter.capture import pictures
from gofigr_jupyter.capture.mime import RASTERS
from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.proof import canonical, measure
from gofigr_jupyter.proof.measure import Measure
from gofigr_jupyter.proof.runner import Bundle

MOST_CANDIDATES = 50


class Likeness(StrEnum):
    """How alike two pictures are, from best to worst."""

    IDENTICAL = "identical"
    SIMILAR = "similar"
    DIFFERS = "differs"


RANK = {likeness: rank for rank, likeness in enumerate(Likeness)}


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture as it was shown and kept."""

    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Compared:
    """One stored picture and the nearest of what was shown now; `how` says in words what was found."""

    mime_type: str
    likeness: Likeness
    how: str
    measure: Measure | None = None
    places: tuple[str, ...] = ()  # in the data of an interactive figure
    picture: bytes | None = None  # a PNG in which the places are marked

    @property
    def distance(self) -> tuple[int, int, float]:
        """The smaller, the nearer."""
        found = self.measure
        return RANK[self.likeness], 0 if found is None or found.is_same_size else 1, found.share if found else 0.5


def compare(stored: Sequence[Stored], shown: Sequence[Bundle]) -> tuple[Compared, ...]:
    """Compare each stored picture with what was shown in its form; empty when nothing was shown in any of them."""
    return tuple(
        nearest for one in stored if (nearest := _nearest(one, [b for b in shown if one.mime_type in b])) is not None
    )


def worst(compared: Iterable[Compared]) -> Compared:
    """The one that decides."""
    return max(compared, key=lambda one: one.distance)


def _nearest(one: Stored, shown: Sequence[Bundle]) -> Compared | None:
    best: Compared | None = None
    for bundle in reversed(shown[-MOST_CANDIDATES:]):
        found = compared(one, bundle[one.mime_type])
        if best is None or found.distance < best.distance:
            best = found
        if found.likeness is Likeness.IDENTICAL:
            break
    return best


def compared(one: Stored, data: bytes) -> Compared:
    """Compare two pictures of one form."""
    kind = one.mime_type
    if one.data == data:
        return Compared(kind, Likeness.IDENTICAL, "identical bytes")
    try:
        if kind in RASTERS:
            return _pixels(one, data)
        if kind == "image/svg+xml":
            return _texts(kind, canonical.svg(one.data), canonical.svg(data), "drawing")
        if kind == "application/pdf":
            return _texts(kind, canonical.pdf(one.data), canonical.pdf(data), "document")
        if kind.endswith("json"):
            return _values(one, data)
    except (CaptureError, ValueError) as error:
        return Compared(kind, Likeness.DIFFERS, f"cannot be compared: {error}")
    return _texts(kind, canonical.text(one.data), canonical.text(data), "page")


def _pixels(one: Stored, data: bytes) -> Compared:
    before, after = pictures.frames(one.data), pictures.frames(data)
    if len(before) != len(after):
        return Compared(one.mime_type, Likeness.DIFFERS, f"{len(before)} frames, {len(after)} now")
    return worst(_frame(one.mime_type, *pair) for pair in zip(before, after, strict=True))


def _frame(kind: str, before: Image.Image, after: Image.Image) -> Compared:
    found = measure.measured(before, after)
    if found.is_identical:
        return Compared(kind, Likeness.IDENTICAL, "identical pixels", found)
    likeness = Likeness.SIMILAR if found.is_similar else Likeness.DIFFERS
    return Compared(kind, likeness, _said(found), found, picture=measure.marked(before, after, found))


def _said(found: Measure) -> str:
    total = found.size[0] * found.size[1]
    if not found.is_same_size:
        (width, height), (wide, high) = found.size, found.other_size
        return f"{width} × {height} pixels, {wide} × {high} now"
    part = f"{found.differing:,} of {total:,} pixels differ, by at most {found.largest} of 255"
    places = len(found.regions)
    if found.is_similar or not places:
        return part
    return f"{part}, in {places} place{'' if places == 1 else 's'}"


def _texts(kind: str, before: str | bytes, after: str | bytes, noun: str) -> Compared:
    if before == after:
        return Compared(kind, Likeness.IDENTICAL, f"identical {noun}")
    return Compared(kind, Likeness.DIFFERS, f"another {noun}")


def _values(one: Stored, data: bytes) -> Compared:
    kind = one.mime_type
    places, rounded = canonical.differences(canonical.figure(kind, one.data), canonical.figure(kind, data))
    if places:
        return Compared(kind, Likeness.DIFFERS, f"other data at {', '.join(places[:3])}", places=tuple(places))
    if rounded:
        return Compared(kind, Likeness.SIMILAR, f"the same data but for the last digits of {rounded:,} numbers")
    return Compared(kind, Likeness.IDENTICAL, "identical data")
