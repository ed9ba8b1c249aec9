"""Takes the bytes out of a data object's JSON while it arrives, so that no file is ever whole in memory.

In: pieces of JSON. Out: what `data` holds, decoded, to a sink; and at the end the object without it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

_QUOTE, _BACKSLASH, _COLON, _COMMA = b'"\\:,'
_OPENING, _CLOSING = b"{[", b"}]"
_MOST_REST = 1 << 26  # bytes of JSON beside the data


class Extractor:
    """Fed with pieces; raises ValueError for what is no such object."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        self._rest = bytearray()
        self._left = b""  # base64 that does not fill a group of four yet
        self._inside = False  # the value of "data"
        self._is_found = False
        self._depth = 0
        self._in_string = False
        self._is_escaped = False
        self._is_value = False
        self._string = bytearray()  # the last one at the top level: a key, if a colon follows
        self._key = b""

    def feed(self, piece: bytes) -> None:
        """Go on with the next piece."""
        while piece:
            piece = self._take(piece) if self._inside else self._pass(piece)

    def finish(self) -> dict[str, Any]:
        """The object; its `data` is None, and `has_data` tells whether there were any."""
        if self._inside:
            raise ValueError("it ends in the middle of its data")
        content = json.loads(bytes(self._rest))
        if not isinstance(content, dict):
            raise ValueError("not an object")
        return content

    @property
    def has_data(self) -> bool:
        """Whether bytes were there at all, be they none."""
        return self._is_found

    def _take(self, piece: bytes) -> bytes:
        end = piece.find(b'"')
        body, rest = (piece, b"") if end < 0 else (piece[:end], piece[end + 1 :])
        text = self._left + body
        if b"\\" in text:  # some writers escape the slash
            text = text.replace(b"\\/", b"/")
        usable = len(text) if end >= 0 else (len(text.partition(b"\\")[0]) // 4) * 4
        self._left = text[usable:]
        if usable:
            self._sink(base64.b64decode(text[:usable], validate=True))
        self._inside = end < 0
        return rest

    def _pass(self, piece: bytes) -> bytes:
        """Copy JSON up to the beginning of the data; returns what comes after that."""
        for at, byte in enumerate(piece):
            if self._in_string:
                self._read_string(byte)
            elif byte == _QUOTE:
                if self._depth == 1 and self._is_value and self._key == b"data":
                    return self._begin(piece[:at], piece[at + 1 :])
                self._in_string = True
                self._string.clear()
            else:
                self._read_mark(byte)
        self._keep(piece)
        return b""

    def _begin(self, before: bytes, after: bytes) -> bytes:
        if self._is_found:
            raise ValueError("it has data twice")
        self._keep(before + b"null")
        self._inside = self._is_found = True
        return after

    def _read_string(self, byte: int) -> None:
        if self._is_escaped:
            self._is_escaped = False
        elif byte == _BACKSLASH:
            self._is_escaped = True
        elif byte == _QUOTE:
            self._in_string = False
            return
        if self._depth == 1 and not self._is_value:
            self._string.append(byte)

    def _read_mark(self, byte: int) -> None:
        if byte in _OPENING:
            self._depth += 1
        elif byte in _CLOSING:
            self._depth -= 1
        elif self._depth == 1 and byte == _COLON:
            self._key, self._is_value = bytes(self._string), True
        elif self._depth == 1 and byte == _COMMA:
            self._is_value = False

    def _keep(self, piece: bytes) -> None:
        self._rest += piece
        if len(self._rest) > _MOST_REST:
            raise ValueError("too much beside the data")
