"""Stories that the engine writes: an empty story and a task at once, slides when the task has ended."""

from __future__ import annotations

from functools import partial
from typing import Any

from gofigr_jupyter.schema.stories import Slide, StoryOrder
from gofigr_jupyter.server import replies
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.insight import desk, slides
from gofigr_jupyter.server.insight.desk import Desk, Question
from gofigr_jupyter.server.insight.engine import EngineFailed
from gofigr_jupyter.server.policy import Act, allows
from gofigr_jupyter.server.refusal import NO_ENGINE, Refusal, forbidden
from gofigr_jupyter.server.store import stories, tree, work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Figure, Revision, Story, Workspace
from gofigr_jupyter.server.tasks import Job, Kind, TaskFailed, Tasks

KIND = "story"
TITLE = "New story"
GONE = "The story has been deleted."


def register(tasks: Tasks, questions: Desk) -> None:
    """Make this kind of task known."""
    tasks.register(KIND, Kind(partial(_write, questions), is_repeatable=True))


def order(db: Transaction, place: Workspace, wanted: StoryOrder, username: str, user_id: int) -> tuple[Story, str]:
    """The empty story, and the id of the task that will fill it in."""
    values = {"title": TITLE, "audience": wanted.audience}
    row = stories.create(db, place.id, values, [], username)
    request = wanted.model_dump(include={"figures", "audience", "instructions", "agreed"}) | {"story": row.id}
    task = work.create_task(db, tree.new_id(), KIND, user_id=user_id, workspace_id=place.id, request=request)
    return row, task.id


def slide(
    questions: Desk, reader: Actor, row_id: str, context: str, *, agreed: bool, job: Job | None = None
) -> Slide:
    """A slide about a revision that somebody may read. Refuses as the desk does, and (502) when the engine fails."""
    asked = Question("slide", slides.ASK, context=context, agreed=agreed)
    with questions.store.writing() as db:
        row = db.get_one(Revision, row_id)
        if not allows(db, reader, Act.READ, row):
            raise forbidden()
        kept, earlier = questions.open(db, reader, tree.workspace_of(row), asked, row.id)
        subject, title = desk.Subject(desk.rows_of(db, reader, row)), row.figure.name
    answering = questions.about(kept, earlier, asked, subject)
    try:
        return slides.slide_of(answering, title, row_id, job.check if job else lambda: None)
    except EngineFailed as failure:
        raise Refusal(502, {"detail": str(failure), "code": "engine_failed"}) from failure


def _write(questions: Desk, job: Job) -> Any:
    """A slide for each figure's newest revision, in the order in which they were named."""
    if questions.engine is None:
        raise TaskFailed(NO_ENGINE)
    story_id, figures = str(job.request["story"]), [str(one) for one in job.request["figures"]]
    agreed = job.request.get("agreed") is True
    context = slides.context_of(job.request.get("audience"), job.request.get("instructions"))
    with questions.store.reading() as db:
        writer = replies.actor_named(db, job.user_id)
        rows = [(one.name, replies.newest(db, one)) for one in _figures(db, figures)]
    made: list[Slide] = []
    for number, (name, row_id) in enumerate(rows, 1):
        job.report((number - 1) / len(rows), f"{name} ({number} of {len(rows)})")
        if row_id is not None:
            made.append(slide(questions, writer, row_id, context, agreed=agreed, job=job))
    with questions.store.writing() as db:
        story = db.get(Story, story_id)
        if story is None:
            raise TaskFailed(GONE)
        title = rows[0][0] if len(rows) == 1 else f"{rows[0][0]} and {len(rows) - 1} more" if rows else TITLE
        stories.change(db, story, {"title": title} if story.title == TITLE else {}, made, writer.username)
    return {"story": story_id, "slides": len(made)}


def _figures(db: Transaction, ids: list[str]) -> list[Figure]:
    """Those that are still there."""
    found = (db.get(Figure, one.lower()) for one in ids)
    return [row for row in found if row is not None]
