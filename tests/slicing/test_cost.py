"""What the notes weigh in a parcel, and long sessions; what noting costs a cell is for the benchmarks to say."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gofigr_jupyter.extension.runs import Runs
from gofigr_jupyter.outbox import codec
from gofigr_jupyter.provenance.slicing.compute import Slice, slice_of
from gofigr_jupyter.records import CellFacts, HistoryEntry, Provenance, RunNotes, Showing
from tests.outbox.parcels import a_parcel

CELL = "values_{n} = [k * {n} for k in range(10)]\ntotal_{n} = sum(values_{n})\nprint('a line of text', total_{n})\n"


def a_shell(names: int) -> SimpleNamespace:
    """As much of a shell as notes need, with a full namespace."""
    history = SimpleNamespace(input_hist_raw=[""], input_hist_parsed=[""])
    return SimpleNamespace(user_ns={f"name_{n}": [n] for n in range(names)}, history_manager=history)


def run(shell: SimpleNamespace, runs: Runs, number: int) -> None:
    """One cell that binds three names."""
    source = CELL.format(n=number)
    runs.cell_started(SimpleNamespace(store_history=True))
    shell.history_manager.input_hist_raw.append(source)
    shell.history_manager.input_hist_parsed.append(source)
    shell.user_ns |= {f"values_{number}": [], f"total_{number}": 3, f"frame_{number}": object()}
    runs.cell_finished(f"0c3f-{number:04d}", SimpleNamespace(error_before_exec=None, error_in_exec=None))


def noted(cells: int) -> Runs:
    """What is noted of a session of so many cells."""
    shell = a_shell(300)
    runs = Runs(shell)
    for number in range(1, cells + 1):
        run(shell, runs, number)
    return runs


def provenance(cells: int, run: RunNotes) -> Provenance:
    """What a figure in the last of so many cells is published with."""
    history = tuple(HistoryEntry(n, CELL.format(n=n)) for n in range(1, cells + 1))
    return replace(a_parcel().provenance, history=history, cell=CellFacts(history[-1].source, "c", cells), run=run)


def test_the_notes_do_not_double_a_parcel() -> None:
    runs = noted(300)
    bare = codec.encode(a_parcel(provenance=provenance(300, RunNotes())))[0]
    full = codec.encode(a_parcel(provenance=provenance(300, runs.notes())))[0]
    assert len(full) < 2 * len(bare)  # these cells are short; beside longer ones it is a tenth


@pytest.mark.timeout(60)  # it takes a second
def test_a_long_session_is_sliced() -> None:
    assert isinstance(slice_of(provenance(1000, RunNotes()), Showing(1, 1)), Slice)
