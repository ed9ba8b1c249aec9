"""Two pictures in numbers: what differs, what only rounds, and where."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from gofigr_jupyter.proof.measure import LEVELS, MOST, Measure, marked, measured

SIZES = st.tuples(st.integers(1, 60), st.integers(1, 60))
WHITE = (255, 255, 255, 255)


@st.composite
def pictures(draw: st.DrawFn, size: tuple[int, int] | None = None) -> Image.Image:
    width, height = size or draw(SIZES)
    image = Image.new("RGBA", (width, height), draw(st.tuples(*[st.integers(0, 255)] * 4)))
    pen = ImageDraw.Draw(image)
    for _ in range(draw(st.integers(0, 4))):
        edges = [draw(st.integers(0, max(width, height))) for _ in range(4)]
        box = (min(edges[0], edges[2]), min(edges[1], edges[3]), max(edges[0], edges[2]), max(edges[1], edges[3]))
        pen.rectangle(box, fill=draw(st.tuples(*[st.integers(0, 255)] * 4)))
    return image


def plot(*, marker: tuple[int, int] | None = None, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Something like a plot: axes, a thin line, text, perhaps one more marker."""
    image = Image.new("RGBA", size, WHITE)
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 40, 600, 430), outline=(0, 0, 0, 255))
    pen.line([(x, 400 - (x - 60) * 2 // 3) for x in range(60, 600, 20)], fill=(31, 119, 180, 255))
    pen.text((250, 15), "Dose response", fill=(0, 0, 0, 255))
    if marker is not None:
        x, y = marker
        pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(214, 39, 40, 255))
    return image


@given(pictures())
def test_a_picture_is_identical_to_itself(image: Image.Image) -> None:
    found = measured(image, image.copy())
    assert found.is_identical
    assert found.is_similar
    assert (found.differing, found.strayed, found.largest, found.mean, found.regions) == (0, 0, 0, 0.0, ())


@settings(max_examples=60)
@given(st.data(), SIZES)
def test_numbers_are_those_of_counting_by_hand(data: st.DataObject, size: tuple[int, int]) -> None:
    one, other = data.draw(pictures(size)), data.draw(pictures(size))
    found = measured(one, other)
    pairs = list(zip(one.tobytes(), other.tobytes(), strict=True))
    pixels = [max(abs(a - b) for a, b in pairs[at : at + 4]) for at in range(0, len(pairs), 4)]
    assert found.differing == sum(value > 0 for value in pixels)
    assert found.largest == max(pixels)
    assert found.is_identical == (one.tobytes() == other.tobytes())
    assert found.strayed <= sum(value > LEVELS for value in pixels)
    reverse = measured(other, one)
    assert (found.differing, found.strayed, found.largest) == (reverse.differing, reverse.strayed, reverse.largest)


@settings(max_examples=60)
@given(st.data(), SIZES)
def test_every_place_lies_in_the_picture_and_all_strays_in_places(data: st.DataObject, size: tuple[int, int]) -> None:
    one, other = data.draw(pictures(size)), data.draw(pictures(size))
    found = measured(one, other)
    for box in found.regions:
        assert 0 <= box.left < box.right <= size[0]
        assert 0 <= box.top < box.bottom <= size[1]
        assert 0 < box.pixels <= (box.right - box.left) * (box.bottom - box.top)
    counted = found.strayed or found.differing
    assert sum(box.pixels for box in found.regions) == counted


@given(pictures(), pictures())
def test_pictures_of_other_sizes_are_never_similar(one: Image.Image, other: Image.Image) -> None:
    found = measured(one, other)
    assert found.is_similar <= (one.size == other.size)
    with Image.open(io.BytesIO(marked(one, other, found))) as drawn:
        assert drawn.size == (max(one.width, other.width), max(one.height, other.height))


def test_smoothing_of_edges_is_within_tolerance() -> None:
    image = plot()
    smooth = image.copy()
    pixels = smooth.load()
    for x in range(61, 599, 3):  # what another rasteriser makes of the frame's upper edge
        pixels[x, 40] = (12, 12, 12, 255)
    found = measured(image, smooth)
    assert found.differing > 100
    assert found.is_similar
    assert not found.is_identical


def test_one_marker_more_differs_and_is_found() -> None:
    found = measured(plot(), plot(marker=(333, 300)))
    assert not found.is_similar
    assert found.strayed > 0
    (box,) = found.regions
    assert box.left <= 333 <= box.right
    assert box.top <= 300 <= box.bottom


def test_a_thin_line_that_is_gone_is_missed_in_both_directions() -> None:
    with_line, without = plot(), plot()
    ImageDraw.Draw(with_line).line((100, 100, 500, 100), fill=(0, 0, 0, 255))
    for found in (measured(with_line, without), measured(without, with_line)):
        assert not found.is_similar


def test_a_marker_in_a_huge_picture_differs_too() -> None:
    size = (3000, 2400)
    found = measured(plot(size=size), plot(marker=(333, 200), size=size))
    assert found.strayed > MOST
    assert not found.is_similar


def test_another_tint_of_everything_differs() -> None:
    image = plot()
    tinted = Image.new("RGBA", image.size, (250, 250, 250, 255))
    tinted.paste(image, mask=image.convert("L").point(lambda value: 255 if value < 200 else 0))
    found = measured(image, tinted)
    assert found.strayed == 0
    assert not found.is_similar


def test_places_are_told_by_their_weight() -> None:
    one, other = plot(), plot()
    pen = ImageDraw.Draw(other)
    pen.rectangle((100, 60, 110, 70), fill=(0, 0, 0, 255))
    pen.rectangle((400, 300, 460, 340), fill=(0, 0, 0, 255))
    found: Measure = measured(one, other)
    assert len(found.regions) == 2
    assert found.regions[0].pixels > found.regions[1].pixels
    assert found.regions[0].left >= 390
