"""Run as a child: a PowerPoint or Word document on stdin, its pictures out, with where they stand and their QR codes.

A frame: header {name, places, codes}, blobs [the picture as the document has it]. Documents are zip archives; each part
is read up to a limit, whatever its size is said to be.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from gofigr_jupyter.capture.qr import codes
from gofigr_jupyter.server.child import Frame, main

MEDIA = re.compile(r"(ppt|word)/media/[^/]+\.(png|jpe?g|gif|webp|bmp|tiff?)", re.IGNORECASE)
SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
MOST_PARTS = 20_000
MOST_PICTURES = 1000
MOST_PICTURE = 64 << 20
MOST_XML = 16 << 20
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Archive:
    """The parts of a document."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(stream)
        self.names = self._zip.namelist()
        if len(self.names) > MOST_PARTS:
            raise SystemExit("too many parts")

    def part(self, name: str, most: int) -> bytes | None:
        """The bytes of a part; None when there is none, or more of it than may be."""
        try:
            with self._zip.open(name) as part:
                content = part.read(most + 1)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
            return None
        return content if len(content) <= most else None

    def xml(self, name: str) -> ElementTree.Element | None:
        """A part as XML."""
        content = self.part(name, MOST_XML)
        if content is None or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            return None
        try:
            return ElementTree.fromstring(content)  # noqa: S314 - no entities are declared, and the process is expendable
        except ElementTree.ParseError:
            return None

    def targets(self, name: str) -> dict[str, str]:
        """What a part refers to: from the ids it uses to the parts' names."""
        folder, _, file = name.rpartition("/")
        relations = self.xml(f"{folder}/_rels/{file}.rels")
        found = {}
        for one in relations if relations is not None else ():
            if one.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, one.get("Target") or ""))
                found[one.get("Id") or ""] = target.lstrip("/")
        return found


def read(stream: BinaryIO) -> Iterator[Frame]:
    """The pictures of a document."""
    archive = Archive(stream)
    if "word/document.xml" not in archive.names and "ppt/presentation.xml" not in archive.names:
        raise SystemExit("neither a presentation nor a text")
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
    for number, slide in enumerate(_slides(archive), 1):
        for target in archive.targets(slide).values():
            if MEDIA.fullmatch(target) and number not in found.setdefault(target, []):
                found[target].append(number)
    return found


def _slides(archive: Archive) -> list[str]:
    """The slides in the order in which they are shown; by their numbers where that is not told."""
    by_number = sorted((one for one in archive.names if SLIDE.fullmatch(one)), key=_number)
    presentation = archive.xml("ppt/presentation.xml")
    if presentation is None:
        return by_number
    targets = archive.targets("ppt/presentation.xml")
    used = [targets.get(one.get(RELATIONS) or "", "") for one in presentation.iter() if one.tag.endswith("}sldId")]
    return [one for one in used if one in archive.names] or by_number


def _number(name: str) -> int:
    match = SLIDE.fullmatch(name)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    main(read)
