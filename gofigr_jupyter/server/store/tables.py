"""The tables, as SQLAlchemy classes; what they mean on the wire is `shapes`' business, how they change is `tree`'s.

User names stand in created_by and its like as text: they never change, and outlive their account.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

ID = String(36)
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, always aware in Python; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give an aware time back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant, str: Text}  # noqa: RUF012 - SQLAlchemy's own convention


def _owned_by(target: str, *, index: bool = True, nullable: bool = False) -> Any:
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=index, nullable=nullable)


# ---------------------------------------------------------------- people


class Fact(Base):
    """A value that the server keeps about itself, such as the key it signs tokens with."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class User(Base):
    """A person with an account; the local user of an embedded server has no password."""

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


class ApiKey(Base):
    """A key for programs: only its digest is kept. With a workspace it opens nothing else."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[int] = _owned_by("users.id")
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    created: Mapped[datetime]
    last_used: Mapped[datetime | None]
    expiry: Mapped[datetime | None]
    workspace_id: Mapped[str | None] = _owned_by("workspaces.id", nullable=True)


class Pass(Base):
    """A browser's session (`kind` cookie) or the one-time ticket for one; it dies with the API key it came from."""

    __tablename__ = "passes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int] = _owned_by("users.id")
    api_key_id: Mapped[str | None] = _owned_by("api_keys.id", nullable=True)
    expires: Mapped[datetime] = mapped_column(index=True)


class Prefix(Base):
    """A short-id prefix that was given out; kept for ever, so that none is given twice."""

    __tablename__ = "short_id_prefixes"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = _owned_by("users.id", index=False)
    reserved_on: Mapped[datetime]


# ---------------------------------------------------------------- the tree


class Authored:
    """Who made and who last changed a row, and when."""

    created_by: Mapped[str]
    created_on: Mapped[datetime]
    updated_by: Mapped[str | None]
    updated_on: Mapped[datetime | None]


class Parent(Authored):
    """A row with children; it knows when something below it last changed."""

    child_updated_by: Mapped[str | None]
    child_updated_on: Mapped[datetime | None]


class Workspace(Parent, Base):
    """The top of the tree."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    workspace_type: Mapped[Literal["primary", "secondary"]] = mapped_column(Text)


class Member(Base):
    """A user's place in a workspace: owner, admin, creator or viewer."""

    __tablename__ = "members"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    membership_type: Mapped[str]
    added_on: Mapped[datetime]


class Analysis(Parent, Base):
    """A folder of figures."""

    __tablename__ = "analyses"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = _owned_by("workspaces.id")
    name: Mapped[str]
    description: Mapped[str | None]
    workspace: Mapped[Workspace] = relationship()


class Figure(Parent, Base):
    """A figure; `next_index` only grows, so that a revision's number never comes to mean another one."""

    __tablename__ = "figures"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    analysis_id: Mapped[str] = _owned_by("analyses.id")
    name: Mapped[str]
    description: Mapped[str | None]
    next_index: Mapped[int] = mapped_column(default=0)
    analysis: Mapped[Analysis] = relationship()


class Revision(Authored, Base):
    """One published state of a figure; `size_bytes` is the sum over its data."""

    __tablename__ = "revisions"
    __table_args__ = (Index(None, "figure_id", "revision_index", unique=True),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    figure_id: Mapped[str] = _owned_by("figures.id", index=False)
    revision_index: Mapped[int]
    client_id: Mapped[str | None] = mapped_column(ID)
    short_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    meta: Mapped[Any] = mapped_column("metadata", JSON(none_as_null=True), nullable=True)
    size_bytes: Mapped[int] = mapped_column(default=0)
    is_clean_room: Mapped[bool] = mapped_column(default=False)
    figure: Mapped[Figure] = relationship()


class DataItem(Base):
    """One piece of a revision; its bytes are the `chunks` (BLAKE3 hex each) of the blob store, in order."""

    __tablename__ = "data_items"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    revision_id: Mapped[str] = _owned_by("revisions.id")
    position: Mapped[int]
    name: Mapped[str | None]
    type: Mapped[Literal["dataframe", "code", "image", "text", "file"]] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(index=True)
    size_bytes: Mapped[int]
    is_clean_room: Mapped[bool] = mapped_column(default=False)
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    chunks: Mapped[list[str]] = mapped_column(JSON, deferred=True)
    revision: Mapped[Revision] = relationship()


class Activity(Base):
    """One line of a workspace's log; it outlives what it speaks of."""

    __tablename__ = "activities"
    __table_args__ = (Index(None, "workspace_id", "timestamp"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = _owned_by("workspaces.id", index=False)
    analysis_id: Mapped[str | None] = mapped_column(ID, index=True)
    analysis_name: Mapped[str | None]
    username: Mapped[str]
    timestamp: Mapped[datetime]
    action: Mapped[str]
    target_type: Mapped[str]
    target_id: Mapped[str] = mapped_column(ID, index=True)
    target_name: Mapped[str | None]
    deleted: Mapped[bool] = mapped_column(default=False)
