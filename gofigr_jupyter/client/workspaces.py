"""Family workspaces: the top of the tree, and which of them is the caller's own."""

from __future__ import annotations

from gofigr_jupyter.client.accounts import Users
from gofigr_jupyter.client.resource import Resource, read_as
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConfigurationError, Forbidden
from gofigr_jupyter.schema.workspaces import Member, Recent, Workspace, WorkspaceDraft


class Workspaces(Resource[Workspace, WorkspaceDraft]):
    """The workspaces that the caller can see."""

    def __init__(self, transport: Transport, users: Users) -> None:
        super().__init__(transport, "workspace", Workspace)
        self._users = users

    def members(self, api_id: str) -> list[Member]:
        """The direct members."""
        return read_as(list[Member], self.transport.request("GET", f"{self.at(api_id)}members/"))

    def recent(self, api_id: str, limit: int = 100) -> Recent:
        """What was made or changed last, newest first."""
        params = {"limit": str(limit)}
        return read_as(Recent, self.transport.request("GET", f"{self.at(api_id)}recent/", params=params))

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
        names = ", ".join(repr(workspace.name) for workspace in seen) or "none"
        raise ConfigurationError(
            f"Which workspace? There is no primary one for this sign-in; choose one of: {names}"
        )

    def _is_owner(self, workspace: Workspace, username: str) -> bool:
        try:
            members = self.members(workspace.api_id or "")
        except Forbidden:
            return False
        return any(m.username == username and m.membership_type == "owner" for m in members)
