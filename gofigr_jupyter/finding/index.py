"""What this machine knows of published pictures: a line for each, in a file that only grows.

In: entries, from the worker or from a server. Out: a Catalogue to search in. Each line bears its own checksum and
begins with an end of line, so that one that was broken off costs nobody else. The only door to this file.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gofigr_jupyter.capture.fingerprint import Fingerprint
from gofigr_jupyter.capture.look import Look, packed, unpacked
from gofigr_jupyter.outbox.files import make_folder

_BITS = slice(9, 73)  # of a line: eight digits of checksum, the bits of the look, then JSON
_JSON = 74
_ALWAYS = {"revision", "link", "figure"}
_FAR = 72  # of 256 bits; what differs more does not look alike


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of a revision, and what to say of it; `server` is its URL, empty for the embedded one.

    `files` are BLAKE3 digests of the files in which it was shown, `pixels` that of its pixels; `bits` and `sketch` are
    its Look as text, empty where it has none.
    """

    revision: str
    link: str
    figure: str
    short_id: str | None = None
    figure_id: str | None = None
    analysis: str = ""
    number: int | None = None
    shown_at: str = ""
    author: str = ""
    server: str = ""
    files: tuple[str, ...] = ()
    pixels: str = ""
    bits: str = ""
    sketch: str = ""

    @property
    def look(self) -> Look | None:
        """What it looks like."""
        try:
            return Look(int(self.bits, 16), unpacked(self.sketch)) if self.bits and self.sketch else None
        except ValueError:
            return None


def seen(entry: Entry, found: Fingerprint) -> Entry:
    """An entry with what its picture looks like."""
    look = found.look or Look(0, b"")
    return replace(entry, pixels=found.pixels, bits=f"{look.bits:064x}", sketch=packed(look.sketch))


def remember(home: Path, entries: Iterable[Entry]) -> None:
    """Add entries, each with one write; those of a revision that is known already count instead. Raises OSError."""
    lines = [_line(entry) for entry in entries]
    if not lines:
        return
    path = _path(home)
    make_folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        for line in lines:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def catalogue(home: Path) -> Catalogue:
    """All that is known now."""
    try:
        return Catalogue(_path(home).read_bytes())
    except FileNotFoundError:
        return Catalogue(b"")


def _path(home: Path) -> Path:
    return home / "pictures" / "known"


def _line(entry: Entry) -> bytes:
    told = {name: value for name, value in asdict(entry).items() if value or name in _ALWAYS}
    told.pop("bits", None)
    content = f"{entry.bits or '0':0>64} {json.dumps(told)}".encode()
    return b"\n%08x %b\n" % (zlib.crc32(content), content)


class Catalogue:
    """The lines of the file; an entry is only built when somebody asks for it."""

    def __init__(self, text: bytes) -> None:
        self._lines = [line for line in text.split(b"\n") if len(line) > _JSON]
        self._bits = [_number(line[_BITS]) for line in self._lines]

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def revisions(self, server: str) -> set[str]:
        """The ids of all revisions of a server that are known with their looks, or as having no picture."""
        entries = (entry for line in self._lines if (entry := _entry(line)) is not None and entry.server == server)
        return {entry.revision for entry in entries if entry.pixels or not entry.files}

    def named(self, name: str) -> Entry | None:
        """The entry of a revision by its id or its short id; the last one counts."""
        told = (f'"revision": {json.dumps(name.lower())}', f'"short_id": {json.dumps(name)}')
        return next((entry for one in told for entry in self._with(one.encode())), None)

    def holding(self, digest: str) -> list[Entry]:
        """The entries with this digest of a file or of pixels, the last first, each revision once."""
        found = self._with(json.dumps(digest).encode())
        return list({entry.revision: entry for entry in reversed(list(found))}.values())[::-1]

    def alike(self, look: Look, most: int = 120) -> list[tuple[float, Entry]]:
        """The entries that look most like it, the likest first, each revision once."""
        distances = [(bits ^ look.bits).bit_count() for bits in self._bits]
        near = sorted((distance, at) for at, distance in enumerate(distances) if distance <= _FAR)[:most]
        found: dict[str, tuple[float, Entry]] = {}
        for _, at in near:
            entry = _entry(self._lines[at])
            known = entry.look if entry else None
            if entry is None or known is None:
                continue
            likeness = look.likeness(known)
            if likeness > found.get(entry.revision, (-1.0, entry))[0]:
                found[entry.revision] = (likeness, entry)
        return sorted(found.values(), key=lambda one: -one[0])

    def _with(self, needle: bytes) -> Iterator[Entry]:
        return (entry for line in reversed(self._lines) if needle in line and (entry := _entry(line)))


def _number(text: bytes) -> int:
    try:
        return int(text, 16)
    except ValueError:  # a damaged line, which its checksum tells when it is asked for
        return 0


def _entry(line: bytes) -> Entry | None:
    """What a line says; None for a damaged one, or one of a version that says something else."""
    try:
        if int(line[:8], 16) != zlib.crc32(line[9:]):
            return None
        told = json.loads(line[_JSON:])
        told["files"] = tuple(told.get("files", ()))
        return Entry(**told, bits=line[_BITS].decode("ascii"))
    except (ValueError, TypeError):
        return None
