"""Family comments, third part: who is told that a comment mentions them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.base import Page
from gofigr_jupyter.schema.comments import Notification as NotificationShape
from gofigr_jupyter.schema.comments import NotificationChange
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.paging import PartOf
from gofigr_jupyter.server.policy import OWN, SIGNED_IN, Act
from gofigr_jupyter.server.store import find, notifications, targets
from gofigr_jupyter.server.store.tables import Comment, Notification
from gofigr_jupyter.server.web import answer, body_of

family = Family("comments")
Change = Annotated[NotificationChange, Depends(body_of(NotificationChange))]


@family.get("/notification", SIGNED_IN, answers=Page[NotificationShape])
def list_notifications(gate: GateOf, store: StoreOf, part: PartOf, *, unread: bool = False) -> Response:
    """The caller's notifications, newest first; a part may be short, as what the caller may not see now is left out."""
    with store.reading() as db:
        found = notifications.of(db, gate.actor.user_id, part.moment(), part.limit + 1, unread=unread)
        rows, onward = part.cut(found, lambda pair: (pair[0].created_on, pair[0].id))
        places = targets.of_all(db, [comment for _, comment in rows])
        seen = {one.id for one in policy.readable(db, gate.actor, places.values())}
        rows = [(row, comment) for row, comment in rows if targets.place_of(comment)[1] in seen]
        return answer(Page[NotificationShape](results=notifications.shapes(db, rows), next=onward))


@family.patch("/notification/{api_id}", OWN, answers=NotificationShape, takes=NotificationChange)
def change_notification(api_id: str, gate: GateOf, store: StoreOf, body: Change) -> Response:
    """Note that one's notification was read, or was not."""
    with store.writing() as db:
        row = find.by_id(db, Notification, api_id)
        gate.own(user_id=row.user_id)
        comment = find.by_id(db, Comment, row.comment_id)
        gate.admit(db, targets.of(db, comment), Act.READ)
        row.is_read = body.is_read
        return answer(notifications.shapes(db, [(row, comment)])[0])
