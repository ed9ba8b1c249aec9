"""How much two pictures differ, in numbers, and where. By Pillow alone; the pictures are decoded already.

In: two images. Out: a Measure, and a picture in which the places are marked. Knows nothing of revisions.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

LEVELS = 16  # of 255: what a pixel may stray from what the other picture has there or one pixel beside
MEAN = 1.0  # of 255: what the pictures may differ on average
SHARE = 2e-5  # of all pixels: how many may stray further
MOST = 10  # pixels that may, however large the picture
TILE = 16  # pixels: what lies nearer together is one place
MOST_REGIONS = 20
_LARGEST_DRAWN = 8_000_000  # pixels of the marked picture


@dataclass(frozen=True, slots=True)
class Region:
    """A place where the pictures differ: a box in pixels, and how many pixels in it do."""

    left: int
    top: int
    right: int
    bottom: int
    pixels: int


@dataclass(frozen=True, slots=True)
class Measure:
    """Two pictures compared. `differing` pixels have another value, `strayed` ones are beyond what drawing explains."""

    size: tuple[int, int]
    other_size: tuple[int, int]
    differing: int
    strayed: int
    largest: int  # difference of one channel, of 255
    mean: float
    regions: tuple[Region, ...]

    @property
    def is_same_size(self) -> bool:
        """Whether they can be laid upon one another."""
        return self.size == self.other_size

    @property
    def share(self) -> float:
        """The part of all pixels that differ."""
        return self.differing / max(1, self.size[0] * self.size[1])

    @property
    def is_identical(self) -> bool:
        """Whether every pixel is the same."""
        return self.is_same_size and self.differing == 0

    @property
    def is_similar(self) -> bool:
        """Whether it is the same picture, drawn by something that rounds in another way."""
        allowed = min(MOST, int(SHARE * self.size[0] * self.size[1]))
        return self.is_same_size and self.strayed <= allowed and self.mean <= MEAN


def measured(one: Image.Image, other: Image.Image) -> Measure:
    """Compare two RGBA pictures; what one has beyond the other's edge counts as differing."""
    sizes = one.size, other.size
    one, other = _on_common_ground(one, other)
    difference = ImageChops.difference(one, other)
    most = _strongest(difference)
    histogram = most.histogram()
    differing = sum(histogram[1:])
    strayed = 0
    regions: tuple[Region, ...] = ()
    if differing:
        stray = ImageChops.lighter(_beyond(one, other), _beyond(other, one))
        strayed = sum(stray.histogram()[LEVELS + 1 :])
        regions = tuple(_regions(stray.point(_over(LEVELS)) if strayed else most.point(_over(0))))
    largest = max((level for level, count in enumerate(histogram) if count), default=0)
    mean = max(ImageStat.Stat(difference).mean) if differing else 0.0
    return Measure(*sizes, differing, strayed, largest, round(mean, 4), regions)


def marked(one: Image.Image, other: Image.Image, measure: Measure) -> bytes:
    """A PNG of the first picture, pale, with what differs in red and a numbered box around each place."""
    one, other = _on_common_ground(one, other)
    ground = Image.new("RGBA", one.size, (255, 255, 255, 255))
    ground.alpha_composite(one)
    shown = Image.blend(ground.convert("L").convert("RGB"), Image.new("RGB", one.size, (255, 255, 255)), 0.65)
    shown.paste((214, 32, 40), mask=_strongest(ImageChops.difference(one, other)).point(_over(0)))
    pen = ImageDraw.Draw(shown)
    for number, box in enumerate(measure.regions, 1):
        pen.rectangle((box.left - 2, box.top - 2, box.right + 1, box.bottom + 1), outline=(20, 80, 200))
        pen.text((box.left, max(0, box.top - 14)), str(number), fill=(20, 80, 200))
    if shown.width * shown.height > _LARGEST_DRAWN:
        shrink = (_LARGEST_DRAWN / (shown.width * shown.height)) ** 0.5
        shown.thumbnail((max(1, int(shown.width * shrink)), max(1, int(shown.height * shrink))))
    stream = io.BytesIO()
    shown.save(stream, "PNG")
    return stream.getvalue()


def _on_common_ground(one: Image.Image, other: Image.Image) -> tuple[Image.Image, Image.Image]:
    if one.size == other.size:
        return one, other
    size = max(one.width, other.width), max(one.height, other.height)
    return _widened(one, size), _widened(other, size)


def _widened(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    wide = Image.new("RGBA", size, (0, 0, 0, 0))
    wide.paste(image, (0, 0))
    return wide


def _strongest(difference: Image.Image) -> Image.Image:
    """The largest of the channels, pixel by pixel."""
    return reduce(ImageChops.lighter, difference.split())


def _beyond(one: Image.Image, other: Image.Image) -> Image.Image:
    """By how much each pixel of one leaves the range that the other has there and one pixel around."""
    low, high = other.filter(ImageFilter.MinFilter(3)), other.filter(ImageFilter.MaxFilter(3))
    return ImageChops.lighter(_strongest(ImageChops.subtract(one, high)), _strongest(ImageChops.subtract(low, one)))


def _over(level: int) -> list[int]:
    return [255 if value > level else 0 for value in range(256)]


def _regions(mask: Image.Image) -> Iterator[Region]:
    """Boxes around what is marked, those with most in them first."""
    tiles = mask.reduce(TILE)
    columns = tiles.width
    left = {divmod(at, columns) for at, value in enumerate(tiles.tobytes()) if value}
    found = []
    while left:
        found.append(_around(mask, _connected(left)))
    found.sort(key=lambda region: (-region.pixels, region.top, region.left))
    yield from found[:MOST_REGIONS]


def _around(mask: Image.Image, tiles: list[tuple[int, int]]) -> Region:
    """The box around what is marked in some tiles, and how many pixels of them are."""
    boxes, pixels = [], 0
    for row, column in tiles:
        left, top = column * TILE, row * TILE
        part = mask.crop((left, top, min(left + TILE, mask.width), min(top + TILE, mask.height)))
        inner = part.getbbox() or (0, 0, *part.size)
        boxes.append((left + inner[0], top + inner[1], left + inner[2], top + inner[3]))
        pixels += sum(part.histogram()[1:])
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Region(min(lefts), min(tops), max(rights), max(bottoms), pixels)


def _connected(left: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take a tile and all that hang together with it."""
    waiting = [left.pop()]
    group = []
    while waiting:
        row, column = waiting.pop()
        group.append((row, column))
        for beside in ((row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)):
            if beside in left:
                left.remove(beside)
                waiting.append(beside)
    return group
