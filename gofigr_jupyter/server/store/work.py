"""Tasks and SSH keys: queries and commands. A task's row changes only from the state that it is expected to be in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import SshKey, Task

OPEN = ("queued", "running")

# ---------------------------------------------------------------- tasks


def create_task(
    db: Transaction, task_id: str, kind: str, *, user_id: int, workspace_id: str | None, request: Mapping[str, Any]
) -> Task:
    """A new task, queued."""
    row = Task(
        id=task_id,
        kind=kind,
        state="queued",
        user_id=user_id,
        workspace_id=workspace_id,
        request=dict(request),
        created_on=now(),
    )
    db.add(row)
    db.flush()
    return row


def begin(db: Transaction, task_id: str) -> Task | None:
    """From queued to running; None when it is not queued (any more)."""
    if not _change(db, task_id, ("queued",), state="running", started_on=now(), attempts=Task.attempts + 1):
        return None
    return db.get(Task, task_id, populate_existing=True)


def report(db: Transaction, task_id: str, progress: float, message: str | None) -> None:
    """How far it is."""
    _change(db, task_id, ("running",), progress=progress, message=message)


def finish(db: Transaction, task_id: str, state: str, *, result: Any = None, error: str | None = None) -> None:
    """To its last state; one that failed keeps the message of where it was."""
    done = {"progress": 1.0, "message": None} if state == "succeeded" else {}
    _change(db, task_id, OPEN, state=state, finished_on=now(), result=result, error=error, **done)


def cancel_queued(db: Transaction, task_id: str) -> bool:
    """Cancel what has not begun; False when it has."""
    return _change(db, task_id, ("queued",), state="cancelled", finished_on=now())


def put_back(db: Transaction, task_id: str) -> None:
    """From running to queued: it was interrupted in good order, and begins anew later."""
    _change(db, task_id, ("running",), state="queued", started_on=None, attempts=Task.attempts - 1)


def queue_again(db: Transaction, task_id: str) -> None:
    """What a server left behind, queued for another try."""
    _change(db, task_id, OPEN, state="queued", started_on=None)


def unfinished(db: Transaction) -> list[Task]:
    """What is queued or running, oldest first."""
    return list(db.scalars(select(Task).where(Task.state.in_(OPEN)).order_by(Task.created_on, Task.id)))


def unfinished_of(db: Transaction, user_id: int, kind: str) -> list[Task]:
    """What of one kind a user has queued or running, oldest first."""
    query = select(Task).where(Task.user_id == user_id, Task.kind == kind, Task.state.in_(OPEN))
    return list(db.scalars(query.order_by(Task.created_on, Task.id)))


def owners(db: Transaction, ids: Collection[str]) -> dict[str, int]:
    """Whose each of several tasks is."""
    rows = db.execute(select(Task.id, Task.user_id).where(Task.id.in_(ids)))
    return {row.id: row.user_id for row in rows}


def count_unfinished(db: Transaction, user_id: int) -> int:
    """How many tasks of a user are queued or running."""
    query = select(func.count()).select_from(Task).where(Task.user_id == user_id, Task.state.in_(OPEN))
    return db.scalar(query) or 0


def tasks(
    db: Transaction,
    *,
    limit: int,
    user_id: int | None = None,
    workspace_id: str | None = None,
    state: str | None = None,
    before: tuple[datetime, str] | None = None,
) -> list[Task]:
    """Tasks, newest first; `before` is where the page before ended."""
    wanted: list[ColumnElement[bool]] = []
    if user_id is not None:
        wanted.append(Task.user_id == user_id)
    if workspace_id is not None:
        wanted.append(Task.workspace_id == workspace_id)
    if state is not None:
        wanted.append(Task.state == state)
    if before is not None:
        at, last = before
        wanted.append(or_(Task.created_on < at, and_(Task.created_on == at, Task.id > last)))
    return list(db.scalars(select(Task).where(*wanted).order_by(Task.created_on.desc(), Task.id).limit(limit)))


def _change(db: Transaction, task_id: str, states: tuple[str, ...], **values: Any) -> bool:
    query = update(Task).where(Task.id == task_id, Task.state.in_(states)).values(**values)
    changed = db.execute(query.execution_options(synchronize_session=False))
    return bool(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


# ---------------------------------------------------------------- SSH keys


def ssh_keys_of(db: Transaction, user_id: int) -> list[SshKey]:
    """A user's keys, oldest first."""
    return list(db.scalars(select(SshKey).where(SshKey.user_id == user_id).order_by(SshKey.created, SshKey.id)))


def create_ssh_key(
    db: Transaction, key_id: str, user_id: int, *, name: str, public_key: str, fingerprint: str, sealed: bytes
) -> SshKey:
    """Keep a pair; its private half comes sealed."""
    row = SshKey(
        id=key_id,
        user_id=user_id,
        name=name,
        public_key=public_key,
        fingerprint=fingerprint,
        sealed_private_key=sealed,
        created=now(),
    )
    db.add(row)
    db.flush()
    return row


def count_ssh_keys(db: Transaction, user_id: int) -> int:
    """How many a user has."""
    return db.scalar(select(func.count()).select_from(SshKey).where(SshKey.user_id == user_id)) or 0


def delete_ssh_key(db: Transaction, row: SshKey) -> None:
    """Forget a pair."""
    db.delete(row)
    db.flush()
