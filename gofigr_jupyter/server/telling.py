"""Stories that a machine writes: an empty story and a task at once, slides when the task has ended."""

from __future__ import annotations

from typing import Any

from gofigr_jupyter.schema.stories import StoryOrder
from gofigr_jupyter.server.refusal import NO_ENGINE
from gofigr_jupyter.server.store import stories, tree, work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Story, Workspace
from gofigr_jupyter.server.tasks import Job, Kind, TaskFailed, Tasks

KIND = "story"
TITLE = "New story"


def register(tasks: Tasks) -> None:
    """Make this kind of task known."""
    tasks.register(KIND, Kind(_write, is_repeatable=True))


def order(db: Transaction, place: Workspace, wanted: StoryOrder, username: str, user_id: int) -> tuple[Story, str]:
    """The empty story, and the id of the task that will fill it in."""
    values = {"title": TITLE, "audience": wanted.audience}
    row = stories.create(db, place.id, values, [], username)
    request = wanted.model_dump(include={"figures", "audience", "instructions"}) | {"story": row.id}
    task = work.create_task(db, tree.new_id(), KIND, user_id=user_id, workspace_id=place.id, request=request)
    return row, task.id


def _write(_job: Job) -> Any:
    raise TaskFailed(NO_ENGINE)
