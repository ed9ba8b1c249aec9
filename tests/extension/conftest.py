"""A real kernel with the extension loaded, and no worker, so that the parcels stay to be looked at."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.records import Parcel
from tests.kernels import LiveKernel, Ran, live_kernel

SETUP = """
import numpy as np, threading, time
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from IPython.display import display, clear_output
import plotly.graph_objects as go
plt.close(plt.figure())  # from the first figure of pyplot on, every Figure is shown as a picture
"""


class Notebook:
    """A kernel and its outbox: what a cell displayed beside what it published."""

    def __init__(self, kernel: LiveKernel, home: Path) -> None:
        self.kernel = kernel
        self.home = home

    def parcels(self) -> list[Parcel]:
        """Everything in the outbox, in order of display."""
        box = Outbox(self.home)
        return [box.read(entry) for entry in box.list("new")]

    def run(self, code: str, **options: object) -> tuple[Ran, list[Parcel]]:
        """Run a cell; what it sent out, and the parcels that it added."""
        before = len(self.parcels())
        ran = self.kernel.run(code, **options)  # type: ignore[arg-type]
        return ran, self.parcels()[before:]


@contextmanager
def parked_worker(home: Path) -> Iterator[None]:
    """Hold the worker's lock, so that none is started."""
    (home / "run").mkdir(parents=True, exist_ok=True)
    with (home / "run" / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel for a module of tests; the extension is loaded and the plotting libraries imported."""
    home = tmp_path_factory.mktemp("notebook") / "home"
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP)
        yield Notebook(kernel, home)
