"""The tree: workspaces, analyses, figures and their revisions, assets and theirs, data objects, links, and the log.

User names stand in created_by and its like as text: they never change, and outlive their account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gofigr_jupyter.server.store.tables.base import ID, AnyJson, Base, may_name, owned_by

SIZE = Integer().with_variant(BigInteger(), "postgresql")  # an INTEGER of SQLite has 8 bytes anyway


class Authored:
    """Who made and who last changed a row, and when."""

    created_by: Mapped[str]
    created_on: Mapped[datetime]
    updated_by: Mapped[str | None]
    updated_on: Mapped[datetime | None]


class Parent(Authored):
    """A row with children: it knows when something below it last changed, and the sum of their sizes in bytes."""

    child_updated_by: Mapped[str | None]
    child_updated_on: Mapped[datetime | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class Shareable:
    """A row that may be opened to whoever has its link."""

    is_link_shared: Mapped[bool] = mapped_column(default=False, server_default=false())


class Attributed:
    """Who really made it, where a service or an importer wrote the row."""

    created_on_behalf: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_on_behalf_name: Mapped[str | None]
    created_on_behalf_email: Mapped[str | None]


class Described:
    """What a machine says a picture shows."""

    ai_title: Mapped[str | None]
    ai_description: Mapped[str | None]


class Workspace(Parent, Base):
    """The top of the tree."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    workspace_type: Mapped[Literal["primary", "secondary"]] = mapped_column(Text)
    organization_id: Mapped[str | None] = may_name("organizations.id")
    bucket_id: Mapped[str | None] = may_name("buckets.id")


class Analysis(Parent, Shareable, Base):
    """A folder of figures."""

    __tablename__ = "analyses"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = owned_by("workspaces.id")
    name: Mapped[str]
    description: Mapped[str | None]
    workspace: Mapped[Workspace] = relationship()


class Figure(Parent, Shareable, Attributed, Described, Base):
    """A figure; `next_index` only grows, so that a revision's number never comes to mean another one."""

    __tablename__ = "figures"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    analysis_id: Mapped[str] = owned_by("analyses.id")
    name: Mapped[str]
    description: Mapped[str | None]
    next_index: Mapped[int] = mapped_column(default=0)
    analysis: Mapped[Analysis] = relationship()


class Revision(Authored, Shareable, Attributed, Described, Base):
    """One published state of a figure; `size_bytes` is the sum over its data."""

    __tablename__ = "revisions"
    __table_args__ = (Index(None, "figure_id", "revision_index", unique=True),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    figure_id: Mapped[str] = owned_by("figures.id", index=False)
    revision_index: Mapped[int]
    client_id: Mapped[str | None] = mapped_column(ID)
    short_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    meta: Mapped[Any] = mapped_column("metadata", AnyJson, nullable=True)
    size_bytes: Mapped[int] = mapped_column(SIZE, default=0)
    is_clean_room: Mapped[bool] = mapped_column(default=False)
    figure: Mapped[Figure] = relationship()


class Asset(Parent, Shareable, Attributed, Base):
    """A file that figures are made from; with an analysis it is that one's alone."""

    __tablename__ = "assets"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = owned_by("workspaces.id")
    analysis_id: Mapped[str | None] = may_name("analyses.id")
    name: Mapped[str] = mapped_column(index=True)
    description: Mapped[str | None]
    next_index: Mapped[int] = mapped_column(default=0)
    workspace: Mapped[Workspace] = relationship()


class AssetRevision(Authored, Shareable, Attributed, Base):
    """One state of an asset."""

    __tablename__ = "asset_revisions"
    __table_args__ = (Index(None, "asset_id", "revision_index", unique=True),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    asset_id: Mapped[str] = owned_by("assets.id", index=False)
    revision_index: Mapped[int]
    meta: Mapped[Any] = mapped_column("metadata", AnyJson, nullable=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    asset: Mapped[Asset] = relationship()


class DataItem(Base):
    """One piece of a revision, or of an asset's; its bytes are the `chunks` (BLAKE3 hex each) of a store, in order."""

    __tablename__ = "data_items"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    revision_id: Mapped[str | None] = owned_by("revisions.id", nullable=True)
    asset_revision_id: Mapped[str | None] = owned_by("asset_revisions.id", nullable=True)
    position: Mapped[int]
    name: Mapped[str | None]
    type: Mapped[Literal["dataframe", "code", "image", "text", "file"]] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(index=True)
    size_bytes: Mapped[int] = mapped_column(SIZE)
    is_clean_room: Mapped[bool] = mapped_column(default=False)
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    chunks: Mapped[list[str]] = mapped_column(JSON, deferred=True)
    bucket_id: Mapped[str | None] = mapped_column(ForeignKey("buckets.id"), index=True)
    revision: Mapped[Revision | None] = relationship()
    asset_revision: Mapped[AssetRevision | None] = relationship()


class Link(Base):
    """This revision of a figure was made with that revision of an asset."""

    __tablename__ = "links"

    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), primary_key=True)
    asset_revision_id: Mapped[str] = mapped_column(
        ForeignKey("asset_revisions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    use_type: Mapped[str]


class Activity(Base):
    """One line of a workspace's or an organization's log; it outlives what it speaks of."""

    __tablename__ = "activities"
    __table_args__ = (Index(None, "workspace_id", "timestamp"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str | None] = owned_by("workspaces.id", index=False, nullable=True)
    organization_id: Mapped[str | None] = owned_by("organizations.id", nullable=True)
    analysis_id: Mapped[str | None] = mapped_column(ID, index=True)
    analysis_name: Mapped[str | None]
    username: Mapped[str]
    timestamp: Mapped[datetime]
    action: Mapped[str]
    target_type: Mapped[str]
    target_id: Mapped[str] = mapped_column(ID, index=True)
    target_name: Mapped[str | None]
    deleted: Mapped[bool] = mapped_column(default=False)
