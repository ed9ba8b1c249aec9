"""Run as a child: pictures on stdin, each after its length; out what they look like, and what QR codes are in them.

A frame for each picture: header {codes, looks}, where a look is [bits in hexadecimal digits, sketch as text]. With the
argument `parts` the looks of all rectangles follow that may be a figure on a screenshot.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

from gofigr_jupyter.capture import pictures, qr
from gofigr_jupyter.capture.fingerprint import look_of
from gofigr_jupyter.capture.look import Look, packed
from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.finding.regions import regions
from gofigr_jupyter.server.child import LENGTH, Frame, main


def read(stream: BinaryIO) -> Iterator[Frame]:
    """What each picture looks like."""
    while head := stream.read(LENGTH.size):
        content = stream.read(*LENGTH.unpack(head))
        yield _seen(content, with_parts=sys.argv[1:] == ["parts"]), []


def _seen(content: bytes, *, with_parts: bool) -> dict[str, object]:
    try:
        grey = pictures.opaque(pictures.decoded(content)).convert("L")
    except (CaptureError, MemoryError):
        return {"codes": [], "looks": []}
    boxes = regions(grey) if with_parts else [(0, 0, *grey.size)]
    looks: dict[int, Look] = {}
    for box in boxes:
        look = look_of(grey, box)
        if look is not None:
            looks.setdefault(look.bits, look)
    told = [[f"{one.bits:064x}", packed(one.sketch)] for one in looks.values()]
    return {"codes": qr.codes_of(grey) if with_parts else [], "looks": told}


if __name__ == "__main__":
    main(read)
