"""Where on a page figures may be."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from gofigr_jupyter.finding.regions import MOST, regions


def test_the_whole_comes_first_and_every_box_is_inside():
    image = Image.new("L", (500, 400), 255)
    ImageDraw.Draw(image).rectangle((100, 100, 300, 250), fill=90)
    found = list(regions(image))
    assert found[0] == (0, 0, 500, 400)
    assert (98, 98, 303, 253) in found
    assert all(0 <= left < right <= 500 and 0 <= top < bottom <= 400 for left, top, right, bottom in found)


@pytest.mark.parametrize("page", [20, 250])
def test_a_figure_in_a_frame_among_text_is_set_apart(page):
    image = Image.new("L", (900, 800), page)
    pen = ImageDraw.Draw(image)
    pen.rectangle((10, 10, 890, 790), outline=120, width=2)
    for line in range(5):
        pen.text((60, 60 + 25 * line), "words and words and words", fill=255 - page)
    pen.rectangle((200, 300, 600, 600), fill=255)
    pen.line((220, 580, 580, 320), fill=0, width=3)
    boxes = list(regions(image))
    assert any(212 <= box[0] <= 222 and 312 <= box[1] <= 322 and 574 <= box[2] <= 588 for box in boxes)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (300, 300), 7),
        Image.new("L", (1, 1)),
        Image.effect_noise((400, 300), 120),
        Image.radial_gradient("L"),
    ],
)
def test_there_are_never_too_many(image):
    assert 1 <= len(list(regions(image))) <= MOST + 1


def test_a_chequered_page_ends():
    image = Image.new("L", (1200, 1200), 255)
    pen = ImageDraw.Draw(image)
    for x in range(0, 1200, 60):
        for y in range(0, 1200, 60):
            pen.rectangle((x, y, x + 50, y + 50), fill=30)
    assert len(list(regions(image))) <= MOST + 1
