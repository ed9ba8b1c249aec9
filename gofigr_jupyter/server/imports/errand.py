"""Who sent a task and whether they still may: asked when it begins, and again before each thing that it writes."""

from __future__ import annotations

from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.policy import Act, Gate, Rule
from gofigr_jupyter.server.refusal import forbidden, invalid, not_found
from gofigr_jupyter.server.store import find, people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Analysis, Workspace
from gofigr_jupyter.server.tasks import Job


def sender(db: Transaction, job: Job) -> Actor:
    """The task's user, with what the request was sent with; refuses (403) an account or a key that has ended."""
    person = people.user(db, job.user_id)
    if person is None or not person.is_active:
        raise forbidden()
    key_id = job.request.get("key_id")
    if key_id is None:
        return Actor(person.id, person.username, "task")
    key = people.key(db, key_id)
    if key is None or (key.expiry is not None and key.expiry <= people.now()):
        raise forbidden()
    return Actor(person.id, person.username, "task", key.workspace_id, key.id)


def admitted(db: Transaction, job: Job) -> tuple[Actor, Workspace]:
    """The sender, and the workspace that they may write to; refuses (403, 404) where that is no longer so."""
    actor = sender(db, job)
    if job.workspace_id is None:
        raise not_found()
    return actor, Gate(actor, Rule(Act.WRITE)).admit(db, find.workspace(db, job.workspace_id))


def analysis_in(db: Transaction, place: Workspace, analysis_id: str | None) -> Analysis | None:
    """The analysis that a request names; it must lie in the workspace."""
    if analysis_id is None:
        return None
    row = find.analysis(db, analysis_id)
    if row.workspace_id != place.id:
        raise invalid("analysis", "This analysis is in another workspace.")
    return row
