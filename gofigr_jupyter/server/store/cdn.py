"""Sites on the web: queries and commands. A key is shown once and kept as its digest.

An address is promised when an upload is asked for, and becomes a file's in the transaction that names its bytes; of
several that want the same name, each gets one of its own, and none is ever given to other bytes later.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update
from sqlalchemy.orm import joinedload, undefer

from gofigr_jupyter.local import site_key
from gofigr_jupyter.media import MEDIA
from gofigr_jupyter.server.store import placing, wordindex, words
from gofigr_jupyter.server.store.database import INDEXED, Transaction
from gofigr_jupyter.server.store.dialect import is_sqlite
from gofigr_jupyter.server.store.find import ABOVE_ASSET_REVISION
from gofigr_jupyter.server.store.people import ALPHANUMERIC, TOUCH_EVERY, digest, now
from gofigr_jupyter.server.store.tables import AssetRevision, CdnFile, CdnFolder, DataItem, Site, SiteKey, Workspace
from gofigr_jupyter.server.store.tree import new_id

SLUG_LETTERS = 22  # 131 bits: who does not know it finds nothing
PATIENCE = timedelta(hours=12)  # for what was being sent when its promise ended
MOST_FOLDERS = 5000
AT_A_TIME = 500
MOST_NUMBERED = 200  # image-2.jpg, image-3.jpg ...
PAPERS = [one.content_type for one in MEDIA if one.kind == "document"]
_PAPER = select(CdnFile.key, DataItem, AssetRevision).options(undefer(DataItem.chunks))


# ---------------------------------------------------------------- sites and their keys


def site_named(db: Transaction, place: Workspace, name: str) -> Site:
    """The site of this name in a workspace, made where there is none."""
    row = db.scalar(select(Site).where(Site.workspace_id == place.id, Site.name == name))
    if row is None:
        slug = _letters(SLUG_LETTERS)
        row = Site(id=new_id(), workspace_id=place.id, name=name, slug=slug, created_on=now())
        db.add(row)
        db.flush()
    return row


def create_key(db: Transaction, site: Site, text: str | None = None) -> tuple[SiteKey, str]:
    """A new key of a site, and its text, which may be one that was drawn before."""
    text = text or site_key()
    row = SiteKey(id=new_id(), site_id=site.id, digest=digest(text), ending=text[-4:], created_on=now())
    db.add(row)
    db.flush()
    return row, text


def keys(db: Transaction) -> list[SiteKey]:
    """All keys of all sites, with their sites and workspaces, oldest first."""
    above = joinedload(SiteKey.site).joinedload(Site.workspace)
    return list(db.scalars(select(SiteKey).options(above).order_by(SiteKey.created_on, SiteKey.id)))


def remove_key(db: Transaction, key_id: str) -> bool:
    """End a key; False when there is none."""
    row = db.get(SiteKey, key_id)
    if row is not None:
        db.delete(row)
    return row is not None


def key_by_text(db: Transaction, text: str) -> SiteKey | None:
    """The key with this text, and its site."""
    return db.scalar(select(SiteKey).where(SiteKey.digest == digest(text)).options(joinedload(SiteKey.site)))


def needs_touch(row: SiteKey) -> bool:
    """Whether `last_used` is old enough to be worth a write."""
    return row.last_used is None or now() - row.last_used > TOUCH_EVERY


def touch_key(db: Transaction, key_id: str) -> None:
    """Note that a key was used."""
    db.execute(update(SiteKey).where(SiteKey.id == key_id).values(last_used=now()))


def _letters(length: int) -> str:
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))


# ---------------------------------------------------------------- folders


def folders(db: Transaction, site_id: str) -> list[CdnFolder]:
    """The folders of a site, by path."""
    return list(db.scalars(select(CdnFolder).where(CdnFolder.site_id == site_id).order_by(CdnFolder.path)))


def folder(db: Transaction, site_id: str, folder_id: str) -> CdnFolder | None:
    """A folder by its id, if it is this site's."""
    row = db.get(CdnFolder, folder_id)
    return row if row is not None and row.site_id == site_id else None


