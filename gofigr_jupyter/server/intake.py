"""A large JSON body as it arrives: long strings go to a temporary file, the rest (the skeleton) stays in memory.

Only the bounds of strings are looked at here; whether it is JSON at all is for `strict_json`. In the skeleton a long
string is replaced by a name that nobody outside this process can guess.
"""

from __future__ import annotations

import binascii
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gofigr_jupyter.schema.base import Pieces
from gofigr_jupyter.server.refusal import Refusal

LONG = 1 << 16  # strings from here on leave the memory
LONG_AMONG_MANY = 1 << 10  # and from here on, once the skeleton is large
LARGE = 1 << 20
MOST_IN_MEMORY = 32 << 20
BLOCK = 1 << 20
SPACE = b" \t\r\n"
# A string's content from an escape on; possessive, so that it takes time in proportion to its length.
REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
LONGEST_ESCAPE = len(r"\u002f")


class LongString(Pieces):
    """A string of the body that lies in a file, as it was written; iterating decodes it from base64."""

    def __init__(self, file: int, start: int) -> None:
        self._file = file
        self._start = start
        self.length = 0
        self.has_escapes = False

    def __iter__(self) -> Iterator[bytes]:
        """The bytes it stands for; ValueError when it is not base64."""
        left = b""
        for block in self._plain_blocks():
            text = left + block
            whole = len(text) - len(text) % 4
            # Four characters stay back: padding is allowed at the very end only.
            cut = max(0, whole - 4)
            if b"=" in text[:cut]:
                raise ValueError("padding in the middle of base64")
            yield binascii.a2b_base64(text[:cut], strict_mode=True)
            left = text[cut:]
        yield binascii.a2b_base64(left, strict_mode=True)

    def text(self) -> str:
        """The string itself; ValueError when it is not one."""
        raw = b"".join(self._blocks())
        value: str = json.loads(f'"{raw.decode("utf-8")}"')
        value.encode("utf-8")  # half of a surrogate pair is no text
        return value

    def _plain_blocks(self) -> Iterator[bytes]:
        held = b""
        for raw in self._blocks():
            block = held + raw
            held = b""
            if self.has_escapes:
                # An escape may go on in the next block. (To cut `\\\\` in two is no harm: it stands in no base64.)
                last = block.rfind(b"\\", -LONGEST_ESCAPE + 1)
                if last >= 0:
                    block, held = block[:last], block[last:]
                block = json.loads(f'"{block.decode("ascii")}"').encode("ascii")
            yield block
        if held:
            yield json.loads(f'"{held.decode("ascii")}"').encode("ascii")

    def _blocks(self) -> Iterator[bytes]:
        for offset in range(0, self.length, BLOCK):
            yield os.pread(self._file, min(BLOCK, self.length - offset), self._start + offset)


@dataclass
class Body:
    """A body that has arrived: `skeleton` is JSON in which the keys of `long` stand for long strings."""

    skeleton: bytes
    long: dict[str, LongString] = field(default_factory=dict)


class Intake:
    """Takes a body piece by piece; `folder` is where its long strings lie until `close`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._written = 0
        self._skeleton = bytearray()
        self._long: dict[str, LongString] = {}
        self._secret = secrets.token_hex(16)
        self._is_inside = False  # a string
        self._is_value = False  # and that string follows a colon
        self._last = b""  # what stood before it, spaces apart
        self._begin = 0  # of the string's content in the skeleton
        self._is_cut = False  # the piece ended after a backslash
        self._has_escapes = False
        self._spilling: LongString | None = None

    def feed(self, piece: bytes) -> None:
        """The next part of the body; refuses (413) one that would fill the memory."""
        position = 0
        while position < len(piece):
            position = self._string(piece, position) if self._is_inside else self._outside(piece, position)
        if len(self._skeleton) > MOST_IN_MEMORY:
            raise Refusal(413, {"detail": f"Beside its data, a request has at most {MOST_IN_MEMORY} bytes."})

    def body(self) -> Body:
        """All of it, when it has ended."""
        if self._spilling is not None:
            self._end_string()  # a body that breaks off in a string lacks its quote, and is no JSON
        if self._file is not None:
            self._file.flush()
        return Body(bytes(self._skeleton), self._long)

    def close(self) -> None:
        """Give the disk back."""
        if self._file is not None:
            self._file.close()

    def _outside(self, piece: bytes, position: int) -> int:
        quote = piece.find(b'"', position)
        end = len(piece) if quote < 0 else quote
        between = piece[position:end]
        self._skeleton += between
        self._last = between.rstrip(SPACE)[-1:] or self._last
        if quote < 0:
            return end
        self._skeleton += b'"'
        self._is_inside, self._is_value = True, self._last == b":"
        self._begin, self._has_escapes = len(self._skeleton), False
        return quote + 1

    def _string(self, piece: bytes, position: int) -> int:
        end = self._end_of_string(piece, position)
        self._take(piece[position:end])
        if end == len(piece):
            return end
        self._end_string()
        self._skeleton += b'"'
        self._is_inside, self._last = False, b'"'
        return end + 1

    def _end_of_string(self, piece: bytes, position: int) -> int:
        """Where its closing quote stands, or the end of the piece."""
        if self._is_cut:
            position, self._is_cut = position + 1, False
        quote = piece.find(b'"', position)
        end = len(piece) if quote < 0 else quote
        if piece.find(b"\\", position, end) < 0:
            return end
        self._has_escapes = True
        found = REST.match(piece, position)
        end = found.end() if found else position
        if piece[end : end + 1] == b"\\":
            end, self._is_cut = len(piece), True
        return end

    def _take(self, content: bytes) -> None:
        if self._spilling is not None:
            self._spill(content)
            return
        self._skeleton += content
        longest = LONG_AMONG_MANY if len(self._skeleton) > LARGE else LONG
        if self._is_value and len(self._skeleton) - self._begin > longest:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=BLOCK)  # noqa: SIM115 - see `close`
            self._spilling = LongString(self._file.fileno(), self._written)
            self._spill(bytes(self._skeleton[self._begin :]))
            del self._skeleton[self._begin :]

    def _spill(self, content: bytes) -> None:
        assert self._file is not None  # noqa: S101 - opened with the first long string
        assert self._spilling is not None  # noqa: S101
        self._file.write(content)
        self._written += len(content)
        self._spilling.length += len(content)

    def _end_string(self) -> None:
        if self._spilling is None:
            return
        self._spilling.has_escapes = self._has_escapes
        name = f"{self._secret}{len(self._long)}"
        self._long[name] = self._spilling
        self._skeleton += name.encode("ascii")
        self._spilling = None
