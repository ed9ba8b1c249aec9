"""A revision to take away: script, notebook, requirements, inputs, picture and what says how they belong together.

In: a record, and ways to read its pictures and inputs, a client's or the server's own. Out: the entries of a zip.
Inputs that cannot be had are named in the README, with the reason.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gofigr_jupyter.embedding.files import LARGEST, MARKABLE, marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.proof import crate, requirements, script
from gofigr_jupyter.proof.archive import Entry
from gofigr_jupyter.proof.crate import File
from gofigr_jupyter.proof.places import Placed, placed, safe_name, urls
from gofigr_jupyter.proof.recorded import Code, Input, Piece, Recorded

PARTS = {"script": ("script.py", "text/x-python"), "notebook": ("notebook.ipynb", "application/x-ipynb+json")}
USE = (
    "    python -m venv env",
    "    env/bin/pip install -r requirements.txt",
    "    env/bin/python script.py",
    "",
    "`script.py` writes the figure to `figure.png` (or `.html`, `.svg`); `figure-as-shown` is what its author saw,",
    "with the link above in the file's metadata.",
    "`notebook.ipynb` is the same code, cell by cell.",
)
EXTENSIONS = {"jpeg": "jpg", "": "bin"}
_TYPES = {".py": "text/x-python", ".ipynb": "application/x-ipynb+json", ".parquet": "application/vnd.apache.parquet"}
_RESERVED = ("readme.md", "requirements.txt", "packages.txt", "script.py", "notebook.ipynb", crate.NAME)
_MADE = ("figure.png", "figure.svg", "figure.html")  # by the script
_SHOWN = "figure-as-shown"


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that can be had when they are needed."""

    size: int | None
    read: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a bundle is filled from: pictures by the id of their data object, inputs by their recorded path."""

    pictures: Mapping[str, Content]
    inputs: Mapping[str, Content]
    packages: bytes | None = None
    scale: int = 1


def part(record: Recorded, name: str, scale: int = 1) -> bytes:
    """The script or the notebook alone."""
    places = _places(record)
    told = script.notebook(record, places) if name == "notebook" else script.script(record, places, scale=scale)
    return told.encode("utf-8", "replace")


def entries(record: Recorded, sources: Sources) -> Iterator[Entry]:
    """All files of the bundle, in their order."""
    places = _places(record)
    inputs = [(place, sources.inputs[place.input.path]) for place in places if place.input.path in sources.inputs]
    texts = dict(_texts(record, places, sources))
    pictures = dict(_pictures(record, sources))
    files = [File(name, told, kind, len(data), of) for name, (told, kind, of, data) in texts.items()]
    about = "The figure as it was shown"
    files += [File(name, about, _type(name), one.size, "figure") for name, one in pictures.items()]
    files += [_input_file(place, one) for place, one in _distinct(inputs)]
    yield Entry.of(crate.NAME, crate.text(record, files).encode("utf-8", "replace"))
    for name, (*_, data) in texts.items():
        yield Entry.of(name, data)
    for name, one in pictures.items():
        yield Entry(name, one.size, one.read)
    for place, one in _distinct(inputs):
        yield Entry(place.path, one.size, one.read)


def scale_of(piece: Piece, head: bytes) -> int:
    """2 where a PNG has twice the pixels of the size that it was shown in, as its first bytes tell; else 1."""
    told = piece.meta.get("output_metadata")
    width = told.get("width") if isinstance(told, Mapping) else None
    if not isinstance(width, int) or not head.startswith(b"\x89PNG\r\n\x1a\n") or len(head) < 24:
        return 1
    return 2 if int.from_bytes(head[16:20], "big") >= 2 * width - 1 else 1


def file_name(record: Recorded) -> str:
    """What the zip is called."""
    return f"{safe_name(record.about.figure).replace(' ', '-')}-r{record.about.number}.zip"


def _places(record: Recorded) -> tuple[Placed, ...]:
    code = record.code
    cells = code.cells if isinstance(code, Code) else ()
    shown = [f"{_SHOWN}.{_extension(piece)}" for piece in record.displayed]
    return placed(record.inputs, cells, record.folder, (*_RESERVED, *_MADE, *shown))


def _distinct(inputs: Iterable[tuple[Placed, Content]]) -> Iterator[tuple[Placed, Content]]:
    """Each place once: a file may have been read by several names."""
    seen: set[str] = set()
    for place, content in inputs:
        if place.path.lower() not in seen:
            seen.add(place.path.lower())
            yield place, content


def _texts(
    record: Recorded, places: tuple[Placed, ...], sources: Sources
) -> Iterator[tuple[str, tuple[str, str, str, bytes]]]:
    """Name -> what it is, its type, its part, its bytes."""

    def encoded(told: str) -> bytes:
        return told.encode("utf-8", "replace")

    yield "README.md", ("What this is", "text/markdown", "", encoded(_readme(record, places, sources)))
    told = script.script(record, places, scale=sources.scale)
    yield "script.py", ("Makes the figure", "text/x-python", "script", encoded(told))
    told = script.notebook(record, places)
    yield "notebook.ipynb", ("The same as a notebook", "application/x-ipynb+json", "notebook", encoded(told))
    told = requirements.text(record)
    yield "requirements.txt", ("The packages that the code imports", "text/plain", "", encoded(told))
    if sources.packages is not None:
        yield "packages.txt", ("All packages that were installed", "text/plain", "", sources.packages)


def _pictures(record: Recorded, sources: Sources) -> Iterator[tuple[str, Content]]:
    found = [(piece, sources.pictures[piece.id]) for piece in record.displayed if piece.id in sources.pictures]
    for number, (piece, content) in enumerate(found, 1):
        name = safe_name(f"{_SHOWN}{'' if number == 1 else f'-{number}'}.{_extension(piece)}")
        yield name, _with_link(record, piece, content)


def _with_link(record: Recorded, piece: Piece, content: Content) -> Content:
    """A picture that has left its server can still be found again; only the metadata of its file are others."""
    if piece.format not in MARKABLE or content.size is None or content.size > LARGEST:
        return content
    about = record.about
    data = marked(b"".join(content.read()), Mark(about.link, about.revision, about.figure))
    return Content(len(data), lambda: [data])


def _extension(piece: Piece) -> str:
    told = "".join(c for c in piece.format if c.isalnum())[:12]
    return EXTENSIONS.get(told, told)


def _input_file(place: Placed, content: Content) -> File:
    one = place.input
    about = f"Input: {one.path}" + (f", read by {one.read_by}" if one.read_by else "")
    return File(place.path, about, _type(place.path), content.size, "input", one.digest)


def _type(name: str) -> str:
    suffix = f".{name.rpartition('.')[2].lower()}"
    return _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")


# ---------------------------------------------------------------- the README


def _readme(record: Recorded, places: tuple[Placed, ...], sources: Sources) -> str:
    about = record.about
    lines = [f"# {_plain(record.title)}", "", f"{_plain(script.about(record))}", "", f"<{about.link}>", ""]
    lines += [*USE, ""]
    notes = [*requirements.notes(record), *script.notes(record, places), *_missing(record, places, sources)]
    lines += [f"- {_plain(note)}" for note in notes]
    return "\n".join(lines).rstrip() + "\n"


def _missing(record: Recorded, places: Iterable[Placed], sources: Sources) -> Iterator[str]:
    for place in places:
        one: Input = place.input
        if one.path not in sources.inputs:
            why = one.problem or "no copy was kept"
            yield f"{one.path} is not in this bundle: {why}. The code looks for it at {place.path}"
    for address in urls(record.inputs):
        yield f"{address} is read from the network"


def _plain(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|~" else c for c in " ".join(text.split()))
