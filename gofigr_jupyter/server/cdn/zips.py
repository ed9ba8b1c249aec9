"""The end of a zip, where its directory is: what it names, without unpacking anything."""

from __future__ import annotations

import struct

TAIL = 1 << 20
START = b"PK\x03\x04"
END = struct.Struct("<4s4H2LH")
ENTRY = struct.Struct("<4s6H3L5H2L")
MOST_ENTRIES = 10_000


class Directory:
    """Takes a file piece by piece, and keeps its end."""

    def __init__(self) -> None:
        self._tail = bytearray()

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        self._tail += piece[-TAIL:]
        del self._tail[:-TAIL]

    @property
    def is_whole(self) -> bool:
        """Whether the file ends as a zip does."""
        return self._end() is not None

    def names(self, wanted: bytes) -> bool:
        """Whether there is a directory, and a part of this name in it."""
        at = self._end()
        if at is None:
            return False
        tail = bytes(self._tail)
        *_, count, size, _, _ = END.unpack_from(tail, at)
        position = at - size
        if position < 0 or count > MOST_ENTRIES:
            return False
        for _ in range(count):
            if position + ENTRY.size > at:
                return False
            entry = ENTRY.unpack_from(tail, position)
            if entry[0] != b"PK\x01\x02":
                return False
            start = position + ENTRY.size
            if tail[start : start + entry[10]] == wanted:
                return True
            position = start + entry[10] + entry[11] + entry[12]
        return False

    def _end(self) -> int | None:
        """Where the record stands with which all of it ends."""
        at = self._tail.rfind(b"PK\x05\x06")
        if at < 0 or len(self._tail) - at < END.size:
            return None
        *_, comment = END.unpack_from(self._tail, at)
        return at if at + END.size + comment == len(self._tail) else None
