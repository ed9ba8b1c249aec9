"""Family events: what happens to a figure or an asset, while it happens, without a gap when the line breaks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from gofigr_jupyter.client.comments import Target, named
from gofigr_jupyter.client.resource import API, read_as
from gofigr_jupyter.client.sse import events as parsed
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import BrokenOff, ConnectionFailed
from gofigr_jupyter.schema.comments import Event

SILENCE = 45.0  # seconds; the server says at least every 15 that it is still there


def follow(transport: Transport, target: Target, *, last_event_id: str | None = None) -> Iterator[Event]:
    """The events of something, without end; a line that breaks is taken up again where it broke.

    Raises ConnectionFailed when it stays broken, else the StatusError of the refusal.
    """
    last = last_event_id

    def resume_from(event_id: str) -> None:
        nonlocal last
        last = event_id or last

    attempts = transport.attempts("GET")
    while True:
        try:
            for event in _once(transport, target, last, resume_from):
                resume_from(event.id)
                attempts = transport.attempts("GET")  # what works has all its tries again
                yield event
        except BrokenOff:
            pause = attempts.after_failure(was_sent=True)
            if pause is None:
                raise
        else:  # the server has hung up in good order, as it does when it restarts
            pause = attempts.after_failure(was_sent=True)
            if pause is None:
                raise ConnectionFailed("The server ends its events again and again")
        time.sleep(pause)


def _once(
    transport: Transport, target: Target, last: str | None, resume_from: Callable[[str], None]
) -> Iterator[Event]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    with transport.stream("GET", f"{API}/events/", params=named(target), headers=headers, silence=SILENCE) as response:
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind != "text/event-stream":
            raise ConnectionFailed(f"The server has no events: it sent {kind or 'no type'}")
        try:
            for one in parsed(response.iter_bytes(), last or "", resume_from):
                yield read_as(Event, {"id": one.id, "event": one.event, "data": json.loads(one.data)})
        except (ValueError, RecursionError) as error:
            raise ConnectionFailed(f"The server's events cannot be read: {error}") from error
