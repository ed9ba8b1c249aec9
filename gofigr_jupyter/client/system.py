"""Family system: what a server says of itself, short ids, tickets; the proof that a local server is ours."""

from __future__ import annotations

import secrets
import time

import httpx

from gofigr_jupyter.client.resource import API, read_as
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConnectionFailed
from gofigr_jupyter.local import HELLO_PATH, LocalServer
from gofigr_jupyter.schema.system import Hello, Info, ShortIdPrefix, Ticket

# A proof is trusted this long. The port could change hands only after our server has let go of it.
_TRUSTED_SECONDS = 5.0


class System:
    """What belongs to the server as a whole."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def info(self) -> Info:
        """What the server says of itself."""
        return read_as(Info, self._transport.request("GET", f"{API}/info/"))

    def reserve_prefix(self) -> str:
        """Reserve eight characters with which this caller may begin short ids."""
        answer = self._transport.request("POST", f"{API}/short_id_prefix/reserve/", body={})
        return read_as(ShortIdPrefix, answer).prefix

    def ticket(self) -> Ticket:
        """A one-time ticket with which a browser gets its session (servers of ours only)."""
        return read_as(Ticket, self._transport.request("POST", "/.gofigr/ticket", body={}))


class Prover:
    """A check that the program at the local port holds our token; it is sent nothing but a random number."""

    def __init__(self, server: LocalServer, *, timeout: float = 5.0) -> None:
        self._server = server
        # A new connection each time: the question is who listens now.
        fresh = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(trust_env=False, timeout=timeout, follow_redirects=False, limits=fresh)
        self._trusted_until = 0.0

    def prove(self) -> None:
        """Return when our server answers. Raises ConnectionFailed when nobody does, or somebody else."""
        if time.monotonic() < self._trusted_until:
            return
        url, nonce = self._server.url, secrets.token_hex(16)
        try:
            response = self._client.get(url + HELLO_PATH, params={"nonce": nonce})
        except httpx.HTTPError as error:
            raise ConnectionFailed(f"The embedded server at {url} does not answer") from error
        try:
            proof = Hello.model_validate_json(response.content).proof
        except ValueError:
            proof = ""
        wanted = self._server.proof(nonce)
        if not response.is_success or not secrets.compare_digest(proof.encode(), wanted.encode()):
            raise ConnectionFailed(
                f"Another program answers at {url}, the embedded server's place; nothing was sent to it"
            )
        self._trusted_until = time.monotonic() + _TRUSTED_SECONDS

    def close(self) -> None:
        """Drop the connection."""
        self._client.close()
