"""What a type of files is to this server: what it may be declared as, and what it becomes among the data objects."""

from __future__ import annotations

from typing import Literal

from gofigr_jupyter import media
from gofigr_jupyter.media import DOCX, PDF, Medium

UNSAID = ("", "application/octet-stream")  # what browsers say of endings that they do not know, such as .md
# Browsers show a PDF with a program of theirs that a sandbox keeps out: it would be an empty page.
_NOT_SHOWN = (PDF, DOCX)


def declared(content_type: str, name: str) -> Medium | None:
    """What a file is said to be; None where that is no type of ours, or type and ending contradict each other."""
    by_name = media.named(name)
    if media.plain(content_type) in UNSAID:
        return by_name
    by_type = media.declared(content_type)
    if by_type is None or (by_name is not by_type and "." in name.strip(".")):
        return None
    return by_type


def is_shown(medium: Medium | None) -> bool:
    """Whether a browser may show it."""
    return medium is not None and medium not in _NOT_SHOWN


def is_said(medium: Medium, content_type: str) -> bool:
    """Whether who sends a file says that it is this, or nothing."""
    return media.plain(content_type) in UNSAID or media.declared(content_type) is medium


def data_type(medium: Medium) -> Literal["image", "file"]:
    """The type of data object that it becomes."""
    return "image" if medium.kind == "image" else "file"


def data_format(medium: Medium) -> str:
    """Its name for data objects, which is its first ending."""
    return "jpeg" if medium is media.JPEG else medium.extensions[0].removeprefix(".")
