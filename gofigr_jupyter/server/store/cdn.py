"""Sites on the web: queries and commands. A key is shown once and kept as its digest.

An address is promised when an upload is asked for, and becomes a file's in the transaction that names its bytes; of
several that want the same name, each gets one of its own, and none is ever given to other bytes later.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload, undefer

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import ALPHANUMERIC, TOUCH_EVERY, digest, now
from gofigr_jupyter.server.store.tables import AssetRevision, CdnFile, CdnFolder, DataItem, Site, SiteKey, Workspace
from gofigr_jupyter.server.store.tree import new_id

KEY_PREFIX = "fig1_sdk_"
KEY_LETTERS = 43  # 256 bits
SLUG_LETTERS = 22  # 131 bits: who does not know it finds nothing
PATIENCE = timedelta(hours=12)  # for what was being sent when its promise ended
MOST_FOLDERS = 5000
AT_A_TIME = 500
MOST_NUMBERED = 200  # image-2.jpg, image-3.jpg ...


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


def create_key(db: Transaction, site: Site) -> tuple[SiteKey, str]:
    """A new key of a site, and its text."""
    text = KEY_PREFIX + _letters(KEY_LETTERS)
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


def promise(db: Transaction, site: Site, path: str, content_type: str, *, life: timedelta) -> CdnFile:
    """An address for a file at this path, or at the next one that is free: `/image-2.jpg`."""
    db.execute(delete(CdnFile).where(CdnFile.site_id == site.id, CdnFile.promised_until < now() - PATIENCE))
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
