"""Takes away the chunks that no row names any more, while nobody uploads.

Deleting something only notes that there may be garbage, in the same transaction; the sweep follows when it is quiet.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.blobs import Blobs, OutOfReach
from gofigr_jupyter.server.store.database import Database, Transaction
from gofigr_jupyter.server.store.tables import DataItem

log = logging.getLogger(__name__)
GARBAGE = "garbage"
SWEPT_ON = "swept_on"
EVERY = timedelta(days=7)  # uploads that were killed half-way leave chunks, and no note
LOCK_NAME = "chunks.lock"
TURNSTILE_NAME = "chunks.turnstile"
AT_A_TIME = 1000

Places = Mapping[str | None, Blobs]  # the server's own is None, the others have the ids of their buckets
Chunks = set[tuple[str | None, str]]  # each with its place


class Gate:
    """Many uploads, or one sweep: a chunk that an upload found in place must not go before its row is written.

    A lock on a file says the same to other processes: a backup counts as an upload, a repair as a sweep. All go to it
    through a turnstile, which a sweep keeps shut while it waits for the lock: else new uploads could outwait it.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = folder / LOCK_NAME
        self._turnstile = folder / TURNSTILE_NAME
        self._changed = threading.Condition()
        self._uploads = 0
        self._sweeping = False

    @contextmanager
    def upload(self) -> Iterator[None]:
        """From storing bytes to writing the rows that name them."""
        with self._changed:
            self._changed.wait_for(lambda: not self._sweeping)
            self._uploads += 1
        try:
            with _opened(self._lock) as lock:
                with _opened(self._turnstile) as turnstile:
                    fcntl.flock(turnstile, fcntl.LOCK_SH)
                    fcntl.flock(lock, fcntl.LOCK_SH)
                yield
        finally:
            with self._changed:
                self._uploads -= 1
                self._changed.notify_all()

    @contextmanager
    def sweep(self, patience: float = 0.0) -> Iterator[bool]:
        """While nothing is stored; False when another process still works with the chunks after `patience` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._sweeping and not self._uploads)
            self._sweeping = True
        try:
            with _opened(self._lock) as lock:
                with _opened(self._turnstile) as turnstile:
                    is_alone = _alone(turnstile, patience) and _alone(lock, patience)
                yield is_alone
        finally:
            with self._changed:
                self._sweeping = False
                self._changed.notify_all()


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _alone(descriptor: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def note_garbage(db: Transaction) -> None:
    """Rows that name chunks have gone."""
    people.remember(db, GARBAGE, "yes")


def is_due(database: Database) -> bool:
    """Whether a sweep may find something."""
    with database.reading() as db:
        last = people.fact(db, SWEPT_ON)
        return bool(people.fact(db, GARBAGE)) or last is None or people.now() - datetime.fromisoformat(last) > EVERY


def sweep(
    database: Database, places: Places, gate: Gate, patience: float = 0.0, spared: Callable[[], Chunks] = set
) -> int:
    """Remove what is not named, nor `spared` for now; returns how many chunks."""
    with database.writing() as db:
        people.remember(db, GARBAGE, "")  # first: what is deleted from now on notes it again
        people.remember(db, SWEPT_ON, people.now().isoformat())
    try:
        found = unnamed(database, places)
        if not found:
            return 0
        with gate.sweep(patience) as is_alone:
            return _remove(database, places, found, spared()) if is_alone else _later(database)
    except BaseException:
        _later(database)
        raise


def unnamed(database: Database, places: Places) -> Chunks:
    """The chunks that no row names, or does not name yet; a bucket that is out of reach is left out."""
    listed: Chunks = set()
    for place, blobs in places.items():
        try:
            listed |= {(place, digest) for digest, _ in blobs.listing()}
        except OutOfReach:
            log.warning("bucket %s is out of reach; it is swept another time", place)
            _later(database)
    return listed - set(named(database))


def named(database: Database) -> Iterator[tuple[str | None, str]]:
    """All chunks that rows name, with their places; some more than once."""
    with database.reading() as db:
        rows = db.execute(select(DataItem.bucket_id, DataItem.chunks).execution_options(yield_per=AT_A_TIME))
        for place, chunks in rows:
            for digest in chunks:
                yield place, digest


def _remove(database: Database, places: Places, found: Chunks, spared: Chunks) -> int:
    gone = found - set(named(database)) - spared  # rows of uploads that were still on their way have come
    if found & spared:
        _later(database)
    for place, blobs in places.items():
        blobs.remove(digest for where, digest in gone if where == place)
        blobs.clear_strays()
    return len(gone)


def _later(database: Database) -> int:
    with database.writing() as db:
        note_garbage(db)
    return 0
