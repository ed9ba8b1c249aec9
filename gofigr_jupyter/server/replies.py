"""Machines' replies to comments: an empty comment and a task at once, the answer when the task has ended.

The two are written together, and the task outlives a server: no reply stays pending for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gofigr_jupyter.schema.insight import Evidence
from gofigr_jupyter.server import conversation
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.insight.desk import Desk, Question
from gofigr_jupyter.server.insight.engine import EngineFailed
from gofigr_jupyter.server.insight.wording import listed, name
from gofigr_jupyter.server.policy import Act, allows
from gofigr_jupyter.server.refusal import NO_ENGINE, forbidden
from gofigr_jupyter.server.store import gallery, people, targets, tree, work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Comment, Figure, Revision, Task
from gofigr_jupyter.server.tasks import Job, Kind, TaskFailed, Tasks

KIND = "ai_response"
MOST_LABELS = 6
NO_REVISION = "This figure has no revision yet that could be asked about."
NO_FIGURE = "Only questions about figures can be answered."


def register(tasks: Tasks, questions: Desk) -> None:
    """Make this kind of task known."""
    ended = partial(_settle, questions.store)
    tasks.register(KIND, Kind(partial(_reply, questions), is_repeatable=True, ended=ended))


def ask(
    db: Transaction, target: Target, question: Comment, asker: str, user_id: int, *, agreed: bool = False
) -> tuple[Comment, str]:
    """The empty reply, and the id of the task that will fill it in."""
    row = conversation.ask_machine(db, target, question, asker)
    place = tree.workspace_of(target)
    request = {"comment": row.id, "agreed": agreed}
    task = work.create_task(db, tree.new_id(), KIND, user_id=user_id, workspace_id=place.id, request=request)
    return row, task.id


def _reply(questions: Desk, job: Job) -> Any:
    """Answer the comment above as a question about the figure it is on, if its asker may still read that."""
    if questions.engine is None:
        raise TaskFailed(NO_ENGINE)
    with questions.store.writing() as db:
        reply, question = _comments(db, str(job.request["comment"]))
        if reply is None or question is None:
            return None  # deleted since
        asker = actor_named(db, job.user_id)
        row = _about(db, targets.of(db, reply))
        if not allows(db, asker, Act.READ, row):
            raise forbidden()
        asked = Question("reply", question.content, agreed=job.request.get("agreed") is True)
        kept, earlier = questions.open(db, asker, tree.workspace_of(row), asked, row.id)
        subject = questions.subject_of(db, asker, row, asked.query)
    answering = questions.about(kept, earlier, asked, subject)
    try:
        for _ in answering.pieces():
            job.check()
    except EngineFailed as failure:
        raise TaskFailed(str(failure)) from failure
    whole = answering.whole()
    with questions.store.writing() as db:
        conversation.settle(db, str(job.request["comment"]), answer=whole.answer + _rests_on(whole.evidence))
    return None


def _rests_on(evidence: Sequence[Evidence]) -> str:
    """A comment has no place for evidence but its text."""
    labels = dict.fromkeys(name(one.label) for one in evidence)
    return f"\n\n*Rests on {listed(labels, MOST_LABELS)}.*" if labels else ""


def _comments(db: Transaction, comment_id: str) -> tuple[Comment | None, Comment | None]:
    """The empty reply, and the comment above it."""
    reply = db.get(Comment, comment_id)
    above = db.get(Comment, reply.parent_id) if reply is not None and reply.parent_id else None
    return reply, None if above is None or above.is_deleted else above


def actor_named(db: Transaction, user_id: int) -> Actor:
    """Who had asked for a task, as somebody whose rights are looked at now; refuses (403) an account that is gone."""
    user = people.user(db, user_id)
    if user is None or not user.is_active:
        raise forbidden()
    return Actor(user.id, user.username, "task")


def _about(db: Transaction, target: Target) -> Revision:
    """What a comment on this is about: of a figure its newest revision."""
    match target:
        case Revision():
            return target
        case Figure():
            newest_id = newest(db, target)
            row = db.get(Revision, newest_id) if newest_id else None
            if row is None:
                raise TaskFailed(NO_REVISION)
            return row
    raise TaskFailed(NO_FIGURE)


def newest(db: Transaction, figure: Figure) -> str | None:
    """The id of a figure's newest revision."""
    found = gallery.revisions(db, figure.id, limit=1)[0]
    return found[0].id if found else None


def _settle(store: Store, task_id: str) -> None:
    with store.writing() as db:
        task = db.get(Task, task_id)
        if task is not None and task.state != "succeeded":
            conversation.settle(db, str(task.request["comment"]), error=task.error or "cancelled")
