"""What a picture looks like, in few bytes: where there is ink, and how much; to be compared with others.

Needs no library of pictures: `fingerprint` makes Looks, whoever compares them may be a server.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from dataclasses import dataclass
from operator import mul

SIDE = 32  # cells of the sketch in a row


@dataclass(frozen=True, slots=True)
class Look:
    """`bits` are 256, for a quick comparison of many; `sketch` holds 32 x 32 amounts of ink from 0 to 15."""

    bits: int
    sketch: bytes

    def likeness(self, other: Look) -> float:
        """How much two pictures look alike: the correlation of their ink, 1 for the same."""
        return correlation(self.sketch, other.sketch)


def correlation(one: bytes, other: bytes) -> float:
    """Pearson's correlation of two equally long rows of amounts; 0 where one is all the same."""
    count = len(one)
    sum_one, sum_other = sum(one), sum(other)
    spread_one: int = count * sum(map(mul, one, one)) - sum_one * sum_one
    spread_other: int = count * sum(map(mul, other, other)) - sum_other * sum_other
    common: int = count * sum(map(mul, one, other)) - sum_one * sum_other
    if spread_one <= 0 or spread_other <= 0 or count != len(other):
        return 0.0
    return common / math.sqrt(spread_one * spread_other)


def packed(sketch: bytes) -> str:
    """A sketch as text, two cells in a byte."""
    return b64encode(bytes(high << 4 | low for high, low in zip(sketch[::2], sketch[1::2], strict=True))).decode()


def unpacked(text: str) -> bytes:
    """The reverse of `packed`. Raises ValueError."""
    cells = bytes(cell for pair in b64decode(text, validate=True) for cell in (pair >> 4, pair & 15))
    if len(cells) != SIDE * SIDE:
        raise ValueError("not a sketch")
    return cells
