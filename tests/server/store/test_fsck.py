"""fsck: every kind of damage is found and named; repairing takes away what nothing names, and nothing else."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from sqlalchemy import update

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import tables
from gofigr_jupyter.server.store.fsck import check
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import DataItem
from tests.server.store.filling import publish, read, revisions


def chunks(config: ServerConfig) -> list[Path]:
    """All stored chunks."""
    return sorted(path for path in (config.data_dir / "blobs").rglob("*") if path.is_file())


def test_all_is_well(store: Store, config: ServerConfig) -> None:
    large = random.Random(1).randbytes(2_500_000)  # noqa: S311 - repeatable
    publish(store, b"one", b"one", large)
    publish(store, large, b"")
    seen: list[tuple[int, int]] = []
    report = check(config.data_dir, told=lambda *done: seen.append(done))
    assert (report.objects, report.chunks, report.size_bytes) == (5, 4, 2_500_003)
    assert (report.damaged, report.unnamed, report.is_sound) == ([], 0, True)
    assert (seen[0], seen[-1]) == ((0, 5), (5, 5))


@pytest.mark.parametrize(("damage", "told"), [(None, "missing"), (b"", "damaged"), (b"other", "damaged")])
def test_lost_and_damaged_chunks_are_found(
    store: Store, config: ServerConfig, damage: bytes | None, told: str
) -> None:
    publish(store, b"one", b"one")
    (path,) = chunks(config)
    publish(store, b"whole")
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    report = check(config.data_dir, repair=True)
    assert [(one.kind, told in one.problem) for one in report.damaged] == [("data", True)] * 2
    assert not report.is_sound


def test_a_piece_of_something_large_is_found(store: Store, config: ServerConfig) -> None:
    publish(store, random.Random(1).randbytes(2_500_000))  # noqa: S311 - repeatable
    chunks(config)[1].unlink()
    assert len(check(config.data_dir).damaged) == 1


def test_rows_that_say_something_else_are_found(store: Store, config: ServerConfig) -> None:
    publish(store, b"one", b"two")
    with store.writing() as db:
        one, two = db.query(DataItem).order_by(DataItem.position)
        one.size_bytes, two.hash = 7, "0" * 64
    problems = [one.problem for one in check(config.data_dir).damaged if one.kind == "data"]
    assert sorted(problems) == ["it has 3 bytes, not 7", "its hash is another"]


def test_sums_that_do_not_add_up_are_found_and_set_right(store: Store, config: ServerConfig) -> None:
    publish(store, b"seven b")
    kinds = (tables.Revision, tables.Figure, tables.Analysis, tables.Workspace)
    for kind in kinds:
        with store.writing() as db:
            db.execute(update(kind).values(size_bytes=99))
        report = check(config.data_dir)
        assert not report.is_sound
        assert kind.__tablename__.startswith(report.damaged[0].kind[:6])
        mended = check(config.data_dir, repair=True)
        assert mended.is_sound
        assert mended.repaired >= 1
        with store.reading() as db:
            assert [db.query(one).one().size_bytes for one in kinds] == [7] * 4


def test_what_nothing_names_is_counted_and_goes_when_asked(store: Store, config: ServerConfig) -> None:
    kept = publish(store, b"kept")
    store.blobs.put([b"an upload that never ended"])
    report = check(config.data_dir)
    assert (report.unnamed, report.swept, report.is_sound) == (1, 0, True)
    assert len(chunks(config)) == 2
    report = check(config.data_dir, repair=True)
    assert (report.unnamed, report.swept, report.is_sound) == (0, 1, True)
    assert read(store, kept) == [b"kept"]


def test_repairs_do_uploads_in_flight_no_harm(store: Store, config: ServerConfig) -> None:
    made: list[str] = []
    is_over = threading.Event()

    def keep_publishing(number: int) -> None:
        while not is_over.is_set():
            made.append(publish(store, b"common", b"%d %d" % (number, len(made))))

    threads = [threading.Thread(target=keep_publishing, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            store.blobs.put([b"garbage"])
            assert check(config.data_dir, repair=True).is_sound
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert len(revisions(store)) == len(made)
    assert check(config.data_dir).is_sound


def test_other_folders_are_no_data(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no server's data"):
        check(tmp_path)
    assert list(tmp_path.iterdir()) == []
