"""What a file really is, told by its bytes as they pass; nothing of it is decoded or run, and little is kept.

In: pieces. Out: the Kinds that it may pass for; none when it is nothing of ours, or is not whole enough to tell.
"""

from __future__ import annotations

import codecs
import re
import struct

from gofigr_jupyter.server.cdn.kinds import DOCX, GIF, JPEG, MD, MP3, MP4, PDF, PNG, SVG, TXT, WEBM, WEBP, Kind

HEAD = 200 << 10  # also what is searched of a text at once
TAIL = 1 << 20
NOTHING: frozenset[Kind] = frozenset()
# Files that begin as MP4 does and are something else: pictures, QuickTime, plain sound.
OTHER_BRANDS = (b"avi", b"hei", b"hev", b"mif", b"msf", b"qt  ", b"M4A ", b"M4B ", b"jp2", b"jpx")
ZIP = b"PK\x03\x04"
BOM = b"\xef\xbb\xbf"
END_OF_ZIP = struct.Struct("<4s4H2LH")
ENTRY_OF_ZIP = struct.Struct("<4s6H3L5H2L")
FIRST_ELEMENT = 1 << 16  # bytes within which it has to come
MOST_ENTRIES = 10_000
# What may stand before the root of an SVG. Each is searched once, so that none takes more than a pass over the head.
PROLOGUE = ((b"<?", b"?>"), (b"<!--", b"-->"))
ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,50}:)?svg[\s/>]")


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

    def kinds(self) -> frozenset[Kind]:
        """What all of it may pass for, at its end."""
        if self._is_text:
            self._read(b"", final=True)
        head = bytes(self.head)
        kind = _by_magic(head, self.size)
        if kind is DOCX:
            return frozenset({DOCX}) if _is_word(bytes(self._tail)) else NOTHING
        if kind is not None:
            return frozenset({kind})
        if not self._is_text or not self.size:
            return NOTHING
        return frozenset({SVG}) if _is_svg(head) else frozenset({TXT, MD})

    def _read(self, piece: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            self._is_text = False
        else:
            self._is_text = b"\0" not in piece


def _by_magic(head: bytes, size: int) -> Kind | None:  # noqa: PLR0911 - one return a kind
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP" and int.from_bytes(head[4:8], "little") + 8 <= size + 1:
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(ZIP):
        return DOCX
    if head[4:8] == b"ftyp" and len(head) >= 16 and not head[8:12].startswith(OTHER_BRANDS):
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82" in head[:64] and b"webm" in head[:64]:
        return WEBM
    return MP3 if _is_mp3(head) else None


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or the header of a frame of MPEG layer III whose fields are all such as there are."""
    if head.startswith(b"ID3"):
        return len(head) >= 10 and all(byte < 0x80 for byte in head[6:10])
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
        return False
    return head[2] & 0xF0 not in {0x00, 0xF0} and head[2] & 0x0C != 0x0C


def _is_svg(head: bytes) -> bool:
    """Whether the first element is `svg`."""
    rest = head[:FIRST_ELEMENT].removeprefix(BOM).lstrip()
    while rest.startswith(b"<"):
        if rest[:9].upper() == b"<!DOCTYPE":
            square, end = rest.find(b"["), rest.find(b">")
            mark = b"]" if -1 < square < end else b""
            start = rest.find(mark) if mark else 0
            end = rest.find(b">", start) if start >= 0 else -1
            close = b">"
        else:
            close = next((end for begin, end in PROLOGUE if rest.startswith(begin)), b"")
            if not close:
                return ROOT.match(rest) is not None
            end = rest.find(close)
        if end < 0:
            return False
        rest = rest[end + len(close) :].lstrip()
    return False


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
