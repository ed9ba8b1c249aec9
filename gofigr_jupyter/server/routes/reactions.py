"""Family comments, second part: an emoji under a comment."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.comments import Reaction as ReactionShape
from gofigr_jupyter.schema.comments import ReactionDraft
from gofigr_jupyter.server import emojis
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import READ_SIGNED_IN
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.store import comments, events, find, targets
from gofigr_jupyter.server.store.tables import Comment, Reaction
from gofigr_jupyter.server.web import answer, body_of, nothing

family = Family("comments")
THERE: dict[int | str, dict[str, Any]] = {200: {"description": "it was there already", "model": ReactionShape}}
Draft = Annotated[ReactionDraft, Depends(body_of(ReactionDraft))]


@family.post("/reaction", READ_SIGNED_IN, answers=ReactionShape, status=201, takes=ReactionDraft, responses=THERE)
def react(gate: GateOf, store: StoreOf, body: Draft) -> Response:
    """One emoji under a comment; the same again is answered with 200 and changes nothing."""
    emoji = emojis.canonical(body.emoji)
    with store.writing() as db:
        comment = find.by_id(db, Comment, body.comment)
        target = gate.admit(db, targets.of(db, comment))
        if emoji is None:
            raise invalid("emoji", "This is not one emoji of Unicode's list.")
        if comment.is_deleted:
            raise not_found()
        row = comments.reaction_of(db, comment.id, emoji, gate.actor.user_id)
        if row is not None:
            return answer(comments.reaction_shape(row, gate.actor.username))
        row = comments.react(db, comment.id, emoji, gate.actor.user_id)
        shape = comments.reaction_shape(row, gate.actor.username)
        events.tell(db, "reaction.created", target, shape.to_wire())
        return answer(shape, 201)


@family.delete("/reaction/{api_id}", READ_SIGNED_IN)
def take_back(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Take one's own reaction back."""
    with store.writing() as db:
        row = find.by_id(db, Reaction, api_id)
        target = gate.admit(db, targets.of(db, find.by_id(db, Comment, row.comment_id)))
        gate.own(user_id=row.user_id)
        shape = comments.reaction_shape(row, gate.actor.username)
        events.tell(db, "reaction.deleted", target, shape.to_wire())
        db.delete(row)
    return nothing()
