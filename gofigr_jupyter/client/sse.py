"""Server-sent events: from the bytes of an answer to events, as the HTML standard describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
LARGEST = 1 << 24  # bytes of one event


@dataclass(frozen=True)
class ServerSentEvent:
    """One event; `id` is the last that the stream has named so far, `retry` a wish in seconds."""

    event: str
    data: str
    id: str
    retry: float | None = None


def events(
    pieces: Iterable[bytes], last_id: str = "", on_id: Callable[[str], None] | None = None
) -> Iterator[ServerSentEvent]:
    """The events in a stream of bytes; comments are passed over. Raises ValueError for one that is too large.

    `on_id` is told where to resume from also before there is an event, as when a stream begins.
    """
    data: list[str] = []
    name, size = "message", 0
    retry: float | None = None
    for line in _lines(pieces):
        if not line:
            if on_id and not data:
                on_id(last_id)
            if data:
                yield ServerSentEvent(name, "\n".join(data), last_id, retry)
            name, data, size = "message", [], 0
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "data":
                data.append(value)
                size += len(value) + 1
                if size > LARGEST:
                    raise ValueError("an event is too large")
            case "event":
                name = value or "message"
            case "id" if "\0" not in value:
                last_id = value
            case "retry" if value.isascii() and value.isdigit():
                retry = int(value) / 1000


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Whole lines, ended by CR, LF or both; the last one only if it is ended."""
    begun, carried = bytearray(), b""
    is_first = True
    for arrived in pieces:
        piece = carried + arrived
        end = len(piece) - piece.endswith(b"\r")  # it may be half of a line end
        carried = piece[end:]
        first, *more = _LINE_END.split(piece[:end])
        begun += first
        for part in more:
            text = begun.decode("utf-8", errors="replace")
            yield text.removeprefix("\ufeff") if is_first else text
            is_first = False
            begun = bytearray(part)
        if len(begun) > LARGEST:
            raise ValueError("a line is too long")
