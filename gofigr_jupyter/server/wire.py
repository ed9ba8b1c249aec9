"""How requests come off the wire: uvicorn's fast parser, with a bound on what is not yet, or never, a body.

It would keep a head in memory however long it is, and take the fields behind a body in pieces for headers.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 << 10  # bytes; what comes in one go may be a little more


class Wire(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unread = 0  # bytes since the last that were of use
        self._has_head = False

    def data_received(self, data: bytes) -> None:
        """Read on; cut off a head without end."""
        self._unread += len(data)
        super().data_received(data)
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
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it has come."""
        self._unread = 0
        super().on_message_complete()
