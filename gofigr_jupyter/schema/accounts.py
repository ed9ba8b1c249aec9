"""Family accounts: tokens, users, API keys."""

from __future__ import annotations

from pydantic import Field

from gofigr_jupyter.schema.base import Base64Bytes, JsonObject, Timestamp, Wire


class Credentials(Wire):
    """Body of `POST /api/token/`. GoFigr's (seen)."""

    username: str
    password: str = Field(repr=False)
    remember_me: bool = False


class TokenPair(Wire):
    """Answer of `POST /api/token/`. GoFigr's (seen)."""

    access: str = Field(repr=False)
    refresh: str = Field(repr=False)


class RefreshRequest(Wire):
    """Body of `POST /api/token/refresh/`. GoFigr's (seen)."""

    refresh: str = Field(repr=False)


class AccessToken(Wire):
    """Answer of `POST /api/token/refresh/`. GoFigr's (seen)."""

    access: str = Field(repr=False)


class User(Wire):
    """A person with an account. GoFigr's (seen). Only names, profile and avatar can be changed by its owner."""

    username: str
    first_name: str | None = ""
    last_name: str | None = ""
    email: str | None = None
    date_joined: Timestamp | None = None
    is_active: bool | None = True
    is_staff: bool | None = False
    user_profile: JsonObject = Field(default_factory=dict)
    avatar: Base64Bytes | None = None


class ApiKey(Wire):
    """A key for programs; `token` only in the answer that made it. GoFigr's (seen)."""

    api_id: str
    name: str
    token: str | None = Field(default=None, repr=False)
    created: Timestamp
    last_used: Timestamp | None = None
    expiry: Timestamp | None = None
    workspace: str | None = None


class ApiKeyDraft(Wire):
    """Body of `POST api_key/`. GoFigr's (seen).

    Without `expiry` it never ends, without `workspace` it opens all of the user's.
    """

    name: str
    expiry: Timestamp | None = None
    workspace: str | None = None
