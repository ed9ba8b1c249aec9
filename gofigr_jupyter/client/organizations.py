"""Family organizations: people who share workspaces."""

from __future__ import annotations

from typing import ClassVar

from gofigr_jupyter.client.live import Stored
from gofigr_jupyter.client.members import Joint
from gofigr_jupyter.client.resource import Ident, drafted
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.schema import organizations as wire
from gofigr_jupyter.schema.base import Draft, Wire
from gofigr_jupyter.schema.organizations import OrganizationDraft, OrganizationMemberChange, OrganizationRole


class Organization(Stored, wire.Organization):
    """An organization; `workspaces` are ids."""

    family: ClassVar[str] = "organization"
    draft: ClassVar[type[Draft]] = OrganizationDraft

    api_id: str


class Organizations(Joint[Organization, OrganizationDraft, OrganizationRole]):
    """The organizations that the caller belongs to."""

    membership: type[Wire] = OrganizationMemberChange

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "organization", Organization)

    def create(
        self,
        draft: OrganizationDraft | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        email: str | None = None,
        allow_per_workspace_storage_settings: bool | None = None,
        logo: bytes | None = None,
    ) -> Organization:
        """Make one; the caller becomes its `org_admin`. `logo` is a picture."""
        fields = {"name": name, "description": description, "email": email, "logo": logo}
        own = allow_per_workspace_storage_settings
        return super().create(drafted(OrganizationDraft, draft, **fields, allow_per_workspace_storage_settings=own))

    def change(
        self,
        api_id: Ident,
        draft: OrganizationDraft | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        email: str | None = None,
        allow_per_workspace_storage_settings: bool | None = None,
        logo: bytes | None = None,
        silent: bool = False,
    ) -> Organization:
        """Set what is named, leave the rest; `silent` keeps it out of the log."""
        fields = {"name": name, "description": description, "email": email, "logo": logo}
        own = allow_per_workspace_storage_settings
        chosen = drafted(OrganizationDraft, draft, **fields, allow_per_workspace_storage_settings=own)
        return super().change(api_id, chosen, silent=silent)
