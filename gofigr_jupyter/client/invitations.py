"""Family invitations: a place in a workspace or an organization, for whoever brings the token first."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from gofigr_jupyter.client.resource import API, Ident, drafted, id_of, read_as, step, to_wire
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.schema.invitations import Invitation, OrganizationInvitationDraft, WorkspaceInvitationDraft
from gofigr_jupyter.schema.organizations import OrganizationRole
from gofigr_jupyter.schema.workspaces import MembershipType

Kind = Literal["workspace", "organization"]


class Invitations:
    """Invitations, made by those who manage a place and accepted by those who are given the token."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def to_workspace(
        self, workspace: Ident, email: str, role: MembershipType, *, expiry: datetime | None = None
    ) -> Invitation:
        """Invite somebody to a workspace; only this answer holds the `token`."""
        place = {"workspace": id_of(workspace), "email": email, "membership_type": role, "expiry": expiry}
        return self._create("workspace", to_wire(drafted(WorkspaceInvitationDraft, None, **place)))

    def to_organization(
        self, organization: Ident, email: str, role: OrganizationRole, *, expiry: datetime | None = None
    ) -> Invitation:
        """Invite somebody to an organization; only this answer holds the `token`."""
        place = {"organization": id_of(organization), "email": email, "membership_type": role, "expiry": expiry}
        return self._create("organization", to_wire(drafted(OrganizationInvitationDraft, None, **place)))

    def get(self, invitation: Invitation | str, kind: Kind | None = None) -> Invitation:
        """One, by its id (for those who manage the place) or its token."""
        return read_as(Invitation, self._transport.request("GET", self._at(invitation, kind)))

    def delete(self, invitation: Invitation | str, kind: Kind | None = None) -> None:
        """Take it back."""
        self._transport.request("DELETE", self._at(invitation, kind))

    def accept(self, token: str, kind: Kind) -> None:
        """Become a member. Any try uses the invitation up."""
        self._transport.request("POST", f"{self._at(token, kind)}/accept", body={})

    def _create(self, kind: Kind, body: dict[str, object]) -> Invitation:
        return read_as(Invitation, self._transport.request("POST", f"{API}/invitations/{kind}/", body=body))

    def _at(self, invitation: Invitation | str, kind: Kind | None) -> str:
        if isinstance(invitation, Invitation):
            kind = "organization" if invitation.organization else "workspace"
            invitation = invitation.api_id
        if kind is None:
            raise ConfigurationError("For an id or a token, say whether it is of a workspace or an organization")
        return f"{API}/invitations/{kind}/{step(invitation)}"
