"""A notebook run in a real kernel with our extension, and its slices run again in clean processes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.proof.compare import Compared, Stored, compare, worst
from gofigr_jupyter.proof.recorded import Cell
from gofigr_jupyter.proof.runner import Limits, Ran, Setup, run
from gofigr_jupyter.provenance.slicing.compute import Slice
from gofigr_jupyter.records import Parcel
from gofigr_jupyter.worker.slices import map_of, slice_for
from tests.extension.conftest import parked_worker
from tests.kernels import live_kernel
from tests.slicing.books import FIRST, Book


@dataclass(frozen=True)
class Figure:
    """One figure that the notebook showed."""

    parcel: Parcel
    made_by: Slice

    @property
    def stored(self) -> list[Stored]:
        """What was displayed."""
        return [Stored(one.mime_type, one.data) for one in self.parcel.capture.displayed]


def figures(book: Book, folder: Path) -> list[Figure]:
    """Run all cells of a notebook, and slice each figure that it shows."""
    home = folder / "home"
    put(book.files, folder)
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        for number, source in enumerate(book.cells, FIRST):
            kernel.run(source, cell_id=f"cell-{number}", check=False)
    box = Outbox(home)
    found = []
    for entry in box.list("new"):
        parcel = box.read(entry)
        made_by = slice_for(parcel)
        assert isinstance(made_by, Slice), made_by
        found.append(Figure(parcel, made_by))
    return found


def cells_of(made_by: Slice) -> list[Cell]:
    """The slice as verifying a revision runs it: cell by cell, as its map says."""
    statements = json.loads(map_of(made_by))["statements"]
    return [
        Cell("\n".join(one["source"] for one in group), count)
        for count, group in groupby(statements, key=lambda one: one["cell"])
    ]


def put(files: Iterable[tuple[str, str]], folder: Path) -> None:
    """The files that lie beside a notebook."""
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")


def again(cells: list[Cell], folder: Path, files: Iterable[tuple[str, str]] = ()) -> Ran:
    """Run code in a clean process, in a folder that holds nothing but these files."""
    work, private = folder / "work", folder / "private"
    work.mkdir(parents=True)
    private.mkdir()
    put(files, work)
    return run(cells, Setup(sys.executable, work, private), Limits(120.0), lambda _: None)


def likeness(figure: Figure, ran: Ran) -> Compared | str:
    """How like the stored figure is to what was shown now, or why nothing can be compared."""
    if ran.problem:
        return "\n".join([ran.problem, *ran.trace])
    compared = compare(figure.stored, ran.shown)
    return worst(compared) if compared else "nothing was shown"


def ratio(book: Book, made_by: Slice) -> float:
    """The statements of a slice for each one that the notebook marks as needed; the first cell loads the extension."""
    total = set()
    for line in made_by.statements:
        total.add((line.cell, line.first_line))
    needed = {
        (line.cell, line.first_line)
        for line in made_by.statements
        if any((line.cell, n) in book.needed for n in range(line.first_line, line.last_line + 1))
    }
    return len(total) / max(len(needed), 1)
