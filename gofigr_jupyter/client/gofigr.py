"""The client as people use it: one object that holds a connection and the families of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import httpx

from gofigr_jupyter.client.accounts import ApiKeys, Users
from gofigr_jupyter.client.auth import KeyAuth, PasswordAuth
from gofigr_jupyter.client.figures import Analyses, Data, Figures, Revisions
from gofigr_jupyter.client.resource import API
from gofigr_jupyter.client.system import Prover, System
from gofigr_jupyter.client.transport import TIMEOUT, Transport
from gofigr_jupyter.client.workspaces import Workspaces
from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.local import local_server
from gofigr_jupyter.schema.accounts import User
from gofigr_jupyter.schema.system import Info, Ticket
from gofigr_jupyter.schema.workspaces import Workspace
from gofigr_jupyter.settings import Settings


class GoFigr:
    """A GoFigr server: GoFigr's own, a team's, or, without url and credentials, the embedded one.

    Arguments that are left out come from `settings`, or from the usual `.gofigr` file and `GF_*` variables.
    Nothing is sent before the first call of a method. Methods raise errors of the APIError tree.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        settings: Settings | None = None,
        *,
        timeout: float | httpx.Timeout = TIMEOUT,
    ) -> None:
        given = {"url": url, "api_key": api_key, "username": username, "password": password}
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self.settings = settings.with_(**chosen) if settings is not None else Settings.load(**chosen)
        limits = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        self._transport = transport = _transport(self.settings, limits)
        self._system = System(transport)
        self.users = Users(transport)
        self.api_keys = ApiKeys(transport)
        self.workspaces = Workspaces(transport, self.users)
        self.analyses = Analyses(transport)
        self.figures = Figures(transport)
        self.revisions = Revisions(transport)
        self.data = Data(transport)

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self._transport.base

    def info(self) -> Info:
        """What the server says of itself."""
        return self._system.info()

    def user(self) -> User:
        """Who is signed in."""
        return self.users.me()

    @property
    def primary_workspace(self) -> Workspace:
        """Where figures go when no workspace is named."""
        return self.workspaces.default()

    def reserve_prefix(self) -> str:
        """Reserve eight characters with which this caller may begin short ids."""
        return self._system.reserve_prefix()

    def ticket(self) -> Ticket:
        """A one-time ticket that opens the server's pages in a browser (servers of ours only)."""
        return self._system.ticket()

    def request(
        self, method: str, endpoint: str, body: Any = None, params: Mapping[str, str] | None = None
    ) -> Any:
        """Any call of the API by its path below `/api/v1.4.1/`; JSON in, JSON out."""
        return self._transport.request(method, f"{API}/{endpoint.lstrip('/')}", body=body, params=params)

    def close(self) -> None:
        """Drop the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop the connections."""
        self.close()

    def __repr__(self) -> str:
        """Where and as whom, never with what secret."""
        who = self.settings.username or ("an API key" if self.settings.api_key else "the local user")
        return f"<GoFigr {self.url} as {who}>"


def _transport(settings: Settings, timeout: httpx.Timeout) -> Transport:
    if settings.url is None:
        server = local_server(settings.home)
        return Transport(
            server.url, KeyAuth(server.token), is_local=True, prover=Prover(server), timeout=timeout
        )
    auth: httpx.Auth | None = None
    if settings.api_key:
        auth = KeyAuth(settings.api_key)
    elif settings.username and settings.password:
        auth = PasswordAuth(settings.url, settings.username, settings.password)
    elif settings.username:
        raise ConfigurationError("A user name without a password; set GF_PASSWORD, or use an API key")
    return Transport(settings.url, auth, timeout=timeout)
