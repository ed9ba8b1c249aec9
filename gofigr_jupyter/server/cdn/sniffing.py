"""What a file really is, told by its bytes as they pass; nothing of it is decoded or run, and little is kept.

In: pieces. Out: the types that the whole of it may pass for; none when it is nothing of ours, or not whole enough.
"""

from __future__ import annotations

import codecs
import struct

from gofigr_jupyter import media
from gofigr_jupyter.media import DOCX, MD, SVG, TXT, WEBP, Medium

HEAD = 200 << 10  # also what is searched of a text at once
TAIL = 1 << 20
NOTHING: frozenset[Medium] = frozenset()
ZIP = b"PK\x03\x04"
END_OF_ZIP = struct.Struct("<4s4H2LH")
ENTRY_OF_ZIP = struct.Struct("<4s6H3L5H2L")
MOST_ENTRIES = 10_000


class Sniffer:
    """Takes a file piece by piece; `head` is its beginning, `size` what has come so far."""

    def __init__(self) -> None:
        self.head = bytearray()
        self.size = 0
        self._tail = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    def feed(self, piece: bytes) -> None:
        """The next piece."""
        if len(self.head) < HEAD:
            self.head += piece[: HEAD - len(self.head)]
        self.size += len(piece)
        if self._is_text:
            self._read(piece)
        if self.head.startswith(ZIP):
            self._tail += piece[-TAIL:]
            del self._tail[:-TAIL]

    def kinds(self) -> frozenset[Medium]:
        """What all of it may pass for, at its end."""
        if self._is_text:
            self._read(b"", final=True)
        head = bytes(self.head)
        if head.startswith(ZIP):  # its directory is at its end
            return frozenset({DOCX}) if _is_word(bytes(self._tail)) else NOTHING
        found = frozenset(media.sniffed(head[: media.HEAD]))
        if found & {SVG, TXT, MD} and not self._is_text:
            return NOTHING
        if WEBP in found and int.from_bytes(head[4:8], "little") + 8 > self.size + 1:
            return NOTHING
        return found

    def _read(self, piece: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            self._is_text = False
        else:
            self._is_text = b"\0" not in piece


def _is_word(tail: bytes) -> bool:
    """Whether the directory at the end of a zip names Word's main part. Nothing is unpacked."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END_OF_ZIP.size:
        return False
    *_, count, size, _, comment = END_OF_ZIP.unpack_from(tail, at)
    position = at - size
    if position < 0 or count > MOST_ENTRIES or at + END_OF_ZIP.size + comment != len(tail):
        return False
    for _ in range(count):
        if position + ENTRY_OF_ZIP.size > at:
            return False
        entry = ENTRY_OF_ZIP.unpack_from(tail, position)
        if entry[0] != b"PK\x01\x02":
            return False
        start = position + ENTRY_OF_ZIP.size
        if tail[start : start + entry[10]] == b"word/document.xml":
            return True
        position = start + entry[10] + entry[11] + entry[12]
    return False
