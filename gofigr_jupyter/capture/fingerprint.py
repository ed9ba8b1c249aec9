"""What a picture looks like, in few bytes: by this it is found again when it has been scaled, framed or photographed.

In: a picture, or a rectangle of one. Out: a Look: where there is ink on the paper, and how much, on a grid over what is
not margin. Colours, the ground's too, do not count. For the worker's child process and for searching.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from blake3 import blake3
from PIL import Image

from gofigr_jupyter.capture import pictures
from gofigr_jupyter.capture.look import SIDE, Look, correlation, packed, unpacked

_COARSE = 16  # of the bits
_MOVES = (1 / 48, 1 / 96)  # shares of a drawing by which an edge is moved
_STEPS = bytes(round(15 * math.sqrt(value / 255)) for value in range(256))
FAINT = 24  # steps of grey that are paper still: what JPEG leaves around lines
_LEAST = 12  # pixels; what is smaller shows nothing

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Size and digest of the very pixels, and the look."""

    width: int
    height: int
    pixels: str
    look: Look | None


def fingerprint(picture: bytes) -> Fingerprint:
    """The fingerprint of a picture's file. Raises CaptureError."""
    return fingerprint_of(pictures.decoded(picture))


def fingerprint_of(image: Image.Image) -> Fingerprint:
    """The fingerprint of a decoded picture."""
    pixels = blake3(f"{image.width}x{image.height} ".encode())
    pixels.update(image.convert("RGBA").tobytes())
    grey = pictures.opaque(image).convert("L")
    return Fingerprint(image.width, image.height, pixels.hexdigest(), look_of(grey, (0, 0, *grey.size)))


def look_of(grey: Image.Image, box: Box) -> Look | None:
    """The look of a rectangle of a picture in greys; None where there is nothing to see."""
    found = drawing(grey, box)
    if found is None:
        return None
    ink, content = found
    coarse = ink.resize((_COARSE, _COARSE), Image.Resampling.BILINEAR, box=content).tobytes()
    mean = sum(coarse) / len(coarse)
    bits = int("".join("1" if value > mean else "0" for value in coarse), 2)
    return Look(bits, _sketch(ink, content))


def likeness_at_best(grey: Image.Image, box: Box, known: Look) -> float:
    """The likeness of a rectangle with a look that is known, its edges moved a little to where it is highest.

    Where a drawing ends is not seen exactly once a picture was scaled or compressed.
    """
    found = drawing(grey, box)
    if found is None:
        return 0.0
    ink, content = found
    edges: tuple[float, ...] = content
    best = correlation(_sketch(ink, edges), known.sketch)
    limits = (0, 0, *ink.size)
    for share in _MOVES:
        for side in range(4):
            step = share * (content[2 + side % 2] - content[side % 2])
            for move in (-step, step):
                place = min(max(edges[side] + move, 0), limits[2 + side % 2])
                tried = (*edges[:side], place, *edges[side + 1 :])
                likeness = correlation(_sketch(ink, tried), known.sketch)
                if likeness > best:
                    best, edges = likeness, tried
    return best


def _sketch(ink: Image.Image, edges: tuple[float, ...]) -> bytes:
    box = (edges[0], edges[1], edges[2], edges[3])
    # Smooth, since a line may fall between two cells; and the root lifts what is faint.
    cells = ink.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box, reducing_gap=3.0).tobytes()
    return cells.translate(_STEPS)


def drawing(grey: Image.Image, box: Box) -> tuple[Image.Image, Box] | None:
    """The ink in a rectangle, 0 for paper, and the part that is not margin; None where that is next to nothing."""
    part = grey.crop(box)
    paper = _paper(part)
    ink = part.point([distance if (distance := abs(value - paper)) > FAINT else 0 for value in range(256)])
    content = ink.getbbox()
    if content is None or min(content[2] - content[0], content[3] - content[1]) < _LEAST:
        return None
    return ink, content


def _paper(part: Image.Image) -> int:
    """The grey that is most frequent along the edge."""
    width, height = part.size
    edges = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    counts = [sum(values) for values in zip(*(part.crop(edge).histogram() for edge in edges), strict=True)]
    return counts.index(max(counts))


# ---------------------------------------------------------------- as text


def encoded(found: Fingerprint) -> bytes:
    """The fingerprint as JSON."""
    told: dict[str, object] = {"width": found.width, "height": found.height, "pixels": found.pixels}
    if found.look is not None:
        told |= {"bits": f"{found.look.bits:064x}", "sketch": packed(found.look.sketch)}
    return json.dumps(told).encode()


def decoded(text: bytes) -> Fingerprint:
    """The reverse of `encoded`. Raises ValueError for anything else."""
    told = json.loads(text)
    try:
        look = Look(int(told["bits"], 16), unpacked(told["sketch"])) if "bits" in told else None
        found = Fingerprint(int(told["width"]), int(told["height"]), str(told["pixels"]), look)
    except (KeyError, TypeError) as error:
        raise ValueError("not a fingerprint") from error
    if not 0 <= (look.bits if look else 0) < 1 << 256:
        raise ValueError("not a fingerprint")
    return found
