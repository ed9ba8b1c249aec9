"""What workspaces and organizations have in common: people, invitations, a log, and a place for bytes."""

from __future__ import annotations

import builtins
from typing import Any, Generic, TypeVar

from gofigr_jupyter.client import activity
from gofigr_jupyter.client.resource import Draft, Ident, Model, Resource, drafted, read_as, to_wire
from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.invitations import Invitation
from gofigr_jupyter.schema.storage import StorageDraft, StorageSettings
from gofigr_jupyter.schema.workspaces import LogEntry, Member, MemberChange

Role = TypeVar("Role", bound=str)


class Joint(Resource[Model, Draft], Generic[Model, Draft, Role]):
    """A collection whose objects have members; `Role` are the places that a member can have."""

    membership: type[Wire] = MemberChange

    def members(self, api_id: Ident) -> builtins.list[Member]:
        """The direct members."""
        return read_as(builtins.list[Member], self.transport.request("GET", f"{self.at(api_id)}members/"))

    def add_member(self, api_id: Ident, username: str, role: Role) -> Member:
        """Take somebody in. Raises StatusError for an unknown user or a role that cannot be given."""
        return self._member(api_id, "add", username, role)

    def change_member(self, api_id: Ident, username: str, role: Role) -> Member:
        """Give a member another place."""
        return self._member(api_id, "change", username, role)

    def remove_member(self, api_id: Ident, username: str) -> None:
        """Take a member's place away."""
        self._member(api_id, "remove", username, None)

    def invitations(self, api_id: Ident) -> builtins.list[Invitation]:
        """The open invitations; their tokens are not told again."""
        return read_as(builtins.list[Invitation], self.transport.request("GET", f"{self.at(api_id)}invitations/"))

    def log(self, api_id: Ident) -> builtins.list[LogEntry]:
        """Who created, changed and deleted what in it, newest first."""
        return activity.log(self.transport, self.at(api_id))

    def log_entry(self, api_id: Ident, log_id: str) -> LogEntry:
        """One line of the log."""
        return activity.entry(self.transport, self.at(api_id), log_id)

    def storage(self, api_id: Ident) -> StorageSettings:
        """Where new bytes go."""
        return read_as(StorageSettings, self.transport.request("GET", f"{self.at(api_id)}storage/"))

    def set_storage(self, api_id: Ident, vendor: str, params: dict[str, Any] | None = None) -> StorageSettings:
        """Send new bytes elsewhere: vendor `aws` takes `bucket` and `key`. Raises StatusError when it does not work."""
        return self._storage(api_id, "storage/", vendor, params)

    def test_storage(self, api_id: Ident, vendor: str, params: dict[str, Any] | None = None) -> None:
        """Try a place for bytes and change nothing. Raises StatusError when it does not work."""
        self._storage(api_id, "storage/test/", vendor, params)

    def _member(self, api_id: Ident, verb: str, username: str, role: str | None) -> Member:
        body = to_wire(drafted(self.membership, None, username=username, membership_type=role))
        path = f"{self.at(api_id)}members/{verb}/"
        return read_as(Member, self.transport.request("POST", path, body={"membership_type": None} | body))

    def _storage(self, api_id: Ident, path: str, vendor: str, params: dict[str, Any] | None) -> StorageSettings:
        body = {"params": None} | to_wire(drafted(StorageDraft, None, vendor=vendor, params=params))
        answer = self.transport.request("POST", self.at(api_id) + path, body=body, repeatable=True)
        return read_as(StorageSettings, answer)
