"""Family system: what a server says of itself, short ids, tickets; the proof that a local server is ours."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import httpx

from gofigr_jupyter.client.resource import API, read_as
from gofigr_jupyter.client.transport import Transport, nobody
from gofigr_jupyter.client.workspaces import Workspace
from gofigr_jupyter.errors import ConnectionFailed
from gofigr_jupyter.local import HELLO_PATH, LocalServer
from gofigr_jupyter.schema import system as wire
from gofigr_jupyter.schema.system import Hello, Info, ShortIdPrefix, Ticket

# A proof is trusted this long. The port could change hands only after our server has let go of it.
_TRUSTED_SECONDS = 5.0
_START_SECONDS = 30.0  # on a machine that is busy with other things, too


class Bootstrap(wire.Bootstrap):
    """All that a front end needs at first."""

    workspaces: list[Workspace]  # type: ignore[assignment]  # the same, with their connection


class System:
    """What belongs to the server as a whole."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def info(self) -> Info:
        """What the server says of itself."""
        return read_as(Info, self._transport.request("GET", f"{API}/info/"))

    def bootstrap(self) -> Bootstrap:
        """The caller, their workspaces and the server's settings, in one request."""
        return read_as(Bootstrap, self._transport.request("GET", f"{API}/bootstrap/"), self._transport)

    def reserve_prefix(self) -> str:
        """Reserve eight characters with which this caller may begin short ids."""
        answer = self._transport.request("POST", f"{API}/short_id_prefix/reserve/", body={}, repeatable=True)
        return read_as(ShortIdPrefix, answer).prefix

    def ticket(self) -> Ticket:
        """A one-time ticket with which a browser gets its session (servers of ours only)."""
        return read_as(Ticket, self._transport.request("POST", "/.gofigr/ticket", body={}, repeatable=True))


class Prover:
    """A check that the program at the local port holds our token; it is sent nothing but a random number.

    `find` says where that is now: a server that meets a stranger on its port moves to another. Where ours does not
    answer, `start` may begin it; it is called until one answers, and must be harmless then.
    """

    def __init__(
        self,
        find: Callable[[], LocalServer],
        *,
        timeout: float = 5.0,
        start: Callable[[], object] | None = None,
    ) -> None:
        self._find = find
        self._server = find()
        self._start = start
        # A new connection each time: the question is who listens now.
        fresh = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(
            trust_env=False,
            timeout=timeout,
            follow_redirects=False,
            limits=fresh,
            verify=nobody() if self._server.url.startswith("http:") else True,
        )
        self._trusted_until = 0.0

    @property
    def base(self) -> str:
        """The address that was proved last."""
        return self._server.url

    def prove(self) -> None:
        """Return when our server answers. Raises ConnectionFailed when nobody does, or somebody else."""
        if time.monotonic() < self._trusted_until:
            return
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._ask()
            except ConnectionFailed:
                if self._start is None or time.monotonic() > deadline:
                    raise
            else:
                self._trusted_until = time.monotonic() + _TRUSTED_SECONDS
                return
            self._start()
            time.sleep(0.1)

    def _ask(self) -> None:
        self._server = server = self._find()
        nonce = secrets.token_hex(16)
        try:
            response = self._client.get(f"{server.url}{HELLO_PATH}", params={"nonce": nonce})
        except httpx.HTTPError as error:
            raise ConnectionFailed(f"The embedded server at {server.url} does not answer") from error
        try:
            proof = Hello.model_validate_json(response.content).proof
        except ValueError:
            proof = ""
        wanted = server.proof(nonce)
        if not response.is_success or not secrets.compare_digest(proof.encode(), wanted.encode()):
            raise ConnectionFailed(
                f"Another program answers at {server.url}, the embedded server's place; nothing was sent to it"
            )

    def close(self) -> None:
        """Drop the connection."""
        self._client.close()
