"""What the server does for people in the background, and the mailbox between a page and a kernel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from gofigr_jupyter.server.store.tables.base import ID, AnyJson, Base, owned_by


class Task(Base):
    """Work in the background; this row is the truth about it, whatever runs it.

    `attempts` counts how often it was begun: what takes the server down with it is not begun for ever.
    """

    __tablename__ = "tasks"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[int] = owned_by("users.id")
    workspace_id: Mapped[str | None] = owned_by("workspaces.id", nullable=True)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str | None]
    result: Mapped[Any] = mapped_column(AnyJson, nullable=True)
    error: Mapped[str | None]
    created_on: Mapped[datetime]
    started_on: Mapped[datetime | None]
    finished_on: Mapped[datetime | None]


class MetadataProxy(Base):
    """A mailbox: who has the token may put something in, its maker alone takes it out."""

    __tablename__ = "metadata_proxies"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = owned_by("users.id")
    created: Mapped[datetime]
    expiry: Mapped[datetime] = mapped_column(index=True)
    updated: Mapped[datetime | None]
    meta: Mapped[Any] = mapped_column("metadata", AnyJson, nullable=True)
