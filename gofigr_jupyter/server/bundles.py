"""A revision as a bundle, filled from the server's own store: `proof.bundle` says what is in it.

In: rows that the reader may see. Out: pieces of a zip, or the script or the notebook alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gofigr_jupyter.proof import archive, bundle
from gofigr_jupyter.proof.bundle import Content, Sources
from gofigr_jupyter.proof.recorded import About, Piece, Recorded, recorded
from gofigr_jupyter.server.store import content
from gofigr_jupyter.server.store.content import Kept, KeptFile
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import AssetRevision, Revision

HEAD = 32  # bytes of a picture that tell its size


@dataclass(frozen=True)
class Found:
    """The rows that a bundle is made from."""

    about: About
    metadata: object
    items: Sequence[Item]
    kept: Mapping[str, Kept]
    files: Sequence[KeptFile]


def found(db: Transaction, row: Revision, items: Sequence[Item], sources: Iterable[AssetRevision], link: str) -> Found:
    """Look up all that is needed; `sources` are those of its assets that the reader may see."""
    about = About(
        revision=row.id,
        figure=row.figure.name,
        number=row.revision_index + 1,
        author=row.created_by,
        created_on=row.created_on.isoformat(timespec="seconds"),
        link=link,
    )
    return Found(about, row.meta, items, content.kept_of(db, row), content.files_of(db, [one.id for one in sources]))


def record(store: Store, rows: Found) -> Recorded:
    """What was recorded, its texts read from the store."""
    pieces = [Piece(one.id, one.name or "", one.type, one.hash, one.size_bytes, one.meta) for one in rows.items]
    return recorded(rows.about, rows.metadata, pieces, lambda piece: b"".join(store.read(*rows.kept[piece.id])))


def scale(store: Store, rows: Found, made: Recorded) -> int:
    """2 where the picture has twice the pixels of the size that it was shown in."""
    first = next(iter(made.displayed), None)
    return 1 if first is None else bundle.scale_of(first, next(store.read(*rows.kept[first.id]), b"")[:HEAD])


def zipped(store: Store, rows: Found, made: Recorded) -> Iterable[bytes]:
    """The bundle, in pieces."""
    by_revision = {one.asset_revision_id: one for one in reversed(rows.files)}
    by_hash = {one.hash: one for one in rows.files}
    inputs = {}
    for one in made.inputs:
        file = by_hash.get(one.digest or "") or (by_revision.get(one.asset_revision or "") if not one.digest else None)
        if file is not None:
            inputs[one.path] = Content(file.size_bytes, partial(store.read, *file.kept))
    pictures = {
        piece.id: Content(piece.size_bytes, partial(store.read, *rows.kept[piece.id])) for piece in made.displayed
    }
    packages = b"".join(store.read(*rows.kept[made.packages.id])) if made.packages else None
    sources = Sources(pictures, inputs, packages, scale(store, rows, made))
    return archive.zipped(bundle.entries(made, sources))
