"""Any file of a picture, told by its first bytes: a mark into it, and the marks that it carries.

In: bytes from anybody. Out: bytes that show the very same picture. Nothing here raises: what cannot carry a mark, or is
damaged, comes back as it is.
"""

from __future__ import annotations

from collections.abc import Callable

from gofigr_jupyter.embedding.mark import Mark, marks_in
from gofigr_jupyter.embedding.pdf import into_pdf
from gofigr_jupyter.embedding.rasters import JPEG, PNG, into_gif, into_jpeg, into_png, into_webp
from gofigr_jupyter.embedding.svg import into_svg, is_svg

MARKABLE = frozenset({"png", "svg", "pdf", "jpeg", "jpg", "gif", "webp"})  # formats as data objects name them
LARGEST = 32 << 20  # bytes of a file on its way out that is marked: all of it has to be in memory


def marked(data: bytes, mark: Mark) -> bytes:
    """The file with the mark in it; the same file where it has that mark, or can have none."""
    into = _way(data)
    if into is None or any(one.revision == mark.revision for one in marks_of(data)[:1]):
        return data
    try:
        return into(data, mark)
    except (ValueError, IndexError, KeyError, OverflowError):
        return data


def marks_of(data: bytes) -> tuple[Mark, ...]:
    """The marks in a file, its own first; a document may hold pictures with marks of theirs."""
    found = marks_in(data)
    # What is appended counts before what was there.
    return found[::-1] if data.startswith((b"%PDF-", b"GIF8")) else found


def _way(data: bytes) -> Callable[[bytes, Mark], bytes] | None:
    if data.startswith(PNG):
        return into_png
    if data.startswith(b"%PDF-"):
        return into_pdf
    if data.startswith(JPEG):
        return into_jpeg
    if data.startswith(b"GIF8"):
        return into_gif
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return into_webp
    return into_svg if is_svg(data) else None
