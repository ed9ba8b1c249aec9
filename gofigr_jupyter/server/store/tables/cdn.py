"""Files on the web: sites, the keys that open them, their folders and files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gofigr_jupyter.server.store.tables.base import ID, Base, may_name, owned_by
from gofigr_jupyter.server.store.tables.tree import DataItem, Workspace


class Site(Base):
    """What one web site keeps here, in one workspace; whoever knows an address below `slug` may read what is there."""

    __tablename__ = "sites"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = owned_by("workspaces.id")
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    created_on: Mapped[datetime]
    workspace: Mapped[Workspace] = relationship()


class SiteKey(Base):
    """A key with which programs put files on a site: only its digest is kept, and its end, for people to tell them."""

    __tablename__ = "site_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    site_id: Mapped[str] = owned_by("sites.id")
    digest: Mapped[str] = mapped_column(unique=True)
    ending: Mapped[str]
    created_on: Mapped[datetime]
    last_used: Mapped[datetime | None]
    site: Mapped[Site] = relationship()


class CdnFolder(Base):
    """A folder of a site; `path` begins with a slash and has the names of all above."""

    __tablename__ = "cdn_folders"
    __table_args__ = (UniqueConstraint("site_id", "path"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    site_id: Mapped[str] = owned_by("sites.id", index=False)
    parent_id: Mapped[str | None] = owned_by("cdn_folders.id", nullable=True)
    name: Mapped[str]
    path: Mapped[str]
    created_on: Mapped[datetime]


class CdnFile(Base):
    """An address on a site. Promised until a moment, then either free again or a file's for ever.

    When its data go, the row stays, empty: caches keep what was there for a year, so nothing else may come there.
    """

    __tablename__ = "cdn_files"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    site_id: Mapped[str] = owned_by("sites.id")
    key: Mapped[str] = mapped_column(unique=True)
    data_id: Mapped[str | None] = may_name("data_items.id")
    content_type: Mapped[str]
    created_on: Mapped[datetime]
    promised_until: Mapped[datetime | None]
    data: Mapped[DataItem | None] = relationship()
    site: Mapped[Site] = relationship()
