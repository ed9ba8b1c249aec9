"""Family workspaces: the top of the tree, its members, its log, and what is recent in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from gofigr_jupyter.schema.workspaces import LogEntry, Member, Recent, Workspace, WorkspaceDraft
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import LOOK_INSIDE, MANAGE, READ, SIGNED_IN, UNSCOPED
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.routes.system import lists_are_full
from gofigr_jupyter.server.store import activity, find, shapes, tree
from gofigr_jupyter.server.web import answer, body_of, given, nothing

family = Family("workspaces")
Draft = Annotated[WorkspaceDraft, Depends(body_of(WorkspaceDraft))]


@family.get("/workspace", SIGNED_IN, answers=list[Workspace])
def list_workspaces(version: str, gate: GateOf, store: StoreOf) -> Response:
    """All workspaces the caller may see; without their content from v1.4 on."""
    with store.reading() as db:
        ids = policy.visible_workspaces(db, gate.actor)
        return answer(shapes.workspaces(db, ids, full=lists_are_full(version)))


@family.post("/workspace", UNSCOPED, answers=Workspace, status=201, takes=WorkspaceDraft)
def create_workspace(gate: GateOf, store: StoreOf, body: Draft) -> Response:
    """A new secondary workspace; the caller is its owner."""
    if not body.name:
        raise invalid("name", "This field is required.")
    if body.workspace_type not in {None, "secondary"}:
        raise invalid("workspace_type", "Only secondary workspaces can be made.")
    _without_organization(body)
    with store.writing() as db:
        row = tree.create_workspace(db, gate.actor.user_id, gate.actor.username, given(body, "name", "description"))
        return answer(shapes.workspace(db, row), 201)


@family.get("/workspace/{api_id}", READ, answers=Workspace)
def read_workspace(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A workspace with its analyses."""
    with store.reading() as db:
        row = find.workspace(db, api_id)
        gate.admit(db, row)
        return answer(shapes.workspace(db, row))


@family.put("/workspace/{api_id}", MANAGE, answers=Workspace, takes=WorkspaceDraft)
@family.patch("/workspace/{api_id}", MANAGE, answers=Workspace, takes=WorkspaceDraft)
def change_workspace(api_id: str, gate: GateOf, store: StoreOf, body: Draft, *, silent: bool = False) -> Response:
    """Change what the body names; `silent` leaves no line in the log."""
    with store.writing() as db:
        row = find.workspace(db, api_id)
        gate.admit(db, row)
        if body.workspace_type not in {None, row.workspace_type}:
            raise invalid("workspace_type", "The type of a workspace cannot be changed.")
        _without_organization(body)
        tree.update(db, row, given(body, "name", "description"), gate.actor.username, silent=silent)
        return answer(shapes.workspace(db, row))


@family.delete("/workspace/{api_id}", MANAGE)
def delete_workspace(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete a secondary workspace and all that is in it."""
    with store.writing() as db:
        row = find.workspace(db, api_id)
        gate.admit(db, row)
        if row.workspace_type == "primary":
            raise invalid("detail", "A primary workspace cannot be deleted.")
        tree.remove(db, row, gate.actor.username)
    return nothing()


@family.get("/workspace/{api_id}/members", LOOK_INSIDE, answers=list[Member])
def list_members(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """The direct members."""
    with store.reading() as db:
        gate.admit(db, find.workspace(db, api_id))
        rows = tree.members(db, api_id.lower())
        return answer([Member(username=name, membership_type=kind) for name, kind in rows])


@family.get("/workspace/{api_id}/log", LOOK_INSIDE, answers=list[LogEntry])
def read_log(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Who created, changed and deleted what, newest first."""
    with store.reading() as db:
        gate.admit(db, find.workspace(db, api_id))
        return answer([shapes.log_entry(row) for row in activity.of_workspace(db, api_id.lower())])


@family.get("/workspace/{api_id}/log/{log_id}", LOOK_INSIDE, answers=LogEntry)
def read_log_entry(api_id: str, log_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One line of the log."""
    with store.reading() as db:
        row = find.workspace(db, api_id)
        gate.admit(db, row)
        line = find.log_line(db, log_id)
        if line.workspace_id != row.id:
            raise not_found()
        return answer(shapes.log_entry(line))


@family.get("/workspace/{api_id}/recent", LOOK_INSIDE, answers=Recent)
def read_recent(
    api_id: str, gate: GateOf, store: StoreOf, limit: Annotated[int, Query(ge=0, le=1000)] = 100
) -> Response:
    """The analyses and figures that were last made or changed, newest first."""
    with store.reading() as db:
        row = find.workspace(db, api_id)
        gate.admit(db, row)
        analyses, figures = shapes.recent(db, row.id, limit)
        return answer(
            {
                "analyses": [one.model_dump(mode="json") for one in analyses],
                "figures": [one.model_dump(mode="json") for one in figures],
                "assets": [],
            }
        )


def _without_organization(body: WorkspaceDraft) -> None:
    if body.organization is not None:
        raise invalid("organization", "There is no such organization on this server.")
