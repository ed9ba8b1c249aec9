"""Files that others put into a bucket by themselves, with a signed address; they wait there until they are taken in.

In: names of our making. Out: addresses, and what has come. It knows nothing of what the files are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from gofigr_jupyter.server.store.blobs import OutOfReach

FOLDER = "incoming"  # beside the chunks, none of which has such a name
PIECE = 1 << 20


@dataclass(frozen=True)
class Arrival:
    """A file that has come: its name, and how many bytes it has."""

    name: str
    size: int


class Arrivals:
    """Those of one bucket. All of it raises OutOfReach."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def address(self, name: str, life: timedelta) -> str:
        """Where a file can be put by PUT, as often as one likes, for so long."""
        with _reached():
            return obstore.sign(self._store, "PUT", f"{FOLDER}/{name}", life)

    def find(self, beginning: str = "") -> list[Arrival]:
        """All below this folder of names, or all there are."""
        found = []
        with _reached():
            for batch in obstore.list(self._store, "/".join(filter(None, (FOLDER, beginning)))):
                found += [Arrival(entry["path"].removeprefix(f"{FOLDER}/"), entry["size"]) for entry in batch]
        return found

    def read(self, one: Arrival) -> Iterator[bytes]:
        """Its bytes, a little at a time."""
        with _reached():
            for piece in obstore.get(self._store, f"{FOLDER}/{one.name}").stream(PIECE):
                yield bytes(piece)

    def remove(self, one: Arrival) -> None:
        """Take it away."""
        with _reached():
            obstore.delete(self._store, f"{FOLDER}/{one.name}")


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise OutOfReach("The bucket does not answer.") from error
