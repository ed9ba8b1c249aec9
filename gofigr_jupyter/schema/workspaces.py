"""Family workspaces: the top of the tree, and who is in it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gofigr_jupyter.schema.base import Timestamp, Wire
from gofigr_jupyter.schema.figures import Analysis

WorkspaceType = Literal["primary", "secondary"]
MembershipType = Literal["owner", "admin", "creator", "viewer"]


class Workspace(Wire):
    """A workspace; `analyses` only in the full form. GoFigr's (seen)."""

    api_id: str | None = None
    name: str
    description: str | None = None
    workspace_type: WorkspaceType = "secondary"
    size_bytes: int = 0
    organization: str | None = None
    analyses: list[Analysis] | None = None
    assets: list[dict[str, object]] | None = None
    created_by: str | None = None
    created_on: Timestamp | None = None
    updated_by: str | None = None
    updated_on: Timestamp | None = None
    child_updated_by: str | None = None
    child_updated_on: Timestamp | None = None


class WorkspaceDraft(Wire):
    """Body of `POST workspace/`; in PUT and PATCH what is absent stays. GoFigr's (seen)."""

    name: str | None = None
    description: str | None = None
    workspace_type: str | None = None
    organization: str | None = None


class Member(Wire):
    """A direct member of a workspace. GoFigr's (seen)."""

    username: str
    membership_type: str | None = Field(default=None)


class Recent(Wire):
    """Answer of `workspace/{id}/recent/`: newest first. GoFigr's (seen)."""

    analyses: list[dict[str, object]] = Field(default_factory=list)
    figures: list[dict[str, object]] = Field(default_factory=list)
    assets: list[dict[str, object]] = Field(default_factory=list)


class LogEntry(Wire):
    """A line of a workspace's or an analysis's log; `deleted_sentinel` names a target that is gone. GoFigr's (seen)."""

    api_id: str
    username: str
    timestamp: Timestamp
    action: str
    target_id: str
    target_type: str
    target_name: str | None = None
    deleted: bool = False
    deleted_sentinel: str | None = None
    thumbnail: str | None = None
    analysis_id: str | None = None
    analysis_name: str | None = None
