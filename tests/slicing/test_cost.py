"""What noting costs the kernel, and what the notes weigh in a parcel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from types import SimpleNamespace

import pytest

from gofigr_jupyter.extension.runs import Runs
from gofigr_jupyter.outbox import codec
from gofigr_jupyter.provenance.slicing.compute import Slice, slice_of
from gofigr_jupyter.records import CellFacts, HistoryEntry, Provenance, RunNotes, Showing
from tests.extension.conftest import parked_worker
from tests.kernels import LiveKernel, live_kernel
from tests.outbox.parcels import a_parcel

CELL = "values_{n} = [k * {n} for k in range(10)]\ntotal_{n} = sum(values_{n})\nprint('a line of text', total_{n})\n"


def a_shell(names: int) -> SimpleNamespace:
    """As much of a shell as notes need, with a full namespace."""
    history = SimpleNamespace(input_hist_raw=[""], input_hist_parsed=[""])
    return SimpleNamespace(user_ns={f"name_{n}": [n] for n in range(names)}, history_manager=history)


def run(shell: SimpleNamespace, runs: Runs, number: int) -> float:
    """One cell that binds three names; the seconds that noting takes."""
    source = CELL.format(n=number)
    began = time.perf_counter()
    runs.cell_started(SimpleNamespace(store_history=True))
    spent = time.perf_counter() - began
    shell.history_manager.input_hist_raw.append(source)
    shell.history_manager.input_hist_parsed.append(source)
    shell.user_ns |= {f"values_{number}": [], f"total_{number}": 3, f"frame_{number}": object()}
    began = time.perf_counter()
    runs.cell_finished(f"0c3f-{number:04d}", SimpleNamespace(error_before_exec=None, error_in_exec=None))
    return spent + time.perf_counter() - began


def noted(cells: int) -> tuple[SimpleNamespace, Runs, list[float]]:
    """A session of so many cells."""
    shell = a_shell(300)
    runs = Runs(shell)
    return shell, runs, [run(shell, runs, n) for n in range(1, cells + 1)]


def test_a_cell_is_noted_in_a_fraction_of_a_millisecond() -> None:
    _, _, times = noted(300)  # at the end, the namespace has 1,200 names
    assert median(times) < 0.001


def test_the_notes_of_300_cells_are_copied_in_no_time() -> None:
    _, runs, _ = noted(300)
    runs.notes()
    began = time.perf_counter()
    notes = runs.notes()
    assert time.perf_counter() - began < 0.002
    assert len(notes.cell_ids) == 300


def provenance(cells: int, run: RunNotes) -> Provenance:
    """What a figure in the last of so many cells is published with."""
    history = tuple(HistoryEntry(n, CELL.format(n=n)) for n in range(1, cells + 1))
    return replace(a_parcel().provenance, history=history, cell=CellFacts(history[-1].source, "c", cells), run=run)


def test_the_notes_do_not_double_a_parcel() -> None:
    _, runs, _ = noted(300)
    bare = codec.encode(a_parcel(provenance=provenance(300, RunNotes())))[0]
    full = codec.encode(a_parcel(provenance=provenance(300, runs.notes())))[0]
    assert len(full) < 2 * len(bare)  # these cells are short; beside longer ones it is a tenth
    began = time.perf_counter()
    codec.encode(a_parcel(provenance=provenance(300, runs.notes())))
    assert time.perf_counter() - began < 0.05


def test_a_long_session_is_sliced_in_a_second() -> None:
    began = time.perf_counter()
    found = slice_of(provenance(1000, RunNotes()), Showing(1, 1))
    assert isinstance(found, Slice)
    assert time.perf_counter() - began < 5


# ---------------------------------------------------------------- in a real kernel

USER_CODE = {
    "loops": (20, "total_{n} = 0\nfor k in range(30_000):\n    total_{n} += k * {n} % 7"),
    "many small cells": (150, "x_{n} = [{n}]"),
    "tables": (
        30,
        "out_{n} = df.query('a > {n}').groupby('g')['a'].agg(['mean', 'sum']).sort_values('mean').reset_index()",
    ),
}
# Counts the seconds that the notes take; names with an underscore are not noted themselves.
WATCHED = """
import time as _time
from gofigr_jupyter.extension.current import current as _current
_runs, _spent = _current().session._runs, []
def _timed(method):
    def timed(*args):
        began = _time.perf_counter()
        try:
            return method(*args)
        finally:
            _spent.append(_time.perf_counter() - began)
    return timed
_runs.cell_started, _runs.cell_finished = _timed(_runs.cell_started), _timed(_runs.cell_finished)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKernel]:
    """A session with a table and some hundred names."""
    home = tmp_path_factory.mktemp("cost") / "home"
    with parked_worker(home), live_kernel(home) as live:
        live.run("%load_ext gofigr_jupyter")
        live.run("import pandas as pd\ndf = pd.DataFrame({'a': range(1000), 'g': list('abcd') * 250})")
        live.run("\n".join(f"name_{n} = [{n}]" for n in range(300)))
        live.run(WATCHED)
        yield live


@pytest.mark.slow
@pytest.mark.parametrize("kind", USER_CODE)
def test_user_code_is_slowed_by_less_than_a_twentieth(kernel: LiveKernel, kind: str) -> None:
    cells, source = USER_CODE[kind]
    before = kernel.value("sum(_spent)")
    began = time.perf_counter()
    for number in range(1, cells + 1):
        kernel.run(source.format(n=number))
    took = time.perf_counter() - began
    assert kernel.value("sum(_spent)") - before < 0.05 * took
