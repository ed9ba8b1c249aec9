"""The data objects of a revision: bytes first, durably, then the rows that name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from gofigr_jupyter.schema.base import Pieces
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import looks, words
from gofigr_jupyter.server.store.blobs import Blobs, Stored
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.sweep import note_garbage
from gofigr_jupyter.server.store.tables import AssetRevision, DataItem, Revision
from gofigr_jupyter.server.store.tree import new_id, resize

Owner = Revision | AssetRevision


class Kept(NamedTuple):
    """Where stored bytes lie: their chunks, and the bucket that has them, if it is not the server itself."""

    chunks: list[str]
    bucket_id: str | None


@dataclass(frozen=True)
class Incoming:
    """A data object on its way in; `stored` is None where the request left the bytes as they are.

    `text` is what in it can be searched, if it is a text; `is_put_off` when that is to be read later.
    """

    draft: DataDraft
    stored: Stored | None
    bucket_id: str | None
    text: str | None = None
    is_put_off: bool = False


def keep_bytes(blobs: Blobs, drafts: Sequence[DataDraft], bucket_id: str | None) -> list[Incoming]:
    """Store the bytes of all drafts; to be called before the transaction that names them."""
    room = _Room()
    sent = [_Sent(draft, room) for draft in drafts if draft.data is not None]
    stored = iter(zip(blobs.put(one.whole() for one in sent), sent, strict=True))
    return [
        _incoming(draft, *next(stored), bucket_id) if draft.data is not None else Incoming(draft, None, bucket_id)
        for draft in drafts
    ]


def _incoming(draft: DataDraft, stored: Stored, sent: _Sent, bucket_id: str | None) -> Incoming:
    return Incoming(draft, stored, bucket_id, sent.text(), sent.is_put_off)


@dataclass
class _Room:
    """For the texts of one request in memory; what finds none is read later, from the disk."""

    left: int = 4 << 20

    def take(self, size: int) -> bool:
        """Whether there is room for so many bytes."""
        if size > self.left:
            return False
        self.left -= size
        return True


class _Sent:
    """The bytes of a draft, of which the beginning is kept while they are stored, if it may be a text."""

    def __init__(self, draft: DataDraft, room: _Room) -> None:
        self._data = draft.data
        self._room = room
        self.is_put_off = False
        self._may_be_text = words.may_be_text(draft.type, draft.metadata)
        self._beginning = bytearray()

    def whole(self) -> bytes | Iterator[bytes]:
        """Them all."""
        if isinstance(self._data, Pieces):
            return self._watched(_decoded(self._data))
        content = self._data or b""
        if self._has_room(min(len(content), words.MOST_BYTES)):
            self._beginning += content[: words.MOST_BYTES]
        return content

    def text(self) -> str | None:
        """What in them can be searched; that of a PDF, say, is taken out of it later, by a child."""
        beginning = bytes(self._beginning)
        self.is_put_off |= words.is_bound(beginning)
        return words.text_in(beginning) if beginning and not self.is_put_off else None

    def _watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        has_room = self._has_room(words.MOST_BYTES)
        for piece in pieces:
            if has_room and len(self._beginning) < words.MOST_BYTES:
                self._beginning += piece[: words.MOST_BYTES - len(self._beginning)]
            yield piece

    def _has_room(self, size: int) -> bool:
        if not self._may_be_text:
            return False
        self.is_put_off = not self._room.take(size)
        return not self.is_put_off


def _decoded(pieces: Pieces) -> Iterator[bytes]:
    try:
        yield from pieces
    except ValueError as error:
        raise invalid("data", "not base64 (standard alphabet, padded, no line breaks)") from error


def items_of(db: Transaction, owner: Owner) -> list[DataItem]:
    """The data rows of a revision, in their order."""
    return list(db.scalars(select(DataItem).where(_of(owner)).order_by(DataItem.position, DataItem.id)))


def kept_of(db: Transaction, owner: Owner) -> dict[str, Kept]:
    """Where the bytes of each of a revision's data objects lie, by their ids."""
    rows = db.execute(select(DataItem.id, DataItem.chunks, DataItem.bucket_id).where(_of(owner)))
    return {api_id: Kept(list(chunks), bucket_id) for api_id, chunks, bucket_id in rows}


class KeptFile(NamedTuple):
    """A file of an asset: its id and name, whose revision it is of, its hash and size, and where its bytes lie."""

    id: str
    name: str
    asset_revision_id: str
    hash: str
    size_bytes: int
    kept: Kept


