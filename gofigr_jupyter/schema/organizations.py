"""Family organizations: people who share workspaces. Members and logs have the shapes of the workspaces'."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gofigr_jupyter.schema.base import Base64Bytes, Draft, Name, Prose, Truth, Wire
from gofigr_jupyter.schema.workspaces import Workspace

OrganizationRole = Literal["org_admin", "workspace_admin", "workspace_creator", "workspace_viewer"]


class Organization(Wire, source="seen"):
    """An organization; one form only. `workspaces` are ids, or objects in answers of others. GoFigr's (seen)."""

    api_id: str | None = None
    name: str
    email: str | None = None
    description: str | None = None
    allow_per_workspace_storage_settings: bool = False
    logo: Base64Bytes | None = None
    workspaces: list[str | Workspace] = Field(default_factory=list)


class OrganizationDraft(Draft, source="seen"):
    """Body of `POST organization/`; in PUT and PATCH what is absent stays. GoFigr's (seen)."""

    name: Name | None = None
    email: Name | None = None
    description: Prose | None = None
    allow_per_workspace_storage_settings: Truth | None = None
    logo: Base64Bytes | None = None


class OrganizationMemberChange(Draft, source="seen"):
    """Body of `organization/{id}/members/add|change|remove/`; no `membership_type` to remove. GoFigr's (seen)."""

    username: Name
    membership_type: OrganizationRole | None = None
