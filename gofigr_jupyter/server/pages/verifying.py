"""The button under a figure, and under an analysis, that has it made again: a form in, a task and a redirect out.

Only the server of this machine runs code, for its own user; others have no such button and refuse such a form.
"""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from gofigr_jupyter.server import proving, sessions
from gofigr_jupyter.server.auth import Actor, StoreOf, config_of
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.forms import FormOf, onward
from gofigr_jupyter.server.pages.routes import PageRoute
from gofigr_jupyter.server.policy import WRITE, Gate
from gofigr_jupyter.server.refusal import Refusal, forbidden
from gofigr_jupyter.server.store import find, gallery, tree, work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.tasks import TasksOf

family = Family("pages", route_class=PageRoute, in_schema=False)
MOST_WAITING = 20


@family.post("/revision/{revision_id}/verify", WRITE)
def verify_revision(
    request: Request, revision_id: str, gate: GateOf, *, store: StoreOf, tasks: TasksOf, fields: FormOf
) -> Response:
    """Have a figure made again."""
    _require_own(request, gate, fields)
    with store.writing() as db:
        row = gate.admit(db, find.revision(db, revision_id))
        api_id = row.id
        task = _ordered(db, gate.actor, api_id, [api_id], row.figure.analysis.workspace_id)
    tasks.begin(task)
    return onward(config_of(request).base_path, f"/revision/{api_id}#proof")


@family.post("/analysis/{analysis_id}/verify", WRITE)
def verify_analysis(
    request: Request, analysis_id: str, gate: GateOf, *, store: StoreOf, tasks: TasksOf, fields: FormOf
) -> Response:
    """Have the newest revisions of all figures of an analysis made again."""
    _require_own(request, gate, fields)
    with store.writing() as db:
        row = gate.admit(db, find.analysis(db, analysis_id))
        found, _ = gallery.figures(db, [row.workspace_id], analysis_id=row.id, limit=proving.MOST)
        newest = [one.latest.id for one in found if one.latest is not None]
        api_id = row.id
        task = _ordered(db, gate.actor, api_id, newest, row.workspace_id)
    tasks.begin(task)
    return onward(config_of(request).base_path, f"/analysis/{api_id}#proof")


def _require_own(request: Request, gate: Gate, fields: dict[str, str]) -> None:
    if gate.actor.via != "cookie" or not config_of(request).embedded:
        raise forbidden()
    sessions.require_own_form(request, fields)


def _ordered(db: Transaction, actor: Actor, of: str, revisions: list[str], workspace_id: str) -> str:
    if work.count_unfinished(db, actor.user_id) >= MOST_WAITING:
        raise Refusal(429, {"detail": f"{MOST_WAITING} tasks are waiting already."}, {"Retry-After": "60"})
    request = {"revisions": revisions, "of": of}
    task = work.create_task(
        db, tree.new_id(), proving.KIND, user_id=actor.user_id, workspace_id=workspace_id, request=request
    )
    return task.id
