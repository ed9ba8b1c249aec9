"""All that is recorded of a revision, gathered once for those who answer questions about it.

In: rows that the reader may see, then their bytes. Out: one frozen Record. What it says of tables was computed in a
child process; of people's texts nothing is believed, and all is data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gofigr_jupyter.capture.series import axes
from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.proof.recorded import Piece, Recorded
from gofigr_jupyter.server import bundles
from gofigr_jupyter.server.axes import item_of
from gofigr_jupyter.server.bundles import Found
from gofigr_jupyter.server.documents import reading as documents
from gofigr_jupyter.server.documents.nearness import Sought
from gofigr_jupyter.server.documents.passages import Passage
from gofigr_jupyter.server.documents.reading import Document
from gofigr_jupyter.server.pages.facts import Facts, facts_of
from gofigr_jupyter.server.store import gallery
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import AssetRevision, Revision
from gofigr_jupyter.server.tables import reading
from gofigr_jupyter.server.tables.profile import Profile
from gofigr_jupyter.server.tables.reading import Rows, Stored

MOST_TABLES = 20
MOST_EARLIER = 50
MOST_DOCUMENTS = 20
MOST_NEAR = 8
DOCUMENTS = (".pdf", ".docx", ".pptx", ".md", ".txt", ".rst")  # other texts are data, or code


@dataclass(frozen=True, slots=True)
class Plotted:
    """A table of plotted data: what it amounts to, and its first rows; None where they cannot be read."""

    id: str
    name: str
    hash: str
    profile: Profile | None
    head: Rows | None


@dataclass(frozen=True, slots=True)
class Read:
    """A document among what the figure was made from, with its text; `id` is that of the data object.

    One with a `cdn_key` lies on the workspace's site, and has nothing to do with the figure but what it says. `near`
    tells how near each passage is to the question by what it means, 0 where it is not; empty where nobody knows.
    """

    id: str
    name: str
    passages: tuple[Passage, ...]
    cdn_key: str = ""
    near: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelved:
    """Where a document of the workspace's site lies."""

    id: str
    cdn_key: str
    document: Document


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another revision of the figure; `number` counts from 1, `created_on` is a date in ISO 8601."""

    id: str
    number: int
    author: str
    created_on: str


@dataclass(frozen=True, slots=True)
class Rowed:
    """What the database says; the bytes are read afterwards."""

    found: Found
    items: Sequence[Item]
    facts: Facts
    others: tuple[Earlier, ...]
    shelf: tuple[Shelved, ...] = ()  # documents that the reader may see, with words of the question
    library: tuple[Shelved, ...] = ()  # the newest ones, of which it is to be found out what they mean


@dataclass(frozen=True, slots=True)
class Record:
    """A revision's record. `others` are the figure's revisions before it, the newest first."""

    made: Recorded
    facts: Facts
    tables: tuple[Plotted, ...]
    untold: int  # tables beyond those that were looked at
    pieces: tuple[Piece, ...]
    others: tuple[Earlier, ...] = ()
    axes: tuple[Axis, ...] = ()
    documents: tuple[Read, ...] = ()

    @property
    def id(self) -> str:
        """Of the revision."""
        return self.made.about.revision

    @property
    def number(self) -> int:
        """Of the revision in its figure, from 1."""
        return self.made.about.number

    def piece(self, *roles: str) -> Piece | None:
        """The first data object of the first of these roles that there is."""
        return next((one for role in roles for one in self.pieces if one.role == role), None)


def rows_of(db: Transaction, row: Revision, sources: Sequence[AssetRevision], *, whole_figure: bool) -> Rowed:
    """Look up what is needed; `sources` are those of its assets that the reader may see.

    The figure's other revisions are told of only to those who may read the `whole_figure`.
    """
    items = gallery.items(db, [row.id])
    entries = gallery.revisions(db, row.figure_id, limit=MOST_EARLIER)[0] if whole_figure else []
    others = tuple(
        Earlier(one.id, one.index + 1, one.created_by, one.created_on.isoformat(timespec="minutes"))
        for one in entries
        if one.index < row.revision_index
    )
    return Rowed(bundles.found(db, row, items, sources, ""), items, facts_of(row.meta), others)


def record_of(store: Store, rowed: Rowed, sought: Sought | None = None, *, gently: bool = False) -> Record:
    """Read and profile what there is; to be called after the transaction. `gently` where nobody waits for it.

    With what is `sought`, documents are told apart by how near they are to it.
    """
    found = reading.plotted(rowed.items)
    stored = [Stored(one.hash, one.size_bytes, *rowed.found.kept[one.id]) for one in found[:MOST_TABLES]]
    tables = tuple(
        Plotted(item.id, item.name or "Table", item.hash, profile, head)
        for item, (profile, head) in zip(found, reading.profiled(store, stored, gently=gently), strict=False)
    )
    pieces = tuple(Piece(one.id, one.name or "", one.type, one.hash, one.size_bytes, one.meta) for one in rowed.items)
    made = bundles.record(store, rowed.found)
    untold = max(0, len(found) - MOST_TABLES)
    beside = tuple(_documents(store, rowed, sought, gently=gently))
    return Record(made, rowed.facts, tables, untold, pieces, rowed.others, _axes(store, rowed), beside)


def _documents(store: Store, rowed: Rowed, sought: Sought | None, *, gently: bool) -> Iterator[Read]:
    found = [one for one in rowed.found.files if one.name.lower().endswith(DOCUMENTS)]
    named = [(Document(one.hash, one.size_bytes, one.kept), one.id, one.name, "") for one in found[:MOST_DOCUMENTS]]
    papers = [*rowed.shelf, *(_near(rowed, sought) if sought is not None else ())]
    named += [(one.document, one.id, one.cdn_key.rpartition("/")[2], one.cdn_key) for one in papers]
    for document, api_id, name, cdn_key in named:
        passages = documents.passages(store, document, gently=gently)
        if passages:
            near = sought.nearness(document, passages) if sought is not None else ()
            yield Read(api_id, name, passages, cdn_key, near)


def _near(rowed: Rowed, sought: Sought) -> list[Shelved]:
    """Those that are near by what they mean, beside those that are known for their words; the same bytes once."""
    known = {one.document.hash for one in rowed.shelf}
    others = {one.document.hash: one for one in rowed.library if one.document.hash not in known}
    return [others[digest] for digest in sought.nearest(others, MOST_NEAR)]


def _axes(store: Store, rowed: Rowed) -> tuple[Axis, ...]:
    item = item_of(rowed.items)
    if item is None:
        return ()
    try:
        content = b"".join(store.read(*rowed.found.kept[item.id]))
    except (DamagedBlob, OutOfReach):
        return ()
    return axes.read(content.decode("utf-8", "replace"))
