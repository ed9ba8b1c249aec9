"""The parcels of one lane in their order, and which of them may go now.

Phase 1 goes strictly in the order of display, so that within each figure nothing passes an earlier revision that waits.
Phase 2 gives way to phase 1. Both share one pause after failures. Knows neither disk nor network.
"""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Callable

from gofigr_jupyter.outbox.box import Entry
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.verdicts import Verdict

_QUIET_SECONDS = 2.0  # drawing begins when no figure has been shown for so long: it takes 20 % from the cells ...
_PATIENCE_SECONDS = 60.0  # ... or at the latest after this


class Queue:
    """Two sorted lists, one for each phase, and a thread waiting at each."""

    def __init__(self, backoff: Backoff) -> None:
        self.backoff = backoff
        self.is_stopping = False
        self._first: list[Entry] = []
        self._second: list[Entry] = []
        self._own_pause: dict[str, Backoff] = {}  # of parcels that alone have to wait
        self._last_first = 0.0
        self._changed = threading.Condition()

    def offer(self, entry: Entry, *, is_published: bool) -> None:
        """Take a parcel on; one that was published before only needs phase 2."""
        with self._changed:
            bisect.insort(self._second if is_published else self._first, entry)
            if not is_published:
                self._last_first = time.monotonic()
            self._changed.notify_all()

    def next_first(self) -> Entry | None:
        """Wait for the parcel whose phase 1 is due; None at the end."""
        with self._changed:
            while not self.is_stopping:
                pause = self.backoff.remaining
                if self._first and not pause:
                    return self._first[0]
                self._changed.wait(pause if self._first else None)
        return None

    def next_second(self, idle: Callable[[], None]) -> Entry | None:
        """Wait for a parcel whose phase 2 is due, calling `idle` while there is none; None at the end."""
        while not self.is_stopping:
            with self._changed:
                entry = next((e for e in self._second if not self._pauses(e)), None)
                if entry is not None and not self.backoff.remaining and not self._first_is_due(entry):
                    return entry
                self._changed.wait(0.1 if self._second else 1.0)
                is_idle = not self._second and not self._first
            if is_idle and not self.is_stopping:
                idle()
        return None

    def promote(self, entry: Entry) -> None:
        """Phase 1 is done."""
        self._shift(entry, self._second)

    def demote(self, entry: Entry) -> None:
        """It has to begin again."""
        self._shift(entry, self._first)

    def move(self, entry: Entry, moved: Entry) -> Entry:
        """The parcel lies in another folder now, at the same place in the queue."""
        with self._changed:
            self._first[self._first.index(entry)] = moved
        return moved

    def drop(self, entry: Entry) -> None:
        """It is no concern of ours any more."""
        with self._changed:
            self._remove(entry)
            self._own_pause.pop(entry.name, None)

    def pause(self, entry: Entry, verdict: Verdict) -> None:
        """Let this parcel alone wait."""
        with self._changed:
            self._own_pause.setdefault(entry.name, Backoff()).failed(verdict)

    def current(self, entry: Entry) -> Entry:
        """The entry under the folder where it lies now."""
        return next((known for known in self.entries() if known.name == entry.name), entry)

    def entries(self) -> list[Entry]:
        """All that is not finished."""
        with self._changed:
            return [*self._first, *self._second]

    def hurry(self) -> None:
        """End all pauses."""
        with self._changed:
            for backoff in (self.backoff, *self._own_pause.values()):
                backoff.reset()
            self._changed.notify_all()

    def stop(self) -> None:
        """Let both threads come to an end."""
        with self._changed:
            self.is_stopping = True
            self._changed.notify_all()

    def _pauses(self, entry: Entry) -> bool:
        own = self._own_pause.get(entry.name)
        return own is not None and own.remaining > 0

    def _first_is_due(self, entry: Entry) -> bool:
        """Whether phase 1 wants the machine; a steady stream of figures must not keep phase 2 out for ever."""
        if self._first:
            return True
        waited = time.time() - entry.created_at.timestamp()
        return time.monotonic() - self._last_first < _QUIET_SECONDS and waited < _PATIENCE_SECONDS

    def _shift(self, entry: Entry, place: list[Entry]) -> None:
        with self._changed:
            self._remove(entry)
            bisect.insort(place, entry)
            self._last_first = time.monotonic()
            self._changed.notify_all()

    def _remove(self, entry: Entry) -> None:
        for place in (self._first, self._second):
            place[:] = [other for other in place if other.name != entry.name]
