"""Server-sent events: from the bytes of an answer to events, as the HTML standard describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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


def events(pieces: Iterable[bytes], last_id: str = "") -> Iterator[ServerSentEvent]:
    """The events in a stream of bytes; comments are passed over. Raises ValueError for one that is too large."""
    fields: dict[str, list[str]] = {}
    retry: float | None = None
    for line in _lines(pieces):
        if not line:
            if "data" in fields:
                yield ServerSentEvent(fields.get("event", ["message"])[-1], "\n".join(fields["data"]), last_id, retry)
            fields = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data" | "event":
                fields.setdefault(name, []).append(value)
                if sum(map(len, fields[name])) > LARGEST:
                    raise ValueError("an event is too large")
            case "id" if "\0" not in value:
                last_id = value
            case "retry" if value.isascii() and value.isdigit():
                retry = int(value) / 1000


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Whole lines, ended by CR, LF or both; the last one only if it is ended."""
    rest = b""
    is_first = True
    for piece in pieces:
        rest += piece
        # A CR at the very end may be half of a line end.
        end = len(rest) - rest.endswith(b"\r")
        *whole, begun = _LINE_END.split(rest[:end])
        rest = begun + rest[end:]
        if len(rest) > LARGEST:
            raise ValueError("a line is too long")
        for line in whole:
            text = line.decode("utf-8", errors="replace")
            yield text.removeprefix("\ufeff") if is_first else text
            is_first = False
