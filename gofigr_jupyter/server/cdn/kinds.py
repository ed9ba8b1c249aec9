"""The kinds of files that may be on the web: their types, their endings, and the group whose limit holds for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gofigr_jupyter.schema.fig1 import Group


@dataclass(frozen=True)
class Kind:
    """One kind of file: `type` is what it is served as, `others` are names that browsers have for it, too.

    `data_type` and `format` are what the data object says of itself; `is_shown` whether a browser may show it.
    """

    type: str
    group: Group
    endings: tuple[str, ...]
    others: tuple[str, ...] = ()
    is_shown: bool = True

    @property
    def format(self) -> str:
        """Its name for data objects, which is its first ending."""
        return "jpeg" if self.endings[0] == "jpg" else self.endings[0]

    @property
    def data_type(self) -> Literal["image", "file"]:
        """The type of data object that it becomes."""
        return "image" if self.group == "images" else "file"

    @property
    def is_text(self) -> bool:
        """Whether it has to be UTF-8."""
        return self.type.startswith("text/") or self is SVG


JPEG = Kind("image/jpeg", "images", ("jpg", "jpeg", "jfif"), ("image/jpg", "image/pjpeg"))
PNG = Kind("image/png", "images", ("png",))
GIF = Kind("image/gif", "images", ("gif",))
WEBP = Kind("image/webp", "images", ("webp",))
SVG = Kind("image/svg+xml", "images", ("svg",))
# Browsers show a PDF with a program of theirs that a sandbox keeps out: it would be an empty page.
PDF = Kind("application/pdf", "documents", ("pdf",), is_shown=False)
DOCX = Kind(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "documents", ("docx",), is_shown=False
)
TXT = Kind("text/plain", "documents", ("txt",))
MD = Kind("text/markdown", "documents", ("md", "markdown"), ("text/x-markdown",))
MP4 = Kind("video/mp4", "media", ("mp4", "m4v"), ("video/x-m4v",))
MP3 = Kind("audio/mpeg", "media", ("mp3",), ("audio/mp3", "audio/x-mp3"))
WEBM = Kind("video/webm", "media", ("webm",), ("audio/webm",))
ALL = (JPEG, PNG, GIF, WEBP, SVG, PDF, DOCX, TXT, MD, MP4, MP3, WEBM)
UNSAID = ("", "application/octet-stream")  # what browsers say of endings that they do not know, such as .md
_BY_TYPE = {name: kind for kind in ALL for name in (kind.type, *kind.others)}
_BY_ENDING = {ending: kind for kind in ALL for ending in kind.endings}


def of_type(content_type: str) -> Kind | None:
    """The kind with this content type, whose parameters do not count."""
    return _BY_TYPE.get(plain(content_type))


def of_name(name: str) -> Kind | None:
    """The kind that the ending of a file's name speaks of."""
    stem, dot, ending = name.rpartition(".")
    return _BY_ENDING.get(ending.lower()) if stem and dot else None


def declared(content_type: str, name: str) -> Kind | None:
    """What a file is said to be; None where that is no kind of ours, or type and ending contradict each other."""
    by_name = of_name(name)
    if plain(content_type) in UNSAID:
        return by_name
    by_type = of_type(content_type)
    if by_type is None or (by_name is not by_type and "." in name.strip(".")):
        return None
    return by_type


def plain(content_type: str) -> str:
    """A content type in lower case and without parameters."""
    return content_type.partition(";")[0].strip().lower()
