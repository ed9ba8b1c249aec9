"""How much text a slide holds: paragraphs and boxes in, a size of letters and pages of paragraphs out.

An estimate by the widths of average letters: the program that shows the slide has fonts that nobody here knows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

from gofigr_jupyter.server.outline import Paragraph, Run, merged

SIZES = (24, 20, 18, 16)  # points
INDENT = 0.3  # inches
MOST_PAGES = 12
REST = Paragraph((Run("… There is more of this text on the server.", italic=True),))
_POINTS = 72
_LETTER, _WIDE_LETTER = 0.52, 1.0  # of the size of letters
_LINE, _GAP = 1.2, 0.35
_WORD = re.compile(r"\S{1,60}\s*|\s+")


@dataclass(frozen=True)
class Box:
    """A rectangle on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


def size_for(text: str, box: Box, sizes: Sequence[int]) -> int:
    """The largest of these sizes in which a text fits into a box, or the smallest."""
    return fitted([Paragraph((Run(text),))], box, box, sizes)[0]


def fitted(
    paragraphs: Sequence[Paragraph],
    box: Box,
    onward: Box,
    sizes: Sequence[int] = SIZES,
    *,
    most_pages: int = MOST_PAGES,
) -> tuple[int, list[list[Paragraph]]]:
    """The size of letters, and the paragraphs of each page: the first has a `box` for them, the others `onward`.

    What is beyond the last page is left out, and that is said there.
    """
    for size in sizes:
        if sum(_height(one, box.width, size) for one in paragraphs) <= box.height:
            return size, [list(paragraphs)]
    size = sizes[-1]
    pages: list[list[Paragraph]] = [[]]
    left = box.height
    for one in _pieces(paragraphs, min(box.width, onward.width), box.height / 2, size):
        needed = _height(one, (box if len(pages) == 1 else onward).width, size)
        if needed > left and pages[-1]:
            if len(pages) == most_pages:
                pages[-1].append(REST)
                break
            pages.append([])
            left = onward.height
        pages[-1].append(one)
        left -= needed
    return size, pages


def _height(one: Paragraph, width: float, size: int) -> float:
    room = max(width - INDENT * one.level, 1.0)
    lines = sum(max(1, math.ceil(_width(line, size) / room)) for line in one.text.split("\n"))
    return (lines * _LINE + _GAP) * size / _POINTS


def _width(text: str, size: int) -> float:
    wide = 0 if text.isascii() else sum(east_asian_width(letter) in "WF" for letter in text)
    return ((len(text) - wide) * _LETTER + wide * _WIDE_LETTER) * size / _POINTS


def _pieces(paragraphs: Sequence[Paragraph], width: float, height: float, size: int) -> Iterator[Paragraph]:
    """The paragraphs, those cut that are higher than this; what is cut off is no item of its own."""
    for one in paragraphs:
        if _height(one, width, size) <= height:
            yield one
            continue
        room = max(width - INDENT * one.level, 1.0)
        kept: list[Run] = []
        used, most = 0.0, room * max(1, int(height / (_LINE * size / _POINTS)) - 1)
        for run, word in _words(one):
            needed = _width(word, size) + room * word.count("\n")
            if kept and used + needed > most:
                yield replace(one, runs=merged(kept))
                one = replace(one, kind="code" if one.kind == "code" else "text", marker="")  # noqa: PLW2901
                kept, used = [], 0.0
            kept.append(replace(run, text=word))
            used += needed
        yield replace(one, runs=merged(kept))


def _words(one: Paragraph) -> list[tuple[Run, str]]:
    return [(run, word) for run in one.runs for word in _WORD.findall(run.text)]
