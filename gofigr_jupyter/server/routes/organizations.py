"""Family organizations: people who share workspaces. Their members are in `members`, their storage in `storage`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.organizations import Organization, OrganizationDraft
from gofigr_jupyter.schema.workspaces import LogEntry
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import LOOK_INSIDE, MANAGE, SIGNED_IN, UNSCOPED
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.store import activity, find, organizations, portraits
from gofigr_jupyter.server.web import answer, body_of, given, nothing

family = Family("organizations")
Draft = Annotated[OrganizationDraft, Depends(body_of(OrganizationDraft))]
LARGEST_LOGO = 1 << 20  # it is in every answer about the organization


@family.get("/organization", SIGNED_IN, answers=list[Organization])
def list_organizations(gate: GateOf, store: StoreOf) -> Response:
    """The organizations that the caller belongs to."""
    with store.reading() as db:
        return answer(organizations.shapes(db, policy.visible_organizations(db, gate.actor)))


@family.post("/organization", UNSCOPED, answers=Organization, status=201, takes=OrganizationDraft)
def create_organization(gate: GateOf, store: StoreOf, body: Draft) -> Response:
    """A new organization; the caller is its admin."""
    if not body.name:
        raise invalid("name", "This field is required.")
    values = _values(body)
    with store.writing() as db:
        row = organizations.create(db, gate.actor.user_id, gate.actor.username, values)
        return answer(organizations.shape(db, row), 201)


@family.get("/organization/{api_id}", LOOK_INSIDE, answers=Organization)
def read_organization(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """An organization, with the ids of its workspaces."""
    with store.reading() as db:
        return answer(organizations.shape(db, gate.admit(db, find.organization(db, api_id))))


@family.put("/organization/{api_id}", MANAGE, answers=Organization, takes=OrganizationDraft)
@family.patch("/organization/{api_id}", MANAGE, answers=Organization, takes=OrganizationDraft)
def change_organization(api_id: str, gate: GateOf, store: StoreOf, body: Draft, *, silent: bool = False) -> Response:
    """Change what the body names; `silent` leaves no line in the log."""
    values = _values(body)
    with store.writing() as db:
        row = gate.admit(db, find.organization(db, api_id))
        organizations.update(db, row, values, gate.actor.username, silent=silent)
        return answer(organizations.shape(db, row))


@family.delete("/organization/{api_id}", MANAGE)
def delete_organization(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete an organization; its workspaces stay with their members."""
    with store.writing() as db:
        organizations.remove(db, gate.admit(db, find.organization(db, api_id)))
    return nothing()


@family.get("/organization/{api_id}/log", LOOK_INSIDE, answers=list[LogEntry])
def read_log(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Who created, changed and deleted what, in its workspaces too; newest first."""
    with store.reading() as db:
        row = gate.admit(db, find.organization(db, api_id))
        return answer([portraits.log_entry(line) for line in activity.of_organization(db, row.id)])


@family.get("/organization/{api_id}/log/{log_id}", LOOK_INSIDE, answers=LogEntry)
def read_log_entry(api_id: str, log_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One line of the log."""
    with store.reading() as db:
        row = gate.admit(db, find.organization(db, api_id))
        line = find.log_line(db, log_id)
        inside = line.workspace_id is not None and find.workspace(db, line.workspace_id).organization_id == row.id
        if line.organization_id != row.id and not inside:
            raise not_found()
        return answer(portraits.log_entry(line))


def _values(body: OrganizationDraft) -> dict[str, Any]:
    if body.name == "":
        raise invalid("name", "This field may not be blank.")
    if body.logo is not None and len(body.logo) > LARGEST_LOGO:
        raise invalid("logo", f"A logo has at most {LARGEST_LOGO} bytes.")
    return given(body, "name", "email", "description", "allow_per_workspace_storage_settings", "logo")
