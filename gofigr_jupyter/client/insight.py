"""Family insight: questions to a machine about figures; answers whole, or piece by piece."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any

from gofigr_jupyter.client.events import Hold
from gofigr_jupyter.client.resource import API, Ident, drafted, id_of, read_as, to_wire
from gofigr_jupyter.client.sse import events
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import APIError, ConnectionFailed
from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.insight import (
    Answer,
    AnswerDelta,
    AnswerStarted,
    Asking,
    Availability,
    Compare,
    Comparison,
    Evidence,
    ExtractCode,
    ExtractedCode,
    Preview,
    Query,
    TextQuery,
    Usage,
)

Piece = AnswerStarted | AnswerDelta | Evidence | Answer  # Answer is the last, and whole
_PIECES: dict[str, type[Wire]] = {"start": AnswerStarted, "delta": AnswerDelta, "evidence": Evidence}
_ROOT = f"{API}/deep_insight"
_SILENCE = 300.0  # seconds; a model may think


class Insight:
    """Questions about figures. RateLimited says when to come again."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def query(
        self, revision: Ident, question: str, *, conversation: str | None = None, agreed: bool = False
    ) -> Answer:
        """Ask about a figure revision; with `conversation` (of an earlier answer) as a follow-up.

        Where the engine is a machine of somebody else's, StatusError (428) unless it is `agreed` that all goes there.
        """
        return read_as(Answer, self._asked("query", _query(revision, question, conversation, agreed)))

    def stream(
        self,
        revision: Ident,
        question: str,
        *,
        conversation: str | None = None,
        agreed: bool = False,
        hold: Hold | None = None,
    ) -> Generator[Piece, None, None]:
        """As `query`, piece by piece. Leaving the loop stops the work; raises APIError when the machine fails.

        `hold` stops it from any thread: then no more pieces come.
        """
        return self._streamed("query", _query(revision, question, conversation, agreed), Answer, hold)

    def preview(self, revision: Ident, question: str) -> Preview:
        """What would be sent for an answer, and to whom; nothing is sent."""
        return read_as(Preview, self._asked("preview", Asking(figure_revision=id_of(revision), query=question)))

    def text_query(
        self,
        workspace: Ident,
        question: str,
        *,
        context: str | None = None,
        conversation: str | None = None,
        agreed: bool = False,
    ) -> Answer:
        """Ask without a figure."""
        fields = {"workspace": id_of(workspace), "query": question, "context": context, "conversation": conversation}
        body = drafted(TextQuery, None, **fields, agreed=agreed or None)
        return read_as(Answer, self._asked("text_query", body))

    def compare(self, old: Ident, new: Ident, question: str | None = None, *, agreed: bool = False) -> Comparison:
        """What differs between two revisions: computed, and put into words."""
        body = drafted(Compare, None, revisions=[id_of(old), id_of(new)], query=question, agreed=agreed or None)
        return read_as(Comparison, self._asked("compare", body))

    def stream_comparison(
        self,
        old: Ident,
        new: Ident,
        question: str | None = None,
        *,
        conversation: str | None = None,
        agreed: bool = False,
        hold: Hold | None = None,
    ) -> Generator[Piece, None, None]:
        """As `compare`, piece by piece, like `stream`; the last piece is a Comparison."""
        fields = {"revisions": [id_of(old), id_of(new)], "query": question, "conversation": conversation}
        return self._streamed("compare", drafted(Compare, None, **fields, agreed=agreed or None), Comparison, hold)

    def extract_code(self, revision: Ident) -> ExtractedCode:
        """The code that made a figure, and nothing else."""
        return read_as(ExtractedCode, self._asked("extract_code", ExtractCode(figure_revision=id_of(revision))))

    def availability(self, revision: Ident) -> Availability:
        """Whether a question may be asked now, or why not."""
        params = {"figure_revision": id_of(revision)}
        return read_as(Availability, self._transport.request("GET", f"{_ROOT}/availability/", params=params))

    def usage(self, workspace: Ident) -> Usage:
        """Questions and tokens of this period."""
        params = {"workspace": id_of(workspace)}
        return read_as(Usage, self._transport.request("GET", f"{API}/ai_usage/", params=params))

    def _asked(self, verb: str, body: Wire) -> Any:
        return self._transport.request("POST", f"{_ROOT}/{verb}/", body=to_wire(body))

    def _streamed(self, verb: str, body: Wire, whole: type[Answer], hold: Hold | None) -> Generator[Piece, None, None]:
        held = hold or Hold()
        try:
            yield from self._pieces(verb, body, whole, held)
        except ConnectionFailed:
            if not held.is_ended:
                raise

    def _pieces(self, verb: str, body: Wire, whole: type[Answer], held: Hold) -> Generator[Piece, None, None]:
        content = to_wire(body) | {"stream": True}
        headers = {"Accept": "text/event-stream"}
        with self._transport.stream(
            "POST", f"{_ROOT}/{verb}/", body=content, headers=headers, silence=_SILENCE
        ) as response:
            held.take(response)
            try:
                for name, data in _told(held.pieces(response.iter_bytes())):
                    if name == "done":
                        yield read_as(whole, data)
                        return
                    if name == "error":
                        raise APIError(str(data.get("detail") if isinstance(data, dict) else data))
                    if name in _PIECES:
                        yield read_as(_PIECES[name], data)  # type: ignore[misc]
            finally:
                held.let_go()
        raise ConnectionFailed("The answer ended before it was whole")


def _query(revision: Ident, question: str, conversation: str | None, agreed: bool) -> Query:
    fields = {"figure_revision": id_of(revision), "query": question, "conversation": conversation}
    return drafted(Query, None, **fields, agreed=agreed or None)


def _told(pieces: Iterator[bytes]) -> Iterator[tuple[str, Any]]:
    try:
        for one in events(pieces):
            yield one.event, json.loads(one.data)
    except (ValueError, RecursionError) as error:
        raise ConnectionFailed(f"The server's answer cannot be read: {error}") from error
