"""Machines' replies to comments: an empty comment and a task at once, the answer when the task has ended.

The two are written together, and the task outlives a server: no reply stays pending for ever.
"""

from __future__ import annotations

from typing import Any

from gofigr_jupyter.server import conversation
from gofigr_jupyter.server.refusal import NO_ENGINE
from gofigr_jupyter.server.store import tree, work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Comment, Task
from gofigr_jupyter.server.tasks import Job, Kind, TaskFailed, Tasks

KIND = "ai_response"


def register(tasks: Tasks, store: Store) -> None:
    """Make this kind of task known."""
    tasks.register(KIND, Kind(_reply, is_repeatable=True, ended=lambda task_id: _settle(store, task_id)))


def ask(db: Transaction, target: Target, question: Comment, asker: str, user_id: int) -> tuple[Comment, str]:
    """The empty reply, and the id of the task that will fill it in."""
    row = conversation.ask_machine(db, target, question, asker)
    place = tree.workspace_of(target)
    task = work.create_task(
        db, tree.new_id(), KIND, user_id=user_id, workspace_id=place.id, request={"comment": row.id}
    )
    return row, task.id


def _reply(_job: Job) -> Any:
    raise TaskFailed(NO_ENGINE)


def _settle(store: Store, task_id: str) -> None:
    with store.writing() as db:
        task = db.get(Task, task_id)
        if task is not None and task.state != "succeeded":
            conversation.settle(db, str(task.request["comment"]), error=task.error or "cancelled")
