"""Family accounts: tokens, users, API keys."""

from __future__ import annotations

from pydantic import Field

from gofigr_jupyter.schema.base import Base64Bytes, Draft, GivenObject, Id, JsonObject, Name, Secret, Timestamp, Wire


class Credentials(Draft, source="seen"):
    """Body of `POST /api/token/`. GoFigr's (seen)."""

    username: Name
    password: str = Field(repr=False, max_length=4_000)
    remember_me: bool | None = None  # forms say it in words


class TokenPair(Wire, source="seen"):
    """Answer of `POST /api/token/`. GoFigr's (seen)."""

    access: str = Field(repr=False)
    refresh: str = Field(repr=False)


class RefreshRequest(Draft, source="seen"):
    """Body of `POST /api/token/refresh/`. GoFigr's (seen)."""

    refresh: Secret = Field(repr=False)


class AccessToken(Wire, source="seen"):
    """Answer of `POST /api/token/refresh/`. GoFigr's (seen)."""

    access: str = Field(repr=False)


class PasswordReset(Draft, source="ours"):
    """Body of `POST /api/password_reset/`; the answer is the same whether or not the address is known. Ours."""

    email: Name


class User(Wire, source="seen"):
    """A person with an account. Only names, profile and avatar can be changed by its owner. GoFigr's (seen)."""

    username: str
    first_name: str | None = ""
    last_name: str | None = ""
    email: str | None = None
    date_joined: Timestamp | None = None
    is_active: bool | None = True
    is_staff: bool | None = False
    user_profile: JsonObject = Field(default_factory=dict)
    avatar: Base64Bytes | None = None


class UserDraft(Draft, source="seen"):
    """Body of `PUT user/{username}/`: what its owner may change; `username` must be theirs. GoFigr's (seen)."""

    username: Name | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    user_profile: GivenObject | None = None
    avatar: Base64Bytes | None = None


class ApiKey(Wire, source="seen"):
    """A key for programs; `token` only in the answer that made it. GoFigr's (seen)."""

    api_id: str
    name: str
    token: str | None = Field(default=None, repr=False)
    created: Timestamp
    last_used: Timestamp | None = None
    expiry: Timestamp | None = None
    workspace: str | None = None


class ApiKeyDraft(Draft, source="seen"):
    """Body of `POST api_key/`. Without `expiry` it never ends, without `workspace` it opens all of the user's.

    GoFigr's (seen).
    """

    name: Name
    expiry: Timestamp | None = None
    workspace: Id | None = None
