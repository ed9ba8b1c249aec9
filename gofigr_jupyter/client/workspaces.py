"""Family workspaces: the top of the tree, and which of them is the caller's own."""

from __future__ import annotations

import builtins
from typing import ClassVar

from pydantic import Field

from gofigr_jupyter.client.accounts import Users
from gofigr_jupyter.client.assets import Asset
from gofigr_jupyter.client.figures import Analyses, Analysis, Figure
from gofigr_jupyter.client.live import Stored, fetched
from gofigr_jupyter.client.members import Joint
from gofigr_jupyter.client.resource import Ident, drafted, maybe_id, read_as
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConfigurationError, Forbidden, NotFound
from gofigr_jupyter.schema import workspaces as wire
from gofigr_jupyter.schema.base import Draft
from gofigr_jupyter.schema.workspaces import MembershipType, Overview, WorkspaceDraft


class Workspace(Stored, wire.Workspace):
    """A workspace; `analyses` and `assets` are fetched when they are asked for."""

    family: ClassVar[str] = "workspace"
    on_demand: ClassVar[tuple[str, ...]] = ("analyses", "assets")
    draft: ClassVar[type[Draft]] = WorkspaceDraft

    api_id: str
    analyses: list[Analysis] = fetched()  # type: ignore[assignment]  # never None here: fetched instead
    assets: list[Asset] = fetched()  # type: ignore[assignment]

    def find_analysis(self, name: str, *, create: bool = False) -> Analysis:
        """The first analysis of this name; made where there is none and `create` is true, else NotFound."""
        found = next((one for one in self._full().analyses if one.name == name), None)
        if found is None and create:
            return Analyses(self._connection).create(name=name, workspace=self)
        if found is None:
            raise NotFound(404, f"There is no analysis {name!r} in {self.name!r}")
        return found


class Recent(wire.Recent):
    """What was made or changed last, newest first."""

    analyses: list[Analysis] = Field(default_factory=list)  # type: ignore[assignment]  # the same, with connection
    figures: list[Figure] = Field(default_factory=list)  # type: ignore[assignment]
    assets: list[Asset] = Field(default_factory=list)  # type: ignore[assignment]


class Dashboard(wire.Dashboard):
    """All that a home page shows."""

    workspace: Workspace
    recent: Recent


class Workspaces(Joint[Workspace, WorkspaceDraft, MembershipType]):
    """The workspaces that the caller can see."""

    def __init__(self, transport: Transport, users: Users) -> None:
        super().__init__(transport, "workspace", Workspace)
        self._users = users

    def create(
        self,
        draft: WorkspaceDraft | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        organization: Ident | None = None,
    ) -> Workspace:
        """Make a (secondary) workspace, which belongs to the caller, perhaps in an organization."""
        fields = {"name": name, "description": description, "organization": maybe_id(organization)}
        return super().create(drafted(WorkspaceDraft, draft, **fields))

    def change(
        self,
        api_id: Ident,
        draft: WorkspaceDraft | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        organization: Ident | None = None,
        silent: bool = False,
    ) -> Workspace:
        """Set what is named, leave the rest; `organization` puts it into one. `silent` keeps it out of the log."""
        fields = {"name": name, "description": description, "organization": maybe_id(organization)}
        return super().change(api_id, drafted(WorkspaceDraft, draft, **fields), silent=silent)

    def leave_organization(self, api_id: Ident, *, silent: bool = False) -> Workspace:
        """Take it out of its organization."""
        return self._write("PATCH", api_id, {"organization": None}, silent=silent)

    def recent(self, api_id: Ident, limit: int = 100) -> Recent:
        """What was made or changed last, newest first, at most `limit` of each kind."""
        answer = self.transport.request("GET", f"{self.at(api_id)}recent/", params={"limit": str(limit)})
        return read_as(Recent, answer, self.transport)

    def overview(self, api_id: Ident) -> Overview:
        """How much there is in it."""
        return read_as(Overview, self.transport.request("GET", f"{self.at(api_id)}overview/"))

    def dashboard(self, api_id: Ident, *, activity_limit: int = 10, exclude_deleted: bool = False) -> Dashboard:
        """All that a home page shows, with the last `activity_limit` (1 to 50) lines of the log."""
        params = {"activity_limit": str(activity_limit), "exclude_deleted": str(exclude_deleted).lower()}
        answer = self.transport.request("GET", f"{self.at(api_id)}dashboard/", params=params)
        return read_as(Dashboard, answer, self.transport)

    def find(self, name: str, *, create: bool = False) -> Workspace:
        """The first workspace of this name; made where there is none and `create` is true, else NotFound."""
        seen = self.list()
        found = next((one for one in seen if one.name == name), None)
        if found is None and create:
            return self.create(name=name)
        if found is None:
            raise NotFound(404, f"There is no workspace {name!r}; there are: {_names(seen)}")
        return found

    def default(self) -> Workspace:
        """The caller's primary workspace; for a key that opens one workspace only, that one.

        Raises ConfigurationError when several could be meant.
        """
        seen = self.list()
        if len(seen) == 1:
            return seen[0]
        primary = [workspace for workspace in seen if workspace.workspace_type == "primary"]
        # Those of other people may be listed as well.
        me = self._users.me().username
        primary = [workspace for workspace in primary if self._is_owner(workspace, me)]
        if len(primary) == 1:
            return primary[0]
        raise ConfigurationError(
            f"Which workspace? There is no primary one for this sign-in; choose one of: {_names(seen)}"
        )

    def _is_owner(self, workspace: Workspace, username: str) -> bool:
        try:
            members = self.members(workspace)
        except Forbidden:
            return False
        return any(m.username == username and m.membership_type == "owner" for m in members)


def _names(seen: builtins.list[Workspace]) -> str:
    return ", ".join(repr(workspace.name) for workspace in seen) or "none"
