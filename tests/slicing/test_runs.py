"""What a real kernel notes of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.records import Parcel, RunNotes
from tests.extension.conftest import parked_worker
from tests.kernels import LiveKernel, live_kernel

CELLS = [
    "import numpy as np, matplotlib.pyplot as plt",
    "\n\n%time x = [1]\ntoken = 'ghp_0123456789abcdefghijABCDEFGHIJ0123456789'",
    "a = 5\nb = np.zeros(3)\nc = np.array([[], None], dtype=object)\n1 / 0\nd = 1",
    "%%time\ny = 1\nmissing.thing\nz = 3",
    "for k in range(3)",
    "def f(): pass\nrng = np.random.default_rng(1)",
    "fig, ax = plt.subplots()\nother = plt.figure()\nother.gca().plot([1, 2])",
]


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Parcel]]:
    home = tmp_path_factory.mktemp("runs") / "home"
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("before = 1")
        kernel.run("%load_ext gofigr_jupyter")
        for number, source in enumerate(CELLS, 3):
            kernel.run(source, cell_id=f"cell-{number}", check=False)
        yield _parcels(home, kernel)


def _parcels(home: Path, _: LiveKernel) -> list[Parcel]:
    box = Outbox(home)
    return [box.read(entry) for entry in box.list("new")]


@pytest.mark.slow
def test_ids_failures_magics_and_kinds_are_noted(parcels: list[Parcel]) -> None:
    run = parcels[-1].provenance.run
    assert isinstance(run, RunNotes)
    assert run.cell_ids["3"] == "cell-3"
    assert run.failed_at == {"5": 4, "6": 2, "7": 0}
    assert "run_line_magic('time', 'x = [1]')" in run.python["4"]
    assert "ghp_" not in str(run)
    assert "3" not in run.python
    assert run.kinds["5"] == {"a": "value", "b": "array", "c": "other"}
    assert run.kinds["8"] == {"rng": "random"}
    assert run.kinds["9"]["fig"] == "figure"
    assert "before" not in str(run.kinds)


@pytest.mark.slow
def test_each_figure_knows_its_place_and_names(parcels: list[Parcel]) -> None:
    assert [(p.showing.position, p.showing.of, p.showing.names) for p in parcels] == [
        (1, 2, ("fig",)),
        (2, 2, ("other",)),
    ]
