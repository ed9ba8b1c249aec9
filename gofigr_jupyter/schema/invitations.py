"""Family invitations: a place in a workspace or an organization, for whoever brings the token first."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gofigr_jupyter.schema.base import Draft, Id, Timestamp, Wire
from gofigr_jupyter.schema.organizations import OrganizationRole
from gofigr_jupyter.schema.workspaces import MembershipType

# Only what no mail address lacks: whether one exists is known when the mail has arrived.
MailAddress = Annotated[str, Field(max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]


class Invitation(Wire, source="seen"):
    """An invitation to `workspace` or to `organization`; `token` only in the answer that made it. GoFigr's (seen)."""

    api_id: str
    email: str | None = None
    initiator: str | None = None
    token: str | None = Field(default=None, repr=False)
    status: str | None = None
    created: Timestamp | None = None
    expiry: Timestamp | None = None
    membership_type: str | None = None
    workspace: str | None = None
    organization: str | None = None


class WorkspaceInvitationDraft(Draft, source="seen"):
    """Body of `POST invitations/workspace/`. GoFigr's (seen)."""

    email: MailAddress
    workspace: Id
    membership_type: MembershipType
    expiry: Timestamp | None = None


class OrganizationInvitationDraft(Draft, source="seen"):
    """Body of `POST invitations/organization/`. GoFigr's (seen)."""

    email: MailAddress
    organization: Id
    membership_type: OrganizationRole
    expiry: Timestamp | None = None
