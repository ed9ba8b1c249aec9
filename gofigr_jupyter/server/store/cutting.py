"""Where an object is cut into chunks: small ones first, larger ones where there is much of it.

Small chunks let equal beginnings be stored once, and a page read little; of a film there would be hundreds, each with a
file, its name and an fsync of its own. Where a cut lies depends on nothing but what is before it: nobody needs to know
how much will come, and what was added to an object leaves its beginning as it is.
"""

from __future__ import annotations

from typing import NamedTuple

SMALL = 1 << 20  # bytes of the first chunks
SMALL_ONES = 16
LARGE = 4 << 20  # bytes of all others; a seek in a film reads, and verifies, as much


class Span(NamedTuple):
    """Chunks from a first one to another (exclusive), and the byte at which the first one begins."""

    first: int
    stop: int
    position: int


def size_of(number: int) -> int:
    """Bytes of a chunk, counted from 0; the last one of an object may have less."""
    return SMALL if number < SMALL_ONES else LARGE


def size_at(byte: int) -> int:
    """Bytes of the chunk that has a byte, if all of it comes."""
    return size_of(_before(byte))


def span(size: int, count: int, start: int, end: int) -> Span:
    """Where in an object of that size, in so many chunks, the bytes from `start` to `end` (exclusive) lie."""
    if count == -(-size // SMALL):  # as earlier versions cut all of it, too
        first = start // SMALL
        return Span(first, -(-end // SMALL), first * SMALL)
    first = _before(start)
    return Span(first, _before(end - 1) + 1, _start(first))


def _before(byte: int) -> int:
    """How many chunks end at or before a byte: the number of the one that has it."""
    small = SMALL * SMALL_ONES
    return byte // SMALL if byte < small else SMALL_ONES + (byte - small) // LARGE


def _start(number: int) -> int:
    """The first byte of a chunk."""
    return number * SMALL if number < SMALL_ONES else SMALL * SMALL_ONES + (number - SMALL_ONES) * LARGE
