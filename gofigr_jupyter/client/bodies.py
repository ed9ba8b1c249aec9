"""What a request carries: JSON, a file as it is or in a form, handed over in pieces so that progress can be told.

A body can be sent several times: when signing in turns out to be needed first, or when it is tried again.
"""

from __future__ import annotations

import base64
import io
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

from gofigr_jupyter.errors import BodyChanged
from gofigr_jupyter.schema.base import Pieces

Progress = Callable[[int, int | None], None]  # bytes done, bytes altogether where that is known
_PIECE = 1 << 16
_LARGE_PIECE = 1 << 18  # of what may have hundreds of megabytes; each piece costs its way through the connection


@dataclass(frozen=True)
class Form:
    """A multipart form: plain fields, and one file."""

    path: Path
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bulk:
    """Bytes in the place of a JSON string; they become base64 on their way, a piece at a time."""

    content: bytes | Pieces


@dataclass(frozen=True)
class Plain:
    """Bytes as they are, of a file or from memory: `size` of them, and what they are; sent from `start` on."""

    content: Path | bytes
    size: int
    content_type: str
    start: int = 0


class Body:
    """The body of one request; `with` closes its file."""

    def __init__(self, content: Any, form: Form | None, progress: Progress | None) -> None:
        self._plain = _Plain(content, progress) if isinstance(content, Plain) else None
        self._json = None if content is None or self._plain is not None else _Json(content, progress)
        self._form = form
        self._file = None if form is None else _Told(form.path, progress)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def headers(self) -> dict[str, str]:
        """What says how to read it; for forms httpx does, which draws their boundary."""
        if self._plain is not None:
            return {"Content-Type": self._plain.given.content_type, "Content-Length": str(self._plain.length)}
        if self._json is None:
            return {}
        return {"Content-Type": "application/json", "Content-Length": str(self._json.size)}

    def options(self) -> dict[str, Any]:
        """The arguments of `httpx.Client.build_request` for one try."""
        if self._form is not None:
            return {"data": dict(self._form.fields), "files": {"file": (self._form.path.name, self._file)}}
        whole = self._plain or self._json
        return {} if whole is None else {"content": whole}


class _Plain:
    """The bytes in pieces, as often as they are asked for. Raises BodyChanged when they are not as many as was said."""

    def __init__(self, given: Plain, progress: Progress | None) -> None:
        self.given = given
        self._progress = progress

    @property
    def length(self) -> int:
        """How many go out."""
        return self.given.size - self.given.start

    def __iter__(self) -> Iterator[bytes]:
        content, size, done = self.given.content, self.given.size, self.given.start
        with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as stream:
            stream.seek(done)
            while done < size:
                piece = stream.read(min(_LARGE_PIECE, size - done))
                done += len(piece)
                if not piece or (done == size and stream.read(1)):  # nobody takes a body that lacks its end
                    raise BodyChanged("The file was changed while it was being sent")
                yield piece
                if self._progress is not None:
                    self._progress(done, size)


class _Json:
    """JSON in pieces, as often as they are asked for. Raises ValueError for what JSON cannot say."""

    def __init__(self, content: Any, progress: Progress | None) -> None:
        self._progress = progress
        self._bulks: list[Bulk] = []
        self._mark = secrets.token_hex(16)  # stands for the bulks, in their order
        text = json.dumps(content, allow_nan=False, default=self._put_aside)
        self._texts = [part.encode() for part in text.split(self._mark)]
        self.size = sum(map(len, self._texts)) + sum(_size(bulk.content) for bulk in self._bulks)

    def _put_aside(self, value: Any) -> str:
        if not isinstance(value, Bulk):
            raise TypeError(f"{type(value).__name__} has no place in JSON")
        self._bulks.append(value)
        return self._mark

    def __iter__(self) -> Iterator[bytes]:
        done, gathered = 0, bytearray()
        for piece in self._pieces():
            gathered += piece
            if len(gathered) >= _PIECE:  # many small ones would go out one by one
                yield bytes(gathered)
                done += len(gathered)
                gathered.clear()
                self._tell(done)
        yield bytes(gathered)
        self._tell(self.size)

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(done, self.size)

    def _pieces(self) -> Iterator[bytes]:
        for at, text in enumerate(self._texts):
            yield from _cut(text)
            if at < len(self._bulks):
                yield from _encoded(self._bulks[at].content)


def _size(content: bytes | Pieces) -> int:
    """How long it is in base64."""
    length = len(content) if isinstance(content, Sized) else sum(map(len, content))
    return (length + 2) // 3 * 4


def _encoded(content: bytes | Pieces) -> Iterator[bytes]:
    left = b""
    for piece in _cut(content) if isinstance(content, bytes) else content:
        whole = left + piece
        end = len(whole) - len(whole) % 3
        left = whole[end:]
        yield base64.b64encode(whole[:end])
    yield base64.b64encode(left)


def _cut(content: bytes) -> Iterator[bytes]:
    view = memoryview(content)
    for start in range(0, len(content), _PIECE):
        yield bytes(view[start : start + _PIECE])


class _Told:
    """An open file that tells how far it was read; httpx reads it in pieces, and rewinds it to send it again."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self._file: BinaryIO = path.open("rb")
        self._total = path.stat().st_size
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        if self._progress is not None and piece:
            self._progress(self._file.tell(), self._total)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
