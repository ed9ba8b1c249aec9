"""The real river from the outbox on: real worker, real renderer, real embedded server, and kills of both."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from gofigr_jupyter import spawn
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.files import read_json
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import Capture, Displayed, Missing, Parcel, State
from gofigr_jupyter.settings import Settings
from tests.outbox.parcels import a_parcel

pytestmark = pytest.mark.slow
TRIALS = 50 if os.environ.get("GOFIGR_LONG") else 5


@pytest.fixture
def box(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    monkeypatch.setenv("GOFIGR_JUPYTER_WORKER_IDLE", "30")
    monkeypatch.setenv("PYTHONPATH", str(Path(spawn.__file__).parents[1]))
    yield Outbox(home)
    for name in ("worker", "server"):
        kill(home, name)
    for child in spawn._started:
        child.wait(10)


def kill(home: Path, name: str) -> None:
    status = read_json(home / "run" / f"{name}.json")
    if status is not None and spawn.alive(home, name):
        with contextlib.suppress(ProcessLookupError):
            os.kill(status["pid"], signal.SIGKILL)
    for child in spawn._started:
        child.poll()


def a_picture(seed: int) -> Parcel:
    stream = BytesIO()
    Image.effect_noise((64, 48), seed + 10).convert("RGB").save(stream, "PNG")
    shown = (Displayed("image/png", stream.getvalue(), {}),)
    parcel_capture = Capture("mime", f"Figure {seed % 2}", shown, Missing("nothing to draw from"))
    return a_parcel(figure=f"Figure {seed % 2}", capture=parcel_capture, formats=("thumbnail", "watermark"))


def until_done(box: Outbox, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while box.list("new", "taken"):
        assert time.monotonic() < deadline, (box.counts(), (box.home / "run" / "worker.log").read_text()[-2000:])
        spawn.ensure_worker(box.home)
        time.sleep(0.1)


def arrived_once_in_order(box: Outbox, parcels: list[Parcel]) -> None:
    spawn.ensure_server(box.home)
    with GoFigr(settings=Settings(home=box.home)) as gf:
        workspace = gf.workspaces.get(gf.primary_workspace.api_id or "")
        [analysis] = [a for a in workspace.analyses or [] if a.name == "Notes"]
        figures = gf.analyses.get(analysis.api_id or "").figures or []
        names = dict.fromkeys(str(parcel.target.figure.name) for parcel in parcels)
        assert sorted(figure.name for figure in figures) == sorted(names)
        for figure in figures:
            revisions = gf.figures.get(figure.api_id or "").revisions or []
            wanted = [p.client_id for p in parcels if p.target.figure.name == figure.name]
            assert [revision.api_id for revision in revisions] == wanted
        for parcel in parcels:
            items = gf.revisions.get(parcel.client_id).data or []
            marks = [item.metadata["local_id"] for item in items]
            assert len(set(marks)) == len(marks)
            [shown] = [item for item in items if item.metadata["role"] == "displayed"]
            assert gf.data.get(shown.api_id or "").data == parcel.capture.displayed[0].data
            assert {"thumbnail", "watermark"} <= {item.metadata["role"] for item in items}
            receipt = read_receipt(box.home, parcel.client_id)
            assert receipt is not None
            assert receipt.state is State.COMPLETE


def test_kills_of_worker_and_server_lose_and_double_nothing(box: Outbox) -> None:
    dice = random.Random(7)  # noqa: S311 - the same moments each time
    parcels: list[Parcel] = []
    for trial in range(TRIALS):
        for _ in range(2):
            parcels.append(a_picture(len(parcels)))
            box.put(parcels[-1])
        spawn.ensure_worker(box.home)
        time.sleep(dice.uniform(0.3, 2.5))
        kill(box.home, ("worker", "server")[trial % 2])
    until_done(box, 90 + TRIALS)
    arrived_once_in_order(box, parcels)
