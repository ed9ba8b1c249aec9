"""Family comments, fourth part: a stream of what happens to an object, for who watches it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Request
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id
from gofigr_jupyter.schema.comments import TargetType
from gofigr_jupyter.server import streams
from gofigr_jupyter.server.auth import StoreOf, actor_of
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.loopback import count_no_more
from gofigr_jupyter.server.policy import READ_SIGNED_IN, Gate
from gofigr_jupyter.server.store import comments, events, find
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Event

family = Family("comments")
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "events, until one of the two leaves", "content": {"text/event-stream": {}}},
    429: {"description": "the caller has too many streams open"},
}
LastSeen = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=2**62)]


@family.get("/events", READ_SIGNED_IN, response_class=streams.EventStream, responses=ANSWERS)
def watch(
    request: Request,
    target_type: TargetType,
    target_id: Id,
    gate: GateOf,
    store: StoreOf,
    *,
    last_seen: LastSeen = None,
) -> Response:
    """What happens from now on, or since the event with the id `Last-Event-ID`, which may be a day ago."""
    with store.reading() as db:
        target = gate.admit(db, find.FINDERS[target_type](db, target_id))
        newest = events.newest(db)
    start = newest if last_seen is None else min(last_seen, newest)
    watcher = Watcher(request, store, target_type, target.id, start)
    ended = request.app.state.places.take(gate.actor.user_id)
    count_no_more(request.scope)  # who only watches does not keep an embedded server from ending: nobody makes news
    return streams.EventStream(streams.news(store.bell, target.id, start, watcher.look), ended)


class Watcher:
    """One reader of the events of one object; asks again at each look who the reader is and what they may see."""

    def __init__(self, request: Request, store: Store, target_type: str, target_id: str, number: int) -> None:
        self._request = request
        self._store = store
        self._target = (target_type, target_id)
        self._number = number

    def look(self) -> list[str]:
        """What is new since the last look. Raises Refusal when the reader may not look any more."""
        gate = Gate(actor_of(self._request), READ_SIGNED_IN)
        word, api_id = self._target
        with self._store.reading() as db:
            target = gate.admit(db, find.FINDERS[word](db, api_id))
            found = events.since(db, target, self._number)
            told = _told(db, found, gate.actor.user_id)
        if found:
            self._number = found[-1].id
        return told


def _told(db: Transaction, found: list[Event], reader_id: int) -> list[str]:
    """The events as messages; comments as they are now, and none of what has been deleted since but that it was."""
    ids = {row.payload["api_id"] for row in found if row.name.startswith("comment.")}
    there = {one.api_id: one for one in comments.shapes(db, comments.by_ids(db, sorted(ids)), reader_id)}
    told = []
    for row in found:
        comment = there.get(row.payload["api_id"])
        if comment is not None:
            told.append(streams.message(row.id, row.name, comment.model_dump(mode="json")))
        elif row.name not in {"comment.created", "comment.updated"}:
            told.append(streams.message(row.id, row.name, row.payload))
    return told
