"""A small lab on this machine for the commands that look back: real worker, real embedded server, real plots."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gofigr_jupyter import spawn
from gofigr_jupyter.capture import matplotlib as adapter
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.files import read_json
from gofigr_jupyter.publishing import Ids, Publisher
from gofigr_jupyter.records import Capture, CellFacts, Displayed, Environment, Package, Provenance, Ref, Target
from gofigr_jupyter.settings import Settings
from tests.outbox.parcels import a_parcel

CODE = (
    "import math\n\nx = [n / 10 for n in range(40)]\nplt.plot(x, [math.exp(-v) for v in x])",
    "import math\n\nrate = 2\nx = [n / 10 for n in range(40)]\nplt.plot(x, [math.exp(-rate * v) for v in x])",
    "import math\n\nrate = 2\nx = [n / 10 for n in range(40)]\nplt.plot(x, [math.exp(-rate * v) for v in x])\nplt.grid()",
)


@dataclass
class Lab:
    """The state folder, and what was published, oldest first."""

    home: Path
    ids: list[Ids] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)

    def publish(self, figure: str, analysis: str, code: str, drawn: Figure, version: str = "2.0") -> None:
        """One more revision into the outbox."""
        forms = ("thumbnail",) if self.ids else ("svg", "pdf", "watermark", "thumbnail")
        publisher = Publisher(Settings(home=self.home, formats=forms))
        stream = io.BytesIO()
        drawn.savefig(stream, format="png")
        capture = Capture("matplotlib", figure, (Displayed("image/png", stream.getvalue()),), adapter.source(drawn))
        like = a_parcel().provenance
        environment = Environment("3.11.9", "CPython", "/usr/bin/python3", "Linux", (Package("numpy", version),))
        facts: Provenance = replace(like, cell=CellFacts(code, "cell-1", 3), environment=environment)
        ids = publisher.mint()
        target = Target(None, None, Ref(), Ref(name=analysis), Ref(name=figure))
        publisher.publish(ids, target, capture, facts, str(len(self.ids)), metadata={"batch": len(self.ids)})
        self.ids.append(ids)
        self.pictures.append(stream.getvalue())


def decay(rate: float, *, grid: bool = False) -> Figure:
    figure = Figure(figsize=(5, 3.5), dpi=90)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([n / 10 for n in range(40)], [2.718 ** (-rate * n / 10) for n in range(40)])
    axes.set_title("Decay of the signal")
    axes.grid(visible=grid)
    return figure


def bars() -> Figure:
    figure = Figure(figsize=(5, 3.5), dpi=90)
    FigureCanvasAgg(figure)
    figure.subplots().bar(["control", "low", "high"], [3, 5, 9])
    return figure


@contextlib.contextmanager
def lab(home: Path) -> Iterator[Lab]:
    """Three revisions of one figure, and one each of two that share a name, all on the server."""
    made = Lab(home)
    try:
        for number, code in enumerate(CODE):
            made.publish("Decay", "Trial 7", code, decay(1 + min(number, 1), grid=number == 2), f"2.{number}")
        made.publish("Doses", "Trial 7", "plt.bar(names, doses)", bars())
        made.publish("Doses", "Trial 8 [old]", "plt.bar(names, old)\n\x1b[31mred[/red]", bars())
        _wait(home)
        yield made
    finally:
        for name in ("worker", "server"):
            stop(home, name)
        for child in spawn._started:
            child.wait(10)


def stop(home: Path, name: str) -> None:
    status = read_json(home / "run" / f"{name}.json")
    if status is not None and spawn.alive(home, name):
        with contextlib.suppress(ProcessLookupError):
            os.kill(status["pid"], signal.SIGKILL)
    for child in spawn._started:
        child.poll()


def _wait(home: Path, seconds: float = 300) -> None:
    box, deadline = Outbox(home), time.monotonic() + seconds
    while box.list("new", "taken"):
        assert time.monotonic() < deadline, (box.counts(), (home / "run" / "worker.log").read_text()[-2000:])
        spawn.ensure_worker(home)
        time.sleep(0.1)
