"""The two threads of a lane write the same receipts: what one has finished, the other's trouble cannot undo."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import State
from gofigr_jupyter.worker.lane import Lane
from gofigr_jupyter.worker.report import report
from gofigr_jupyter.worker.verdicts import Verdict
from tests.fakes.draws import FakeDraws
from tests.outbox.parcels import a_parcel

TROUBLE = Verdict(waits=True, problem="the server is away", advice="wait")


@pytest.mark.parametrize("last", [State.COMPLETE, State.FAILED])
def test_trouble_does_not_reopen_what_is_finished(home: Path, last: State) -> None:
    box = Outbox(home)
    box.put(parcel := a_parcel())
    entry = box.find(parcel.client_id)
    assert entry is not None
    lane = Lane(home, ("http://127.0.0.1:9", None), FakeDraws(), threading.Lock())
    lane.offer(box.claim(entry), is_published=True)
    report(home, parcel.client_id, last)  # the other thread is about to put it away
    lane._tell_waiting(TROUBLE)
    receipt = read_receipt(home, parcel.client_id)
    assert receipt is not None
    assert (receipt.state, receipt.problem) == (last, None)
