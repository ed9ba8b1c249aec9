"""The QR codes in a picture, as text. Its libraries are loaded at the first picture: the caller sets limits before."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MOST_PIXELS = 50_000_000
MOST_CODES = 20
LONGEST_CODE = 500
_SMALL = 2_000_000  # pixels; below, what was shrunk can be enlarged again


def codes(content: bytes) -> list[str]:
    """The texts of the QR codes in the file of a picture; none where it cannot be read, or nothing reads codes here."""
    try:
        from PIL import Image  # noqa: PLC0415 - see above
    except ImportError:
        return []
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return []
            coloured = picture.convert("RGBA")
            paper = Image.new("RGBA", coloured.size, "white")  # codes on transparent ground are meant for it
            paper.alpha_composite(coloured)
            return codes_of(paper.convert("L"))
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return []


def codes_of(grey: Image.Image) -> list[str]:
    """The same for a decoded picture in greys."""
    try:
        import zxingcpp  # noqa: PLC0415 - a machine without it only reads no codes
    except ImportError:
        return []
    wanted = zxingcpp.barcode_formats_from_str("QRCode")
    found = zxingcpp.read_barcodes(grey, formats=wanted)
    if not found and grey.width * grey.height <= _SMALL:
        found = zxingcpp.read_barcodes(grey.resize((grey.width * 2, grey.height * 2)), formats=wanted)
    return [one.text[:LONGEST_CODE] for one in found[:MOST_CODES] if one.text]
