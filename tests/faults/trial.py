"""One seeded trial: kernels show figures, somebody kills whatever runs, and in the end everything must be there.

The seed decides what is shown, what is killed and when; what the machine makes of it differs from run to run.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.spawn import alive
from tests.extension.test_showing import displayed_bytes
from tests.faults.kernels import ForkedKernel, forked, own_loop
from tests.faults.nursery import MUTANT, Nursery
from tests.faults.verdict import Shown, judge
from tests.kernels import Ran, kernel_env
from tests.waiting import until

TITLES = ("Alpha", "Beta", "Gamma")
DRAIN_SECONDS = 120.0
VICTIMS = ("kernel", "worker", "server")
SETUP = "%matplotlib inline\nimport matplotlib.pyplot as plt\n%load_ext gofigr_jupyter"
FIGURE = "plt.figure(figsize=(2, 1.5), dpi=50); plt.plot([{n}, {n}.5, {n}]); plt.title('{title}'); plt.show()"


@dataclass
class Plan:
    """What a seed decides."""

    seed: int
    kernels: int
    cells: list[list[str]]  # the titles that each cell shows
    pauses: list[float]
    kills: list[tuple[float, str]]  # seconds after the first cell began
    formats: tuple[str, ...]
    goes_on: bool  # a killed kernel is started again

    @classmethod
    def of(cls, seed: int) -> Plan:
        dice = random.Random(seed)  # noqa: S311 - a seed is the point
        count = dice.randint(4, 9)
        victims = dice.choices(VICTIMS, k=dice.choice([1, 1, 2, 2, 3]))
        if dice.random() < 0.2:  # two at once
            victims = dice.sample(VICTIMS, 2)
            moment = dice.uniform(0.0, 3.0)
            kills = [(moment, victim) for victim in victims]
        else:
            kills = sorted((dice.uniform(0.0, 1.5 if victim == "kernel" else 4.0), victim) for victim in victims)
        return cls(
            seed=seed,
            kernels=2 if dice.random() < 0.25 else 1,
            cells=[[dice.choice(TITLES) for _ in range(dice.choice([1, 1, 2, 3]))] for _ in range(count)],
            pauses=[dice.choice([0.0, 0.0, 0.1, 0.4]) for _ in range(count)],
            kills=kills,
            formats=("svg", "pdf", "watermark", "thumbnail") if dice.random() < 0.15 else ("watermark", "thumbnail"),
            goes_on=dice.random() < 0.7,
        )


@dataclass
class Trial:
    """A home, its processes, and what was seen."""

    source: Nursery
    plan: Plan
    mutant: str | None = None
    shown: list[Shown] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    killed_kernels: int = 0
    kernels: list[ForkedKernel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"gfk-{self.plan.seed}-"))
        self.home = self.folder / "home"
        self.home.mkdir(0o700)
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._number = 0

    def run(self) -> list[str]:
        """Play it; the problems found at the end."""
        try:
            kernels = [self.kernel() for _ in range(self.plan.kernels)]
            with ThreadPoolExecutor(3) as pool:
                killer = pool.submit(self._kill_all)
                try:
                    for session in [pool.submit(self._session, n, kernel) for n, kernel in enumerate(kernels)]:
                        session.result()
                    self.drain()
                finally:
                    self._is_over.set()
                killer.result()
            return [*self.drain(), *self.verdict()]
        finally:
            self.close()

    def kernel(self) -> ForkedKernel:
        """Another kernel with the extension; one that is killed while it starts is started again."""
        more = {MUTANT: self.mutant} if self.mutant else {}
        for _ in range(5):
            with suppress(RuntimeError):  # it died before it could say anything
                kernel = forked(
                    self.source, self.home, GF_FORMATS=" ".join(self.plan.formats), GF_ANALYSIS="Trial",
                    GOFIGR_JUPYTER_WORKER_IDLE="60", **more,
                )
                self.kernels.append(kernel)
                change = "import tests.faults.mutants as m; m.apply_in_kernel()\n" if self.mutant else ""
                if kernel.attempt(change + SETUP)[1]:
                    return kernel
        raise AssertionError("no kernel would start")

    @own_loop()
    def _session(self, number: int, kernel: ForkedKernel) -> None:
        turn = 0
        for titles, pause in zip(self.plan.cells, self.plan.pauses, strict=True):
            if not self.cell(kernel, number, turn, titles):
                if not self.plan.goes_on:
                    return
                kernel = self.kernel()
            turn += len(titles)
            time.sleep(pause)

    def cell(self, kernel: ForkedKernel, number: int, turn: int, titles: list[str]) -> bool:
        """Run a cell and note what it was to show; whether its kernel lives."""
        lines = [f"# kernel {number}"]
        for title in titles:
            with self._lock:
                self._number += 1
                lines.append(FIGURE.format(n=self._number, title=title))
        code = "\n".join(lines)
        ran, returned = kernel.attempt(code)
        assert not returned or ran.error is None, ran.error
        self.told += [line for line in ran.text.splitlines() if line.startswith("GoFigr:")]
        digests = _digests(ran)
        assert not returned or len(digests) <= len(titles)
        for place, title in enumerate(titles):
            digest = digests[place] if place < len(digests) else None
            self.shown.append(Shown(number, turn + place, title, code, digest, returned))
        return returned

    def strike(self, role: str) -> bool:
        """Kill what plays this role now; whether there was anything to kill."""
        found = self.source.alive(self.home, role)
        for pid in found:
            self.source.kill(pid)
        self.killed += [role] * len(found)
        self.killed_kernels += len(found) * (role == "kernel")
        return bool(found)

    def _kill_all(self) -> None:
        began = time.monotonic()
        for moment, victim in self.plan.kills:
            self._is_over.wait(max(0.0, began + moment - time.monotonic()))
            deadline = time.monotonic() + 1.0
            while not self.strike(victim) and time.monotonic() < deadline and not self._is_over.is_set():
                time.sleep(0.02)

    def drain(self) -> list[str]:
        """Start what is needed, as the next session of the user would, until nothing is on its way."""
        box, deadline = Outbox(self.home), time.monotonic() + DRAIN_SECONDS
        while box.list("new", "taken"):
            self.ensure("worker")
            if time.monotonic() > deadline:
                return [f"not drained within {DRAIN_SECONDS} s: {box.counts()}"]
            time.sleep(0.05)
        return []

    def ensure(self, role: str) -> None:
        """What `spawn` does, by way of the nursery."""
        if not alive(self.home, role) and not self.source.alive(self.home, role):
            self._forked(role)

    def _forked(self, role: str) -> None:
        more = {MUTANT: self.mutant} if self.mutant else {}
        env = kernel_env(self.home, GOFIGR_JUPYTER_WORKER_IDLE="60", **more)
        (self.home / "run").mkdir(exist_ok=True, mode=0o700)
        self.source.start(role, env, self.home, ("--embedded",) if role == "server" else (),
                          self.home / "run" / f"{role}.log")

    def verdict(self) -> list[str]:
        """Ask a server that is left alone now."""
        self.ensure("server")
        gf = GoFigr(settings=Settings(home=self.home))
        try:
            until(lambda: _answers(gf), 60)
            found = judge(self.home, gf, self.shown, self.plan.formats, killed_kernels=self.killed_kernels)
            return [*found, *(f"the user was told: {line}" for line in self.told)]
        finally:
            gf.close()

    def close(self) -> None:
        """End everything; the folder stays where a trial failed and is removed by its caller otherwise."""
        self._is_over.set()
        for role in VICTIMS:
            for pid in self.source.alive(self.home, role):
                self.source.kill(pid)
        for kernel in self.kernels:
            kernel.close()

    def forget(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _answers(gf: GoFigr) -> bool:
    with suppress(Exception):
        gf.info()
        return True
    return False


def _digests(ran: Ran) -> list[str]:
    shown = [displayed_bytes(content) for content in ran.figures]
    return [blake3(bundle["image/png"]).hexdigest() for bundle in shown if "image/png" in bundle]
