"""What a revision has recorded of its making: code, inputs, environment, pictures.

In: its metadata, its data objects, and a way to read them: a client's or the server's own. Out: one frozen Recorded.
Anybody may have written what is read here: what has another form counts as absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.cleanroom.manifest import MANIFEST
from gofigr_jupyter.proof.plain_python import parsed
from gofigr_jupyter.records import Environment, Missing, Package

LONGEST_CODE = 2_000_000  # bytes of code, or of a record, that are read
MOST_INPUTS = 1_000
MOST_CELLS = 5_000
_IN = re.compile(r"(?m)^# In \[(\d+)\]\n")
# What a slice says at the end of a cell, where a notebook shows and closes figures by itself.
_OF_SCRIPTS = re.compile(r"(?m)^__import__\(.matplotlib\.pyplot.\)\.pyplot\.(?:close\(.all.\)|show\(\)).*(?:\n|$)")
# How the official client names what has no role.
_NAMED = {"Jupyter Cell": "cell", "Jupyter History": "history"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A data object without its bytes."""

    id: str
    name: str
    type: str
    hash: str
    size_bytes: int
    meta: Mapping[str, Any]

    @property
    def role(self) -> str:
        """What it is for; empty when nothing tells."""
        role = self.meta.get("role")
        return role if isinstance(role, str) else _NAMED.get(self.name, "")

    @property
    def format(self) -> str:
        """Its format in lower case."""
        value = self.meta.get("format")
        return value.lower() if isinstance(value, str) else ""


