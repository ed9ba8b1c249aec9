"""Files of which a beginning has come: kept for a while, so that their senders may go on where a line broke.

In memory only; the chunks that it names are spared by the sweep. Of each file one request at a time brings bytes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect

from gofigr_jupyter.media import Medium
from gofigr_jupyter.schema.fig1 import OFFSET_HEADER
from gofigr_jupyter.server.cdn.envelope import refusal
from gofigr_jupyter.server.cdn.sniffing import Sniffer
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store.blobs import Filling

MOST = 16  # files; each has some 5 MB of memory
PATIENCE = 900.0  # seconds until one is given up
GRACE = 2.0  # seconds that the next request for a file waits for the one before
STOPPED = 408


@dataclass
class Coming:
    """A file on its way in; `filling` is None before its first byte, and knows where it lies with `bucket_id`."""

    sniffer: Sniffer
    filling: Filling | None = None
    bucket_id: str | None = None
    until: float = 0.0

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return 0 if self.filling is None else self.filling.size


class Beginnings:
    """Those that come, and those that broke off, by the ids of their files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Coming] = {}
        self._broken: OrderedDict[str, Coming] = OrderedDict()

    def size(self, file_id: str) -> int:
        """Bytes that have come of a file."""
        with self._lock:
            coming = self._running.get(file_id) or self._current().get(file_id)
            return 0 if coming is None else coming.size

    async def wait(self, file_id: str) -> bool:
        """Wait a little for a request that brings a file's bytes already, and tell whether there was one.

        Who hangs up and comes back may be quicker than what was still on the line.
        """
        if file_id not in self._running:
            return False
        until = time.monotonic() + GRACE
        while file_id in self._running and time.monotonic() < until:
            await asyncio.sleep(0.02)
        return True

    def chunks(self) -> set[tuple[str | None, str]]:
        """What is stored of those that broke off: the bucket and digest of each chunk."""
        with self._lock:
            kept = [(one.bucket_id, one.filling) for one in self._current().values()]
        return {(place, digest) for place, filling in kept if filling for digest in filling.chunks}

    @contextmanager
    def coming(self, file_id: str, kind: Medium, offset: int | None) -> Iterator[Coming]:
        """A file while it comes: from that byte on, or (None) anew. It is kept where the block ends in a broken line.

        Refuses (409) another byte than the next one, and a file that comes already.
        """
        with self._lock:
            if (other := self._running.get(file_id)) is not None:
                raise _conflict("This file is being sent already.", other.size)
            begun = self._current().get(file_id) or Coming(Sniffer(kind))
            if offset is not None and offset != begun.size:
                raise _conflict(f"The file goes on at byte {begun.size}.", begun.size)
            self._broken.pop(file_id, None)
            mine = self._running[file_id] = begun if offset is not None else Coming(Sniffer(kind))
        try:
            yield mine
        except (ClientDisconnect, Refusal) as error:
            if mine.size and (isinstance(error, ClientDisconnect) or error.status == STOPPED):
                self._keep(file_id, mine)
            raise
        finally:
            with self._lock:
                del self._running[file_id]

    def _keep(self, file_id: str, coming: Coming) -> None:
        coming.until = time.monotonic() + PATIENCE
        with self._lock:
            self._broken[file_id] = coming
            if len(self._broken) > MOST:
                self._broken.popitem(last=False)

    def _current(self) -> OrderedDict[str, Coming]:
        """Those that broke off not too long ago; the oldest is the first."""
        while self._broken and next(iter(self._broken.values())).until < time.monotonic():
            self._broken.popitem(last=False)
        return self._broken


def lost() -> Refusal:
    """The answer where what had come is gone (409)."""
    return _conflict("What had come of this file is gone. Send it from its beginning.", 0)


def _conflict(told: str, offset: int) -> Refusal:
    return refusal(409, told, {OFFSET_HEADER: str(offset)})
