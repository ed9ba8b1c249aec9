"""Family events: what happens to a figure or an asset, while it happens, without a gap when the line breaks."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from gofigr_jupyter.client.comments import Target, named
from gofigr_jupyter.client.resource import API, read_as
from gofigr_jupyter.client.sse import events as parsed
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import BrokenOff, ConnectionFailed
from gofigr_jupyter.schema.comments import Event

SILENCE = 45.0  # seconds; the server says at least every 15 that it is still there


def _always() -> bool:
    return True


class Hold:
    """A hand on a stream, to end it at once from any thread.

    `is_wanted` is asked at each sign of life of the server, every 15 s at least; when it says no, the stream ends.
    """

    def __init__(self, is_wanted: Callable[[], bool] = _always) -> None:
        self._is_wanted = is_wanted
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    @property
    def is_ended(self) -> bool:
        """Whether it was ended, or has ended as nobody wanted it any more."""
        return self._ended.is_set()

    def end(self) -> None:
        """End the stream, also while it waits for the server."""
        self._ended.set()
        with self._lock:
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def wait(self, seconds: float) -> bool:
        """Wait; whether it was ended meanwhile."""
        return self._ended.wait(seconds)

    def take(self, response: Any) -> None:
        """This answer is the stream now."""
        line = response.extensions.get("network_stream")
        with self._lock:
            self._socket = line.get_extra_info("socket") if line is not None else None

    def let_go(self) -> None:
        """The answer is over; its connection may serve others."""
        with self._lock:
            self._socket = None

    def pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same, until it is ended."""
        if self._ended.is_set():
            return
        for piece in pieces:
            if self._ended.is_set() or not self._is_wanted():
                self._ended.set()
                return
            yield piece


def follow(
    transport: Transport,
    target: Target,
    *,
    last_event_id: str | None = None,
    hold: Hold | None = None,
    on_begin: Callable[[], object] | None = None,
) -> Iterator[Event]:
    """The events of something, until `hold` ends them; a line that breaks is taken up again where it broke.

    `on_begin` is called each time that the line is open: whatever happens from then on will be told. Raises
    ConnectionFailed when it stays broken, else the StatusError of the refusal.
    """
    last = last_event_id
    held = hold or Hold()

    def resume_from(event_id: str) -> None:
        nonlocal last
        last = event_id or last

    attempts = transport.attempts("GET")
    while not held.is_ended:
        try:
            for event in _once(transport, target, last, resume_from, held=held, on_begin=on_begin):
                resume_from(event.id)
                attempts = transport.attempts("GET")  # what works has all its tries again
                yield event
        except BrokenOff:
            pause = attempts.after_failure(was_sent=True)
            if pause is None and not held.is_ended:
                raise
        else:  # the server has hung up in good order, as it does when it restarts
            pause = attempts.after_failure(was_sent=True)
            if pause is None and not held.is_ended:
                raise ConnectionFailed("The server ends its events again and again")
        held.wait(pause or 0)


def _once(
    transport: Transport,
    target: Target,
    last: str | None,
    resume_from: Callable[[str], None],
    *,
    held: Hold,
    on_begin: Callable[[], object] | None,
) -> Iterator[Event]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    with transport.stream("GET", f"{API}/events/", params=named(target), headers=headers, silence=SILENCE) as response:
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind != "text/event-stream":
            raise ConnectionFailed(f"The server has no events: it sent {kind or 'no type'}")
        held.take(response)
        try:
            if on_begin is not None:
                on_begin()
            for one in parsed(held.pieces(response.iter_bytes()), last or "", resume_from):
                yield read_as(Event, {"id": one.id, "event": one.event, "data": json.loads(one.data)})
        except (ValueError, RecursionError) as error:
            raise ConnectionFailed(f"The server's events cannot be read: {error}") from error
        finally:
            held.let_go()
