"""What PowerPoint and Word documents consist of. For children alone: a stranger's file is read here.

They are zip archives; each part is read up to a limit, whatever its size is said to be.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import BinaryIO
from xml.etree import ElementTree

TEXT, PRESENTATION = "word/document.xml", "ppt/presentation.xml"
SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
MOST_PARTS = 20_000
MOST_XML = 16 << 20
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Archive:
    """The parts of a document."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(stream)
        self.names = self._zip.namelist()
        if len(self.names) > MOST_PARTS:
            raise SystemExit("too many parts")
        if not {TEXT, PRESENTATION} & set(self.names):
            raise SystemExit("neither a presentation nor a text")

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

    def slides(self) -> list[str]:
        """The slides in the order in which they are shown; by their numbers where that is not told."""
        by_number = sorted((one for one in self.names if SLIDE.fullmatch(one)), key=_number)
        presentation = self.xml(PRESENTATION)
        if presentation is None:
            return by_number
        targets = self.targets(PRESENTATION)
        used = [targets.get(one.get(RELATIONS) or "", "") for one in presentation.iter() if one.tag.endswith("}sldId")]
        return [one for one in used if one in self.names] or by_number

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


def _number(name: str) -> int:
    match = SLIDE.fullmatch(name)
    return int(match[1]) if match else 0