def files_of(db: Transaction, asset_revision_ids: Collection[str]) -> list[KeptFile]:
    """The files of many revisions of assets, in one query."""
    row = DataItem
    query = select(row.id, row.name, row.asset_revision_id, row.hash, row.size_bytes, row.chunks, row.bucket_id)
    query = query.where(row.asset_revision_id.in_(asset_revision_ids)).order_by(row.asset_revision_id, row.position)
    found = db.execute(query) if asset_revision_ids else ()
    return [
        KeptFile(one, name or "", owner or "", digest, size, Kept([*chunks], where))
        for one, name, owner, digest, size, chunks, where in found
    ]


def replace(db: Transaction, owner: Owner, incoming: Sequence[Incoming], *, is_new: bool = False) -> None:
    """Make these the revision's data: known ids change in place, others are new, what is not named goes.

    `is_new` says that there can be nothing yet.
    """
    known = {} if is_new else {item.id: item for item in items_of(db, owner)}
    total = 0
    if known:
        note_garbage(db)
    for position, one in enumerate(incoming):
        row = known.pop((one.draft.api_id or "").lower(), None)
        if row is None and one.stored is None and one.draft.api_id:  # it would become an empty object
            raise invalid("data", "There is no such data object in this revision, and no bytes came with it.")
        row = row or _new(db, owner)
        row.position = position
        _fill(row, one)
        total += row.size_bytes
    for leftover in known.values():
        db.delete(leftover)
    _index(db, owner, incoming)
    resize(db, owner, total)


def append(db: Transaction, owner: Owner, incoming: Sequence[Incoming]) -> int:
    """Add data, leaving out what the revision has already (by `local_id`); returns how many were added.

    Clean room data takes the place of what was there with its type and name.
    """
    present = items_of(db, owner)
    earlier = {(item.type, item.name): item for item in present if item.is_clean_room}
    seen = {_local_id(item.meta) for item in present}
    position = max((item.position for item in present), default=-1)
    added, total = 0, sum(item.size_bytes for item in present)
    for one in incoming:
        local_id = _local_id(one.draft.metadata)
        if local_id is not None and local_id in seen:
            continue
        seen.add(local_id)
        added += 1
        row = _new(db, owner)
        row.position = position + added
        _fill(row, one)
        total += row.size_bytes
        if row.is_clean_room and (superseded := earlier.pop((row.type, row.name), None)):
            total -= superseded.size_bytes
            db.delete(superseded)
            note_garbage(db)
    _index(db, owner, incoming)
    resize(db, owner, total)
    return added


def _index(db: Transaction, owner: Owner, incoming: Sequence[Incoming]) -> None:
    """Write down what can be searched: code and pictures of figures, documents of assets."""
    is_asset = isinstance(owner, AssetRevision)
    fresh = [one for one in incoming if one.stored and (is_asset or one.draft.type == "code")]
    fresh = [one for one in fresh if words.may_be_text(one.draft.type, one.draft.metadata)]
    words.keep(db, {one.stored.hash: one.text for one in fresh if one.stored})
    words.put_off(db, [one.stored.hash for one in fresh if one.stored and one.is_put_off])
    if not is_asset:
        shown = [one for one in incoming if one.stored and looks.is_shown(one.draft.type, one.draft.metadata)]
        looks.note(db, [one.stored.hash for one in shown if one.stored])


def _local_id(metadata: Mapping[str, Any]) -> str | None:
    value = metadata.get("local_id")
    return value if isinstance(value, str) and value else None


def _new(db: Transaction, owner: Owner) -> DataItem:
    row = DataItem(id=new_id())
    if isinstance(owner, Revision):
        row.revision_id = owner.id
    else:
        row.asset_revision_id = owner.id
    _name_bytes(row, Stored.of_nothing())
    db.add(row)
    return row


def _fill(row: DataItem, one: Incoming) -> None:
    if one.stored is not None:
        _name_bytes(row, one.stored)
        row.bucket_id = one.bucket_id
    row.name, row.type, row.meta = one.draft.name, one.draft.type, one.draft.metadata
    row.is_clean_room = one.draft.is_clean_room


def _name_bytes(row: DataItem, stored: Stored) -> None:
    row.hash, row.size_bytes, row.chunks = stored.hash, stored.size, stored.chunks


def _of(owner: Owner) -> ColumnElement[bool]:
    column = DataItem.revision_id if isinstance(owner, Revision) else DataItem.asset_revision_id
    return column == owner.id
