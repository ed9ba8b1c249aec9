"""The client as people use it: one object that holds a connection and the families of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import httpx

from gofigr_jupyter.client import events, taking
from gofigr_jupyter.client.accounts import ApiKeys, Users
from gofigr_jupyter.client.assets import AssetRevisions, Assets
from gofigr_jupyter.client.auth import KeyAuth, PasswordAuth
from gofigr_jupyter.client.comments import Comments, Notifications, Reactions, Target
from gofigr_jupyter.client.data import Data
from gofigr_jupyter.client.figures import Analyses, Analysis, Figure, Figures, Revision, Revisions
from gofigr_jupyter.client.imports import Git, SshKeys, Tasks, Uploads
from gofigr_jupyter.client.insight import Insight
from gofigr_jupyter.client.invitations import Invitations
from gofigr_jupyter.client.metadata import Metadata
from gofigr_jupyter.client.organizations import Organizations
from gofigr_jupyter.client.resource import API, Ident, id_of
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.client.search import Search
from gofigr_jupyter.client.sites import Sites
from gofigr_jupyter.client.stories import Stories
from gofigr_jupyter.client.system import Bootstrap, Prover, System
from gofigr_jupyter.client.transport import TIMEOUT, Done, Transport
from gofigr_jupyter.client.workspaces import Workspace, Workspaces
from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.local import local_server
from gofigr_jupyter.schema.accounts import User
from gofigr_jupyter.schema.comments import Event
from gofigr_jupyter.schema.system import Info, Ticket
from gofigr_jupyter.settings import Settings, as_ref, looks_like_id


class GoFigr:
    """A GoFigr server: GoFigr's own, a team's, or, without url and credentials, the embedded one.

    Arguments that are left out come from `settings`, or from the usual `.gofigr` file and `GF_*` variables;
    `anonymous` leaves all credentials out. Nothing is sent before the first call of a method. Methods raise errors of
    the APIError tree. `timeout` is in seconds, for each step of a request; `patience` is how many seconds a call may
    wait for further tries of what is safe to repeat (0: none). One client may be used by several threads.
    """

    # Begins the embedded server of a state folder when it does not answer; None where others see to that.
    start_embedded: ClassVar[Callable[[Path], object] | None] = None

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        settings: Settings | None = None,
        *,
        anonymous: bool = False,
        timeout: float | httpx.Timeout = TIMEOUT,
        patience: float | Patience = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        given = {"url": url, "api_key": api_key, "username": username, "password": password}
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self.settings = settings.with_(**chosen) if settings is not None else Settings.load(**chosen)
        self._transport = wire = Transport(
            **_server(self.settings, type(self).start_embedded, anonymous=anonymous),
            timeout=timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout),
            patience=patience if isinstance(patience, Patience) else Patience(patience),
            wire=transport,
        )
        self._system = System(wire)
        self.users = Users(wire)
        self.api_keys = ApiKeys(wire)
        self.workspaces = Workspaces(wire, self.users)
        self.organizations = Organizations(wire)
        self.invitations = Invitations(wire)
        self.analyses = Analyses(wire)
        self.figures = Figures(wire)
        self.revisions = Revisions(wire)
        self.data = Data(wire)
        self.assets = Assets(wire)
        self.asset_revisions = AssetRevisions(wire)
        self.comments = Comments(wire)
        self.reactions = Reactions(wire)
        self.notifications = Notifications(wire)
        self.insight = Insight(wire)
        self.stories = Stories(wire)
        self.search = Search(wire)
        self.sites = Sites(wire)
        self.ssh_keys = SshKeys(wire)
        self.git = Git(wire)
        self.tasks = Tasks(wire)
        self.uploads = Uploads(wire, self.tasks)
        self.metadata = Metadata(wire)

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self._transport.base

    def info(self) -> Info:
        """What the server says of itself."""
        return self._system.info()

    def bootstrap(self) -> Bootstrap:
        """The caller, their workspaces and the server's settings, in one request."""
        return self._system.bootstrap()

    def user(self) -> User:
        """Who is signed in."""
        return self.users.me()

    def events(
        self,
        target: Target,
        *,
        last_event_id: str | None = None,
        hold: events.Hold | None = None,
        on_begin: Callable[[], object] | None = None,
    ) -> Iterator[Event]:
        """What happens to a figure, an asset or a revision of one, while it happens, until `hold` ends it.

        `last_event_id` begins after that event. A line that breaks is taken up again where it broke; each time that
        it is open, `on_begin` is called: what happens from then on is told.
        """
        return events.follow(self._transport, target, last_event_id=last_event_id, hold=hold, on_begin=on_begin)

    def reset_password(self, email: str) -> None:
        """Ask for a link by which a forgotten password can be set anew; never says whether the address is known."""
        self.users.reset_password(email)

    # ---------------------------------------------------------------- places

    @property
    def primary_workspace(self) -> Workspace:
        """Where figures go when no workspace is named."""
        return self.workspaces.default()

    def find_workspace(self, place: str | None = None, *, create: bool = False) -> Workspace:
        """A workspace by name or id; None means the one that the settings name, or the primary one.

        Raises NotFound when there is none of this name and it is not to be made.
        """
        ref = as_ref(place if place is not None else self.settings.workspace)
        if ref.api_id is not None:
            return self.workspaces.get(ref.api_id)
        return self.workspaces.default() if ref.name is None else self.workspaces.find(ref.name, create=create)

    def find_analysis(self, place: str, workspace: Workspace | str | None = None, *, create: bool = False) -> Analysis:
        """An analysis by name or id, in a workspace (None as in `find_workspace`); the first of several of one name.

        Raises NotFound when there is none of this name and it is not to be made.
        """
        if looks_like_id(place):
            return self.analyses.get(place.lower())
        within = workspace if isinstance(workspace, Workspace) else self.find_workspace(workspace)
        return within.find_analysis(place, create=create)

    def find_figure(
        self,
        place: str,
        analysis: Analysis | str,
        workspace: Workspace | str | None = None,
        *,
        create: bool = False,
    ) -> Figure:
        """A figure by name or id, in an analysis; the first of several of one name. `create` makes both if need be.

        Raises NotFound when there is none of this name and it is not to be made.
        """
        if looks_like_id(place):
            return self.figures.get(place.lower())
        within = analysis if isinstance(analysis, Analysis) else self.find_analysis(analysis, workspace, create=create)
        return within.find_figure(place, create=create)

    def page_url(self, revision: Ident) -> str:
        """Where people look at a revision in a browser; on the embedded server, `gofigr-jupyter open` opens it."""
        return f"{self.settings.page_url()}/r/{getattr(revision, 'short_id', None) or id_of(revision)}"

    def download(self, revision: Revision | str, path: str | Path) -> Path:
        """Write a revision's picture to a file, in the format of its suffix and with the link in its metadata.

        `DataObject.save` writes the bytes exactly as they are stored. Raises ConfigurationError when the picture is in
        no such format.
        """
        whole = self.revisions.get(revision) if isinstance(revision, str) else revision
        return taking.download(whole, path, self.page_url(whole))

    # ---------------------------------------------------------------- below the families

    def reserve_prefix(self) -> str:
        """Reserve eight characters with which this caller may begin short ids."""
        return self._system.reserve_prefix()

    def ticket(self) -> Ticket:
        """A one-time ticket that opens the server's pages in a browser (servers of ours only)."""
        return self._system.ticket()

    def request(self, method: str, endpoint: str, body: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """Any call of the API by its path below `/api/v1.4.1/`; JSON in, JSON out."""
        answer = self._transport.request(method, f"{API}/{endpoint.lstrip('/')}", body=body, params=params)
        return None if isinstance(answer, Done) else answer

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


def _server(settings: Settings, start: Callable[[Path], object] | None, *, anonymous: bool) -> dict[str, Any]:
    """Where the server is, and how to sign what goes there."""
    if settings.url is None:
        server = local_server(settings.home)
        begin = None if start is None else lambda: start(settings.home)
        prover = Prover(lambda: local_server(settings.home), start=begin)
        return {
            "base": server.url,
            "auth": None if anonymous else KeyAuth(server.token),
            "is_local": True,
            "prover": prover,
        }
    auth: httpx.Auth | None = None
    if anonymous:
        pass
    elif settings.api_key:
        auth = KeyAuth(settings.api_key)
    elif settings.username and settings.password:
        auth = PasswordAuth(settings.url, settings.username, settings.password)
    elif settings.username:
        raise ConfigurationError("A user name without a password; set GF_PASSWORD, or use an API key")
    return {"base": settings.url, "auth": auth}
