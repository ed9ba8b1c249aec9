"""Pictures for tests: honest ones in every type that may be uploaded, and some that mean harm."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
QUARTERS = ("red", "lime", "blue", "white")  # top left, top right, bottom left, bottom right


def quarters(width: int = 80, height: int = 60, mode: str = "RGB") -> Image.Image:
    """A picture of four colours, so that one sees how it lies."""
    picture = Image.new("RGB", (width, height))
    for index, colour in enumerate(QUARTERS):
        left, top = index % 2 * (width // 2), index // 2 * (height // 2)
        picture.paste(colour, (left, top, left + width // 2, top + height // 2))
    return picture.convert(mode)


def saved(picture: Image.Image, format_: str, **options: Any) -> bytes:
    """The file of a picture."""
    out = io.BytesIO()
    picture.save(out, format_, **options)
    return out.getvalue()


def seen(content: bytes) -> Image.Image:
    """The picture in a file, decoded."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def corners(content: bytes) -> tuple[str, ...]:
    """The colours of the four quarters by name, as in QUARTERS."""
    picture = seen(content).convert("RGB")
    width, height = picture.size
    return tuple(
        _nearest(picture.getpixel((width * (1 + 2 * (index % 2)) // 4, height * (1 + 2 * (index // 2)) // 4)))
        for index in range(4)
    )


def with_secrets(format_: str, orientation: int = 6) -> bytes:
    """A picture that lies on its side, and says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 13.0)
    options: dict[str, Any] = {"comment": b"Secret Comment"} if format_ == "JPEG" else {}
    return saved(quarters(), format_, exif=exif, icc_profile=srgb(), **options)


def srgb() -> bytes:
    """A profile of the usual colours."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exchanged() -> bytes:
    """A profile whose red and green are not those of sRGB: the same, with these two exchanged."""
    profile = bytearray(srgb())
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile).replace(b"sRGB", b"odd!").replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))


def moving(format_: str, frames: int = 3, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """An animation: each frame of another colour, the first for 100 ms, the next for 200, and so on."""
    colours = [(255 * (i % 2), 40 * i % 256, 90) for i in range(frames)]
    pictures = [Image.new("RGB", size, colour) for colour in colours]
    durations = [100 * (1 + i % 5) for i in range(frames)]
    options = {"loop": 0, "duration": durations} | options
    return saved(pictures[0], format_, save_all=True, append_images=pictures[1:], **options)


def bomb_png(side: int) -> bytes:
    """A square of so many pixels a side, in a few kilobytes."""
    row = bytes((side + 7) // 8 + 1)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def claiming_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and has nothing of it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _nearest(colour: Any) -> str:
    known = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255), "black": (0, 0, 0)}
    return min(known, key=lambda name: sum(abs(a - b) for a, b in zip(known[name], colour, strict=True)))
