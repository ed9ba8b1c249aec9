"""Takes away the chunks that no row names any more, while nobody uploads.

Deleting something only notes that there may be garbage, in the same transaction; the sweep follows when it is quiet.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import select

from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.blobs import Blobs
from gofigr_jupyter.server.store.database import Database, Transaction
from gofigr_jupyter.server.store.tables import DataItem

GARBAGE = "garbage"
SWEPT_ON = "swept_on"
EVERY = timedelta(days=7)  # uploads that were killed half-way leave chunks, and no note


class Gate:
    """Many uploads, or one sweep: a chunk that an upload found in place must not go before its row is written."""

    def __init__(self) -> None:
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
            yield
        finally:
            with self._changed:
                self._uploads -= 1
                self._changed.notify_all()

    @contextmanager
    def sweep(self) -> Iterator[None]:
        """While nothing is stored."""
        with self._changed:
            self._changed.wait_for(lambda: not self._sweeping and not self._uploads)
            self._sweeping = True
        try:
            yield
        finally:
            with self._changed:
                self._sweeping = False
                self._changed.notify_all()


def note_garbage(db: Transaction) -> None:
    """Rows that name chunks have gone."""
    people.remember(db, GARBAGE, "yes")


def is_due(database: Database) -> bool:
    """Whether a sweep may find something."""
    with database.reading() as db:
        last = people.fact(db, SWEPT_ON)
        return bool(people.fact(db, GARBAGE)) or last is None or people.now() - datetime.fromisoformat(last) > EVERY


def sweep(database: Database, blobs: Blobs, gate: Gate) -> int:
    """Remove what is not named; returns how many chunks."""
    with gate.sweep():
        with database.reading() as db:
            named = {chunk for chunks in db.scalars(select(DataItem.chunks)) for chunk in chunks}
        unnamed = [digest for digest in blobs.listing() if digest not in named]
        blobs.remove(unnamed)
        with database.writing() as db:
            people.remember(db, GARBAGE, "")
            people.remember(db, SWEPT_ON, people.now().isoformat())
    return len(unnamed)
