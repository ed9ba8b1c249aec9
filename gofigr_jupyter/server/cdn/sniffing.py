"""What a file really is, told by its bytes as they pass; nothing of it is decoded or run, and little is kept.

In: what it is said to be, and pieces. Out: the types that it may pass for, none when it is nothing of ours; and what is
wrong with it, if it is what it is said to be.
"""

from __future__ import annotations

import codecs

from gofigr_jupyter import media
from gofigr_jupyter.media import DOCX, MD, SVG, TXT, Medium
from gofigr_jupyter.server.cdn import wholeness, zips
from gofigr_jupyter.server.cdn.zips import Directory

HEAD = 200 << 10  # also what is searched of a text at once
NOTHING: frozenset[Medium] = frozenset()
WORD = b"word/document.xml"  # the main part of its documents
HALF = "The file is not whole: it ends within a letter."


class Sniffer:
    """Takes a file piece by piece; `head` is its beginning, `size` what has come so far."""

    def __init__(self, said: Medium) -> None:
        self.head = bytearray()
        self.size = 0
        self._directory = Directory()
        self._looker = self._directory if said is DOCX else wholeness.looker(said)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    def feed(self, piece: bytes) -> None:
        """The next piece."""
        if len(self.head) < HEAD:
            self.head += piece[: HEAD - len(self.head)]
        self.size += len(piece)
        if self._is_text:
            self._read(piece)
        if self.head.startswith(zips.START):
            self._directory.feed(piece)
        if self._looker is not self._directory:
            self._looker.feed(piece)

    def kinds(self) -> frozenset[Medium]:
        """What all of it may pass for, at its end."""
        head = bytes(self.head)
        if head.startswith(zips.START) and self._directory.is_whole:
            return frozenset({DOCX}) if self._directory.names(WORD) else NOTHING
        found = frozenset(media.sniffed(head[: media.HEAD]))
        return NOTHING if found & {SVG, TXT, MD} and not self._is_text else found

    @property
    def problem(self) -> str | None:
        """What is wrong with it, as one sentence."""
        if self._is_text and self._decoder.getstate()[0]:
            return HALF
        return wholeness.problem(self._looker)

    def _read(self, piece: bytes) -> None:
        try:
            self._decoder.decode(piece)
        except UnicodeDecodeError:
            self._is_text = False
        else:
            self._is_text = b"\0" not in piece
