"""The whole river before servers and disks that fail: cells unharmed, receipts honest, nothing lost, told once."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.records import State
from tests.extension.conftest import parked_worker
from tests.fakes.server import FakeGoFigr
from tests.faults.nursery import Nursery
from tests.faults.scene import Scene, scene

ALWAYS = float("inf")


@pytest.fixture
def fake() -> Iterator[FakeGoFigr]:
    with FakeGoFigr() as made:
        yield made


@pytest.fixture
def stage(source: Nursery, tmp_path: Path, fake: FakeGoFigr) -> Iterator[Scene]:
    with scene(source, tmp_path / "home", fake) as made:
        yield made


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A state folder that is a file system of its own, of 2 MB."""
    folder = tmp_path / "home"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.fail("this test mounts a small disk and needs to be run as root: " + made.stderr.decode())
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_server_away_for_the_whole_session_and_back(source: Nursery, tmp_path: Path) -> None:
    with FakeGoFigr() as away:
        port = away.port
    with scene(source, tmp_path / "home", away) as stage:
        kernel = stage.kernel()
        ids = stage.show(kernel, "Alpha", "Beta", "Alpha")
        for client_id in ids:
            receipt = stage.reaches(client_id, State.WAITING)
            assert "cannot be reached" in str(receipt.problem)
            assert "tried again" in str(receipt.advice)
            assert receipt.link
        kernel.kill()
        assert stage.told() == []
        with FakeGoFigr(port=port) as back:
            stage.fake = back
            stage.arrive()


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (500, "trouble"),
        (503, "trouble"),
        ("truncated", "not a GoFigr server"),
        ("html", "not a GoFigr server"),
        ("down", "cannot be reached"),
    ],
)
def test_a_server_that_answers_with_trouble(stage: Scene, kind: str | int, problem: str) -> None:
    stage.fake.fail(kind, "", times=ALWAYS)
    kernel = stage.kernel()
    ids = stage.show(kernel, "Alpha", "Alpha")
    for client_id in ids:
        receipt = stage.reaches(client_id, State.WAITING)
        assert problem in str(receipt.problem)
        assert "\n" not in str(receipt.problem)
        assert receipt.advice
    stage.fake.mend()
    stage.show(kernel, "Alpha")
    stage.arrive()
    assert stage.told() == []


def test_a_server_that_is_slow(stage: Scene) -> None:
    stage.fake.fail("slow", "", times=ALWAYS, seconds=3.0)
    kernel = stage.kernel()
    stage.show(kernel, "Alpha", "Beta", "Alpha")
    assert not stage.fake.revisions(), "no cell has waited for the server"
    stage.fake.mend()
    stage.arrive()
    assert stage.told() == []


def test_answers_that_are_lost_after_the_deed(stage: Scene) -> None:
    stage.fake.fail("drop after commit", "POST .*/(revision|figure|analysis)/$", times=3)
    kernel = stage.kernel()
    stage.show(kernel, "Alpha", "Beta", "Alpha")
    stage.arrive()
    assert stage.told() == []


def test_asked_to_go_slower(stage: Scene) -> None:
    stage.fake.fail(429, "POST .*/revision/$", seconds=600)
    kernel = stage.kernel()
    (client_id,) = stage.show(kernel, "Alpha")
    receipt = stage.reaches(client_id, State.WAITING)
    assert "slower" in str(receipt.problem)
    asked = len(stage.fake.requests)
    time.sleep(0.5)
    assert len(stage.fake.requests) == asked, "Retry-After is honoured"
    stage.arrive()


def test_a_key_that_is_revoked_in_the_middle_and_restored(stage: Scene) -> None:
    kernel = stage.kernel()
    (first,) = stage.show(kernel, "Alpha")
    stage.reaches(first, State.COMPLETE)
    keys = set(stage.fake.keys)
    stage.fake.keys.clear()
    for client_id in stage.show(kernel, "Alpha", "Beta"):
        receipt = stage.reaches(client_id, State.WAITING)
        assert receipt.advice == "Run: gofigr-jupyter login"
        assert "sign-in" in str(receipt.problem)
    stage.fake.keys |= keys
    stage.arrive()
    assert stage.told() == []


