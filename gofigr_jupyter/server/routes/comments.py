"""Family comments, first part: what people say about figures and assets. `reactions` and `notifications` follow."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id, Page
from gofigr_jupyter.schema.comments import Comment as CommentShape
from gofigr_jupyter.schema.comments import CommentChange, CommentDraft, ReplyOrder, TargetType
from gofigr_jupyter.server import conversation, replies
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.identity import normal_id
from gofigr_jupyter.server.letters import LettersOf
from gofigr_jupyter.server.paging import PartOf
from gofigr_jupyter.server.policy import READ_SIGNED_IN, Gate, readable
from gofigr_jupyter.server.refusal import conflict, forbidden, invalid, not_found
from gofigr_jupyter.server.store import comments, find, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.tables import Comment, Revision
from gofigr_jupyter.server.tasks import TasksOf
from gofigr_jupyter.server.web import JSON, answer, body_of, nothing

family = Family("comments")
SAID = [{"$ref": "#/components/schemas/Comment"}, {"$ref": "#/components/schemas/Problem"}]
TAKEN: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "the caller's own comment with this id, or only that the id is taken",
        "content": {JSON: {"schema": {"anyOf": SAID}}},
    }
}
Draft = Annotated[CommentDraft, Depends(body_of(CommentDraft))]
Order = Annotated[ReplyOrder, Depends(body_of(ReplyOrder))]
Change = Annotated[CommentChange, Depends(body_of(CommentChange))]


@family.get("/comment", READ_SIGNED_IN, answers=Page[CommentShape])
def list_comments(
    target_type: TargetType, target_id: Id, gate: GateOf, store: StoreOf, part: PartOf, *, earlier: bool = False
) -> Response:
    """The comments on an object, replies included, oldest first.

    With `earlier`, those about points of the data on the revisions of the same figure before this one.
    """
    with store.reading() as db:
        target = gate.admit(db, find.FINDERS[target_type](db, target_id))
        if not earlier:
            found = comments.of(db, target, part.moment(), part.limit + 1)
        elif isinstance(target, Revision):
            revisions = readable(db, gate.actor, comments.pinned_before(db, target))
            found = comments.pinned(db, revisions, part.moment(), part.limit + 1)
        else:
            raise invalid("earlier", "Only a revision of a figure has earlier ones.")
        rows, onward = part.cut(found, lambda row: (row.created_on, row.id))
        return answer(Page[CommentShape](results=comments.shapes(db, rows, gate.actor.user_id), next=onward))


@family.post("/comment", READ_SIGNED_IN, answers=CommentShape, status=201, takes=CommentDraft, responses=TAKEN)
def create_comment(gate: GateOf, store: StoreOf, letters: LettersOf, body: Draft) -> Response:
    """Say something about an object, or reply; 409 with what is there when `client_id` has arrived before."""
    _something(body.content)
    with store.writing() as db:
        target = gate.admit(db, find.FINDERS[body.target_type](db, body.target_id))
        parent = _parent(db, gate, target, body.parent) if body.parent else None
        comment_id = normal_id(body.client_id) if body.client_id else None
        if comment_id and (there := db.get(Comment, comment_id)) is not None:
            return _again(db, gate, target, there)
        anchor = body.anchor.model_dump(exclude_none=True) if body.anchor else None
        username = gate.actor.username
        row, people = conversation.say(
            db, target, username, body.content, comment_id=comment_id, parent=parent, anchor=anchor
        )
        shape = comments.shape(db, row, gate.actor.user_id)
        written = letters.about_mentions(db, target, row, people)
    letters.send(written)
    return answer(shape, 201)


@family.get("/comment/{api_id}", READ_SIGNED_IN, answers=CommentShape)
def read_comment(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One comment."""
    with store.reading() as db:
        row, _ = _found(db, gate, api_id)
        return answer(comments.shape(db, row, gate.actor.user_id))


@family.patch("/comment/{api_id}", READ_SIGNED_IN, answers=CommentShape, takes=CommentChange)
def change_comment(api_id: str, gate: GateOf, store: StoreOf, letters: LettersOf, body: Change) -> Response:
    """Change what one's own comment says; what a machine said is nobody's to change."""
    _something(body.content)
    with store.writing() as db:
        row, target = _own(db, gate, api_id)
        if row.is_ai:
            raise forbidden()
        people = conversation.reword(db, target, row, body.content)
        shape = comments.shape(db, row, gate.actor.user_id)
        written = letters.about_mentions(db, target, row, people)
    letters.send(written)
    return answer(shape)


@family.delete("/comment/{api_id}", READ_SIGNED_IN)
def delete_comment(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete one's own comment; with replies it stays as a tombstone."""
    with store.writing() as db:
        row, target = _own(db, gate, api_id)
        conversation.silence(db, target, row)
    return nothing()


@family.post("/comment/{api_id}/ai_response", READ_SIGNED_IN, answers=CommentShape, status=201, takes=ReplyOrder)
def ask_for_reply(api_id: str, gate: GateOf, store: StoreOf, tasks: TasksOf, body: Order) -> Response:
    """Ask a machine to reply: an empty comment at once, filled in later."""
    with store.writing() as db:
        question, target = _found(db, gate, api_id)
        if question.is_deleted:
            raise not_found()
        asker = gate.actor
        agreed = bool(body.agreed)
        row, task_id = replies.ask(db, target, question, asker.username, asker.user_id, agreed=agreed)
        shape = comments.shape(db, row, gate.actor.user_id)
    tasks.begin(task_id)
    return answer(shape, 201)


def _found(db: Transaction, gate: Gate, api_id: str) -> tuple[Comment, Target]:
    """A comment on something that the caller may read."""
    row = find.by_id(db, Comment, api_id)
    return row, gate.admit(db, targets.of(db, row))


def _own(db: Transaction, gate: Gate, api_id: str) -> tuple[Comment, Target]:
    row, target = _found(db, gate, api_id)
    gate.own(username=row.author)
    if row.is_deleted:
        raise not_found()
    return row, target


def _parent(db: Transaction, gate: Gate, target: Target, api_id: str) -> Comment:
    row, place = _found(db, gate, api_id)
    if place is not target:
        raise invalid("parent", "That comment is about something else.")
    return row


def _again(db: Transaction, gate: Gate, target: Target, there: Comment) -> Response:
    """The caller's own comment in the same place is shown; of any other nothing is said."""
    if there.author != gate.actor.username or targets.of(db, there) is not target:
        raise conflict("This client_id is taken.", None)
    return answer(comments.shape(db, there, gate.actor.user_id), 409)


def _something(content: str) -> None:
    if not content.strip():
        raise invalid("content", "There is nothing in it.")
