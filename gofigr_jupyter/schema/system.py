"""Family system: what a server says of itself, short ids, tickets for the browser."""

from __future__ import annotations

from gofigr_jupyter.schema.base import Wire


class Info(Wire):
    """Answer of `GET info/`. GoFigr's (seen); `server` and `version` are ours."""

    ai_enabled: bool = False
    api_version: str | None = None
    auth0_domain: str | None = None
    auth0_cli_client_id: str | None = None
    auth0_audience: str | None = None
    server: str | None = None
    version: str | None = None


class ShortIdPrefix(Wire):
    """Answer of `POST short_id_prefix/reserve/`: 8 alphanumeric characters, never given twice. GoFigr's (seen)."""

    prefix: str


class Hello(Wire):
    """Answer of the embedded server to a nonce: only the holder of its token can make `proof` (hex). Ours."""

    proof: str
    version: str = ""


class Ticket(Wire):
    """A one-time ticket with which a browser gets its session cookie; valid for `expires_in` seconds. Ours."""

    ticket: str
    expires_in: int
