"""Reads a figure's record before anybody asks: whoever opens Deep Insight is about to, and reading takes the longest.

In: a reader, and the revision that he looks at. Out: nothing but what `record` keeps in the store's cache. However many
are opened, one record is read at a time, gently, each once; of a reader's only the newest waits, and few in a minute.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.insight import desk, record
from gofigr_jupyter.server.store import find
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.throttle import Allowance, Throttle

log = logging.getLogger(__name__)
MOST_WAITING = 16  # readers
MOST_KNOWN = 2_000  # revisions
OFTEN, SECONDS = 30, 60.0  # records of one reader in so much time
Read = Callable[[Actor, str], None]


class Ahead:
    """What was read ahead, and what waits for it; `read` reads the record of a revision."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._throttle = Throttle()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._waiting: OrderedDict[int, tuple[Actor, str]] = OrderedDict()
        self._is_reading = False

    @classmethod
    def of(cls, store: Store) -> Ahead:
        """For the records of a store."""

        def read(reader: Actor, revision: str) -> None:
            with store.reading() as db:
                rowed = desk.rows_of(db, reader, find.revision(db, revision))
            record.record_of(store, rowed, gently=True)

        return cls(read)

    def is_wanted(self, reader: Actor, revision: str) -> bool:
        """Whether this record is to be read now; counts it as read."""
        with self._lock:
            if revision in self._known or self._throttle.begin(Allowance(reader.user_id, OFTEN, SECONDS)) > 0:
                return False
            self._known[revision] = None
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            return True

    def read(self, reader: Actor, revision: str) -> None:
        """Read it, and what others want meanwhile; returns at once where another thread reads already."""
        with self._lock:
            self._forget(self._waiting.pop(reader.user_id, None))
            self._waiting[reader.user_id] = (reader, revision)
            if len(self._waiting) > MOST_WAITING:
                self._forget(self._waiting.popitem(last=False)[1])
            if self._is_reading:
                return
            self._is_reading = True
        while (wanted := self._next()) is not None:
            try:
                self._read(*wanted)
            except Exception as error:  # noqa: BLE001 -- whoever asks will be told
                log.info("a record could not be read ahead: %s", type(error).__name__)

    def _forget(self, passed: tuple[Actor, str] | None) -> None:
        """What others have pushed aside may be wanted again."""
        if passed is not None:
            self._known.pop(passed[1], None)

    def _next(self) -> tuple[Actor, str] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popitem(last=False)[1]
            self._is_reading = False
            return None


def ahead_of(request: Request) -> Ahead:
    """The server's."""
    ahead: Ahead = request.app.state.ahead
    return ahead


AheadOf = Annotated[Ahead, Depends(ahead_of)]
