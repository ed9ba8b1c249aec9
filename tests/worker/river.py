"""Helpers of the worker's tests: a home with an account for a fake server, and what must be true at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blake3 import blake3

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import Parcel, Receipt, State
from gofigr_jupyter.settings import Settings, store_account
from gofigr_jupyter.worker.loop import Worker
from tests.fakes.draws import FakeDraws
from tests.fakes.server import FakeGoFigr
from tests.outbox.parcels import a_parcel


@contextmanager
def at_work(home: Path, draws: FakeDraws | None = None) -> Iterator[Worker]:
    """A worker in a thread of this process, for a block."""
    worker = Worker(home, draws or FakeDraws(), poll=0.01)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(60)
        assert not thread.is_alive()


class River:
    """One home, one fake server, and parcels on their way from the one to the other."""

    def __init__(self, home: Path, fake: FakeGoFigr) -> None:
        self.home = home
        self.fake = fake
        self.box = Outbox(home)
        self.account = store_account(Settings(home=home, url=fake.url, api_key=fake.token))

    def put(self, figure: str = "Decay", **changes: Any) -> Parcel:
        target = {"url": self.fake.url, "account": self.account}
        picture = f"picture {time.perf_counter_ns()}".encode()
        parcel = a_parcel(**({"figure": figure, "picture": picture} | target | changes))
        self.box.put(parcel)
        return parcel

    @contextmanager
    def worker(self, draws: FakeDraws | None = None) -> Iterator[Worker]:
        with at_work(self.home, draws) as worker:
            yield worker

    def receipt(self, parcel: Parcel) -> Receipt | None:
        return read_receipt(self.home, parcel.client_id)

    def reaches(self, parcel: Parcel, state: State, seconds: float = 60) -> Receipt:
        self.until(lambda: (found := self.receipt(parcel)) is not None and found.state is state, seconds)
        found = self.receipt(parcel)
        assert found is not None
        return found

    def drained(self, seconds: float = 60) -> None:
        self.until(lambda: not self.box.list("new", "taken"), seconds)

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.box.counts(), self.fake.requests[-5:])
            time.sleep(0.01)

    def is_honest(self, parcels: list[Parcel]) -> None:
        """Whatever a receipt says, at any moment, is true."""
        for parcel in parcels:
            receipt = self.receipt(parcel)
            if receipt is None or receipt.state not in {State.PUBLISHED, State.COMPLETE}:
                assert self.box.find(parcel.client_id) is not None
                continue
            revision = self.fake.objects["revision"].get(parcel.client_id)
            assert revision is not None, f"{receipt.state} is claimed, and the server has never heard of it"

    def arrived_once_in_order(self, parcels: list[Parcel]) -> None:
        """Each parcel is one revision of its figure, with all its data once, in the order of display."""
        figures = dict.fromkeys(parcel.target.figure.name for parcel in parcels)
        assert sorted(name for name in self.fake.names("figure")) == sorted(figures)
        for figure in figures:
            wanted = [parcel.client_id for parcel in parcels if parcel.target.figure.name == figure]
            assert [revision["api_id"] for revision in self.fake.revisions(figure)] == wanted
        for parcel in parcels:
            revision = self.fake.objects["revision"][parcel.client_id]
            items = [self.fake.objects["data"][api_id] for api_id in revision["data"]]
            marks = [item["metadata"]["local_id"] for item in items]
            assert len(set(marks)) == len(marks)
            shown = [item["hash"] for item in items if item["metadata"]["role"] == "displayed"]
            assert shown == [blake3(picture.data).hexdigest() for picture in parcel.capture.displayed]
            roles = {item["metadata"]["role"] for item in items}
            assert {"cell", "history", "packages", "environment", "git-diff", "source"} <= roles
            assert {"picture", "watermark", "thumbnail", "attachment"} <= roles
            receipt = self.receipt(parcel)
            assert receipt is not None
            assert receipt.state is State.COMPLETE
