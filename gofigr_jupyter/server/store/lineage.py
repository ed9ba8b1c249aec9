"""What a revision was made from, and what was made with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gofigr_jupyter.schema.insight import Lineage, LineageItem
from gofigr_jupyter.server.store.content import items_of
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Asset, AssetRevision, DataItem, Link, Revision

MOST_FILES = 10_000
Readable = Callable[[Iterable[AssetRevision]], Iterable[AssetRevision]]


def of(db: Transaction, row: Revision, readable: Readable) -> Lineage:
    """Its inputs: assets that it is linked to, and files that its metadata names; its outputs: its data objects.

    Of assets that are not `readable` only the link is told, as it stands in the revision itself.
    """
    assets = list(_assets(db, row, readable))
    known = {one.hash for one in assets if one.hash}
    files = [one for one in _files(row.meta) if one.hash not in known]
    outputs = [
        LineageItem(path=one.name, hash=one.hash, size_bytes=one.size_bytes, use_type=one.type)
        for one in items_of(db, row)
    ]
    return Lineage(inputs=assets + files, outputs=outputs)


def _assets(db: Transaction, row: Revision, readable: Readable) -> Iterator[LineageItem]:
    query = select(Link, AssetRevision).join(AssetRevision, AssetRevision.id == Link.asset_revision_id)
    query = query.options(joinedload(AssetRevision.asset).joinedload(Asset.workspace))
    links = db.execute(
        query.where(Link.revision_id == row.id).order_by(AssetRevision.created_on, AssetRevision.id)
    ).all()
    seen = {one.id for one in readable([version for _, version in links])}
    items = select(DataItem).where(DataItem.asset_revision_id.in_(seen)).order_by(DataItem.position, DataItem.id)
    contents: dict[str | None, DataItem] = {}
    for item in db.scalars(items):
        contents.setdefault(item.asset_revision_id, item)
    for link, version in links:
        content = contents.get(version.id)
        yield LineageItem(
            asset_revision=version.id,
            path=version.asset.name if version.id in seen else None,
            hash=content.hash if content else None,
            size_bytes=version.size_bytes if version.id in seen else None,
            use_type=link.use_type,
        )


def _files(meta: Any) -> Iterator[LineageItem]:
    """The files under `inputs` in the metadata, which anybody may have written: what has another form is left out."""
    inputs = meta.get("inputs") if isinstance(meta, Mapping) else None
    for one in inputs[:MOST_FILES] if isinstance(inputs, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("path"), str):
            size, use = one.get("size_bytes", one.get("size")), one.get("use_type")
            yield LineageItem(
                path=one["path"],
                hash=_text(one.get("hash", one.get("digest"))),
                size_bytes=size if isinstance(size, int) and not isinstance(size, bool) else None,
                use_type=_text(use),
            )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
