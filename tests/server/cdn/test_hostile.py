"""Pictures that mean harm: they cost a child's budget, and no more; the next picture is made as if nothing had been."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import psutil
import pytest
from PIL import Image

from gofigr_jupyter.server.cdn.darkroom import Undevelopable
from gofigr_jupyter.server.cdn.develop_child import MEMORY
from tests.server.cdn.photographs import TYPES, bomb_png, claiming_png, moving, quarters, saved, seen, with_secrets
from tests.server.cdn.rooms import Room

LARGEST = 7000  # 49 megapixels


def claiming_gif(frames: int, width: int = 2, height: int = 2) -> bytes:
    """Many frames of which each is empty."""
    frame = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00"
    head = b"GIF89a" + struct.pack("<2H3B", width, height, 0x80, 0, 0) + bytes(6)
    return head + frame * frames + b"\x3b"


def growing_gif() -> bytes:
    """A small screen, and a frame that is far larger."""
    head = b"GIF89a" + struct.pack("<2H3B", 2, 2, 0x80, 0, 0) + bytes(6)
    return head + b"\x2c" + struct.pack("<4HB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x4c\x01\x00\x3b"


def claiming_webp() -> bytes:
    """A small picture that claims the largest sides there are."""
    content = bytearray(saved(Image.new("RGBA", (80, 60), "#f008"), "WEBP"))
    assert content[12:16] == b"VP8X"
    content[24:30] = b"\xfe\x3f\x00" * 2
    return bytes(content)


def claiming_jpeg() -> bytes:
    """The same as a JPEG."""
    content = bytearray(saved(quarters(), "JPEG"))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = b"\xff\xdc\xff\xdc"
    return bytes(content)


HARM: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("image/png", lambda: b""),
    "another type": ("image/png", lambda: saved(quarters(), "JPEG")),
    "text": ("image/jpeg", lambda: b"<script>alert(1)</script>" * 9),
    "a million sides": ("image/png", lambda: claiming_png(1_000_000, 1_000_000)),
    "a long line": ("image/png", lambda: claiming_png(2**31 - 1, 1)),
    "no pixels": ("image/png", lambda: claiming_png(0, 5)),
    "a claim within limits": ("image/png", lambda: claiming_png(7000, 7000)),
    "bomb": ("image/png", lambda: bomb_png(8000)),
    "growing": ("image/gif", growing_gif),
    "frames": ("image/gif", lambda: claiming_gif(5000)),
    "frames of a large screen": ("image/gif", lambda: claiming_gif(100, 2000, 2000)),
    "claiming WebP": ("image/webp", claiming_webp),
    "claiming JPEG": ("image/jpeg", claiming_jpeg),
}


@pytest.mark.parametrize("name", HARM)
def test_harm_is_refused(shared: Room, name: str) -> None:
    content_type, made = HARM[name]
    with pytest.raises(Undevelopable, match=r"\.$"):
        shared.develop(made(), content_type, "w=10&f=webp")
    assert seen(shared.develop(saved(quarters(), "PNG"), "image/png", "w=10").content).width == 10


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files(shared: Room, format_: str, share: float) -> None:
    """Refused, or as much of an animation as there is."""
    content = saved(Image.effect_noise((300, 200), 80), format_)
    with pytest.raises(Undevelopable):
        shared.develop(content[: int(len(content) * share)], TYPES[format_], "w=100")


@pytest.mark.parametrize("format_", TYPES)
def test_each_byte_may_be_wrong(shared: Room, format_: str) -> None:
    content = with_secrets(format_) if format_ != "GIF" else moving("GIF")
    for at in range(0, len(content), max(1, len(content) // 40)):
        damaged = bytearray(content)
        damaged[at] ^= 0xFF
        try:
            made = shared.develop(bytes(damaged), TYPES[format_], "w=10&f=webp")
        except Undevelopable:
            continue
        assert seen(made.content).format == "WEBP"


def test_what_failed_is_not_decoded_again(shared: Room) -> None:
    content = bomb_png(7500)
    with pytest.raises(Undevelopable, match="more than 50 megapixels"):
        shared.develop(content, "image/png", "w=10")
    before = shared.reads
    for side in range(11, 20):
        with pytest.raises(Undevelopable, match="more than 50 megapixels"):
            shared.develop(content, "image/png", f"w={side}")
    assert shared.reads == before


def largest(mode: str, format_: str) -> bytes:
    out = io.BytesIO()
    options = {"lossless": True, "method": 0, "quality": 0} if format_ == "WEBP" else {}
    side = LARGEST if format_ != "WEBP" else 4000
    Image.new(mode, (side, side)).save(out, format_, **options)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "format_"), [("RGB", "JPEG"), ("P", "PNG"), ("RGBA", "PNG"), ("L", "GIF"), ("RGBA", "WEBP")])
def test_the_largest_that_is_taken(shared: Room, mode: str, format_: str) -> None:
    made = shared.develop(largest(mode, format_), TYPES[format_], "w=100&f=jpeg")
    assert seen(made.content).size == (100, 100)


def test_memory_is_bounded(room: Room) -> None:
    room.develop(saved(quarters(), "PNG"), "image/png", "w=10")
    [child] = room.dark.crew.free
    limits = psutil.Process(child.pid).rlimit(psutil.RLIMIT_AS)
    assert limits == (MEMORY, MEMORY)
