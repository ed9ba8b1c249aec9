"""Everything that the server keeps, as one handle: rows, bytes, and a cache of what can be made again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import select

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.store import buckets, looks, sweep, words
from gofigr_jupyter.server.store.blobs import Blobs, Cache, Filling, OutOfReach
from gofigr_jupyter.server.store.content import Incoming, keep_bytes
from gofigr_jupyter.server.store.database import Database, Transaction
from gofigr_jupyter.server.store.tables import Bucket

BLOBS = "blobs"
CACHE = "cache"
RESTORING = ".restoring"


class Store:
    """Rows through `reading()` and `writing()`; bytes through `keeping()` and `read()`."""

    def __init__(self, folder: Path, database: Database, blobs: Blobs, cache: Cache) -> None:
        self.database = database
        self.blobs = blobs
        self.cache = cache
        self.bell = database.bell
        self.gate = sweep.Gate(folder)
        self._buckets: dict[str, Blobs] = {}
        self._lock = threading.Lock()
        self._has_leftovers = False
        self.spared: Callable[[], sweep.Chunks] = set  # what a sweep leaves where it is, though no row names it

    @classmethod
    def in_folder(cls, folder: Path, url: str | None = None) -> Store:
        """The store of a data folder, made and brought up to date where needed; `url` is of its PostgreSQL, if any."""
        if (folder / RESTORING).exists():
            raise ConfigurationError(f"{folder} was not restored to the end. Restore the backup again.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = Database.in_folder(folder, url)
        database.upgrade()
        return cls(folder, database, Blobs.in_folder(folder / BLOBS), Cache.in_folder(folder / CACHE))

    def reading(self) -> AbstractContextManager[Transaction]:
        """A consistent view of the rows."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Transaction]:
        """A change of rows: all or nothing, durable when the block has ended."""
        return self.database.writing()

    @contextmanager
    def keeping(self, drafts: Sequence[DataDraft], bucket_id: str | None = None) -> Iterator[list[Incoming]]:
        """Store the bytes of data objects, perhaps in a bucket; within the block the rows that name them are written.

        To be entered before the transaction: with a bucket it speaks to the network.
        """
        with self._storing():
            yield keep_bytes(self.place(bucket_id), drafts, bucket_id)

    @contextmanager
    def filling(self, bucket_id: str | None = None, begun: Filling | None = None) -> Iterator[Filling]:
        """As `keeping`, for one object whose bytes come by and by; they are there when it has been ended.

        One that was `begun` in another block goes on; it must be asked first whether all of it is still there.
        """
        with self._storing():
            yield begun or self.place(bucket_id).begin()

    @contextmanager
    def _storing(self) -> Iterator[None]:
        with self.gate.upload():
            try:
                yield
            except BaseException:
                self._has_leftovers = True
                raise

    def read(self, chunks: Sequence[str], bucket_id: str | None = None) -> Iterator[bytes]:
        """Stored bytes, verified, chunk by chunk; to be consumed after the transaction."""
        return self.place(bucket_id).read(chunks)

    def place(self, bucket_id: str | None) -> Blobs:
        """The chunks of the server's own folder, or of a bucket."""
        if bucket_id is None:
            return self.blobs
        with self._lock:
            known = self._buckets.get(bucket_id)
            if known is None:
                with self.reading() as db:
                    row = db.get(Bucket, bucket_id)
                    if row is None:
                        raise OutOfReach(f"There is no bucket {bucket_id}.")
                    params = row.params
                known = self._buckets[bucket_id] = buckets.opened(params, bucket_id)
        return known

    def places(self) -> dict[str | None, Blobs]:
        """All places that have chunks: the server's own (None), and buckets by their ids."""
        with self.reading() as db:
            ids = list(db.scalars(select(Bucket.id)))
        return {None: self.blobs} | {one: self.place(one) for one in ids}

    def tidy(self, patience: float = 0.0) -> int:
        """Take away bytes that nothing names any more, if there may be any; how many chunks went."""
        if not (self._has_leftovers or sweep.is_due(self.database)):
            return 0
        self._has_leftovers = False
        with self.writing() as db:
            words.sweep(db)
            looks.sweep(db)
        return sweep.sweep(self.database, self.places(), self.gate, patience, self.spared)

    def close(self) -> None:
        """Let go of the files."""
        self.database.close()
        for blobs in (self.blobs, *self._buckets.values()):
            blobs.close()
