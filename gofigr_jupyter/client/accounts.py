"""Family accounts: users and API keys."""

from __future__ import annotations

from gofigr_jupyter.client.resource import API, Resource, read_as
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConnectionFailed
from gofigr_jupyter.schema.accounts import ApiKey, ApiKeyDraft, User


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
        return read_as(User, self._transport.request("GET", f"{API}/user/{username}/"))

    def change(self, user: User) -> User:
        """Write the caller's own record: names, profile and avatar change, the rest stays."""
        body = user.model_dump(mode="json", by_alias=True)
        return read_as(User, self._transport.request("PUT", f"{API}/user/{user.username}/", body=body))


class ApiKeys(Resource[ApiKey, ApiKeyDraft]):
    """The caller's keys for programs; only a sign-in by password may make or revoke them."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "api_key", ApiKey)
