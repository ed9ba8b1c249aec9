"""Run as a child: a PowerPoint or Word document on stdin, its pictures out, with where they stand and their QR codes.

A frame: header {name, places, codes}, blobs [the picture as the document has it]. What documents consist of is known
to `office`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import BinaryIO

from gofigr_jupyter.capture.qr import codes
from gofigr_jupyter.server.child import Frame, main
from gofigr_jupyter.server.office import Archive

MEDIA = re.compile(r"(ppt|word)/media/[^/]+\.(png|jpe?g|gif|webp|bmp|tiff?)", re.IGNORECASE)
MOST_PICTURES = 1000
MOST_PICTURE = 64 << 20


def read(stream: BinaryIO) -> Iterator[Frame]:
    """The pictures of a document."""
    archive = Archive(stream)
    places = _places(archive)
    pictures = [name for name in dict.fromkeys(archive.names) if MEDIA.fullmatch(name)]
    for name in sorted(pictures, key=lambda one: (min(places.get(one, [0])), one))[:MOST_PICTURES]:
        content = archive.part(name, MOST_PICTURE)
        if content:
            header = {"name": posixpath.basename(name)[:200], "places": places.get(name, []), "codes": codes(content)}
            yield header, [content]


def _places(archive: Archive) -> dict[str, list[int]]:
    """On which slides each picture stands, counted as people do."""
    found: dict[str, list[int]] = {}
    for number, slide in enumerate(archive.slides(), 1):
        for target in archive.targets(slide).values():
            if MEDIA.fullmatch(target) and number not in found.setdefault(target, []):
                found[target].append(number)
    return found


if __name__ == "__main__":
    main(read)
