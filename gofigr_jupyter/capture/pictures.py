"""Displayed pictures to thumbnails and watermarked copies, by Pillow; the shown bytes are never altered.

In: bytes of a PNG, JPEG, GIF or WebP, and a link. Out: WebP and PNG bytes. A picture may come from anybody:
formats are allow-listed and pixels counted before anything is decoded. For the worker's child process.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import segno
from PIL import Image, ImageDraw, ImageFont, ImageOps, ImageStat

from gofigr_jupyter.capture.mime import RASTERS
from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.records import Displayed

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS = 50_000_000
THUMBNAIL_SIZE = 512
THUMBNAIL_FORMAT = "webp"

Colour = tuple[int, int, int]
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

_CAPTION = "Code, data and history of this figure"
_WHITE: Colour = (255, 255, 255)
_DARK: Colour = (24, 26, 31)
_QUIET_ZONE = 4  # modules around a QR code, as its standard asks
_SVG = re.compile(r"<svg\b[^>]{0,3000}>")
_SIDES = [re.compile(rf"\s{name}=[\"']([0-9.]{{1,20}})(?:pt|px)?[\"']") for name in ("width", "height")]
_MIN_WIDTH = 240  # narrower pictures get margins, so that link and code stay readable


def raster(pictures: Iterable[Displayed]) -> Displayed | None:
    """The displayed picture to work on: the one with most bytes among those that have pixels, or None."""
    found = [picture for picture in pictures if picture.mime_type in RASTERS]
    return max(found, key=lambda picture: len(picture.data), default=None)


def size(displayed: Iterable[Displayed]) -> tuple[float, float] | None:
    """Width and height of what was shown: in pixels, or in the units of an SVG; None where it does not say."""
    displayed = tuple(displayed)
    shown = raster(displayed)
    if shown is not None:
        with suppress(CaptureError), _opened(shown.data) as image:
            return float(image.width), float(image.height)
        return None
    svg = next((one.data for one in displayed if one.mime_type == "image/svg+xml"), b"")
    root = _SVG.search(svg[:4000].decode("utf-8", "replace"))
    width, height = (one.search(root[0]) if root else None for one in _SIDES)
    with suppress(ValueError):
        return (float(width[1]), float(height[1])) if width and height else None
    return None


def thumbnail(picture: bytes, size: int = THUMBNAIL_SIZE) -> bytes:
    """A WebP of at most `size` x `size` pixels, on an opaque ground. Raises CaptureError."""
    with _opened(picture) as image:
        if image.format == "JPEG":
            image.draft("RGB", (size * 2, size * 2))  # decodes a fraction of the pixels
        small = _upright(image)
        small.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
        return _encoded(opaque(small), "WEBP", quality=85, method=4)


def decoded(picture: bytes) -> Image.Image:
    """The pixels of a picture, upright. Raises CaptureError."""
    with _opened(picture) as image:
        return _upright(image)


def watermarked(picture: bytes, link: str, *, caption: str = _CAPTION) -> bytes:
    """A PNG of the picture with a strip beneath: the link as text and as QR code. Raises CaptureError."""
    with _opened(picture) as image:
        shown = opaque(_upright(image))
        ground = _edge_colour(shown)
        strip = _Strip.fitted(link, caption, max(shown.width, _MIN_WIDTH))
        canvas = Image.new("RGB", (max(shown.width, _MIN_WIDTH), shown.height + strip.height), ground)
        canvas.paste(shown, ((canvas.width - shown.width) // 2, 0))
        strip.draw(canvas, shown.height)
        return _encoded(canvas, "PNG", optimize=False, compress_level=6)


def frames(picture: bytes) -> list[Image.Image]:
    """Every frame of a picture as RGBA, upright, to be compared pixel by pixel. Raises CaptureError."""
    with _opened(picture) as image:
        count = getattr(image, "n_frames", 1)
        if image.width * image.height * count > MAX_PIXELS:
            raise CaptureError(f"the frames of the picture have more than {MAX_PIXELS:,} pixels")
        found = []
        for number in range(count):
            image.seek(number)
            found.append(_upright(image.copy()).convert("RGBA"))
        return found


# ---------------------------------------------------------------- the strip


@dataclass(frozen=True)
class _Strip:
    """The layout of the strip: everything measured before anything is drawn."""

    code: Image.Image
    margin: int
    caption: str
    caption_font: Font
    lines: tuple[str, ...]
    font: Font
    line_height: int

    @classmethod
    def fitted(cls, link: str, caption: str, width: int) -> _Strip:
        """Scale the strip to the picture: text about 1/50 of its width, from 11 to 44 pixels."""
        text_size = min(max(width / 50, 11.0), 44.0)
        code = _qr(link, scale=max(3, round(text_size / 6)))
        margin = max(8, round(text_size * 0.9))
        room = width - code.width - 2 * margin
        font = ImageFont.load_default(size=text_size)
        caption_font = ImageFont.load_default(size=max(10.0, text_size * 0.8))
        if caption_font.getlength(caption) > room:
            caption = ""
        return cls(
            code,
            margin,
            caption,
            caption_font,
            tuple(_wrapped(link, font, room)),
            font,
            round(text_size * 1.35),
        )

    @property
    def height(self) -> int:
        """Pixels from the picture's lower edge to the end."""
        return max(self.code.height, self._text_height + self.margin) + 1

    @property
    def _text_height(self) -> int:
        return (len(self.lines) + bool(self.caption)) * self.line_height

    def draw(self, canvas: Image.Image, top: int) -> None:
        """Text to the left, code to the right, on white whatever the picture's ground: codes need it."""
        pen = ImageDraw.Draw(canvas)
        pen.rectangle((0, top, canvas.width, canvas.height), fill=_WHITE)
        pen.line((0, top, canvas.width, top), fill=(218, 221, 227))
        canvas.paste(self.code, (canvas.width - self.code.width, top + 1 + (self.height - 1 - self.code.height) // 2))
        y = top + 1 + (self.height - 1 - self._text_height) // 2
        if self.caption:
            pen.text((self.margin, y), self.caption, font=self.caption_font, fill=(96, 103, 117))
            y += self.line_height
        for line in self.lines:
            pen.text((self.margin, y), line, font=self.font, fill=(28, 63, 148))
            y += self.line_height


def _qr(link: str, scale: int) -> Image.Image:
    code = segno.make_qr(link, error="m", boost_error=True)
    stream = io.BytesIO()
    code.save(stream, kind="png", scale=scale, border=_QUIET_ZONE)
    return Image.open(stream).convert("RGB")


def _wrapped(link: str, font: Font, room: float) -> Iterator[str]:
    """Break a link into lines that fit, after a slash where one is near the end of the line."""
    rest = link
    while rest:
        count = len(rest)
        while count > 1 and font.getlength(rest[:count]) > room:
            count -= 1
        slash = rest.rfind("/", 0, count) + 1
        if count < len(rest) and slash > count // 2:
            count = slash
        yield rest[:count]
        rest = rest[count:]


# ---------------------------------------------------------------- pictures from anybody


@contextmanager
def _opened(picture: bytes) -> Iterator[Image.Image]:
    """Open and check a picture; whatever goes wrong inside the block becomes a CaptureError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit below is lower than the one that Pillow warns of
            with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise CaptureError(f"the picture has more than {MAX_PIXELS:,} pixels")
                yield image
    except CaptureError:
        raise
    except Exception as error:
        # damaged files make Pillow raise far more than it documents (SyntaxError, struct.error, ...)
        raise CaptureError(f"the picture cannot be read ({type(error).__name__})") from error


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    if image.mode.startswith(("I", "F")):  # 16 and 32 bit greys: Pillow clips instead of scaling
        image = image.convert("F").point(lambda value: value / 257.0).convert("L")
    return ImageOps.exif_transpose(image)


def opaque(image: Image.Image) -> Image.Image:
    """Put a transparent picture on white, or on a dark ground if what it shows is light."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    alpha = image.getchannel("A")
    visible = ImageStat.Stat(image.convert("L"), mask=alpha.point(lambda a: 255 if a > 127 else 0))
    light = visible.count[0] > 0 and visible.mean[0] > 200 and alpha.getextrema()[0] == 0
    ground = Image.new("RGBA", image.size, (_DARK if light else _WHITE) + (255,))
    ground.alpha_composite(image)
    return ground.convert("RGB")


def _edge_colour(image: Image.Image) -> Colour:
    pixel = image.getpixel((0, image.height - 1))
    return pixel if isinstance(pixel, tuple) and len(pixel) == 3 else _WHITE


def _encoded(image: Image.Image, file_format: str, **options: int | bool) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()
