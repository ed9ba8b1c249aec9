"""Wakes those who wait for news of an object, in this process. What the news is stands in the events table.

Rung from any thread, heard in an event loop. Who misses a ring finds the news at the next look.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

RUNG = "rung"  # in a session's `info`: the ids of the objects that there will be news of, once it is committed


class Listener:
    """One who waits, in one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    async def heard(self, seconds: float) -> None:
        """Return at the next ring, at one that was not heard yet, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()

    def wake(self) -> None:
        """Ring; from any thread."""
        with suppress(RuntimeError):  # its loop has ended, and it with it
            self._loop.call_soon_threadsafe(self._event.set)


class Bell:
    """All who wait, by the id of what they wait for."""

    def __init__(self) -> None:
        self.is_closed = False
        self._waiting: dict[str, set[Listener]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def listening(self, api_id: str) -> Iterator[Listener]:
        """Wait for news of an object, within this block."""
        listener = Listener()
        with self._lock:
            self._waiting.setdefault(api_id, set()).add(listener)
        try:
            yield listener
        finally:
            with self._lock:
                others = self._waiting[api_id]
                others.discard(listener)
                if not others:
                    del self._waiting[api_id]

    def ring(self, ids: Iterable[str]) -> None:
        """There is news of these objects."""
        with self._lock:
            listeners = [one for api_id in ids for one in self._waiting.get(api_id, ())]
        for one in listeners:
            one.wake()

    def close(self) -> None:
        """The server ends: wake everybody, so that they leave."""
        self.is_closed = True
        with self._lock:
            everything = list(self._waiting)
        self.ring(everything)

    def count(self) -> int:
        """How many wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))
