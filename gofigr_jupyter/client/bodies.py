"""What a request carries: JSON or a form with a file, handed over in pieces so that progress can be told.

A body can be sent several times: when signing in turns out to be needed first, or when it is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

Progress = Callable[[int, int | None], None]  # bytes done, bytes altogether where that is known
_PIECE = 1 << 16


@dataclass(frozen=True)
class Form:
    """A multipart form: plain fields, and one file."""

    path: Path
    fields: Mapping[str, str] = field(default_factory=dict)


class Body:
    """The body of one request; `with` closes its file."""

    def __init__(self, content: Any, form: Form | None, progress: Progress | None) -> None:
        self._json = None if content is None else json.dumps(content, allow_nan=False).encode()
        self._form = form
        self._file = None if form is None else _Told(form.path, progress)
        self._progress = progress

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def headers(self) -> dict[str, str]:
        """What says how to read it; for forms httpx does, which draws their boundary."""
        if self._json is None:
            return {}
        return {"Content-Type": "application/json", "Content-Length": str(len(self._json))}

    def options(self) -> dict[str, Any]:
        """The arguments of `httpx.Client.build_request` for one try."""
        if self._form is not None:
            return {"data": dict(self._form.fields), "files": {"file": (self._form.path.name, self._file)}}
        if self._json is None:
            return {}
        return {"content": self._json if self._progress is None else _Pieces(self._json, self._progress)}


class _Pieces:
    """Bytes in pieces, as often as they are asked for."""

    def __init__(self, content: bytes, progress: Progress) -> None:
        self._content = content
        self._progress = progress

    def __iter__(self) -> Iterator[bytes]:
        view, total = memoryview(self._content), len(self._content)
        for start in range(0, total, _PIECE):
            yield bytes(view[start : start + _PIECE])
            self._progress(min(start + _PIECE, total), total)


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
