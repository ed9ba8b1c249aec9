"""The sweep: what nothing names goes, what anything names stays, also while people upload."""

from __future__ import annotations

import threading

import pytest

from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store.blobs import DamagedBlob
from gofigr_jupyter.server.store.store import Store
from tests.server.store.filling import drop, publish, read


def test_only_what_nothing_names_goes(store: Store) -> None:
    one, two = publish(store, b"shared", b"mine"), publish(store, b"shared", b"yours")
    assert store.tidy() == 0
    drop(store, one)
    assert store.tidy() == 1
    assert read(store, two) == [b"shared", b"yours"]
    assert store.tidy() == 0
    drop(store, two)
    assert store.tidy() == 2


def test_chunks_of_an_upload_that_never_ended_go(store: Store, config: ServerConfig) -> None:
    (orphan,) = store.blobs.put([b"half-way"])
    stray = config.data_dir / "blobs" / orphan.hash[:2] / f"{'0' * 64}#1"
    stray.write_bytes(b"half")
    drop(store, publish(store, b"x"))
    assert store.tidy() == 2
    assert not stray.exists()
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
