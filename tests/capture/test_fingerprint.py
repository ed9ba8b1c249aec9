"""What a picture looks like: the same for what shows the same, and nothing where there is nothing to see."""

from __future__ import annotations

import json

import pytest
from PIL import Image, ImageDraw, ImageOps

from gofigr_jupyter.capture import fingerprint
from gofigr_jupyter.capture.fingerprint import correlation, fingerprint_of, likeness_at_best, look_of, packed, unpacked
from gofigr_jupyter.errors import CaptureError
from tests.capture.test_pictures import PLAIN, bomb_of, encoded


def drawing(ground="white", ink="black") -> Image.Image:
    image = Image.new("RGB", (320, 240), ground)
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 20, 300, 210), outline=ink)
    pen.line((40, 200, 150, 60, 300, 30), fill=ink, width=3)
    return image


def whole(image: Image.Image):
    grey = image.convert("L")
    return look_of(grey, (0, 0, *grey.size))


def test_colours_margins_and_dark_mode_do_not_count():
    known = whole(drawing())
    for image in (
        drawing("#fff", "#006"),
        ImageOps.invert(drawing()),
        ImageOps.expand(drawing(), (90, 5, 7, 60), "white"),
        drawing().crop((33, 12, 310, 220)),
    ):
        assert known.likeness(whole(image)) > 0.97
    assert known.likeness(whole(ImageOps.flip(drawing()))) < 0.9


def test_the_best_fit_is_never_worse():
    known = whole(drawing())
    grey = drawing().convert("L").crop((0, 0, 303, 240))
    box = (0, 0, *grey.size)
    assert likeness_at_best(grey, box, known) >= look_of(grey, box).likeness(known)
    assert likeness_at_best(Image.new("L", (50, 50)), (0, 0, 50, 50), known) == 0.0


def test_the_very_pixels_have_a_digest_whatever_the_file():
    image = drawing()
    prints = {fingerprint.fingerprint(encoded(image, kind)).pixels for kind in ("PNG", "GIF")}
    prints.add(fingerprint.fingerprint(encoded(image, "WEBP", lossless=True)).pixels)
    assert len(prints) == 1
    image.putpixel((0, 0), (255, 255, 254))
    assert fingerprint_of(image).pixels not in prints


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (300, 200), "white"), Image.new("L", (5, 5)), Image.new("1", (1, 1))]
)
def test_where_nothing_is_to_be_seen_there_is_no_look(image):
    found = fingerprint_of(image)
    assert found.look is None
    assert fingerprint.decoded(fingerprint.encoded(found)) == found


def test_it_travels_as_json():
    found = fingerprint.fingerprint(encoded(drawing()))
    text = fingerprint.encoded(found)
    assert len(text) < 1100
    assert fingerprint.decoded(text) == found
    assert unpacked(packed(found.look.sketch)) == found.look.sketch
    for broken in (b"", b"[]", b"{}", b'{"width": 1}', text.replace(b'"bits": "', b'"bits": "f'), text[:-9] + b'"}'):
        with pytest.raises(ValueError, match=r"."):
            fingerprint.decoded(broken)
    told = json.loads(text) | {"bits": "-1"}
    with pytest.raises(ValueError, match=r"."):
        fingerprint.decoded(json.dumps(told).encode())


def test_correlation():
    assert correlation(b"\1\2\3", b"\2\4\6") == pytest.approx(1)
    assert correlation(b"\1\2\3", b"\3\2\1") == pytest.approx(-1)
    assert correlation(b"\1\1\1", b"\3\2\1") == 0
    assert correlation(b"", b"") == 0


def test_bombs_are_refused():
    with pytest.raises(CaptureError):
        fingerprint.fingerprint(bomb_of(10_000))
    assert fingerprint.fingerprint(PLAIN).look is None
