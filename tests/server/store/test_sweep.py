"""The sweep: what nothing names goes, what anything names stays, also while people upload."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import content, find, tree
from gofigr_jupyter.server.store.blobs import DamagedBlob
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Revision, Workspace


@pytest.fixture
def store(config: ServerConfig) -> Iterator[Store]:
    """A store with nothing but the local user in it."""
    store = Store.in_folder(config.data_dir)
    yield store
    store.close()


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


def test_only_what_nothing_names_goes(store: Store) -> None:
    one, two = publish(store, b"shared", b"mine"), publish(store, b"shared", b"yours")
    assert store.tidy() == 0
    drop(store, one)
    assert store.tidy() == 1
    assert read(store, two) == [b"shared", b"yours"]
    assert store.tidy() == 0
    drop(store, two)
    assert store.tidy() == 2


def test_chunks_of_an_upload_that_never_ended_go(store: Store) -> None:
    (orphan,) = store.blobs.put([b"half-way"])
    drop(store, publish(store, b"x"))
    assert store.tidy() == 2
    with pytest.raises(DamagedBlob):
        b"".join(store.read(orphan.chunks))


def test_uploads_and_sweeps_do_not_meet(store: Store) -> None:
    made: list[str] = []

    def publish_and_drop() -> None:
        for number in range(15):
            drop(store, publish(store, b"same bytes"))  # the next one finds the chunk in place, or not
            if number % 5 == 0:
                made.append(publish(store, b"same bytes", b"%d" % number))

    threads = [threading.Thread(target=publish_and_drop) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.tidy()
    for thread in threads:
        thread.join()
    store.tidy()
    assert [read(store, one)[0] for one in made] == [b"same bytes"] * 9