def has_room(db: Transaction, site_id: str, more: int) -> bool:
    """Whether a site may have so many more folders."""
    there = db.scalar(select(func.count()).select_from(CdnFolder).where(CdnFolder.site_id == site_id)) or 0
    return there + more <= MOST_FOLDERS


def missing(db: Transaction, site_id: str, parts: Sequence[str]) -> int:
    """How many folders of a path are not there yet."""
    paths = _paths(parts)
    here = CdnFolder.site_id == site_id, CdnFolder.path.in_(paths)
    there = db.scalar(select(func.count()).select_from(CdnFolder).where(*here)) if paths else 0
    return len(paths) - (there or 0)


def make_folders(db: Transaction, site_id: str, parts: Sequence[str]) -> CdnFolder | None:
    """The last folder of a path, with all above; what is missing is made. None for the top."""
    above: CdnFolder | None = None
    for name, path in zip(parts, _paths(parts), strict=True):
        row = db.scalar(select(CdnFolder).where(CdnFolder.site_id == site_id, CdnFolder.path == path))
        if row is None:
            made = f"folder_{secrets.token_hex(12)}"
            parent_id = above.id if above else None
            row = CdnFolder(id=made, site_id=site_id, parent_id=parent_id, name=name, path=path, created_on=now())
            db.add(row)
            db.flush()
        above = row
    return above


def _paths(parts: Sequence[str]) -> list[str]:
    return ["/" + "/".join(parts[: index + 1]) for index in range(len(parts))]


# ---------------------------------------------------------------- files


@dataclass(frozen=True)
class Served:
    """A file as it is served: the hash, size and chunks of its bytes, and the bucket that has them, if any."""

    name: str
    content_type: str
    hash: str
    size: int
    chunks: list[str]
    bucket_id: str | None


@dataclass(frozen=True)
class Paper:
    """A document on a site: its address' key, its data object, and the asset's revision that says who may read it."""

    key: str
    data: DataItem
    owner: AssetRevision


def papers(db: Transaction, workspace_id: str, stems: Sequence[str], limit: int) -> list[Paper]:
    """Documents on a workspace's sites with words that begin like one of these, best first; without an index none."""
    of_place = _papers_of(workspace_id)
    wanted = wordindex.any_of(stems, sqlite=is_sqlite(db), go_on=True)
    if not wanted or not db.info.get(INDEXED) or db.scalar(of_place.limit(1)) is None:
        return []
    found = wordindex.matches("papers", wanted, sqlite=is_sqlite(db))
    query = _PAPER.select_from(found)
    query = query.join(DataItem, and_(found.c.kind == words.DATA, DataItem.hash == found.c.key))
    query = query.join(CdnFile, CdnFile.data_id == DataItem.id)
    query = query.join(AssetRevision, AssetRevision.id == DataItem.asset_revision_id).where(CdnFile.id.in_(of_place))
    rows = db.execute(query.order_by(found.c.rank.desc(), CdnFile.key).limit(limit))
    return [Paper(*row) for row in rows]


def newest_papers(db: Transaction, workspace_id: str, limit: int) -> list[Paper]:
    """Documents on a workspace's sites, the newest first."""
    query = _PAPER.select_from(CdnFile).join(DataItem, CdnFile.data_id == DataItem.id)
    query = query.join(AssetRevision, AssetRevision.id == DataItem.asset_revision_id)
    query = query.where(CdnFile.id.in_(_papers_of(workspace_id))).options(ABOVE_ASSET_REVISION)
    rows = db.execute(query.order_by(CdnFile.created_on.desc(), CdnFile.key).limit(limit))
    return [Paper(*row) for row in rows]


def paper_hashes(db: Transaction) -> list[str]:
    """The hashes of all documents on all sites."""
    query = select(DataItem.hash).join(CdnFile, CdnFile.data_id == DataItem.id)
    return list(db.scalars(query.where(CdnFile.content_type.in_(PAPERS)).distinct()))


