"""Family workspaces: the top of the tree, its members, its log, and what is recent in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gofigr_jupyter.schema.workspaces import LogEntry, Member, Recent, Workspace, WorkspaceDraft
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import SignedIn, StoreOf
from gofigr_jupyter.server.policy import Act
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.routes.system import lists_are_full
from gofigr_jupyter.server.store import activity, find, shapes, tree
from gofigr_jupyter.server.web import accepts, answer, body_of, given, nothing

router = APIRouter(tags=["workspaces"])
Draft = Annotated[WorkspaceDraft, Depends(body_of(WorkspaceDraft))]


@router.get("/workspace", response_model=list[Workspace])
def list_workspaces(version: str, actor: SignedIn, store: StoreOf) -> Response:
    """All workspaces the caller may see; without their content from v1.4 on."""
    with store.reading() as db:
        ids = policy.visible_workspaces(db, actor)
        return answer(shapes.workspaces(db, ids, full=lists_are_full(version)))


@router.post("/workspace", response_model=Workspace, status_code=201, openapi_extra=accepts(WorkspaceDraft))
def create_workspace(actor: SignedIn, store: StoreOf, body: Draft) -> Response:
    """A new secondary workspace; the caller is its owner."""
    policy.require_unscoped(actor)
    if not body.name:
        raise invalid("name", "This field is required.")
    if body.workspace_type not in {None, "secondary"}:
        raise invalid("workspace_type", "Only secondary workspaces can be made.")
    _without_organization(body)
    with store.writing() as db:
        row = tree.create_workspace(db, actor.user_id, actor.username, body.name, body.description)
        return answer(shapes.workspace(db, row), 201)


@router.get("/workspace/{api_id}", response_model=Workspace)
def read_workspace(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """A workspace with its analyses."""
    with store.reading() as db:
        row = find.workspace(db, api_id)
        policy.require(db, actor, Act.READ, row)
        return answer(shapes.workspace(db, row))


@router.put("/workspace/{api_id}", response_model=Workspace, openapi_extra=accepts(WorkspaceDraft))
@router.patch("/workspace/{api_id}", response_model=Workspace, openapi_extra=accepts(WorkspaceDraft))
def change_workspace(api_id: str, actor: SignedIn, store: StoreOf, body: Draft, *, silent: bool = False) -> Response:
    """Change what the body names; `silent` leaves no line in the log."""
    with store.writing() as db:
        row = find.workspace(db, api_id)
        policy.require(db, actor, Act.MANAGE, row)
        if body.workspace_type not in {None, row.workspace_type}:
            raise invalid("workspace_type", "The type of a workspace cannot be changed.")
        _without_organization(body)
        tree.update(db, row, given(body, "name", "description"), actor.username, silent=silent)
        return answer(shapes.workspace(db, row))


@router.delete("/workspace/{api_id}", status_code=204)
def delete_workspace(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """Delete a secondary workspace and all that is in it."""
    with store.writing() as db:
        row = find.workspace(db, api_id)
        policy.require(db, actor, Act.MANAGE, row)
        if row.workspace_type == "primary":
            raise invalid("detail", "A primary workspace cannot be deleted.")
        tree.remove(db, row, actor.username)
    return nothing()


@router.get("/workspace/{api_id}/members", response_model=list[Member])
def list_members(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """The direct members."""
    with store.reading() as db:
        policy.require(db, actor, Act.READ, find.workspace(db, api_id))
        rows = tree.members(db, api_id.lower())
        return answer([Member(username=name, membership_type=kind) for name, kind in rows])


@router.get("/workspace/{api_id}/log", response_model=list[LogEntry])
def read_log(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """Who created, changed and deleted what, newest first."""
    with store.reading() as db:
        policy.require(db, actor, Act.READ, find.workspace(db, api_id))
        return answer([shapes.log_entry(row) for row in activity.of_workspace(db, api_id.lower())])


@router.get("/workspace/{api_id}/log/{log_id}", response_model=LogEntry)
def read_log_entry(api_id: str, log_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """One line of the log."""
    with store.reading() as db:
        row = find.workspace(db, api_id)
        policy.require(db, actor, Act.READ, row)
        line = find.log_line(db, log_id)
        if line.workspace_id != row.id:
            raise not_found()
        return answer(shapes.log_entry(line))


@router.get("/workspace/{api_id}/recent", response_model=Recent)
def read_recent(
    api_id: str, actor: SignedIn, store: StoreOf, limit: Annotated[int, Query(ge=0, le=1000)] = 100
) -> Response:
    """The analyses and figures that were last made or changed, newest first."""
    with store.reading() as db:
        row = find.workspace(db, api_id)
        policy.require(db, actor, Act.READ, row)
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
