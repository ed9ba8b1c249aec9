"""Files that were asked for lately, in memory: an answer that is here needs neither thread nor database.

The route puts in what it has found to be there, with the version of the rows in which it looked. As soon as any row
changes it must look again, so that nothing is served that was deleted; and every moment, for other processes' sake.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gofigr_jupyter.server.cdn import serving
from gofigr_jupyter.server.cdn.serving import Asked, Copy
from gofigr_jupyter.server.refusal import Refusal

MOST_BYTES = 32 << 20
LARGEST = 1 << 20
HEADERS = 4 << 10  # bytes that an entry takes beside its content, at most
MOMENT = 2.0  # seconds
PATH = "/cdn/sites/"
METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class Entry:
    """A copy, and when it was last found to be there: at a version of the rows, and a time."""

    copy: Copy
    version: int
    time: float

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return self.copy.size + HEADERS


class Shelf:
    """The copies, by what was asked for; `version` tells of the rows."""

    def __init__(self, version: Callable[[], int]) -> None:
        self.version = version
        self._lock = threading.Lock()
        self._entries: OrderedDict[Asked, Entry] = OrderedDict()
        self._bytes = 0

    def get(self, asked: Asked) -> Copy | None:
        """The copy, if it is surely still there."""
        with self._lock:
            entry = self._entries.get(asked)
            if entry is None or entry.version != self.version() or time.monotonic() - entry.time > MOMENT:
                return None
            self._entries.move_to_end(asked)
            return entry.copy

    def put(self, asked: Asked, copy: Copy, version: int) -> None:
        """Keep a copy that was there at this version, if it is not too large."""
        if copy.content is None or copy.size > LARGEST:
            return
        entry = Entry(copy, version, time.monotonic())
        with self._lock:
            before = self._entries.pop(asked, None)
            self._bytes += entry.size - (before.size if before else 0)
            self._entries[asked] = entry
            while self._bytes > MOST_BYTES:
                self._bytes -= self._entries.popitem(last=False)[1].size


class Front:
    """ASGI middleware behind the guard: answers from the shelf what is on it."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self._app = app
        self._shelf = shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        answer = self._app
        if scope["type"] == "http" and scope["method"] in METHODS and scope["path"].startswith(PATH):
            request = Request(scope)
            copy = self._copy(request)
            if copy is not None:
                answer = serving.answer(request, copy)
        await answer(scope, receive, send)

    def _copy(self, request: Request) -> Copy | None:
        try:
            return self._shelf.get(serving.asked(request))
        except Refusal:  # which the route says, too
            return None
