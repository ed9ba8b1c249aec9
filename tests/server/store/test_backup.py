"""Backups: whole as of one moment while people publish, only what is new the second time, proved when restored."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store.backup import MANIFEST, NotABackup, back_up, read_manifest
from gofigr_jupyter.server.store.database import FILE_NAME
from gofigr_jupyter.server.store.fsck import check
from gofigr_jupyter.server.store.restore import restore
from gofigr_jupyter.server.store.store import RESTORING, Store
from tests.server.store.filling import drop, publish, revisions

ROOT = Path(__file__).parents[3]
TRIALS = 40 if os.environ.get("GOFIGR_LONG") else 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backup"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """Where they are restored."""
    return tmp_path / "restored"


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def restored(folder: Path) -> dict[str, list[bytes]]:
    """All revisions of a restored folder."""
    store = Store.in_folder(folder)
    try:
        return revisions(store)
    finally:
        store.close()


def test_everything_comes_back_and_is_for_the_operator_alone(
    store: Store, config: ServerConfig, folder: Path, there: Path
) -> None:
    (config.data_dir / "secret").write_text("of the server")
    large = random.Random(1).randbytes(22_000_000)  # noqa: S311 - repeatable; has chunks of both sizes
    for parts in ([b"one", b"two"], [large, b"one"], [b""]):
        publish(store, *parts)
    seen: list[tuple[int, int]] = []
    made = back_up(config.data_dir, folder, lambda *done: seen.append(done))
    assert (made.new, seen[0], seen[-1]) == (20, (0, 20), (20, 20))
    manifest = restore(folder, there)
    assert manifest == made.manifest
    assert restored(there) == revisions(store)
    assert (there / "secret").read_text() == "of the server"
    for root in (folder, there):
        for path in [root, *root.rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path
    assert check(there).is_sound


def test_the_second_time_only_what_is_new_is_copied(store: Store, config: ServerConfig, folder: Path) -> None:
    publish(store, b"one", b"two")
    gone = publish(store, b"three")
    assert back_up(config.data_dir, folder).new == 3
    times = {path: path.stat().st_mtime_ns for path in (folder / "blobs").rglob("*") if path.is_file()}
    drop(store, gone)
    publish(store, b"four")
    assert back_up(config.data_dir, folder).new == 1
    after = {path: path.stat().st_mtime_ns for path in (folder / "blobs").rglob("*") if path.is_file()}
    assert len(times.items() & after.items()) == 2
    assert len(after) == 3
    assert len(list(folder.glob("rows-*"))) == 1


def test_what_the_backup_lost_is_copied_again(store: Store, config: ServerConfig, folder: Path, there: Path) -> None:
    publish(store, b"one", b"two", b"three")
    back_up(config.data_dir, folder)
    first, second, _ = (path for path in sorted((folder / "blobs").rglob("*")) if path.is_file())
    first.write_bytes(b"")
    second.unlink()
    assert back_up(config.data_dir, folder).new == 2
    restore(folder, there)
    assert restored(there) == revisions(store)


def test_what_the_server_lost_is_told_and_the_rest_is_saved(
    store: Store, config: ServerConfig, folder: Path, there: Path
) -> None:
    publish(store, b"lost")
    (path,) = (path for path in (config.data_dir / "blobs").rglob("*") if path.is_file())
    path.write_bytes(b"else")
    publish(store, b"kept")
    assert back_up(config.data_dir, folder).manifest.absent == [path.name]
    assert restore(folder, there).absent == [path.name]
    assert not check(there).is_sound
    assert [one.kind for one in check(there).damaged] == ["data"]


@pytest.mark.parametrize("victim", ["rows-*", "blobs/*/*", "files/*", MANIFEST])
@pytest.mark.parametrize("damage", ["gone", "empty", "flipped"])
def test_a_damaged_backup_is_refused(
    store: Store, config: ServerConfig, folder: Path, there: Path, victim: str, damage: str
) -> None:
    (config.data_dir / "secret").write_text("of the server")
    publish(store, b"one", b"two")
    back_up(config.data_dir, folder)
    path = next(iter(folder.glob(victim)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else content)
    with pytest.raises(NotABackup):
        restore(folder, there)
    assert not (there / FILE_NAME).exists()


def test_folders_that_are_something_else_are_left_alone(
    store: Store, config: ServerConfig, folder: Path, there: Path, tmp_path: Path
) -> None:
    publish(store, b"one")
    back_up(config.data_dir, folder)
    there.mkdir()
    (there / "thesis.tex").write_text("all my work")
    for wrong in (there, folder, config.data_dir):
        before = contents(wrong)
        with pytest.raises(ConfigurationError):
            restore(folder, wrong)
        assert contents(wrong) == before
    with pytest.raises(ConfigurationError, match=r"thesis\.tex"):
        back_up(config.data_dir, there)
    for wrong in (config.data_dir, config.data_dir / "backup", tmp_path):
        with pytest.raises(ConfigurationError):
            back_up(config.data_dir, wrong)
    with pytest.raises(ConfigurationError, match="no server's data"):
        back_up(tmp_path / "nowhere", tmp_path / "b")
    with pytest.raises(NotABackup):
        restore(there, tmp_path / "r")


def test_a_restore_that_never_ended_keeps_servers_away_and_can_be_begun_anew(
    store: Store, config: ServerConfig, folder: Path, there: Path
) -> None:
    publish(store, b"one")
    back_up(config.data_dir, folder)
    for leftovers in ([], ["blobs"], ["blobs", FILE_NAME]):
        shutil.rmtree(there, ignore_errors=True)
        (there / RESTORING / "blobs").mkdir(parents=True)
        for name in leftovers:
            (there / name).mkdir() if name == "blobs" else (there / name).write_bytes(b"half")
        with pytest.raises(ConfigurationError, match="not restored to the end"):
            Store.in_folder(there)
        restore(folder, there)
        assert restored(there) == revisions(store)


def test_a_backup_taken_while_people_publish_is_whole(
    store: Store, config: ServerConfig, folder: Path, there: Path
) -> None:
    sent: dict[str, list[bytes]] = {}
    is_over = threading.Event()

    def keep_publishing(number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - repeatable
        while not is_over.is_set():
            parts = [b"common", rng.randbytes(rng.choice([10, 20_000, 1_500_000]))]
            api_id = publish(store, *parts)
            sent[api_id] = parts
            if rng.random() < 0.3:
                drop(store, api_id)
                store.tidy()

    threads = [threading.Thread(target=keep_publishing, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    backups: list[set[str]] = []
    try:
        for _ in range(3):
            time.sleep(0.2)
            before = set(sent.copy())
            made = back_up(config.data_dir, folder)
            assert made.manifest.absent == []
            backups.append(before)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    restore(folder, there)
    found = restored(there)
    assert found
    assert all(sent[api_id] == parts for api_id, parts in found.items())
    with store.reading():
        stayed = set(revisions(store))
    assert backups[-1] & stayed <= set(found)  # what was answered before it began, and not deleted, is in it
    assert check(there).is_sound
    assert check(config.data_dir).is_sound


def trials(code: str, seconds: float, count: int) -> Iterator[None]:
    """Runs Python in a process that is killed at moments spread over so many seconds."""
    for number in range(count):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()  # all is imported
        time.sleep(seconds * number / count)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        yield


@pytest.mark.slow
def test_kill_9_leaves_the_source_alone_and_nothing_that_looks_whole(
    store: Store, config: ServerConfig, folder: Path, there: Path
) -> None:
    for number in range(60):
        publish(store, b"%d" % number * 3000)
    before = revisions(store)
    head = "import sys, pathlib; from gofigr_jupyter.server.store import backup, restore; print(flush=True); "
    begun = time.monotonic()
    back_up(config.data_dir, folder)
    seconds = 1.5 * (time.monotonic() - begun)
    shutil.rmtree(folder)
    source = contents(config.data_dir)
    paths = f"pathlib.Path({str(config.data_dir)!r}), pathlib.Path({str(folder)!r})"
    for _ in trials(f"{head} backup.back_up({paths})", seconds, TRIALS):
        assert contents(config.data_dir) == source
        try:
            read_manifest(folder)
        except NotABackup:
            continue
        restore(folder, there)
        assert restored(there) == before
        shutil.rmtree(there)
    back_up(config.data_dir, folder)
    copied = contents(folder)
    paths = f"pathlib.Path({str(folder)!r}), pathlib.Path({str(there)!r})"
    for _ in trials(f"{head} restore.restore({paths})", seconds, TRIALS):
        assert contents(folder) == copied
        if there.exists() and any(there.iterdir()) and not (there / RESTORING).exists():
            assert restored(there) == before
            shutil.rmtree(there)
        elif (there / RESTORING).exists():
            with pytest.raises(ConfigurationError):
                Store.in_folder(there)
    shutil.rmtree(there, ignore_errors=True)
    restore(folder, there)
    assert restored(there) == before
