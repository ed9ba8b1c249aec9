"""Every crash point of one enqueue, enumerated: the parcel is whole in the outbox, or nothing counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.prefixes import server_key, stock
from gofigr_jupyter.records import Parcel
from tests.faults.deeds import publish, put
from tests.faults.nursery import Nursery
from tests.faults.strace import Struck, points, strike
from tests.outbox.parcels import a_parcel

ALL = "%file,%desc"
WRITES = "write,mkdir,mkdirat,openat,rename,renameat,renameat2,link,linkat,fsync,fdatasync,close"
MAKES_ROOM = "write,mkdir,mkdirat,fsync,fdatasync"  # what a full disk refuses, as long as it is full


def homes(tmp_path: Path) -> Callable[..., Path]:
    """Fresh homes; a used one has its folders and a finished parcel already."""

    def home(number: int, *, used: bool) -> Path:
        made = tmp_path / f"{number}-{used}"
        made.mkdir(0o700)
        if used:
            box = Outbox(made)
            box.put(before := a_parcel())
            box.settle(box.claim(box.find(before.client_id)))
            stock(made, server_key(None), "abcdefgh")
        return made

    return home


def assert_whole_or_nothing(home: Path, parcel: Parcel, struck: Struck) -> None:
    """The promise."""
    box = Outbox(home)
    entries = box.list("new", "taken", "failed")
    assert len(entries) <= 1
    for entry in entries:
        assert entry.folder == "new"
        kept = box.read(entry)  # verifies sizes and hashes
        assert (kept.client_id, kept.capture) == (parcel.client_id, parcel.capture)
        assert kept.provenance == parcel.provenance
    if "returned" in struck.said:
        assert entries, f"acknowledged and lost:\n{struck.calls[-2000:]}"
    if "refused" in struck.said:
        assert not entries, "refused, and yet it is there"
    report = box.fsck()
    assert report.damaged == {}
    if not struck.was_killed:
        assert report.orphans == (), f"{report.orphans} left behind:\n{struck.calls[-2000:]}"


def assert_life_goes_on(home: Path) -> None:
    """The next figure finds the folder in order."""
    box, parcel = Outbox(home), a_parcel()
    box.put(parcel)
    assert box.read(box.find(parcel.client_id)).capture == parcel.capture


@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("deed", [put, publish])
def test_killed_at_every_call(source: Nursery, tmp_path: Path, deed: Callable[..., None], used: bool) -> None:
    fresh, log, acknowledged, unborn = homes(tmp_path), tmp_path / "log", 0, 0
    found = points(source, partial(deed, fresh(0, used=used), a_parcel()), ALL, log)
    assert {"mkdir", "openat", "write", "rename"} <= {name for name, _ in found}
    assert len(found) >= (60 if deed is publish else 40), "the enumeration has not met the enqueue"
    for number, (name, nth) in enumerate(found, 1):
        home, parcel = fresh(number, used=used), a_parcel()
        struck = strike(source, partial(deed, home, parcel), ALL, f"{name}:signal=KILL:when={nth}", log)
        assert "Traceback" not in struck.said, struck.said
        assert_whole_or_nothing(home, parcel, struck)
        assert_life_goes_on(home)
        acknowledged += struck.was_killed and "returned" in struck.said
        unborn += struck.was_killed and Outbox(home).find(parcel.client_id) is None
    assert unborn >= 15
    assert acknowledged >= (20 if deed is put else 0), "nor the fsyncs after it"


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("lasting", ["", "+"])
def test_failing_at_every_call(source: Nursery, tmp_path: Path, error: str, lasting: str) -> None:
    fresh, log, refused = homes(tmp_path), tmp_path / "log", 0
    calls = MAKES_ROOM if lasting else WRITES
    found = points(source, partial(put, fresh(0, used=False), a_parcel()), calls, log)
    for number, (name, nth) in enumerate(found, 1):
        home, parcel = fresh(number, used=False), a_parcel()
        struck = strike(source, partial(put, home, parcel), calls, f"{name}:error={error}:when={nth}{lasting}", log)
        assert not struck.was_killed
        assert "Traceback" not in struck.said, struck.said
        assert_whole_or_nothing(home, parcel, struck)
        assert_life_goes_on(home)
        refused += "refused" in struck.said
    assert refused >= 8