@pytest.mark.parametrize("harm", ["a picture", "its record", "everything"])
def test_a_damaged_parcel_among_good_ones(stage: Scene, harm: str) -> None:
    with parked_worker(stage.home):
        kernel = stage.kernel()
        _, damaged, _ = stage.show(kernel, "Alpha", "Alpha", "Beta")
        entry = stage.box.find(damaged)
        assert entry is not None
        for path in entry.path.iterdir():
            if harm == "a picture" and path.name == "blob-0":
                path.write_bytes(path.read_bytes()[:-1] + b"!")
            elif harm == "its record" and path.name == "parcel.json":
                path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
            elif harm == "everything":
                path.unlink()
        assert set(stage.box.fsck().damaged) == {damaged}
        del stage.shown[1]
    receipt = stage.reaches(damaged, State.FAILED)
    assert "damaged" in str(receipt.problem)
    assert receipt.advice == "Run its cell again"
    stage.arrive()
    assert [entry.client_id for entry in stage.box.list("failed")] == [damaged]
    assert stage.told() == []


def test_two_kernels_and_two_workers_at_once(stage: Scene) -> None:
    kernels = [stage.kernel(), stage.kernel()]
    stage.show(kernels[0], "Alpha")
    stage.until(lambda: len(stage.source.alive(stage.home, "worker")) == 1)
    (first,) = stage.source.alive(stage.home, "worker")
    second = stage.worker()
    for turn in range(3):
        stage.show(kernels[turn % 2], "Alpha", f"Own {turn}")
    stage.until(lambda: not stage.source.lives(second))
    assert stage.source.lives(first)
    stage.arrive()
    assert stage.told() == []


def test_the_workers_disk_is_full_for_a_while(source: Nursery, disk: Path, fake: FakeGoFigr) -> None:
    with scene(source, disk, fake) as stage:
        with parked_worker(disk):
            kernel = stage.kernel()
            stage.show(kernel, "Alpha", "Alpha", "Beta")
            _fill(disk)
        began = len(fake.requests)
        stage.until(lambda: len(source.alive(disk, "worker")) == 1)
        time.sleep(1.5)  # it has met the full disk by now
        assert stage.box.counts()["done"] == 0
        (disk / "filler").unlink()
        stage.arrive()
        assert len(fake.requests) > began
        assert stage.told() == []


def test_the_disk_is_full_while_cells_run_and_the_worker_works(source: Nursery, disk: Path, fake: FakeGoFigr) -> None:
    with scene(source, disk, fake) as stage:
        kernel = stage.kernel()
        stage.show(kernel, "Alpha")
        _fill(disk)
        assert stage.show(kernel, "Alpha", "Beta", is_saved=False) == []
        assert len(told := stage.told()) == 1
        assert "not saved" in told[0]
        (disk / "filler").unlink()
        stage.show(kernel, "Alpha", "Beta")
        stage.arrive()
        assert len(stage.told()) == 1


def test_the_state_folder_becomes_read_only(source: Nursery, disk: Path, fake: FakeGoFigr) -> None:
    fake.fail("down", "", times=ALWAYS)
    with scene(source, disk, fake) as stage:
        kernel = stage.kernel()
        (first,) = stage.show(kernel, "Alpha")
        stage.reaches(first, State.WAITING)
        for pid in source.alive(disk, "worker"):
            source.kill(pid)  # with files open for writing, a disk does not become read-only
        _remount(disk, "ro")
        assert stage.show(kernel, "Alpha", "Beta", is_saved=False) == []
        assert len(told := stage.told()) == 1
        assert "not saved" in told[0]
        fake.mend()
        _remount(disk, "rw")
        stage.show(kernel, "Alpha")
        stage.arrive()
        assert len(stage.told()) == 1


def test_the_kernel_goes_and_the_next_one_finds_everything_published(stage: Scene) -> None:
    kernel = stage.kernel()
    stage.show(kernel, "Alpha", "Beta")
    kernel.kill()
    for pid in stage.source.alive(stage.home, "worker"):
        stage.source.kill(pid)
    stage.kernel()  # loading the extension is enough
    stage.arrive(poke=False)
    assert stage.told() == []


def _fill(disk: Path) -> None:
    """Leave no room at all: also the last pages, which a large write would skip."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                continue


def _remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)
