"""Family system: what a server says of itself, short ids, tickets for the browser, and all at once for a front end."""

from __future__ import annotations

from pydantic import Field

from gofigr_jupyter.schema.accounts import User
from gofigr_jupyter.schema.base import JsonObject, Wire
from gofigr_jupyter.schema.workspaces import Workspace


class Info(Wire, source="seen"):
    """Answer of `GET info/`. GoFigr's (seen); `server` and `version` are ours."""

    ai_enabled: bool = False
    api_version: str | None = None
    auth0_domain: str | None = None
    auth0_cli_client_id: str | None = None
    auth0_audience: str | None = None
    server: str | None = None
    version: str | None = None


class Bootstrap(Wire, source="ours"):
    """Answer of `GET bootstrap/`: all that a front end needs at first; workspaces in the light form. Ours."""

    user: User
    workspaces: list[Workspace] = Field(default_factory=list)
    settings: JsonObject = Field(default_factory=dict)
    info: Info = Field(default_factory=Info)


class ShortIdPrefix(Wire, source="seen"):
    """Answer of `POST short_id_prefix/reserve/`: 8 alphanumeric characters, never given twice. GoFigr's (seen)."""

    prefix: str


class Detail(Wire, source="seen"):
    """A sentence for people, of an error or in place of an answer; of errors, programs read `code`. GoFigr's (seen)."""

    detail: str
    code: str | None = None


class Hello(Wire, source="ours"):
    """Answer of the embedded server to a nonce: only the holder of its token can make `proof` (hex). Ours."""

    proof: str
    version: str = ""


class Ticket(Wire, source="ours"):
    """A one-time ticket with which a browser gets its session cookie; valid for `expires_in` seconds. Ours."""

    ticket: str
    expires_in: int
