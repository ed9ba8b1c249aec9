"""The media library: the sites of workspaces, and their files found by folder and by name. Promises are not shown.

In: a transaction and what the reader may see. Out: frozen rows; and a file taken away.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload, undefer

from gofigr_jupyter.schema.sites import Order
from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.store import find, order, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import LONGEST_QUERY
from gofigr_jupyter.server.store.tables import AssetRevision, CdnFile, CdnFolder, DataItem, Site, SiteKey


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A site in a list, with how much is there."""

    id: str
    workspace_id: str
    name: str
    slug: str
    created_on: datetime
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a site; `key` is its address below the CDN's."""

    id: str
    site_id: str
    key: str
    content_type: str
    created_on: datetime
    size_bytes: int

    @property
    def name(self) -> str:
        """The last part of its address."""
        return self.key.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path of the folder in which it lies, beginning with a slash."""
        return "/" + "/".join(self.key.split("/")[2:-1])


@dataclass(frozen=True, slots=True)
class Look:
    """Which files: those in a folder (None: in all; "" is the top), with a search also those below it; in what order.

    Each word of `search` must occur in the name, or in that of a folder on the way to it.
    """

    folder: str | None = None
    search: str = ""
    order: Order = "newest"

    @property
    def path(self) -> str:
        """The folder's path, as rows have it; nothing at the top."""
        return "".join(f"/{part}" for part in (self.folder or "").split("/") if part)


# ---------------------------------------------------------------- sites


def sites(db: Transaction, workspace_ids: Collection[str], *, site_id: str | None = None) -> list[SiteEntry]:
    """The sites of these workspaces, oldest first; with `site_id` that one alone."""
    query = select(
        Site.id,
        Site.workspace_id,
        Site.name,
        Site.slug,
        Site.created_on,
        func.count(DataItem.id),
        func.coalesce(func.sum(DataItem.size_bytes), 0),
    )
    query = query.outerjoin(CdnFile, CdnFile.site_id == Site.id).outerjoin(DataItem, DataItem.id == CdnFile.data_id)
    query = query.where(Site.workspace_id.in_(workspace_ids)).group_by(Site.id).order_by(Site.created_on, Site.id)
    if site_id is not None:
        query = query.where(Site.id == site_id)
    # PostgreSQL's sums are decimals.
    return [SiteEntry(*one[:6], size_bytes=int(one[6])) for one in db.execute(query)]


def site(db: Transaction, site_id: str) -> Site:
    """A site with its workspace; refuses (404) what does not exist."""
    row = db.get(Site, site_id.lower(), options=[joinedload(Site.workspace)])
    if row is None:
        raise not_found()
    return row


def keys(db: Transaction, site_id: str) -> list[SiteKey]:
    """The keys of a site, oldest first."""
    return list(db.scalars(select(SiteKey).where(SiteKey.site_id == site_id).order_by(SiteKey.created_on, SiteKey.id)))


# ---------------------------------------------------------------- folders


def folder(db: Transaction, site_id: str, path: str) -> CdnFolder | None:
    """The folder with this path."""
    return db.scalar(select(CdnFolder).where(CdnFolder.site_id == site_id, CdnFolder.path == path))


def folders_in(db: Transaction, site_id: str, parent_id: str | None) -> list[CdnFolder]:
    """The folders that lie in one, or at the top, by name."""
    query = select(CdnFolder).where(CdnFolder.site_id == site_id, CdnFolder.parent_id == parent_id)
    return list(db.scalars(query.order_by(func.lower(CdnFolder.name), CdnFolder.name)))


# ---------------------------------------------------------------- files


def files(
    db: Transaction, row: Site, look: Look, *, after: tuple[Any, ...] | None = None, offset: int = 0, limit: int = 60
) -> list[FileEntry]:
    """Some of the files, in their order: after the one with this key, or from an offset on.

    The key is `(created_on, id)` of the newest, and `(key,)` of those by name.
    """
    query = _which(row, look)
    if look.order == "name":
        place = func.lower(CdnFile.key)
        query = query.where(_behind(place, after)).order_by(place, CdnFile.key)
    else:
        when = None if after is None else (after[0], after[1])
        query = query.where(order.earlier(CdnFile.created_on, CdnFile.id, when))
        query = query.order_by(CdnFile.created_on.desc(), CdnFile.id.desc())
    return [FileEntry(*one) for one in db.execute(query.offset(offset).limit(limit))]


def count(db: Transaction, row: Site, look: Look) -> int:
    """How many there are in all."""
    return db.scalar(select(func.count()).select_from(_which(row, look).subquery())) or 0


def file(db: Transaction, file_id: str, row: Site | None = None) -> FileEntry:
    """One file, perhaps of one site only; refuses (404) what does not exist (any more)."""
    query = _entries().where(CdnFile.id == file_id.lower())
    found = db.execute(query if row is None else query.where(CdnFile.site_id == row.id)).one_or_none()
    if found is None:
        raise not_found()
    return FileEntry(*found)


def kept_as(db: Transaction, entry: FileEntry) -> AssetRevision:
    """The revision of an asset that a file is kept as, with all that it lies in."""
    query = select(AssetRevision).join(DataItem, DataItem.asset_revision_id == AssetRevision.id)
    query = query.join(CdnFile, CdnFile.data_id == DataItem.id).where(CdnFile.id == entry.id)
    return db.scalars(query.options(find.ABOVE_ASSET_REVISION)).one()


def bytes_of(db: Transaction, entry: FileEntry) -> DataItem:
    """The data object with a file's bytes, and where they lie."""
    query = select(DataItem).join(CdnFile, CdnFile.data_id == DataItem.id).where(CdnFile.id == entry.id)
    return db.scalars(query.options(undefer(DataItem.chunks))).one()


def remove(db: Transaction, kept: AssetRevision, username: str) -> None:
    """Delete what a file is kept as, and its asset when that has nothing else; the address stays taken."""
    query = select(func.count()).select_from(AssetRevision).where(AssetRevision.asset_id == kept.asset_id)
    tree.remove(db, kept if (db.scalar(query) or 0) > 1 else kept.asset, username)


def _entries() -> Select[str, str, str, str, datetime, int]:
    query = select(
        CdnFile.id, CdnFile.site_id, CdnFile.key, CdnFile.content_type, CdnFile.created_on, DataItem.size_bytes
    )
    return query.join(DataItem, DataItem.id == CdnFile.data_id)


def _which(row: Site, look: Look) -> Select[str, str, str, str, datetime, int]:
    query = _entries().where(CdnFile.site_id == row.id)
    prefix = f"sites/{row.slug}{look.path}/"
    rest = func.substr(CdnFile.key, len(prefix) + 1)
    if look.folder is not None:
        # Not LIKE, to which `a` and `A` are the same in SQLite.
        query = query.where(func.substr(CdnFile.key, 1, len(prefix)) == prefix)
        if not look.search.strip():
            query = query.where(~rest.contains("/"))
    for word in look.search[:LONGEST_QUERY].split():
        query = query.where(rest.icontains(word, autoescape=True))
    return query


def _behind(place: ColumnElement[str], after: tuple[Any, ...] | None) -> ColumnElement[bool]:
    if after is None:
        return true()
    last = func.lower(after[0])
    return or_(place > last, and_(place == last, CdnFile.key > after[0]))
