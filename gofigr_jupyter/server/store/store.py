"""Everything that the server keeps, as one handle: rows, bytes, and a cache of what can be made again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.store import sweep
from gofigr_jupyter.server.store.blobs import Blobs, Cache
from gofigr_jupyter.server.store.content import Incoming, keep_bytes
from gofigr_jupyter.server.store.database import Database, Transaction


class Store:
    """Rows through `reading()` and `writing()`, bytes through `blobs`."""

    def __init__(self, database: Database, blobs: Blobs, cache: Cache) -> None:
        self.database = database
        self.blobs = blobs
        self.cache = cache
        self._gate = sweep.Gate()

    @classmethod
    def in_folder(cls, folder: Path) -> Store:
        """The store of a data folder, made and brought up to date where needed."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = Database.in_folder(folder)
        database.upgrade()
        return cls(database, Blobs.in_folder(folder / "blobs"), Cache.in_folder(folder / "cache"))

    def reading(self) -> AbstractContextManager[Transaction]:
        """A consistent view of the rows."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Transaction]:
        """A change of rows: all or nothing, durable when the block has ended."""
        return self.database.writing()

    @contextmanager
    def keeping(self, drafts: Sequence[DataDraft]) -> Iterator[list[Incoming]]:
        """Store the bytes of data objects; within the block rows that name them are written."""
        with self._gate.upload():
            yield keep_bytes(self.blobs, drafts)

    def read(self, chunks: list[str]) -> Iterator[bytes]:
        """Stored bytes, verified, chunk by chunk."""
        return self.blobs.read(chunks)

    def tidy(self) -> int:
        """Take away bytes that nothing names any more, if there may be any; how many chunks went."""
        return sweep.sweep(self.database, self.blobs, self._gate) if sweep.is_due(self.database) else 0

    def close(self) -> None:
        """Let go of the files."""
        self.database.close()
