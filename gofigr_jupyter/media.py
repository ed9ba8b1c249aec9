"""The kinds of files that a CDN for figures takes: names, limits, and what their first bytes look like.

In: a file's name, what somebody calls its type, its first bytes. Out: which kind it is, or none. One table for the
client, which looks before it sends, and the server, which believes nobody. Nothing is decoded here.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from gofigr_jupyter.embedding.svg import is_svg

Kind = Literal["image", "document", "media"]
HEAD = 1 << 16  # bytes from the start of a file, with which all kinds can be told apart
MEGABYTES: dict[Kind, int] = {"image": 10, "document": 50, "media": 500}


@dataclass(frozen=True)
class Medium:
    """One type of files: `content_type` as it is served, `others` what people also call it, `looks` by first bytes."""

    content_type: str
    kind: Kind
    extensions: tuple[str, ...]
    looks: Callable[[bytes], bool]
    others: tuple[str, ...] = ()

    @property
    def most_bytes(self) -> int:
        """The largest file that is taken."""
        return MEGABYTES[self.kind] << 20


def declared(content_type: str) -> Medium | None:
    """The type that somebody names, as `Image/PNG` or `text/plain; charset=utf-8`; None where it is not taken."""
    name = plain(content_type)
    return next((one for one in MEDIA if name == one.content_type or name in one.others), None)


def plain(content_type: str) -> str:
    """A content type in lower case and without parameters."""
    return content_type.partition(";")[0].strip().lower()


def named(filename: str) -> Medium | None:
    """The type that a name promises by its extension; None without one that is known."""
    suffix = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    return next((one for one in MEDIA if suffix in one.extensions), None)


def sniffed(head: bytes) -> tuple[Medium, ...]:
    """The types that a file may be that begins so; `head` is its first `HEAD` bytes, or all of it.

    At most one, but for text: whether that is Markdown is its author's choice. Empty for what is not taken.
    """
    marked = next((one for one in MEDIA if one.looks is not _text and one.looks(head)), None)
    if marked is not None:  # SVG, and some PDFs, are text as well
        return (marked,)
    return tuple(one for one in MEDIA if one.looks is _text) if _text(head) else ()


# ---------------------------------------------------------------- looks

_AS_WORD = re.compile(rb"PK\x03\x04.{26}word/", re.DOTALL)
_TYPES = b"[Content_Types].xml"
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")  # never in texts, in any encoding with ASCII in it
_MOVIES = re.compile(rb"isom|iso[2-9]|mp4[12]|avc1|M4V[ HP]|dash|msdh|MSNV|mmp4|f4v |cmfc", re.ASCII)
_NO_MOVIES = frozenset(b"M4A |M4B |M4P |qt  |avif|avis|heic|heix|heim|mif1|msf1".split(b"|"))
_MOST_FOREIGN = 0.3  # of a text in an encoding with one byte a letter; with more it is hardly text


def _starts(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _png(head: bytes) -> bool:
    return head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR"


def _webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _webm(head: bytes) -> bool:
    """Matroska's box, with WebM's name on it."""
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:128]


def _mp4(head: bytes) -> bool:
    size = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or not 16 <= size <= 512 or head[8:12] in _NO_MOVIES:
        return False
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    return any(_MOVIES.fullmatch(brand) for brand in brands)


def _mp3(head: bytes) -> bool:
    if head[:3] == b"ID3":
        return len(head) >= 10 and head[3] in {2, 3, 4} and all(byte < 0x80 for byte in head[6:10])
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bitrate not in {0, 15} and rate != 3


def _docx(head: bytes) -> bool:
    """A ZIP that holds a Word document. Some writers put the list of types first, some the parts themselves."""
    if not head.startswith(b"PK\x03\x04"):
        return False
    return _AS_WORD.search(head) is not None or b"wordprocessingml" in _first_types(head)


def _first_types(head: bytes) -> bytes:
    """The beginning of the list of types, where the archive begins with it."""
    name_end = 30 + int.from_bytes(head[26:28], "little")
    if head[30:name_end] != _TYPES:
        return b""
    packed = head[name_end + int.from_bytes(head[28:30], "little") :]
    if head[8:10] == b"\x00\x00":  # stored as it is
        return packed[:HEAD]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, HEAD)
    except zlib.error:
        return b""


def _text(head: bytes) -> bool:
    """Text in UTF-8, or in one of the old encodings of one byte a letter."""
    if not head or _CONTROLS.search(head) is not None:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter may be cut in two where the head ends
    except UnicodeDecodeError:
        return sum(byte >= 0x80 for byte in head) <= _MOST_FOREIGN * len(head)
    return True


JPEG = Medium("image/jpeg", "image", (".jpg", ".jpeg", ".jfif"), _starts(b"\xff\xd8\xff"), ("image/jpg", "image/pjpeg"))
PNG = Medium("image/png", "image", (".png",), _png)
GIF = Medium("image/gif", "image", (".gif",), _starts(b"GIF87a", b"GIF89a"))
WEBP = Medium("image/webp", "image", (".webp",), _webp)
SVG = Medium("image/svg+xml", "image", (".svg",), is_svg)
PDF = Medium("application/pdf", "document", (".pdf",), _starts(b"%PDF-"))
DOCX = Medium(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document", (".docx",), _docx
)
TXT = Medium("text/plain", "document", (".txt", ".text"), _text)
MD = Medium("text/markdown", "document", (".md", ".markdown"), _text, ("text/x-markdown",))
MP4 = Medium("video/mp4", "media", (".mp4", ".m4v"), _mp4, ("video/x-m4v",))
MP3 = Medium("audio/mpeg", "media", (".mp3",), _mp3, ("audio/mp3", "audio/x-mp3"))
WEBM = Medium("video/webm", "media", (".webm",), _webm, ("audio/webm",))
MEDIA = (JPEG, PNG, GIF, WEBP, SVG, PDF, DOCX, TXT, MD, MP4, MP3, WEBM)
