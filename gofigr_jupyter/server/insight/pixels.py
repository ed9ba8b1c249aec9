"""The child that compares two pictures: both files one after the other in, how many pixels differ and where out.

As an argument it gets the length of the first. What it measures is in `proof/measure.py`.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from gofigr_jupyter.proof import measure
from gofigr_jupyter.server import child
from gofigr_jupyter.server.shrink import FORMATS, MOST_PIXELS


def read(stream: BinaryIO) -> Iterator[child.Frame]:
    """Sizes, the number of differing pixels, and the box around them as left, top, right, bottom."""
    pictures = [_decoded(stream.read(int(sys.argv[1]))), _decoded(stream.read())]
    found = measure.measured(*pictures)
    boxes = found.regions
    box = [min(one.left for one in boxes), min(one.top for one in boxes)] if boxes else []
    box += [max(one.right for one in boxes), max(one.bottom for one in boxes)] if boxes else []
    yield {"sizes_are": [found.size, found.other_size], "differing": found.differing, "box": box or None}, []


def _decoded(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("more than 50 megapixels")
    return picture.convert("RGBA")


if __name__ == "__main__":
    child.main(read)
    os._exit(0)
