"""Family workspaces: the top of the tree, who is in it, and what happened there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gofigr_jupyter.schema.assets import Asset
from gofigr_jupyter.schema.authorship import Parent
from gofigr_jupyter.schema.base import Base64Bytes, Draft, Id, Name, Prose, Timestamp, Wire
from gofigr_jupyter.schema.figures import Analysis, Figure

WorkspaceType = Literal["primary", "secondary"]
MembershipType = Literal["owner", "admin", "creator", "viewer"]
Action = Literal["create", "create_child", "view", "update", "move", "delete"]


class Workspace(Parent, source="seen"):
    """A workspace; `analyses` and `assets` only in the full form. GoFigr's (seen)."""

    api_id: str | None = None
    name: str
    description: str | None = None
    workspace_type: WorkspaceType = "secondary"
    size_bytes: int = 0
    organization: str | None = None
    analyses: list[Analysis] | None = None
    assets: list[Asset] | None = None


class WorkspaceDraft(Draft, source="seen"):
    """Body of `POST workspace/`; in PUT and PATCH what is absent stays.

    `organization` alone is set by null as well: that takes the workspace out of its organization. GoFigr's (seen).
    """

    name: Name | None = None
    description: Prose | None = None
    workspace_type: Name | None = None
    organization: Id | None = None


class Member(Wire, source="seen"):
    """A direct member of a workspace or an organization. GoFigr's (seen)."""

    username: str
    membership_type: str | None = Field(default=None)


class MemberChange(Draft, source="seen"):
    """Body of `workspace/{id}/members/add|change|remove/`; no `membership_type` to remove. GoFigr's (seen)."""

    username: Name
    membership_type: MembershipType | None = None


class Recent(Wire, source="seen"):
    """Answer of `workspace/{id}/recent/`: newest first. GoFigr's (seen)."""

    analyses: list[Analysis] = Field(default_factory=list)
    figures: list[Figure] = Field(default_factory=list)
    assets: list[Asset] = Field(default_factory=list)


class LogEntry(Wire, source="seen"):
    """A line of a log; `deleted_sentinel` names a target that is gone. In lists `api_id` may be all.

    GoFigr's (seen).
    """

    api_id: str
    username: str | None = None
    timestamp: Timestamp | None = None
    action: Action | str | None = None
    target_id: str | None = None
    target_type: str | None = None
    target_name: str | None = None
    deleted: bool = False
    deleted_sentinel: str | None = None
    thumbnail: Base64Bytes | None = None
    analysis_id: str | None = None
    analysis_name: str | None = None


class Overview(Wire, source="ours"):
    """Answer of `workspace/{id}/overview/`: how much there is. Ours."""

    analyses: int = 0
    figures: int = 0
    revisions: int = 0
    assets: int = 0
    asset_revisions: int = 0
    stories: int = 0
    comments: int = 0
    members: int = 0
    size_bytes: int = 0


class Dashboard(Wire, source="ours"):
    """Answer of `workspace/{id}/dashboard/`: all that a home page shows, in one request. Ours."""

    workspace: Workspace
    overview: Overview
    recent: Recent
    activity: list[LogEntry] = Field(default_factory=list)
    members: list[Member] = Field(default_factory=list)
