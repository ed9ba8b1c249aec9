"""The noun of this package, and how texts are cut into it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST = 700  # letters; what stands together stays together
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


class Passage(NamedTuple):
    """A stretch of a document, and where in it: `page 3`, `slide 2`, `line 10`; empty where that is unknown."""

    at: str
    text: str


def passages(parts: Iterable[str]) -> Iterator[str]:
    """Short parts together, long ones cut after a sentence."""
    together = ""
    for part in (piece for whole in parts for piece in _pieces(whole)):
        if together and len(together) + len(part) >= LONGEST:
            yield together
            together = ""
        together = f"{together}\n{part}" if together else part
    if together:
        yield together


def _pieces(part: str) -> Iterator[str]:
    piece = ""
    for sentence in _SENTENCE.split(part) if len(part) > LONGEST else [part]:
        if piece and len(piece) + len(sentence) >= LONGEST:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}" if piece else sentence
        while len(piece) > 2 * LONGEST:  # no sentence ends: a table, say
            yield piece[:LONGEST]
            piece = piece[LONGEST:]
    if piece:
        yield piece
