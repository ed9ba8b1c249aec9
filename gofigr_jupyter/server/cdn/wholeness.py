"""Whether a file is all there: looked at while it comes, by what its own format says of its end.

In: the type that it is said to be, and pieces. Out: nothing, or what is wrong, for people. Songs and texts have no end.
"""

from __future__ import annotations

from typing import Protocol

from gofigr_jupyter.media import GIF, JPEG, MP4, PDF, PNG, SVG, WEBM, WEBP, Medium
from gofigr_jupyter.server.cdn import parts
from gofigr_jupyter.server.cdn.markup import Markup
from gofigr_jupyter.server.cdn.parts import Parts

WALKS = {PNG: parts.png, GIF: parts.gif, JPEG: parts.jpeg, WEBP: parts.webp, MP4: parts.mp4, WEBM: parts.webm}
END_OF_PDF, OBJECT = b"%%EOF", b" obj"
TORN = "The file is not whole: its end is missing."


class Looker(Protocol):
    """Sees a file pass."""

    @property
    def is_whole(self) -> bool:
        """Whether it may end here."""
        ...

    def feed(self, piece: bytes) -> None:
        """The next bytes."""


class Last:
    """Whether the end came, and nothing after it that has an end of its own: some files are added to."""

    def __init__(self, end: bytes, other: bytes) -> None:
        self._end = end
        self._other = other
        self._overlap = max(len(end), len(other)) - 1
        self._tail = b""
        self.is_whole = False

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        seen = self._tail + piece
        end = seen.rfind(self._end)
        if max(end, seen.rfind(self._other)) >= 0:
            self.is_whole = end > seen.rfind(self._other)
        self._tail = seen[-self._overlap :]


class Endless:
    """Whatever has come may be all."""

    is_whole = True

    def feed(self, piece: bytes) -> None:
        """The next bytes."""


def looker(kind: Medium) -> Looker:
    """What looks at a file that is said to be of this type; a Word document is told by its directory."""
    if kind in WALKS:
        return Parts(WALKS[kind])
    return Markup() if kind is SVG else Last(END_OF_PDF, OBJECT) if kind is PDF else Endless()


def problem(one: Looker) -> str | None:
    """What is wrong with all that has come, as one sentence."""
    harm = one.harm if isinstance(one, Markup) else None
    return harm or (None if one.is_whole else TORN)
