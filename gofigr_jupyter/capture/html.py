"""HTML and Markdown that hold a picture: animations, embedded images and films, inline SVG.

In: a displayed bundle without any picture of its own. Out: the text exactly as displayed, with the picture in it as the
source of all further forms. What counts: a picture that is more than an icon and stands outside tables of data.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import io
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from gofigr_jupyter.capture import vega_drawing
from gofigr_jupyter.capture.mime import has_picture, one_line, page
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.records import Missing, Rendition, Source

KIND = "html"
TEXTS = ("text/html", "text/markdown")

_ICON = 64  # pixels: what is no larger than this in both directions is an icon
_SMALL = 2_000  # bytes, where a picture does not tell its size at its beginning
_MAX_PIXELS = 50_000_000
_TAG_START = 2_000  # characters before a picture's data in which its tag begins

_MARKS = ("data:image/", "data:video/", "<svg")
_DATA = re.compile(r"data:image/(?P<kind>png|jpe?g|gif|webp|svg\+xml)(?P<more>[^,\"')]*),")
_UNQUOTED_END = re.compile(r"[\s)>]")
_IMAGE_TAG = re.compile(r"<img\b[^<]*\bsrc\s*=\s*[\"']?$|!\[(?P<alt>[^\]]*)\]\(\s*<?$", re.IGNORECASE)
_VIDEO = re.compile(r"<(?:video|source)\b[^<>]*\bsrc\s*=\s*[\"']?data:video/", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
# Tables of data have heads; those that only put pictures side by side have none.
_TABLE = re.compile(r"<table\b.*?</table\s*>", re.IGNORECASE | re.DOTALL)
_HEAD = re.compile(r"<th\b|\bdataframe\b", re.IGNORECASE)
_SVG = re.compile(r"<svg\b[^>]*>.*?</svg\s*>", re.IGNORECASE | re.DOTALL)
_DEFINED = re.compile(r"<(defs|symbol)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_DRAWS = re.compile(r"<(path|rect|circle|ellipse|line|poly|text|image)", re.IGNORECASE)
_LENGTH = re.compile(r"(?<![\w-])(?:width|height)\s*[=:]\s*[\"']?\s*(\d+(?:\.\d+)?)(?![\d.%])")
_BOX = re.compile(r"\bviewBox\s*=\s*[\"']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)")
# Objects that describe themselves (xarray, scikit-learn, PyVista) keep a plain text at hand: their drawings decorate.
_DESCRIPTION = re.compile(r"<(?:pre|div)\b[^>]*text-repr-fallback")
_PLAYER = "new Animation("  # matplotlib's own, of `to_jshtml()`; its frames are in a script


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in a text: its format, its bytes, and what it is called there."""

    format: str
    data: bytes
    alt: str | None = None


# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """An object that shows HTML stands for itself."""
    return shown


def may_hold(data: Mapping[str, Any]) -> bool:
    """A quick look: whether a text of the bundle has a picture's mark."""
    return any(mark in text for text in _texts(data).values() for mark in _MARKS)


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:  # noqa: ARG001
    """The text that holds a picture; None when it holds none that counts, or when the bundle shows one beside it."""
    if has_picture(data):
        return None
    for mime_type, text in _texts(data).items():
        picture, shown_as = first_picture(text), page(mime_type, data, metadata)
        if shown_as is None or (picture is None and not _VIDEO.search(text)):
            continue
        source = Source(picture.format, picture.data) if picture else Missing("a film has no still picture")
        return Seen(KIND, one_line(picture.alt) if picture else None, (shown_as,), source)
    return None


def asked(shown: Any) -> Seen:
    """No class is of this kind; what publish() takes of it comes by `anything`."""
    raise TypeError(f"{type(shown).__name__} is not HTML")


def first_picture(text: str) -> Picture | None:
    """The first picture in a text that counts as a figure."""
    if _DESCRIPTION.search(text):
        return None
    text = _TABLE.sub(lambda table: "" if _HEAD.search(table[0]) else table[0], text)
    return next(_images(text), None) or next(_drawings(text), None)


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    found = {name: data[name] for name in TEXTS if name in data}
    # nbformat splits long texts into lists of lines
    return {
        name: "".join(value) if isinstance(value, list) else value
        for name, value in found.items()
        if isinstance(value, str | list)
    }


