"""Family imports, first part: work in the background. One's own, and, for who manages a workspace, all of its."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import Query
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id, Page
from gofigr_jupyter.schema.imports import Task as TaskShape
from gofigr_jupyter.schema.imports import TaskState
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.paging import PartOf
from gofigr_jupyter.server.policy import OWN, Act, Gate, allows
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.store import find, work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Task, Workspace
from gofigr_jupyter.server.tasks import TasksOf
from gofigr_jupyter.server.web import answer

family = Family("imports")
STATES = "|".join(get_args(TaskState))
State = Annotated[str | None, Query(pattern=f"^({STATES})$")]


# `tasks` is the word of GoFigr's documentation, `task` that of all other families.
@family.get("/tasks", OWN, answers=Page[TaskShape], include_in_schema=False)
@family.get("/task", OWN, answers=Page[TaskShape])
def list_tasks(
    gate: GateOf, store: StoreOf, part: PartOf, *, state: State = None, workspace: Id | None = None
) -> Response:
    """The caller's own tasks, newest first; with `workspace` only those there, and all of them for who manages it."""
    with store.reading() as db:
        place = find.workspace(db, workspace) if workspace else None
        found = work.tasks(
            db,
            user_id=_whose(db, gate, place),
            workspace_id=place.id if place else gate.actor.scope,
            state=state,
            before=part.moment(),
            limit=part.limit + 1,
        )
        rows, onward = part.cut(found, lambda row: (row.created_on, row.id))
        return answer(Page[TaskShape](results=[_shape(row) for row in rows], next=onward))


@family.get("/tasks/{api_id}", OWN, answers=TaskShape, include_in_schema=False)
@family.get("/task/{api_id}", OWN, answers=TaskShape)
def read_task(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """How far a task is, or what came of it."""
    with store.reading() as db:
        return answer(_shape(_admitted(db, gate, api_id)))


@family.post("/tasks/{api_id}/cancel", OWN, answers=TaskShape, include_in_schema=False)
@family.post("/task/{api_id}/cancel", OWN, answers=TaskShape)
def cancel_task(api_id: str, gate: GateOf, store: StoreOf, tasks: TasksOf) -> Response:
    """End a task: at once while it waits, soon when it runs. What it has done stays; what has ended stays as it is."""
    with store.reading() as db:
        _admitted(db, gate, api_id)
    tasks.cancel(api_id.lower())
    with store.reading() as db:
        return answer(_shape(find.by_id(db, Task, api_id)))


def _whose(db: Transaction, gate: Gate, place: Workspace | None) -> int | None:
    """Whose tasks may be listed; None for everybody's."""
    if place is None:
        return gate.actor.user_id
    if allows(db, gate.actor, Act.MANAGE, place):
        return None
    gate.admit(db, place, Act.LOOK_INSIDE)
    return gate.actor.user_id


def _admitted(db: Transaction, gate: Gate, api_id: str) -> Task:
    row = find.by_id(db, Task, api_id)
    place = db.get(Workspace, row.workspace_id) if row.workspace_id else None
    is_in_scope = gate.actor.scope is None or gate.actor.scope == row.workspace_id
    if row.user_id == gate.actor.user_id and is_in_scope:
        return row
    if place is None:
        raise forbidden()
    gate.admit(db, place, Act.MANAGE)
    return row


def _shape(row: Task) -> TaskShape:
    return TaskShape(
        api_id=row.id,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        message=row.message,
        result=row.result,
        error=row.error,
        created_on=row.created_on,
        started_on=row.started_on,
        finished_on=row.finished_on,
    )