Read = Callable[[Piece], bytes | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell contributes; `count` is its execution count, None for what is no cell."""

    source: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """The code that makes the figure. `kind` is `slice`, `script`, or, for want of those, `history`: the session."""

    kind: str
    cells: tuple[Cell, ...]
    warnings: tuple[str, ...] = ()
    inputs: frozenset[str] | None = None  # the paths that it reads, where that is known

    @property
    def text(self) -> str:
        """All cells, one after the other."""
        return "\n\n".join(cell.source.strip("\n") for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Input:
    """A file that the session read; `path` as it was recorded, `digest` its BLAKE3-256 in hex."""

    path: str
    name: str
    digest: str | None = None
    size: int | None = None
    asset_revision: str | None = None
    read_by: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """Which revision it is; `created_on` is ISO 8601, `number` counts from 1."""

    revision: str
    figure: str
    number: int
    author: str
    created_on: str
    link: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that is known of how a revision was made.

    `kind` is that of its library; `drawn` are the pictures that were drawn later, in whatever forms it has. `called` is
    the `name` of a reproducible function and the `values` that its controls stood at: the code has only the first ones.
    """

    about: About
    title: str
    code: Code | Missing
    inputs: tuple[Input, ...]
    environment: Environment | Missing
    displayed: tuple[Piece, ...]
    packages: Piece | None = None  # the whole list, as it was written
    folder: str | None = None  # where the notebook lay, if that is known
    masked: int = 0
    kind: str = ""
    drawn: tuple[Piece, ...] = ()
    called: Mapping[str, Any] | None = None


def plain_name(distribution: str) -> str:
    """A distribution's name in its one spelling."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def recorded(about: About, metadata: Any, pieces: Sequence[Piece], read: Read) -> Recorded:
    """Put together what is there."""
    meta = metadata if isinstance(metadata, Mapping) else {}
    code = _code(meta, pieces, read)
    known = code.inputs if isinstance(code, Code) else None
    return Recorded(
        about=about,
        title=_text(meta.get("title")) or about.figure,
        code=code,
        inputs=tuple(one for one in _inputs(meta.get("inputs")) if known is None or one.path in known),
        environment=_environment(pieces, read),
        displayed=tuple(_displayed(pieces)),
        packages=next((piece for piece in pieces if piece.role == "packages"), None),
        folder=_folder(meta),
        masked=_number(meta.get("secrets_masked")) or 0,
        kind=_text(meta.get("kind")),
        drawn=tuple(piece for piece in pieces if piece.type == "image" and piece.role == "picture"),
        called=_called(pieces, read),
    )


# ---------------------------------------------------------------- code


def _code(meta: Mapping[str, Any], pieces: Sequence[Piece], read: Read) -> Code | Missing:
    texts = {
        role: text
        for role in ("slice", "slice-map", "script", "history", "cell")
        if (text := _read(next((one for one in pieces if one.role == role), None), read)) is not None
    }
    if "slice" in texts:
        return _slice(texts["slice"], _json(texts.get("slice-map")))
    if "script" in texts:
        return Code("script", (Cell(texts["script"]),))
    cells = list(_history(texts.get("history", "")))
    count = _number(meta.get("execution_count"))
    if "cell" in texts and not (cells and count is not None and cells[-1].count == count):
        cells.append(Cell(texts["cell"], count))
    if not cells:
        return Missing("no slice, and no code of the session, was recorded with it")
    return Code("history", tuple(cells[:MOST_CELLS]), ("no slice was recorded: this is the whole session",))


def _slice(text: str, told: Any) -> Code:
    """The slice, cell by cell where its marks say so, without what stands in a script for the end of a cell."""
    told = told if isinstance(told, Mapping) else {}
    warnings = tuple(one[:500] for one in _texts(told.get("warnings")))
    inputs = frozenset(_texts(told.get("inputs"))) if isinstance(told.get("inputs"), list) else None
    head, *parts = _IN.split(text)
    cells = [Cell(source, int(count)) for count, source in zip(parts[0::2], parts[1::2], strict=True)]
    if not cells or any(parsed(cell.source) is None for cell in cells):  # no marks, or one inside of a text
        return Code("slice", (Cell(text),), warnings, inputs)
    cells[0] = Cell(f"{head.strip()}\n{cells[0].source}" if head.strip() else cells[0].source, cells[0].count)
    cells = [Cell(_OF_SCRIPTS.sub("", cell.source).strip("\n"), cell.count) for cell in cells]
    return Code("slice", tuple(cells[:MOST_CELLS]), warnings, inputs)


def _history(text: str) -> Iterator[Cell]:
    parts = _IN.split(text)  # what came before the first mark, then marks and cells by turns
    for count, source in zip(parts[1::2], parts[2::2], strict=True):
        yield Cell(source.rstrip("\n"), int(count))


# ---------------------------------------------------------------- the rest


def _inputs(told: Any) -> Iterator[Input]:
    for one in told[:MOST_INPUTS] if isinstance(told, list) else ():
        if not isinstance(one, Mapping) or not _text(one.get("path")):
            continue
        path = _text(one["path"])
        digest = one.get("digest") or one.get("hash")
        yield Input(
            path=path,
            name=_text(one.get("name")) or re.split(r"[\\/]", path.rstrip("\\/"))[-1] or "file",
            digest=digest.lower() if isinstance(digest, str) and re.fullmatch(r"[0-9a-fA-F]{64}", digest) else None,
            size=_number(one.get("size")),
            asset_revision=_text(one.get("asset_revision")) or None,
            read_by=_text(one.get("read_by")),
            problem=_text(one.get("problem")),
        )


def _environment(pieces: Sequence[Piece], read: Read) -> Environment | Missing:
    told = _json(_read(next((one for one in pieces if one.role == "environment"), None), read))
    if not isinstance(told, Mapping):
        return Missing("the packages were not recorded")
    packages = told.get("packages")
    return Environment(
        python=_text(told.get("python")),
        implementation=_text(told.get("implementation")),
        executable=_text(told.get("executable")),
        platform=_text(told.get("platform")),
        packages=tuple(
            _package(one)
            for one in (packages if isinstance(packages, list) else ())
            if isinstance(one, Mapping) and _text(one.get("name"))
        ),
    )


def _called(pieces: Sequence[Piece], read: Read) -> Mapping[str, Any] | None:
    manifest = next((one for one in reversed(pieces) if (one.name, one.type) == (MANIFEST, "text")), None)
    told = _json(_read(manifest, read))
    entries = told.get("parameters") if isinstance(told, Mapping) else None
    if not isinstance(entries, Mapping) or not _text(told.get("function_name")):
        return None
    turned = {name: one for name, one in entries.items() if isinstance(one, Mapping) and one.get("widget")}
    return {"name": told["function_name"], "values": {name: one.get("value") for name, one in turned.items()}}


def _package(told: Mapping[str, Any]) -> Package:
    origin = _text(told.get("origin")) or None
    return Package(told["name"], _text(told.get("version")), told.get("is_editable") is True, origin)


def _displayed(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pictures as shown; of clients that say no role, those without a mark of ours."""
    images = [piece for piece in pieces if piece.type == "image"]
    shown = [piece for piece in images if piece.role == "displayed"]
    yield from shown or [one for one in images if not one.role and one.meta.get("is_watermarked") is not True]


def _folder(meta: Mapping[str, Any]) -> str | None:
    told = _text(meta.get("working_dir"))
    path = _text(meta.get("notebook_path")).replace("\\", "/")
    return told or (path.rpartition("/")[0] if path.startswith("/") else None) or None


def _read(piece: Piece | None, read: Read) -> str | None:
    if piece is None or piece.size_bytes > LONGEST_CODE:
        return None
    content = read(piece)
    return None if content is None else content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _json(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
