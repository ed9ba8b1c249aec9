"""Brings the input files of a revision into a folder, each with the bytes that were recorded, where they can be had.

In: places, a client, the folder where the session worked. Out: files, and for each what came of it. The originals are
read, never touched; a copy whose hash is another than the recorded one is said to be changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gofigr_jupyter.client.assets import hash_of
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError
from gofigr_jupyter.proof.places import Placed
from gofigr_jupyter.proof.recorded import Input


class Origin(StrEnum):
    """Where the bytes came from, and whether they are those that the figure was made from."""

    ORIGINAL = "original"  # the file itself, unchanged
    ASSET = "asset"  # the copy that was kept with the figure
    CHANGED = "changed"  # the file as it is now, which is another; no copy was kept
    UNCHECKED = "unchecked"  # the file as it is now; its hash was not recorded
    GONE = "gone"  # neither a file nor a copy


@dataclass(frozen=True, slots=True)
class Gathered:
    """An input and what came of it."""

    place: Placed
    origin: Origin

    @property
    def is_recorded(self) -> bool:
        """Whether these are surely the bytes that the figure was made from."""
        return self.origin in {Origin.ORIGINAL, Origin.ASSET}


def gather(
    gf: GoFigr, places: Iterable[Placed], folder: Path, session: str | None, tell: Callable[[str], None]
) -> tuple[Gathered, ...]:
    """Lay out all of them in the folder; `session` is where the session worked. Raises OSError for a full disk."""
    found = []
    for place in places:
        tell(place.input.name)
        target = folder / place.path
        target.parent.mkdir(parents=True, exist_ok=True)
        found.append(Gathered(place, _laid_out(gf, place.input, target, session)))
    return tuple(found)


def _laid_out(gf: GoFigr, one: Input, target: Path, session: str | None) -> Origin:
    original = _original(one, session)
    known = _hash(original) if original is not None and one.digest else None
    if original is not None and known is not None and known == one.digest:
        shutil.copyfile(original, target)
        if hash_of(target) == one.digest:
            return Origin.ORIGINAL
    if one.digest and _from_server(gf, one, target):
        return Origin.ASSET
    if original is None:
        target.unlink(missing_ok=True)
        return Origin.GONE
    shutil.copyfile(original, target)
    return Origin.CHANGED if one.digest else Origin.UNCHECKED


def _original(one: Input, session: str | None) -> Path | None:
    path = Path(one.path)
    if not path.is_absolute():
        if session is None:
            return None
        path = Path(session) / path
    with suppress(OSError, ValueError):
        return path if path.is_file() else None
    return None


def _hash(path: Path) -> str | None:
    with suppress(OSError):
        return hash_of(path)
    return None


def _from_server(gf: GoFigr, one: Input, target: Path) -> bool:
    """Whether a copy with the recorded hash is on the server; it is at its place then."""
    with suppress(APIError):
        versions = [gf.asset_revisions.get(one.asset_revision)] if one.asset_revision else []
        for version in versions or gf.asset_revisions.find_by_hash(one.digest or ""):
            for data in version.data:
                if data.hash is None or data.hash == one.digest:
                    data.save(target)
                    if hash_of(target) == one.digest:
                        return True
    return False
