"""The outbox: what goes in comes out, in order, once, or is named as damaged."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.errors import OutboxError, ParcelDamaged
from gofigr_jupyter.outbox import box as box_module
from gofigr_jupyter.outbox.box import Entry, Outbox
from gofigr_jupyter.outbox.receipts import read_receipt, write_receipt
from gofigr_jupyter.records import Environment, Missing, Package, Receipt, State
from tests.outbox.parcels import a_parcel


@pytest.fixture
def box(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "home")


def test_a_parcel_comes_out_as_it_went_in(box: Outbox) -> None:
    parcel = a_parcel()
    box.put(parcel)
    [entry] = box.list("new")
    assert box.read(entry) == parcel
    assert (entry.client_id, entry.created_at) == (parcel.client_id, parcel.created_at)
    assert box.peek(entry).capture.displayed[0].data == b""
    assert box.counts() == {"new": 1, "taken": 0, "done": 0, "failed": 0}


def test_a_parcel_of_missing_facts_and_no_bytes(box: Outbox) -> None:
    parcel = a_parcel()
    bare = replace(
        parcel,
        capture=replace(parcel.capture, displayed=(), source=Missing("cannot be pickled"), title=None),
        provenance=replace(parcel.provenance, git=Missing("no git"), history=Missing("off")),
        attachments=(),
    )
    box.put(bare)
    assert box.read(box.list("new")[0]) == bare


def test_the_same_environment_and_another_one_come_out_as_they_went_in(box: Outbox) -> None:
    first, environment = a_parcel(), a_parcel().provenance.environment
    assert isinstance(environment, Environment)
    newer = replace(environment, packages=(*environment.packages, Package("naïve", "1.0", True, "file:///a")))
    same, other, missing = (
        a_parcel(provenance=replace(first.provenance, environment=one))
        for one in (first.provenance.environment, newer, Missing("not read yet"))
    )
    parcels = [first, same, other, missing, replace(first, client_id=a_parcel().client_id)]
    for parcel in parcels:
        box.put(parcel)
    assert {entry.client_id: box.read(entry) for entry in box.list("new")} == {one.client_id: one for one in parcels}


def test_free_metadata_becomes_json(box: Outbox) -> None:
    odd = {
        "nan": float("nan"),
        3: {1, 2} - {2},
        "when": datetime(2026, 1, 2, tzinfo=UTC),
        "path": Path("/a"),
        "b": b"x",
    }
    box.put(a_parcel(metadata=odd))
    assert box.read(box.list("new")[0]).metadata == {
        "nan": "nan",
        "3": [1],
        "when": "2026-01-02 00:00:00+00:00",
        "path": "/a",
        "b": "b'x'",
    }


def test_the_order_is_the_order_of_display_even_within_a_microsecond(box: Outbox) -> None:
    now = datetime.now(UTC)
    parcels = [a_parcel(created_at=now) for _ in range(50)]
    early = a_parcel(created_at=now - timedelta(seconds=1))
    for parcel in [*parcels, early]:
        box.put(parcel)
    assert [entry.client_id for entry in box.list()] == [p.client_id for p in [early, *parcels]]


def test_only_the_owner_can_look_in(box: Outbox) -> None:
    box.put(a_parcel())
    for path in [box.home, *box.home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: (path / "blob-0").unlink(),
        lambda path: (path / "blob-0").write_bytes(b"other"),
        lambda path: (path / "parcel.json").unlink(),
        lambda path: (path / "parcel.json").write_bytes(b"{"),
        lambda path: (path / "parcel.json").write_bytes(
            (path / "parcel.json").read_bytes().replace(b"Decay", b"Decoy")
        ),
    ],
)
def test_damage_is_named_and_found_by_fsck(box: Outbox, harm) -> None:
    box.put(a_parcel())
    box.put(good := a_parcel())
    entry, other = box.list("new")
    harm(entry.path)
    with pytest.raises(ParcelDamaged):
        box.read(entry)
    assert box.read(other) == good
    report = box.fsck()
    assert report.checked == 2
    assert list(report.damaged) == [entry.client_id]


def test_a_full_disk_is_said_and_leaves_nothing_behind(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.write, iter(range(10))

    def full(descriptor: int, data: bytes) -> int:
        if next(calls) >= 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data)

    monkeypatch.setattr(box_module.os, "write", full)
    with pytest.raises(OutboxError, match="No space left"):
        box.put(a_parcel())
    assert box.list() == []
    assert not list((box.root / "tmp").iterdir())


def test_a_home_that_cannot_be_made_is_an_outbox_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutboxError):
        Outbox(tmp_path / "file" / "home").put(a_parcel())


def test_the_stations_of_a_parcel(box: Outbox) -> None:
    box.put(parcel := a_parcel())
    [entry] = box.list("new")
    taken = box.claim(entry)
    with pytest.raises(OutboxError):
        box.claim(entry)
    box.release(taken)
    failed = box.fail(box.claim(entry), "no such workspace")
    write_receipt(box.home, Receipt(parcel.client_id, State.FAILED, datetime.now(UTC)))
    assert box.read(failed) == parcel
    assert box.retry("another") == 0
    assert box.retry() == 1
    assert read_receipt(box.home, parcel.client_id) is None
    done = box.settle(box.claim(box.list("new")[0]))
    assert [path.name for path in done.path.glob("blob-*")] == []
    assert box.peek(done).client_id == parcel.client_id
    assert box.find(parcel.client_id) == done


def test_sweep_drops_what_is_old(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.put(a_parcel())
    box.settle(box.claim(box.list("new")[0]))
    (box.root / "tmp" / "half").mkdir()
    box.sweep()
    assert box.counts()["done"] == 1
    assert box.fsck().orphans == ("half",)
    later = time.time() + 8 * 24 * 3600
    monkeypatch.setattr(box_module.time, "time", lambda: later)
    box.sweep()
    assert box.counts()["done"] == 0
    assert box.fsck().orphans == ()


def test_flush_waits_for_the_disk_and_poke_is_seen(box: Outbox) -> None:
    assert box.poked_at() == 0.0
    for _ in range(5):
        box.put(a_parcel())
    box.settle(box.claim(box.list("new")[0]))  # the worker may be faster than the fsync
    started = time.perf_counter()
    box.flush()
    assert time.perf_counter() - started < 9  # at ten, it gives up
    box.poke()
    assert box.poked_at() > 0


def test_a_forked_child_can_put(box: Outbox) -> None:
    box.put(a_parcel())
    code = (
        "import os, sys; from pathlib import Path\n"
        "from gofigr_jupyter.outbox.box import Outbox; from tests.outbox.parcels import a_parcel\n"
        "box = Outbox(Path(sys.argv[1])); box.put(a_parcel()); pid = os.fork()\n"
        "box.put(a_parcel()); box.flush()\n"
        "pid and sys.exit(os.waitpid(pid, 0)[1])\n"
    )
    subprocess.run([sys.executable, "-c", code, str(box.home)], check=True, timeout=120)
    assert box.counts()["new"] == 4


def test_kill_at_any_moment_leaves_whole_parcels_only(box: Outbox) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from gofigr_jupyter.outbox.box import Outbox; from tests.outbox.parcels import a_parcel\n"
        "box = Outbox(Path(sys.argv[1]))\n"
        "while True:\n    p = a_parcel(); box.put(p); print(p.client_id, flush=True)\n"
    )
    said = []
    for trial in range(5):
        child = subprocess.Popen([sys.executable, "-c", code, str(box.home)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        said.append(child.stdout.readline().strip())
        time.sleep(0.003 * trial)
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read().split()
        child.wait()
        child.stdout.close()
    report = box.fsck()
    assert report.damaged == {}
    assert {line for line in said if len(line) == 36} <= {entry.client_id for entry in box.list("new")}


@pytest.mark.slow
def test_put_imports_nothing_heavy() -> None:
    names = ("box", "receipts", "latest", "prefixes")
    heavy = "import sys, " + ", ".join(f"gofigr_jupyter.outbox.{name}" for name in names) + "; "
    heavy += "print(*{'httpx', 'pydantic', 'IPython', 'numpy', 'asyncio'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


@given(st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_name_keeps_the_time_to_the_microsecond(when: datetime) -> None:
    assert Entry(f"{box_module.stamp(when)}-id", "new", Path()).created_at == when
