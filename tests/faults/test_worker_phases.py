"""Every crash point of a parcel's two phases in the worker: whoever comes after it brings the parcel home, once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from gofigr_jupyter.records import Parcel, State
from gofigr_jupyter.worker import lane
from gofigr_jupyter.worker.backoff import Backoff
from tests.fakes.server import FakeGoFigr
from tests.faults.deeds import work
from tests.faults.nursery import Nursery
from tests.faults.strace import points, strike
from tests.worker.river import River

# What leaves a trace outside the process; between two of these, a crash is a crash at the next.
CALLS = "rename,renameat2,unlink,unlinkat,write,sendto,connect,fsync,mkdir"
STRIDE = 1 if os.environ.get("GOFIGR_LONG") else 5


@contextmanager
def stage(source: Nursery, home: Path, log: Path, *, published: bool) -> Iterator[tuple[River, list[Parcel]]]:
    """A home with two parcels of one figure, on the disk only or already shown by the server."""
    home.mkdir(0o700)
    with FakeGoFigr() as fake:
        river = River(home, fake)
        parcels = [river.put(), river.put()]
        if published:
            strike(source, partial(work, home, until_drawing=True), CALLS, "", log)
            assert [river.receipt(parcel).state for parcel in parcels] == [State.PUBLISHED] * 2
            assert river.box.counts()["taken"] == 2
        yield river, parcels


@pytest.mark.slow
@pytest.mark.parametrize("published", [False, True], ids=["phase 1", "phase 2"])
def test_killed_at_every_call(
    source: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: bool
) -> None:
    monkeypatch.setattr(lane, "Backoff", lambda *_: Backoff(0.02, 0.2))
    log = tmp_path / "log"
    with stage(source, tmp_path / "whole", log, published=published) as (river, parcels):
        found = points(source, partial(work, river.home), CALLS, log)
        river.arrived_once_in_order(parcels)
    assert {"rename", "sendto", "fsync"} <= {name for name, _ in found}
    chosen, killed = found[::STRIDE], 0
    assert len(chosen) >= 8
    for number, (name, nth) in enumerate(chosen):
        with stage(source, tmp_path / str(number), log, published=published) as (river, parcels):
            struck = strike(source, partial(work, river.home), CALLS, f"{name}:signal=KILL:when={nth}", log)
            assert "Traceback" not in struck.said, struck.said
            killed += struck.was_killed
            for parcel in parcels:
                receipt = river.receipt(parcel)
                if receipt is not None and receipt.state is State.COMPLETE:  # it says only what is true
                    assert parcel.client_id in river.fake.objects["revision"]
            with river.worker():
                river.drained()
            river.arrived_once_in_order(parcels)
            assert river.box.fsck().damaged == {}
    assert killed >= len(chosen) * 0.7, "most of the points must be met"
