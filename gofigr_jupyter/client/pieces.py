"""What people have - files, bytes, texts, tables - as data objects to be published. Sends nothing.

Each function returns a draft for `revisions.create(data=[...])`; a bare path stands for what its suffix says.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gofigr_jupyter.client.bodies import Bulk
from gofigr_jupyter.schema.assets import AssetRevisionDraft
from gofigr_jupyter.schema.base import Pieces
from gofigr_jupyter.schema.figures import AppendData, DataDraft, DataType, RevisionDraft

Piece = DataDraft | Path | str  # a str is a path, too

_PIECE = 3 << 16  # bytes; whole groups of three, for base64
_IMAGES = frozenset({"png", "jpeg", "gif", "webp", "avif", "svg", "eps", "pdf"})
_SAME = {"jpg": "jpeg", "htm": "html", "tif": "tiff", "py3": "py"}
_TABLES = frozenset({"csv", "parquet"})
_CODE = {"py": "python", "r": "R", "jl": "julia", "js": "javascript", "sql": "sql", "sh": "shell"}
_TEXTS = frozenset({"txt", "md", "json", "html", "yaml", "yml", "toml", "log"})


def image(content: bytes | Path | str, *, name: str | None = None, format: str | None = None) -> DataDraft:  # noqa: A002
    """A picture, from its bytes or its file; `format` as in `png`, told by the suffix where there is one.

    Raises ValueError for bytes without a format, OSError for a file that cannot be read.
    """
    chosen = format or (None if isinstance(content, bytes) else _suffix(content))
    if not chosen:
        raise ValueError("format= is needed for a picture given as bytes")
    return _piece("image", content, name, format=chosen, is_watermarked=False)


def code(source: str | Path, *, name: str | None = None, language: str = "python") -> DataDraft:
    """Source code, as text or as a Path."""
    return _piece("code", _encoded(source), name or _name(source, "code"), **_CODE_FACTS, language=language)


def text(content: str | Path, *, name: str | None = None) -> DataDraft:
    """A text, as such or as a Path."""
    return _piece("text", _encoded(content), name or _name(content, "text"), format="text", encoding="utf-8")


def table(content: Any, *, name: str | None = None) -> DataDraft:
    """A table: a CSV or Parquet file by its path, or a pandas or polars DataFrame, which is written as CSV."""
    if isinstance(content, str | Path):
        return _piece("dataframe", content, name, format=_suffix(content), encoding="utf-8")
    if hasattr(content, "write_csv"):
        written = content.write_csv()
    else:
        written = content.to_csv(index=not _only_counts(content.index))
    return _piece("dataframe", str(written).encode(), name or "table", format="csv", encoding="utf-8")


def file(path: str | Path, *, name: str | None = None) -> DataDraft:
    """Any file, byte for byte."""
    return _piece("file", Path(path), name, path=str(path))


def drafts(pieces: Iterable[Piece]) -> list[DataDraft]:
    """All of them as drafts; paths by their suffix. Raises OSError for a file that cannot be read."""
    return [piece if isinstance(piece, DataDraft) else _by_suffix(Path(piece)) for piece in pieces]


_CODE_FACTS = {"format": "text", "encoding": "utf-8"}


def _by_suffix(path: Path) -> DataDraft:
    kind = _suffix(path)
    if kind in _IMAGES:
        return image(path)
    if kind in _TABLES:
        return table(path)
    if kind in _CODE:
        return code(path, language=_CODE[kind])
    return text(path) if kind in _TEXTS else file(path)


class InFile(Pieces):
    """The bytes of a file, read when they are sent. Raises OSError when there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb"):  # a file that cannot be read is told where it is named
            self._state = _state(path)

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as stream:
            self._check()
            while piece := stream.read(_PIECE):
                yield piece

    def __len__(self) -> int:
        self._check()
        return self._state[0]

    def _check(self) -> None:
        if _state(self._path) != self._state:
            raise ValueError(f"{self._path} was changed after it was named")


def carried(draft: RevisionDraft | AssetRevisionDraft | AppendData) -> dict[str, Any]:
    """The JSON object for a request, its bytes still apart; without data it has an empty list, as the contract asks."""
    body = draft.model_copy(update={"data": None}).to_wire()
    return body | {"data": [_carried(one) for one in draft.data or ()]}


def _carried(one: DataDraft) -> dict[str, Any]:
    light = one.model_copy(update={"data": None}).to_wire()
    return light if one.data is None else light | {"data": Bulk(one.data)}


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _piece(kind: DataType, content: bytes | InFile | Path | str, name: str | None, **facts: Any) -> DataDraft:
    raw = content if isinstance(content, bytes | InFile) else InFile(Path(content))
    label = name or (kind if isinstance(content, bytes | InFile) else Path(content).name)
    # As all clients do: by `local_id` an object is known again before the server has given it an id.
    return DataDraft(name=label, type=kind, data=raw, metadata={"local_id": str(uuid.uuid4()), **facts})


def _only_counts(index: Any) -> bool:
    """Whether a pandas index is a plain 0, 1, 2..., which says nothing and would only add a nameless column."""
    is_range = type(index).__name__ == "RangeIndex"
    return is_range and (index.start, index.step, index.name) == (0, 1, None)


def _encoded(content: str | Path) -> bytes | InFile:
    return InFile(content) if isinstance(content, Path) else content.encode()


def _name(content: str | Path, otherwise: str) -> str:
    return content.name if isinstance(content, Path) else otherwise


def _suffix(path: str | Path) -> str:
    found = Path(path).suffix.lstrip(".").lower()
    return _SAME.get(found, found)
