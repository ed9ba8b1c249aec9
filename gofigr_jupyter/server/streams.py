"""Server-sent events: news of one object for one reader, until the reader leaves, may not look any more, or the server
ends.

A stream waits in the event loop and looks in a thread: it holds no thread and no database connection while it waits.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store.bell import Bell

MOST_EACH = 64
KEEP_ALIVE = ": keep-alive\n\n"
Look = Callable[[], list[str]]


@dataclass(frozen=True)
class Pace:
    """In seconds: how often a stream looks without having been called, and after what silence it says something."""

    look: float = 2.0
    keep_alive: float = 15.0


PACE = Pace()


class Places:
    """How many streams each user has open."""

    def __init__(self, most: int = MOST_EACH) -> None:
        self._most = most
        self._taken: Counter[int] = Counter()
        self._lock = threading.Lock()

    def take(self, user_id: int) -> Callable[[], None]:
        """A place for one more, and what gives it back; refuses (429) one too many."""
        with self._lock:
            if self._taken[user_id] >= self._most:
                detail = f"At most {self._most} streams at a time; close one first."
                raise Refusal(429, {"detail": detail, "code": "too_many_streams"}, {"retry-after": "30"})
            self._taken[user_id] += 1
        return lambda: self._give_back(user_id)

    def taken(self) -> int:
        """By all users together."""
        return self._taken.total()

    def _give_back(self, user_id: int) -> None:
        with self._lock:
            self._taken[user_id] -= 1
            if not self._taken[user_id]:
                del self._taken[user_id]


class EventStream(StreamingResponse):
    """The answer; at its end, however it comes, the messages are closed and `ended` is called."""

    media_type = "text/event-stream"

    def __init__(self, messages: AsyncGenerator[str, None], ended: Callable[[], None]) -> None:
        super().__init__(messages, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._messages = messages
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            async with aclosing(self._messages):
                await super().__call__(scope, receive, send)
        finally:
            self._ended()


async def news(bell: Bell, api_id: str, number: int, look: Look, pace: Pace = PACE) -> AsyncGenerator[str, None]:
    """What `look` finds, now and after each ring; it raises Refusal when the reader may not look any more.

    `number` is that of the last event before: with it who is cut off at once resumes without a gap, too.
    """
    yield f"id: {number}\n\n"
    spoke = time.monotonic()
    with bell.listening(api_id) as listener:
        while not bell.is_closed:
            try:
                messages = await run_in_threadpool(look)
            except Refusal:
                return
            for one in messages:
                yield one
            if messages:
                spoke = time.monotonic()
                continue  # there may be more than one look finds
            if time.monotonic() - spoke >= pace.keep_alive:
                yield KEEP_ALIVE
                spoke = time.monotonic()
            await listener.heard(min(pace.look, pace.keep_alive))


def message(number: int, name: str, data: Mapping[str, Any]) -> str:
    """One event as it goes over the wire."""
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
