"""A picture in the size and format that its address asks for, as browsers and curl get it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES, picture
from tests.server.conftest import Client


@pytest.fixture
def photo(program: Program) -> str:
    """The address of a picture of 80 x 60 pixels."""
    return program.upload("photo.png", "image/png", picture("PNG", (80, 60)))


def opened(content: bytes) -> tuple[str | None, tuple[int, int]]:
    with Image.open(io.BytesIO(content)) as image:
        return image.format, image.size


def test_as_the_reference_asks(anonymous: Client, photo: str) -> None:
    answer = anonymous.get(f"{photo}?w=40&h=10&fit=cover&f=webp&q=80")
    assert opened(answer.content) == ("WEBP", (40, 10))
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "vary" not in answer.headers or "accept" not in answer.headers["vary"].lower()
    again = anonymous.get(f"{photo}?w=40&h=10&fit=cover&f=webp&q=80", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert opened(anonymous.get(f"{photo}?w=40&h=10&fit=contain&f=png").content) == ("PNG", (13, 10))
    part = anonymous.get(f"{photo}?w=40&f=webp", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_the_best_that_a_browser_accepts(anonymous: Client, photo: str) -> None:
    for accept, found in (("image/webp,*/*;q=0.1", "WEBP"), ("image/png", "PNG")):
        answer = anonymous.get(f"{photo}?w=40", headers={"accept": accept})
        assert opened(answer.content) == (found, (40, 30))
        assert "accept" in answer.headers["vary"].lower()
    head = anonymous.head(f"{photo}?w=40", headers={"accept": "image/png"})
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "image/png")


@pytest.mark.parametrize("query", ["w=0", "w=-1", "h=NaN", "w=1e9", "q=101", "q=0", "fit=stretch", "f=exe", "w=", "w=1&w=2", "dpr=0"])
def test_what_cannot_be_asked(anonymous: Client, photo: str, query: str) -> None:
    assert refused(anonymous.get(f"{photo}?{query}"), 400)


def test_what_is_no_picture_of_pixels_stays_as_it_is(anonymous: Client, program: Program) -> None:
    for ending in ("svg", "pdf", "mp4"):
        kind, content = FILES[ending]
        assert anonymous.get(f"{program.upload(f'a.{ending}', kind, content)}?w=4&f=webp").content == content


def test_a_broken_picture_is_served_but_not_changed(anonymous: Client, program: Program) -> None:
    broken = bytearray(picture("PNG", (80, 60)))
    broken[41:50] = bytes(9)  # its pixels, not its parts
    address = program.upload("broken.png", "image/png", bytes(broken))
    assert anonymous.get(address).content == broken
    assert refused(anonymous.get(f"{address}?w=9"), 400)
    assert anonymous.get(address).status_code == 200
