"""Run as a child: a notebook on stdin, its figures out, each with the code of its cell; bytes as the notebook has them.

A frame: header {cell, id, count, title, position, language, mimes}, blobs [code, one for each of mimes].
"""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from gofigr_jupyter.server.child import Frame, main

RASTERS = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}
SVG = "image/svg+xml"
FIGURES = (*(one for one in RASTERS if one.startswith("image/")), SVG)
SOURCES = (
    "application/vnd.plotly.v1+json",
    *(f"application/vnd.vegalite.v{version}json" for version in ("6.", "6+", "5.", "5+")),
)
TITLES = ("suptitle", "title", "set_title", "update_layout", "ggtitle")  # calls that give a title, best first
LONGEST_TITLE = 200
LONGEST_CODE = 200_000  # characters of a cell; what is longer was not written by hand
MOST_FIGURES = 1000


def read(stream: BinaryIO) -> Iterator[Frame]:
    """The figures of a notebook in the order of its cells."""
    notebook = json.load(stream)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise SystemExit("not a notebook of version 4")
    language = _language(notebook.get("metadata"))
    codes = (
        one for one in enumerate(notebook["cells"]) if isinstance(one[1], dict) and one[1].get("cell_type") == "code"
    )
    yield from islice((figure for number, cell in codes for figure in _figures(cell, number, language)), MOST_FIGURES)


def _figures(cell: dict[str, Any], number: int, language: str) -> Iterator[Frame]:
    code = _text(cell.get("source"))[:LONGEST_CODE]
    outputs = cell.get("outputs")
    bundles = [_bundle(one) for one in outputs] if isinstance(outputs, list) else []
    shown = [bundle for bundle in bundles if any(mime in bundle for mime in (*FIGURES, *SOURCES))]
    title = title_of(code) if len(shown) == 1 else None
    for position, bundle in enumerate(shown):
        header = {
            "cell": number,
            "id": _short(cell.get("id")),
            "count": cell.get("execution_count") if isinstance(cell.get("execution_count"), int) else None,
            "title": title,
            "position": position,
            "language": language,
            "mimes": list(bundle),
        }
        yield header, [code.encode("utf-8", "replace"), *bundle.values()]


def _bundle(output: Any) -> dict[str, bytes]:
    """The pictures of an output, and what an interactive one is drawn from."""
    data = output.get("data") if isinstance(output, dict) else None
    if not isinstance(data, dict) or output.get("output_type") not in {"display_data", "execute_result"}:
        return {}
    found = {}
    for mime, value in data.items():
        if mime in RASTERS:
            content = _decoded(_text(value))
            if content.startswith(RASTERS[mime]):
                found[mime] = content
        elif mime == SVG and "<svg" in _text(value):
            found[mime] = _text(value).encode("utf-8", "replace")
        elif mime in SOURCES and isinstance(value, dict):
            found[mime] = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return found


def title_of(code: str) -> str | None:
    """The title that Python code gives its one figure, where it stands there word for word."""
    try:
        calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: dict[str, list[str]] = {}
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        values = [keyword.value for keyword in call.keywords if keyword.arg in {"title", "title_text"}]
        if name in TITLES:
            values += [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in {"t", "label"})]
        words = [one.value.strip() for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        found.setdefault(name if name in TITLES else "", []).extend(words)
    for name in (*TITLES, ""):
        titles = {one for one in found.get(name, []) if one}
        if titles:
            return _short(titles.pop(), LONGEST_TITLE) if len(titles) == 1 else None
    return None


def _language(metadata: Any) -> str:
    about = metadata if isinstance(metadata, dict) else {}
    for place, key in (("language_info", "name"), ("kernelspec", "language")):
        entry = about.get(place)
        if isinstance(entry, dict) and isinstance(entry.get(key), str) and entry[key]:
            return (_short(entry[key]) or "Python").capitalize()
    return "Python"


def _text(value: Any) -> str:
    """Notebooks keep long texts as lists of lines."""
    if isinstance(value, list):
        return "".join(one for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return b""


def _short(value: Any, most: int = 64) -> str | None:
    """A text for one line: without line breaks, control characters and halves of surrogate pairs."""
    if not isinstance(value, str):
        return None
    plain = "".join(one if one.isprintable() else " " for one in value[: 2 * most])
    return " ".join(plain.split())[:most] or None


if __name__ == "__main__":
    main(read)
