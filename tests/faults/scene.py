"""A real kernel and a real worker before a server in memory that misbehaves as a test wishes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import Receipt, State
from tests.extension.test_showing import displayed_bytes
from tests.fakes.server import FakeGoFigr
from tests.faults.kernels import ForkedKernel, forked
from tests.faults.nursery import Nursery
from tests.kernels import Ran, kernel_env

SETUP = "%matplotlib inline\nimport matplotlib.pyplot as plt\n%load_ext gofigr_jupyter\n%config GoFigr.formats = []"
PLOT = "plt.figure(figsize=(2, 1.5), dpi=50); plt.plot([{n}, {n}.5]); plt.title('{title}'); plt.show(); print('done')"
CELL_SECONDS = 10.0  # far more than a cell takes on a busy machine, and less than a time limit of a request


@dataclass
class Scene:
    """One home, one server; figures in the order in which they were shown."""

    source: Nursery
    home: Path
    fake: FakeGoFigr
    kernels: list[ForkedKernel] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)  # title and digest
    cells: list[Ran] = field(default_factory=list)

    @property
    def box(self) -> Outbox:
        """Its outbox."""
        return Outbox(self.home)

    def kernel(self, **env: str) -> ForkedKernel:
        """A kernel with the extension, signed in to the server."""
        made = forked(self.source, self.home, GF_URL=self.fake.url, GF_API_KEY=self.fake.token,
                      GF_ANALYSIS="Scene", **env)
        self.kernels.append(made)
        self.cells.append(made.run(SETUP))
        return made

    def show(self, kernel: ForkedKernel, *titles: str, is_saved: bool = True) -> list[str]:
        """A cell for each title, which does what it would do without us; the ids of the parcels."""
        known = {entry.client_id for entry in self.box.list()}
        for title in titles:
            began = time.monotonic()
            ran = kernel.run(PLOT.format(n=len(self.cells), title=title))
            assert time.monotonic() - began < CELL_SECONDS
            assert ran.error is None
            assert len(ran.figures) == 1
            assert "done" in ran.text
            self.cells.append(ran)
            if is_saved:
                digest = blake3(displayed_bytes(ran.figures[0])["image/png"]).hexdigest()
                self.shown.append((title, digest))
        return [entry.client_id for entry in self.box.list() if entry.client_id not in known]

    def told(self) -> list[str]:
        """Our lines to the user."""
        return [line for ran in self.cells for line in ran.text.splitlines() if line.startswith("GoFigr:")]

    def worker(self) -> int:
        """Start one; the id of its process."""
        env = kernel_env(self.home)
        return self.source.start("worker", env, self.home, log=self.home.parent / "second.log")

    def reaches(self, client_id: str, state: State, seconds: float = 60) -> Receipt:
        """Wait until a receipt says so."""
        found: list[Receipt | None] = [None]

        def is_there() -> bool:
            found[0] = read_receipt(self.home, client_id)
            return found[0] is not None and found[0].state is state

        self.until(is_there, seconds)
        assert found[0] is not None
        return found[0]

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for it."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.box.counts(), self.fake.requests[-5:], self._log())
            time.sleep(0.02)

    def arrive(self, *, poke: bool = True) -> None:
        """All that was shown is on the server, once, in order, with the displayed bytes; nothing stays behind."""
        if poke:  # `gofigr-jupyter push` does the same: no pause is waited for
            self.box.poke()
        self.until(lambda: not self.box.list("new", "taken"))
        for title in {title for title, _ in self.shown}:
            wanted = [digest for other, digest in self.shown if other == title]
            assert [self._displayed(revision) for revision in self.fake.revisions(title)] == wanted
        assert len(self.fake.revisions()) == len(self.shown)
        assert sorted(self.fake.names("figure")) == sorted({title for title, _ in self.shown})
        for revision in self.fake.revisions():
            receipt = read_receipt(self.home, revision["api_id"])
            assert receipt is not None
            assert (receipt.state, receipt.problem, receipt.advice) == (State.COMPLETE, None, None), receipt

    def _displayed(self, revision: dict[str, object]) -> str:
        items = [self.fake.objects["data"][api_id] for api_id in revision["data"]]  # type: ignore[attr-defined]
        (digest,) = [item["hash"] for item in items if item["metadata"]["role"] == "displayed"]
        return str(digest)

    def _log(self) -> str:
        path = self.home / "run" / "worker.log"
        return path.read_text()[-1500:] if path.exists() else "no worker.log"

    def close(self) -> None:
        """End everything."""
        for role in ("worker", "kernel", "server"):
            for pid in self.source.alive(self.home, role):
                self.source.kill(pid)
        for kernel in self.kernels:
            kernel.close()


@contextmanager
def scene(source: Nursery, home: Path, fake: FakeGoFigr) -> Iterator[Scene]:
    """One for a block."""
    made = Scene(source, home, fake)
    try:
        yield made
    finally:
        made.close()
