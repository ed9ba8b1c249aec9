"""How requests come off the wire: uvicorn's fast parser, with a bound on what is not yet, or never, a body.

By itself it would keep a head in memory however long it is, take fields behind a body for headers, and copy a body from
one buffer into the next. All connections read into one buffer, for what is in it is taken out at once.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 << 10  # bytes; what comes in one go may be a little more
SMALL = 64 << 10  # read at once; a body of which more is to come is read in larger pieces
LARGE = 1 << 20
_BUFFER = memoryview(bytearray(LARGE))


class Wire(asyncio.BufferedProtocol):
    """One connection: bytes go to the reader."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._reader = Reader(*arguments, **named)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins."""
        self._reader.connection_made(cast("asyncio.Transport", transport))

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where the next bytes are to be put."""
        return _BUFFER if self._reader.is_in_body else _BUFFER[:SMALL]

    def buffer_updated(self, nbytes: int) -> None:
        """So many are there."""
        self._reader.data_received(_BUFFER[:nbytes])

    def eof_received(self) -> None:
        """The other side sends no more."""
        self._reader.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._reader.connection_lost(exc)

    def pause_writing(self) -> None:
        """The other side takes nothing for now."""
        self._reader.pause_writing()

    def resume_writing(self) -> None:
        """It takes again."""
        self._reader.resume_writing()


class Reader(HttpToolsProtocol):
    """What makes requests of them."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unread = 0  # bytes since the last that were of use
        self._has_head = False
        self.is_in_body = False

    def data_received(self, data: bytes | memoryview) -> None:
        """Read on; cut off a head without end."""
        self._unread += len(data)
        super().data_received(cast("bytes", data))
        if self._unread > MOST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._has_head = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; those behind the body are none."""
        if not self._has_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head was all right."""
        self._unread, self._has_head = 0, True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self._unread, self.is_in_body = 0, True
        if not self.cycle.body and not self.cycle.response_complete:
            # As it is: to be added to what is empty it would be copied twice.
            self.cycle.body, body = cast("bytearray", body), b""
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it has come."""
        self._unread, self.is_in_body = 0, False
        super().on_message_complete()
