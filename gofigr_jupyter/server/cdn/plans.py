"""What will be made of a picture: a Wish and what the picture is in, a Plan out. Arithmetic alone.

Equal results have equal plans, however they were asked for: that is what makes the cache small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gofigr_jupyter.server.cdn.wishes import Format, Wish, can_write

MOST_SIDE = 8192
MOST_PIXELS = 16_000_000
MOST_AVIF_PIXELS = 4_000_000  # its encoder takes tenfold the time of others
MOST_CHOSEN_AVIF_PIXELS = 1_000_000  # where nobody asked for AVIF
MOST_MOVING_PIXELS = 40_000_000  # of all frames together
ORIGINAL: dict[str, Format] = {"image/jpeg": "jpeg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
LOSSY = frozenset[Format]({"avif", "webp", "jpeg"})
MOVING = frozenset[Format]({"avif", "webp", "gif", "png"})


@dataclass(frozen=True)
class About:
    """What a picture is: its type, its size as people see it, in pixels, and how many frames it has."""

    content_type: str
    width: int
    height: int
    frames: int = 1


@dataclass(frozen=True)
class Plan:
    """The picture that will be made; `crop` cuts to its proportions first, `moves` keeps all frames."""

    width: int
    height: int
    crop: bool
    quality: int | None
    format: Format
    moves: bool

    @property
    def name(self) -> str:
        """What it is kept under, beside others of the same picture."""
        crop = "c" if self.crop else ""
        quality = "" if self.quality is None else f"-q{self.quality}"
        return f"{self.width}x{self.height}{crop}{quality}.{self.format}"

    @property
    def content_type(self) -> str:
        """Of what is made."""
        return f"image/{self.format}"

    @classmethod
    def of(cls, wish: Wish, about: About) -> Plan:
        """How to do as wished with this picture: never larger than it is, never larger than we can."""
        width, height = _size(wish, about)
        format_ = _format(wish, about, width * height)
        moves = about.frames > 1 and format_ in MOVING
        most = MOST_AVIF_PIXELS if format_ == "avif" else MOST_PIXELS
        if moves:
            most = min(most, MOST_MOVING_PIXELS // about.frames)
        width, height = _bounded(width, height, most)
        crop = wish.fit == "cover" and (width, height) != _contained(about, width, height)
        return cls(width, height, crop, wish.quality if format_ in LOSSY else None, format_, moves)


def _size(wish: Wish, about: About) -> tuple[int, int]:
    width = math.inf if wish.width is None else wish.width * wish.dpr
    height = math.inf if wish.height is None else wish.height * wish.dpr
    if wish.fit == "contain" or math.inf in {width, height}:
        return _contained(about, width, height)
    larger = max(width / about.width, height / about.height, 1.0)  # smaller in these proportions, rather than blown up
    return _whole(width / larger), _whole(height / larger)


def _contained(about: About, width: float, height: float) -> tuple[int, int]:
    scale = min(width / about.width, height / about.height, 1.0)
    return _whole(about.width * scale), _whole(about.height * scale)


def _bounded(width: int, height: int, most: int) -> tuple[int, int]:
    scale = min(1.0, MOST_SIDE / max(width, height))
    width, height = max(1, int(width * scale)), max(1, int(height * scale))
    if width * height <= most:
        return width, height
    scale = math.sqrt(most / (width * height))
    width = max(1, int(width * scale))
    return width, max(1, min(int(height * scale), most // width))


def _whole(length: float) -> int:
    return max(1, math.floor(length + 0.5))


def _format(wish: Wish, about: About, pixels: int) -> Format:
    own = ORIGINAL[about.content_type]
    if wish.format is not None:
        return wish.format if can_write(wish.format) else own
    moves = about.frames > 1
    for one in wish.accepted:
        # Moving AVIF takes browsers as long as us.
        if one != "avif" or not (moves or pixels > MOST_CHOSEN_AVIF_PIXELS):
            return one
    return "png" if own == "gif" and not moves else own