def papers_of(db: Transaction, hashes: Collection[str]) -> list[DataItem]:
    """A data object for each of these hashes of documents."""
    query = select(DataItem).join(CdnFile, CdnFile.data_id == DataItem.id).where(DataItem.hash.in_(hashes))
    return list({one.hash: one for one in db.scalars(query.options(undefer(DataItem.chunks)))}.values())


def _papers_of(workspace_id: str) -> Select[str]:
    return select(CdnFile.id).join(Site).where(Site.workspace_id == workspace_id, CdnFile.content_type.in_(PAPERS))


def promise(db: Transaction, site: Site, path: str, content_type: str, *, life: timedelta) -> CdnFile:
    """An address for a file at this path, or at the next one that is free: `/image-2.jpg`."""
    # Where files go straight to a bucket, one may have come that nobody has looked at yet.
    if placing.in_force(db, db.get_one(Workspace, site.workspace_id)) is None:
        end_promises(db, CdnFile.site_id == site.id)
    at = now()
    row = CdnFile(
        id=new_id(),
        site_id=site.id,
        key=_free(db, f"sites/{site.slug}{path}"),
        content_type=content_type,
        created_on=at,
        promised_until=at + life,
    )
    db.add(row)
    db.flush()
    return row


def end_promises(db: Transaction, *which: ColumnElement[bool]) -> None:
    """Addresses that nobody used in time are free again."""
    db.execute(delete(CdnFile).where(CdnFile.promised_until < now() - PATIENCE, *which))


def _free(db: Transaction, key: str) -> str:
    """The first spelling of a key that is not taken; after many, one that nobody else can hit upon."""
    stem, dot, suffix = key.rpartition(".")
    spellings = [key, *(f"{stem}-{number}{dot}{suffix}" for number in range(2, MOST_NUMBERED))]
    taken = set(db.scalars(select(CdnFile.key).where(CdnFile.key.in_(spellings))))
    free = (one for one in spellings if one not in taken)
    return next(free, f"{stem}-{_letters(12)}{dot}{suffix}")


def promised(db: Transaction, file_id: str) -> CdnFile | None:
    """An address that still waits for its bytes."""
    row = db.get(CdnFile, file_id, with_for_update=True)
    return None if row is None or row.data_id is not None or row.promised_until is None else row


def awaited(db: Transaction, key: str) -> CdnFile | None:
    """The address with this key, if it still waits for its bytes; with its site and workspace."""
    return db.scalar(_awaited().where(CdnFile.key == key))


def all_awaited(db: Transaction, site_id: str) -> list[CdnFile]:
    """All such addresses of a site."""
    return list(db.scalars(_awaited().where(CdnFile.site_id == site_id)))


def _awaited() -> Select[CdnFile]:
    query = select(CdnFile).where(CdnFile.data_id.is_(None), CdnFile.promised_until.is_not(None))
    return query.options(joinedload(CdnFile.site).joinedload(Site.workspace))


def fulfil(db: Transaction, row: CdnFile, owner: AssetRevision) -> None:
    """The promised address leads to the one data object of a revision from now on."""
    row.data_id = db.scalars(select(DataItem.id).where(DataItem.asset_revision_id == owner.id)).one()
    row.promised_until = None
    db.flush()


def served(db: Transaction, key: str) -> Served | None:
    """The file at an address; None where there is nothing (any more)."""
    query = select(CdnFile).where(CdnFile.key == key, CdnFile.data_id.is_not(None))
    row = db.scalar(query.options(joinedload(CdnFile.data).options(undefer(DataItem.chunks))))
    if row is None or row.data is None:
        return None
    data = row.data
    name = row.key.rpartition("/")[2]
    return Served(name, row.content_type, data.hash, data.size_bytes, list(data.chunks), data.bucket_id)


def hashes(db: Transaction, among: Collection[str]) -> set[str]:
    """Those of some hashes that are of data objects which are there."""
    wanted, found = list(among), set[str]()
    for start in range(0, len(wanted), AT_A_TIME):
        some = wanted[start : start + AT_A_TIME]
        found.update(db.scalars(select(DataItem.hash).where(DataItem.hash.in_(some))))
    return found