def _images(text: str) -> Iterator[Picture]:
    is_player = _PLAYER in text
    position = 0
    while match := _DATA.search(text, position):
        position = _end(text, match)
        before = text[max(0, match.start() - _TAG_START) : match.start()]
        tag = _IMAGE_TAG.search(before)
        if tag is None and not is_player:
            continue
        whole = before[tag.start() :] + text[position : text.find(">", position) + 1] if tag else ""
        picture = _decoded(match, text[match.end() : position], _alt(tag, whole))
        if picture is not None and _counts(picture, whole):
            yield picture


def _end(text: str, match: re.Match[str]) -> int:
    """Where a picture's data end: at the quote that they began with."""
    quote = text[match.start() - 1] if match.start() else ""
    if quote in {'"', "'"}:
        end = text.find(quote, match.end())
    else:
        found = _UNQUOTED_END.search(text, match.end())
        end = found.start() if found else -1
    return end if end >= 0 else len(text)


def _decoded(match: re.Match[str], text: str, alt: str | None) -> Picture | None:
    file_format = {"svg+xml": "svg", "jpg": "jpeg"}.get(match["kind"], match["kind"])
    try:
        is_base64 = "base64" in match["more"]
        data = base64.b64decode(text) if is_base64 else unquote_to_bytes(text)
    except (binascii.Error, ValueError):
        return None
    return Picture(file_format, data, alt)


def _alt(tag: re.Match[str] | None, whole: str) -> str | None:
    if tag is None:
        return None
    if tag["alt"] is not None:
        return tag["alt"]
    found = _ALT.search(whole)
    return found[1] or found[2] if found else None


def _drawings(text: str) -> Iterator[Picture]:
    """Inline SVG that draws something itself: not the stores of symbols that icons are taken from."""
    for match in _SVG.finditer(text):
        if _DRAWS.search(_DEFINED.sub("", match[0])):
            drawing = match[0]
            if "xmlns" not in drawing.partition(">")[0]:  # needless in HTML, needed in a file
                drawing = f'<svg xmlns="http://www.w3.org/2000/svg"{drawing[4:]}'
            picture = Picture("svg", drawing.encode("utf-8", "surrogatepass"))
            if _counts(picture, ""):
                yield picture


def _counts(picture: Picture, tag: str) -> bool:
    """Whether a picture is more than an icon, by the size that its tag gives it, else by its own."""
    size = _tag_size(tag) or _own_size(picture)
    return max(size) > _ICON if size else len(picture.data) > _SMALL or picture.format == "svg"


def _tag_size(tag: str) -> tuple[float, ...]:
    return tuple(map(float, _LENGTH.findall(tag)))


def _own_size(picture: Picture) -> tuple[float, ...]:
    try:
        if picture.format == "png":
            return struct.unpack(">II", picture.data[16:24])
        if picture.format == "gif":
            return struct.unpack("<HH", picture.data[6:10])
    except struct.error:
        return ()
    if picture.format == "svg":
        opening = picture.data[:4000].decode("utf-8", "replace").partition(">")[0]
        box = _BOX.search(opening)
        return _tag_size(opening) or (tuple(map(float, box.groups())) if box else ())
    return ()


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """The picture of the page, as a PNG; it has no other forms."""
    for file_format in formats:
        data: bytes | Missing
        try:
            data = _png(source) if file_format == "png" else Missing(f"there is no {file_format} of it")
        except Exception as error:  # noqa: BLE001 -- pictures of anybody
            data = Missing(f"its picture cannot be read ({type(error).__name__})")
        yield Rendition(file_format, data)


def _png(source: Source) -> bytes | Missing:
    if source.format == "png":
        return source.data
    if source.format == "svg":
        return vega_drawing.picture_of_svg(source.data)
    library = importlib.import_module("PIL.Image")
    with library.open(io.BytesIO(source.data), formats=(source.format.upper(),)) as image:
        if image.width * image.height > _MAX_PIXELS:
            return Missing(f"the picture has more than {_MAX_PIXELS:,} pixels")
        stream = io.BytesIO()
        image.convert("RGBA" if image.has_transparency_data else "RGB").save(stream, "PNG")
        return stream.getvalue()
