"""Files that are made of parts with a length each, walked through from part to part while the bytes pass.

In: pieces. Out: whether the end that the format demands was there. Nothing is decoded, and next to nothing is kept;
what a walk cannot tell (parts of a new kind, far too many) counts as whole, for the file may well be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass

MOST_STEPS = 200_000  # a second of work; no film or picture within the limits has so many parts

JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)  # those that stand alone are passed over
JPEG_END = 0xD9
GIF_PART = re.compile(rb"[\x21\x2c\x3b]")
GIF_EXTENSION, GIF_END = 0x21, 0x3B
BOXES = frozenset(
    b"ftyp|styp|moov|moof|mdat|free|skip|wide|mfra|sidx|ssix|prft|emsg|uuid|meta|pdin|udta|imda".split(b"|")
)
ELEMENTS = frozenset(  # of Matroska: the levels that may be of unknown size, and what is in them
    bytes.fromhex(one)
    for one in (
        "1a45dfa3 18538067 114d9b74 1549a966 1654ae6b 1f43b675 1c53bb6b 1254c367 1941a469 1043a770 "
        "ec bf e7 ab a7 a3 a0 af 5854"
    ).split()
)


@dataclass(frozen=True)
class Read:
    """So many bytes are wanted; `may_end` where the file may also be over here."""

    count: int
    may_end: bool = False


@dataclass(frozen=True)
class Skip:
    """So many bytes do not matter."""

    count: int


@dataclass(frozen=True)
class Find:
    """All bytes up to a match, of at most two bytes, do not matter."""

    pattern: re.Pattern[bytes]


@dataclass(frozen=True)
class Blocks:
    """Blocks with a byte each that says how long they are; the last one is empty."""


class Torn(Exception):
    """No file that is whole has this."""


Step = Read | Skip | Find | Blocks
Walk = Generator[Step, bytes, None]


class Parts:
    """One walk through a file; it is over where the walk returns, whatever comes behind."""

    def __init__(self, walk: Callable[[], Walk]) -> None:
        self._walk = walk()
        self._waiting = bytearray()
        self._at = 0  # of what waits, or that many bytes further on
        self._steps = 0
        self._over: bool | None = None  # and whether the file is whole
        self._step: Step = next(self._walk)

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        passed = min(self._at, len(piece))
        self._at -= passed
        if self._at or self._over is not None:
            return
        self._waiting += memoryview(piece)[passed:]
        while self._over is None and (answer := self._answer()) is not None:
            self._go_on(answer)
        done = min(self._at, len(self._waiting))
        self._at -= done
        del self._waiting[:done]

    @property
    def is_whole(self) -> bool:
        """Whether the file may end here."""
        if self._over is None:
            return isinstance(self._step, Read) and self._step.may_end and not self._waiting and not self._at
        return self._over and not self._at

    def _go_on(self, answer: bytes) -> None:
        self._steps += 1
        try:
            self._step = self._walk.send(answer)
        except StopIteration:
            self._over = True
        except Torn:
            self._over = False
        else:
            self._over = True if self._steps > MOST_STEPS else None

    def _answer(self) -> bytes | None:
        """Go to the end of the present step: what it wanted to see, or None where it wants more to come."""
        start, waiting = self._at, self._waiting
        match self._step:
            case Skip(count):
                self._at += count
                return b""
            case Read(count) if start + count <= len(waiting):
                self._at += count
                return bytes(waiting[start : self._at])
            case Find(pattern):
                found = pattern.search(waiting, start)
                self._at = found.end() if found else max(start, len(waiting) - 1)  # half of it may be there
                return found and found[0]
            case Blocks():
                return self._passed(waiting)
        return None

    def _passed(self, waiting: bytearray) -> bytes | None:
        at, end = self._at, len(waiting)
        while at < end:
            size = waiting[at]
            at += size + 1
            if not size:
                break
        else:
            self._at = at
            return None
        self._at = at
        return b""


# ---------------------------------------------------------------- the formats


def png() -> Walk:
    """Chunks, up to the one that says that it is the last."""
    yield Skip(8)
    while True:
        head = yield Read(8)
        if not head[4:].isalpha():
            raise Torn
        yield Skip(int.from_bytes(head[:4], "big") + 4)
        if head[4:] == b"IEND":
            return


def gif() -> Walk:
    """Extensions and frames, up to the trailer; what is neither is passed over, as readers do."""
    screen = yield Read(13)
    yield Skip(_colours(screen[10]))
    while True:
        kind = (yield Find(GIF_PART))[0]
        if kind == GIF_END:
            return
        if kind == GIF_EXTENSION:
            yield Skip(1)
        else:
            frame = yield Read(9)
            yield Skip(_colours(frame[8]) + 1)
        yield Blocks()


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def jpeg() -> Walk:
    """Segments, and pixels between them, up to the end of the first picture; phones put more behind it."""
    yield Skip(2)
    while (yield Find(JPEG_MARKER))[1] != JPEG_END:
        yield Skip(int.from_bytes((yield Read(2)), "big") - 2)


def webp() -> Walk:
    """One part that says how long all of it is."""
    head = yield Read(8)
    yield Skip(int.from_bytes(head[4:], "little"))


def mp4() -> Walk:
    """Boxes; behind each one the film may be over."""
    while True:
        head = yield Read(8, may_end=True)
        size = int.from_bytes(head[:4], "big")
        if head[4:] not in BOXES or not size:  # none says that it lasts to the end
            return
        if size == 1:
            size = int.from_bytes((yield Read(8)), "big") - 8
        if size < 8:
            raise Torn
        yield Skip(size - 8)


def webm() -> Walk:
    """Elements; one of unknown size is entered, for it ends where another one begins."""
    while True:
        first = (yield Read(1, may_end=True))[0]
        more = 8 - first.bit_length()
        name = bytes([first]) + ((yield Read(more)) if 0 < more < 4 else b"")
        if name not in ELEMENTS:
            return
        first = (yield Read(1))[0]
        length = 9 - first.bit_length()
        if not first:
            raise Torn
        rest = (yield Read(length - 1)) if length > 1 else b""
        size = int.from_bytes(bytes([first]) + rest, "big") & ((1 << 7 * length) - 1)
        if size != (1 << 7 * length) - 1:
            yield Skip(size)
