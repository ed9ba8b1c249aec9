"""Where on a screenshot a figure may be: the rectangles that even bands set apart, from the whole page downward.

In: a picture in greys. Out: boxes, the largest first. Dark pages around light figures, frames and neighbours are taken
off on the way; no library but Pillow is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from PIL import Image, ImageChops

from gofigr_jupyter.capture.fingerprint import FAINT, Box, drawing

MOST = 80
_DEEPEST = 12
_LEAST_SIDE = 40  # pixels; a smaller figure shows nothing that could be recognised
_LEAST_SHARE = 0.004  # of the page
_MOST_RUN = 8  # neighbours that are put together again in all ways
_GAP = re.compile(rb"\0{3,}")
_MARGIN = 2  # pixels around a box, so that its edge shows the paper


def regions(grey: Image.Image) -> Iterator[Box]:
    """The whole picture, and then the parts of it that may be a figure."""
    found: dict[Box, Box] = {}
    _look_into(grey, (0, 0, *grey.size), found, 0)
    yield (0, 0, *grey.size)
    least = max(_LEAST_SIDE**2, _LEAST_SHARE * grey.width * grey.height)
    for box in sorted(found, key=_area, reverse=True)[:MOST]:
        if _shorter_side(box) >= _LEAST_SIDE and _area(box) >= least:
            yield found[box]


def _look_into(grey: Image.Image, box: Box, found: dict[Box, Box], depth: int) -> None:
    """Note what is in a box, and go on with the parts into which even bands divide it."""
    if _shorter_side(box) < _LEAST_SIDE or depth > _DEEPEST or len(found) > 4 * MOST:
        return
    seen = drawing(grey, box)
    if seen is None:
        return
    ink, inner = seen
    content = _moved(inner, box)
    if _shorter_side(content) < _LEAST_SIDE:
        return
    is_new = content not in found
    found[content] = _with_margin(content, box)
    parts = _parts(ink.crop(inner), content)
    if parts != [content]:
        for part in parts:
            _look_into(grey, part, found, depth + 1)
        for run in _runs(parts):
            found[run] = _with_margin(run, content)
    elif is_new:  # perhaps there is a frame with round corners around it
        frame = max(1, min(4, (content[2] - content[0]) // 100))
        framed = (content[0] + frame, content[1] + frame, content[2] - frame, content[3] - frame)
        _look_into(grey, framed, found, depth + 2)


def _parts(ink: Image.Image, box: Box) -> list[Box]:
    """A box cut at its widest even bands, all in one direction; itself where there are none."""
    across, down = _gaps(_uneven(ink, 0, 1)[0]), _gaps(_uneven(ink, 1, 0)[1])
    if not across and not down:
        return [box]
    left, top, right, bottom = box
    if max(map(_length, across), default=0) > max(map(_length, down), default=0):
        return [(left + start, top, left + end, bottom) for start, end in _between(across, right - left)]
    return [(left, top + start, right, top + end) for start, end in _between(down, bottom - top)]


def _uneven(ink: Image.Image, right: int, down: int) -> tuple[list[int], list[int]]:
    """The columns and rows in which something changes along their length; bands of one colour are as good as empty."""
    steps = ImageChops.difference(ink, ImageChops.offset(ink, right, down))
    return steps.point([0 if value <= FAINT else 255 for value in range(256)]).getprojection()


def _gaps(projection: list[int]) -> list[tuple[int, int]]:
    return [match.span() for match in _GAP.finditer(bytes(projection))]


def _between(gaps: list[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    """The stretches between the wide ones among some gaps."""
    wide = 0.6 * max(map(_length, gaps))
    kept = [gap for gap in gaps if _length(gap) >= wide]
    spans = ((one[1], other[0]) for one, other in pairwise([(0, 0), *kept, (length, length)]))
    return (span for span in spans if span[1] > span[0])


def _length(gap: tuple[int, int]) -> int:
    return gap[1] - gap[0]


def _runs(parts: list[Box]) -> Iterator[Box]:
    """Neighbours put together: a title may stand farther from its axes than two figures from one another."""
    for first in range(len(parts)):
        for last in range(first + 1, min(len(parts), first + _MOST_RUN)):
            if last - first + 1 < len(parts):
                yield (*parts[first][:2], *parts[last][2:])


def _moved(inner: Box, box: Box) -> Box:
    return (inner[0] + box[0], inner[1] + box[1], inner[2] + box[0], inner[3] + box[1])


def _with_margin(box: Box, within: Box) -> Box:
    """A little more, if there is more; beyond what it lies in there may be other paper."""
    left, top = max(within[0], box[0] - _MARGIN), max(within[1], box[1] - _MARGIN)
    return (left, top, min(within[2], box[2] + _MARGIN), min(within[3], box[3] + _MARGIN))


def _shorter_side(box: Box) -> int:
    return min(box[2] - box[0], box[3] - box[1])


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
