"""People and what lets them in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from gofigr_jupyter.server.store.tables.base import ID, Base, owned_by


class Fact(Base):
    """A value that the server keeps about itself, such as the key it signs tokens with."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class User(Base):
    """A person with an account; the local user of an embedded server has no password.

    `credentials_version` is in each token that is signed: raising it ends all of them.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    date_joined: Mapped[datetime]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    user_profile: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    avatar: Mapped[bytes | None] = mapped_column(LargeBinary)
    credentials_version: Mapped[int] = mapped_column(default=0, server_default="0")


class ApiKey(Base):
    """A key for programs: only its digest is kept. With a workspace it opens nothing else."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[int] = owned_by("users.id")
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    created: Mapped[datetime]
    last_used: Mapped[datetime | None]
    expiry: Mapped[datetime | None]
    workspace_id: Mapped[str | None] = owned_by("workspaces.id", nullable=True)


class Pass(Base):
    """A browser's session (`kind` cookie), the one-time ticket for one, or a link to set a new password (`reset`).

    It dies with the API key it came from.
    """

    __tablename__ = "passes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int] = owned_by("users.id")
    api_key_id: Mapped[str | None] = owned_by("api_keys.id", nullable=True)
    expires: Mapped[datetime] = mapped_column(index=True)


class Prefix(Base):
    """A short-id prefix that was given out; kept for ever, so that none is given twice."""

    __tablename__ = "short_id_prefixes"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = owned_by("users.id", index=False)
    reserved_on: Mapped[datetime]


class SshKey(Base):
    """A key pair for git; the private half is sealed, and opened only where git is called."""

    __tablename__ = "ssh_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[int] = owned_by("users.id")
    name: Mapped[str]
    public_key: Mapped[str]
    fingerprint: Mapped[str]
    sealed_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    created: Mapped[datetime]
