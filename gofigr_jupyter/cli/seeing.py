"""Pictures where there is only a terminal: as themselves where it can show them, else as coloured blocks; and compared.

In: bytes of pictures from anybody, decoded by the guarded door only. Out: what a terminal is sent, or a PNG.
"""

from __future__ import annotations

import io
import os
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops
from rich.text import Text

from gofigr_jupyter.capture import pictures
from gofigr_jupyter.cli.console import out

_WIDEST = 900  # pixels that are sent to a terminal
_COLUMNS, _ROWS = 72, 22  # of the picture made of blocks
_PIECE = 4096  # of kitty's protocol
_SEEN = 8  # steps of a colour; less is not a difference to the eye
_BETWEEN = 12  # pixels


# ---------------------------------------------------------------- in the terminal


def show(picture: bytes) -> None:
    """Show a picture on the terminal; nothing where the output is none. Raises CaptureError."""
    if not out.is_terminal:
        return
    image = pictures.opaque(pictures.decoded(picture))
    protocol = _protocol()
    if protocol is None:
        for line in blocks(image, min(_COLUMNS, out.width - 2), _ROWS):
            out.print(line)
        return
    image.thumbnail((_WIDEST, _WIDEST))
    sys.stdout.write(kitty(_png(image)) if protocol == "kitty" else iterm(_png(image)))
    sys.stdout.write("\n")
    sys.stdout.flush()


def _protocol() -> str | None:
    """How this terminal takes pictures, as far as its environment tells; inside tmux and screen none does by itself."""
    program, kind = os.environ.get("TERM_PROGRAM", ""), os.environ.get("TERM", "")
    if os.environ.get("TMUX") or kind.startswith("screen"):
        return None
    if os.environ.get("KITTY_WINDOW_ID") or "kitty" in kind or program.lower() == "ghostty":
        return "kitty"
    return "iterm" if program in {"iTerm.app", "WezTerm"} else None


def kitty(png: bytes) -> str:
    """A picture in kitty's graphics protocol."""
    text = b64encode(png).decode("ascii")
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    heads = ["f=100,a=T,"] + [""] * (len(pieces) - 1)
    more = [1] * (len(pieces) - 1) + [0]
    return "".join(f"\x1b_G{head}m={m};{piece}\x1b\\" for head, m, piece in zip(heads, more, pieces, strict=True))


def iterm(png: bytes) -> str:
    """A picture in iTerm's protocol."""
    return f"\x1b]1337;File=inline=1;size={len(png)}:{b64encode(png).decode('ascii')}\x07"


def blocks(image: Image.Image, columns: int, rows: int) -> Iterator[Text]:
    """A picture as lines of half blocks, two pixels in each character."""
    share = min(columns / image.width, 2 * rows / image.height, 1.0)
    width, height = max(1, round(image.width * share)), max(2, round(image.height * share) // 2 * 2)
    small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    values = small.tobytes()

    def colour(x: int, y: int) -> str:
        at = 3 * (y * width + x)
        return f"#{values[at : at + 3].hex()}"

    for y in range(0, height, 2):
        line = Text()
        for x in range(width):
            line.append("▀", style=f"{colour(x, y)} on {colour(x, y + 1)}")
        yield line


# ---------------------------------------------------------------- two of them


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two pictures differ: their sizes, and the share of pixels that are not the same, None for other sizes."""

    before: tuple[int, int]
    after: tuple[int, int]
    share: float | None

    def __str__(self) -> str:
        """In words."""
        if self.share is None:
            return f"another size: {self.before[0]} x {self.before[1]}, now {self.after[0]} x {self.after[1]} pixels"
        if self.share == 0:
            return "the same pixels, in another file"
        return f"{100 * self.share:.2g} % of the pixels differ" if self.share >= 0.0001 else "a few pixels differ"


def compare(before: bytes, after: bytes) -> Comparison:
    """Compare two pictures pixel by pixel. Raises CaptureError."""
    one, other = _shown(before), _shown(after)
    if one.size != other.size:
        return Comparison(one.size, other.size, None)
    counts = _difference(one, other).histogram()
    return Comparison(one.size, other.size, 1 - counts[0] / sum(counts))


def side_by_side(before: bytes, after: bytes) -> bytes:
    """A PNG of both, and of where they differ, in red on what they share, where they have one size."""
    images = [_shown(before), _shown(after)]
    if images[0].size == images[1].size:
        where = _difference(*images).point([255 if value > _SEEN else 0 for value in range(256)])
        pale = Image.blend(images[1].convert("L").convert("RGB"), Image.new("RGB", images[1].size, "white"), 0.7)
        pale.paste(Image.new("RGB", pale.size, (214, 39, 40)), mask=where)
        images.append(pale)
    height = max(image.height for image in images)
    canvas = Image.new("RGB", (sum(i.width for i in images) + _BETWEEN * (len(images) - 1), height), (128, 128, 128))
    left = 0
    for image in images:
        canvas.paste(image, (left, 0))
        left += image.width + _BETWEEN
    return _png(canvas)


def _difference(one: Image.Image, other: Image.Image) -> Image.Image:
    """The largest difference of any colour, for each pixel."""
    red, green, blue = ImageChops.difference(one, other).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _shown(picture: bytes) -> Image.Image:
    return pictures.opaque(pictures.decoded(picture))


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
