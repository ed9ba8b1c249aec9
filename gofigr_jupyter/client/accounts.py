"""Family accounts: users and API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gofigr_jupyter.client.resource import API, Collection, Ident, drafted, maybe_id, read_as, step, to_wire
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConnectionFailed
from gofigr_jupyter.schema.accounts import ApiKey, ApiKeyDraft, PasswordReset, User, UserDraft


class Users:
    """The people of the server, as far as the caller may see them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> User:
        """The caller."""
        users = read_as(list[User], self._transport.request("GET", f"{API}/user/"))
        if not users:
            raise ConnectionFailed("The server does not say who is signed in")
        return users[0]

    def get(self, username: str) -> User:
        """One user."""
        return read_as(User, self._transport.request("GET", self._at(username)))

    def change(
        self,
        user: User | None = None,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        user_profile: dict[str, Any] | None = None,
        avatar: bytes | None = None,
    ) -> User:
        """Write the caller's own record: names, profile (as a whole) and avatar (a picture); the rest stays."""
        record = user or self.me()
        fields = {"first_name": first_name, "last_name": last_name, "user_profile": user_profile, "avatar": avatar}
        to_wire(drafted(UserDraft, None, **fields))  # what no server would take is refused here, the field named
        changed = record.model_copy(update={name: value for name, value in fields.items() if value is not None})
        body = changed.model_dump(mode="json", by_alias=True)
        return read_as(User, self._transport.request("PUT", self._at(record.username), body=body))

    def reset_password(self, email: str) -> None:
        """Ask for a link by which a forgotten password can be set anew; never says whether the address is known."""
        body = to_wire(drafted(PasswordReset, None, email=email))
        self._transport.request("POST", "/api/password_reset/", body=body)

    def _at(self, username: str) -> str:
        return f"{API}/user/{step(username)}/"


class ApiKeys(Collection[ApiKey, ApiKeyDraft]):
    """The caller's keys for programs; only a sign-in by password may make or revoke them."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "api_key", ApiKey)

    def get(self, api_id: Ident) -> ApiKey:
        """One of them, without its token."""
        return self._read(self.transport.request("GET", self.at(api_id)))

    def create(
        self,
        draft: ApiKeyDraft | None = None,
        *,
        name: str | None = None,
        expiry: datetime | None = None,
        workspace: Ident | None = None,
    ) -> ApiKey:
        """Make one; only this answer holds the `token`.

        Without `expiry` it never ends, without `workspace` it opens all of the caller's.
        """
        return super().create(drafted(ApiKeyDraft, draft, name=name, expiry=expiry, workspace=maybe_id(workspace)))
