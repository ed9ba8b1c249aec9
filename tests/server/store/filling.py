"""Revisions made by the store itself, without HTTP."""

from __future__ import annotations

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.store import content, find, tree
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Revision, Workspace


def publish(store: Store, *contents: bytes) -> str:
    """A revision with these bytes; its id."""
    drafts = [DataDraft(type="file", data=one) for one in contents]
    with store.keeping(drafts) as incoming, store.writing() as db:
        workspace = db.query(Workspace).one()
        analysis = tree.create_analysis(db, workspace, {"id": tree.new_id(), "name": "a"}, "ada")
        figure = tree.create_figure(db, analysis, {"id": tree.new_id(), "name": "f"}, "ada")
        row = tree.create_revision(db, figure, {"id": tree.new_id()}, "ada")
        content.replace(db, row, incoming)
        return row.id


def drop(store: Store, revision_id: str) -> None:
    """Delete a revision."""
    with store.writing() as db:
        row = db.get(Revision, revision_id)
        assert row is not None
        tree.remove(db, row, "ada")


def read(store: Store, revision_id: str) -> list[bytes]:
    """The bytes of a revision."""
    with store.reading() as db:
        chunks = [item.chunks for item in content.items_of(db, find.revision(db, revision_id))]
    return [b"".join(store.read(one)) for one in chunks]


def revisions(store: Store) -> dict[str, list[bytes]]:
    """The bytes of all revisions."""
    with store.reading() as db:
        ids = [row.id for row in db.query(Revision)]
    return {one: read(store, one) for one in ids}
