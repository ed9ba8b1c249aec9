"""Thumbnails and watermarked copies, also of pictures that mean harm."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from gofigr_jupyter.capture import pictures
from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.records import Displayed

LINK = "http://127.0.0.1:45123/r/aB3dE9x1"


def encoded(image: Image.Image, file_format: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


PLAIN = encoded(Image.new("RGB", (640, 480), "#fed"))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_thumbnail_keeps_proportions_and_is_never_larger():
    assert opened(pictures.thumbnail(PLAIN)).size == (512, 384)
    small = encoded(Image.new("RGB", (30, 20)))
    assert opened(pictures.thumbnail(small)).size == (30, 20)
    assert opened(pictures.thumbnail(PLAIN)).format == "WEBP"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_is_read(mode):
    data = encoded(
        Image.new("I;16", (64, 48), 65535) if mode == "I;16" else Image.new("L", (64, 48), 255).convert(mode)
    )
    for made in (pictures.thumbnail(data), pictures.watermarked(data, LINK)):
        pixel = opened(made).convert("RGB").getpixel((0, 0))
        assert min(pixel) > 240, pixel


@pytest.mark.parametrize("file_format", ["JPEG", "GIF", "WEBP"])
def test_the_other_formats_are_read(file_format):
    data = encoded(Image.new("RGB", (64, 48), "white"), file_format)
    assert opened(pictures.watermarked(data, LINK)).format == "PNG"


def test_turned_photographs_stand_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif)
    assert opened(pictures.thumbnail(data)).size == (40, 60)


def test_light_lines_on_transparent_ground_stay_visible():
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(image).line((0, 0, 99, 99), fill="white", width=9)
    assert opened(pictures.thumbnail(encoded(image))).getpixel((90, 5))[0] < 60
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(image).line((0, 0, 99, 99), fill="black", width=9)
    assert opened(pictures.thumbnail(encoded(image))).getpixel((90, 5))[0] > 240


# ---------------------------------------------------------------- the watermark


@pytest.mark.parametrize("size", [(20, 10), (160, 120), (640, 480), (3000, 1000)])
@pytest.mark.parametrize("link", [LINK, "https://figures.university.example/jupyter/user/jane/proxy/" + "x" * 60])
def test_the_strip_lies_under_the_picture_never_over_it(size, link):
    picture = Image.effect_noise(size, 90).convert("RGB")
    made = opened(pictures.watermarked(encoded(picture), link))
    left = (made.width - size[0]) // 2
    assert made.crop((left, 0, left + size[0], size[1])).tobytes() == picture.tobytes()
    assert made.height > size[1]
    assert made.width >= pictures._MIN_WIDTH


def modules(image: Image.Image, version: int) -> list[list[int]]:
    """Read the code at the right of a watermarked picture back as rows of 0 and 1."""
    width = version * 4 + 17 + 2 * 4
    strip = image.convert("L")
    for scale in range(12, 1, -1):
        side = width * scale
        for top in range(strip.height - side, strip.height - side - 40, -1):
            if top < 0 or side > strip.width:
                break
            box = strip.crop((strip.width - side, top, strip.width, top + side))
            rows = [
                [int(box.getpixel((x * scale + scale // 2, y * scale + scale // 2)) < 128) for x in range(width)]
                for y in range(width)
            ]
            finder = [row[4:11] for row in rows[4:11]]
            if finder[0] == finder[6] == [1] * 7 and finder[3] == [1, 0, 1, 1, 1, 0, 1] and not any(rows[3]):
                return [row[4:-4] for row in rows[4:-4]]
    raise AssertionError("no code found")


@pytest.mark.parametrize("size", [(100, 60), (640, 480), (2400, 1200)])
def test_the_code_says_the_link(size):
    made = opened(pictures.watermarked(encoded(Image.new("RGB", size, "#235")), LINK))
    code = segno.make_qr(LINK, error="m", boost_error=True)
    assert modules(made, int(code.version)) == [list(row) for row in code.matrix]


def test_long_links_are_wrapped_whole():
    from PIL import ImageFont

    font = ImageFont.load_default(size=12)
    link = "https://example.org/" + "/".join(["part"] * 30)
    lines = list(pictures._wrapped(link, font, 120))
    assert "".join(lines) == link
    assert all(font.getlength(line) <= 120 for line in lines)


# ---------------------------------------------------------------- pictures that mean harm


def bomb_of(side: int) -> bytes:
    """A PNG of many pixels in few bytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("side", "reason"), [(10_000, "more than 50,000,000 pixels"), (60_000, "Bomb")])
def test_bombs_are_refused_before_decoding(side, reason):
    with pytest.raises(CaptureError, match=reason):
        pictures.thumbnail(bomb_of(side))


@pytest.mark.parametrize("file_format", ["BMP", "TIFF", "ICO", "PPM", "EPS"])
def test_formats_that_are_not_allowed_are_not_opened(file_format):
    with pytest.raises(CaptureError):
        pictures.thumbnail(encoded(Image.new("RGB", (8, 8)), file_format))


@pytest.mark.parametrize("data", [b"", b"text", PLAIN[:60], PLAIN[:-30], b"\x89PNG\r\n\x1a\n" * 9])
def test_damaged_pictures_are_a_capture_error(data):
    for make in (pictures.thumbnail, lambda picture: pictures.watermarked(picture, LINK)):
        with pytest.raises(CaptureError):
            make(data)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.data())
def test_no_damage_raises_anything_else(file_format, data):
    good = bytearray(encoded(Image.linear_gradient("L").resize((40, 30)).convert("RGB"), file_format))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CaptureError):
        pictures.thumbnail(bytes(good))


def test_the_picture_with_most_bytes_is_taken():
    found = pictures.raster(
        [Displayed("image/svg+xml", b"x" * 99), Displayed("image/png", b"1"), Displayed("image/jpeg", b"22")]
    )
    assert found is not None
    assert found.data == b"22"
    assert pictures.raster([Displayed("image/svg+xml", b"<svg/>")]) is None
