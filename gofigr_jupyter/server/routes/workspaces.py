"""Family workspaces: the top of the tree, its log, and what is in it and new there. Its members are in `members`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.responses import Response

from gofigr_jupyter.schema.workspaces import Dashboard, LogEntry, Overview, Recent, Workspace, WorkspaceDraft
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import LOOK_INSIDE, MANAGE, READ, SIGNED_IN, UNSCOPED, Act, Gate
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.store import activity, find, memberships, overview, portraits, shapes, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.views import ViewOf
from gofigr_jupyter.server.web import answer, body_of, given, nothing

family = Family("workspaces")
Draft = Annotated[WorkspaceDraft, Depends(body_of(WorkspaceDraft))]
Limit = Annotated[int, Query(ge=0, le=1000)]
ActivityLimit = Annotated[int, Query(ge=1, le=50)]


@family.get("/workspace", SIGNED_IN, answers=list[Workspace])
def list_workspaces(gate: GateOf, store: StoreOf, view: ViewOf) -> Response:
    """All workspaces the caller may see; without their content from v1.4 on."""
    with store.reading() as db:
        listed = view.workspaces(db, policy.visible_workspaces(db, gate.actor))
    return view.answer(listed)


@family.post("/workspace", UNSCOPED, answers=Workspace, status=201, takes=WorkspaceDraft)
def create_workspace(gate: GateOf, store: StoreOf, view: ViewOf, body: Draft) -> Response:
    """A new secondary workspace, in an organization if one is named; the caller is its owner."""
    if not body.name:
        raise invalid("name", "This field is required.")
    if body.workspace_type not in {None, "secondary"}:
        raise invalid("workspace_type", "Only secondary workspaces can be made.")
    with store.writing() as db:
        values = given(body, "name", "description") | _organization(db, gate, body)
        row = tree.create_workspace(db, gate.actor.user_id, gate.actor.username, values)
        shape = view.of(db, row)
    return view.answer(shape, 201)


@family.get("/workspace/{api_id}", READ, answers=Workspace)
def read_workspace(api_id: str, gate: GateOf, store: StoreOf, view: ViewOf) -> Response:
    """A workspace with its analyses and assets."""
    with store.reading() as db:
        shape = view.of(db, gate.admit(db, find.workspace(db, api_id)))
    return view.answer(shape)


@family.put("/workspace/{api_id}", MANAGE, answers=Workspace, takes=WorkspaceDraft)
@family.patch("/workspace/{api_id}", MANAGE, answers=Workspace, takes=WorkspaceDraft)
def change_workspace(
    api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: Draft, *, silent: bool = False
) -> Response:
    """Change what the body names; a null `organization` takes it out of its own. `silent` leaves no line in the log."""
    if body.name == "":
        raise invalid("name", "This field may not be blank.")
    with store.writing() as db:
        row = gate.admit(db, find.workspace(db, api_id))
        if body.workspace_type not in {None, row.workspace_type}:
            raise invalid("workspace_type", "The type of a workspace cannot be changed.")
        changes = given(body, "name", "description") | _organization(db, gate, body, row.organization_id)
        tree.update(db, row, changes, gate.actor.username, silent=silent)
        shape = view.of(db, row)
    return view.answer(shape)


@family.delete("/workspace/{api_id}", MANAGE)
def delete_workspace(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete a secondary workspace and all that is in it."""
    with store.writing() as db:
        row = gate.admit(db, find.workspace(db, api_id))
        if row.workspace_type == "primary":
            raise invalid("detail", "A primary workspace cannot be deleted.")
        tree.remove(db, row, gate.actor.username)
    return nothing()


def _organization(db: Transaction, gate: Gate, body: WorkspaceDraft, current: str | None = None) -> dict[str, Any]:
    """The organization that a body asks for: of all fields the one where null is a value."""
    if "organization" not in body.model_fields_set:
        return {}
    if body.organization is None:
        return {"organization_id": None}
    wanted = find.organization(db, body.organization)
    if wanted.id != current:
        gate.admit(db, wanted, Act.WRITE)
    return {"organization_id": wanted.id}


# ---------------------------------------------------------------- what happened, and what there is


@family.get("/workspace/{api_id}/log", LOOK_INSIDE, answers=list[LogEntry])
def read_log(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Who created, changed and deleted what, newest first."""
    with store.reading() as db:
        row = gate.admit(db, find.workspace(db, api_id))
        return answer([portraits.log_entry(line) for line in activity.of_workspace(db, row.id)])


@family.get("/workspace/{api_id}/log/{log_id}", LOOK_INSIDE, answers=LogEntry)
def read_log_entry(api_id: str, log_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One line of the log; it outlives what it speaks of."""
    with store.reading() as db:
        row = gate.admit(db, find.workspace(db, api_id))
        line = find.log_line(db, log_id)
        if line.workspace_id != row.id:
            raise not_found()
        return answer(portraits.log_entry(line))


@family.get("/workspace/{api_id}/recent", LOOK_INSIDE, answers=Recent)
def read_recent(api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, limit: Limit = 100) -> Response:
    """The analyses, figures and assets that were last made or changed, newest first, at most `limit` of each."""
    with store.reading() as db:
        row = gate.admit(db, find.workspace(db, api_id))
        found = shapes.recent(db, row.id, limit)
    return view.answer(found)


@family.get("/workspace/{api_id}/overview", LOOK_INSIDE, answers=Overview)
def read_overview(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """How much there is of what."""
    with store.reading() as db:
        return answer(overview.of(db, gate.admit(db, find.workspace(db, api_id))))


@family.get("/workspace/{api_id}/dashboard", LOOK_INSIDE, answers=Dashboard)
def read_dashboard(
    api_id: str, gate: GateOf, store: StoreOf, activity_limit: ActivityLimit = 10, *, exclude_deleted: bool = False
) -> Response:
    """All that a home page shows; `activity_limit` is how many lines of the log, and how many new objects of a kind."""
    with store.reading() as db:
        row = gate.admit(db, find.workspace(db, api_id))
        lines = activity.of_workspace(db, row.id, activity_limit, exclude_deleted=exclude_deleted)
        return answer(
            Dashboard(
                workspace=shapes.workspaces(db, [row.id])[0],
                overview=overview.of(db, row),
                recent=shapes.recent(db, row.id, activity_limit),
                activity=[portraits.log_entry(line) for line in lines],
                members=memberships.members(db, row),
            )
        )
