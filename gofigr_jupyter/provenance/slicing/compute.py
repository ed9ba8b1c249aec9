"""A figure's provenance -> its slice: script, map and warnings, or why there is none. The only entrance from outside.

Works within bounds whatever the cells are, always with the same outcome for the same provenance, and keeps the session
that it followed last: a notebook's figures come one after the other.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from gofigr_jupyter.provenance.slicing.backward import Chosen, Wanted, choose
from gofigr_jupyter.provenance.slicing.memory import TooMuch
from gofigr_jupyter.provenance.slicing.script import attempted, script_of
from gofigr_jupyter.provenance.slicing.trace import Cell, Step, Trace
from gofigr_jupyter.records import HistoryEntry, Missing, Provenance, RunNotes, Showing

LONGEST_SESSION = 2_000_000  # characters of code
MASKED = "Secrets in it were masked: put them in before you run it."

AWAITS = "It awaits outside of functions, which only IPython can do."


@dataclass(frozen=True, slots=True)
class Line:
    """A statement of the slice: the cell, its lines there, its text as it was run."""

    cell: int
    cell_id: str | None
    first_line: int
    last_line: int
    source: str


@dataclass(frozen=True, slots=True)
class Slice:
    """The statements that made a figure, of all that the session ran; `inputs` are the files that their cells read."""

    script: str
    statements: tuple[Line, ...]
    total: int
    inputs: tuple[str, ...]
    warnings: tuple[str, ...]


_lock = threading.Lock()
_last: list[tuple[list[Cell], Trace]] = []


def slice_of(provenance: Provenance, showing: Showing) -> Slice | Missing:
    """The slice of a figure that the provenance's cell showed."""
    if isinstance(provenance.history, Missing):
        return provenance.history if isinstance(provenance.cell, Missing) else Missing("the session is not known")
    if isinstance(provenance.cell, Missing) or provenance.cell.execution_count is None:
        return Missing("no cell was running")
    if sum(len(entry.source) for entry in provenance.history) > LONGEST_SESSION:
        return Missing("the session's code is too long to be followed")
    run = provenance.run
    if isinstance(run, Missing):
        return run
    cells = [_cell(entry, run) for entry in provenance.history]
    count = provenance.cell.execution_count
    with _lock:
        try:
            trace = _followed([cell for cell in cells if cell.count <= count], _installed(provenance))
            chosen = choose(trace, count, Wanted(showing.position, showing.of, showing.names))
            return _written(trace, chosen, provenance)
        except TooMuch as error:
            _last.clear()
            return Missing(str(error))
        except (RecursionError, MemoryError):
            _last.clear()
            return Missing("the session's code is nested too deeply to be followed")


def _cell(entry: HistoryEntry, run: RunNotes) -> Cell:
    key, kinds = str(entry.count), run.kinds.get(str(entry.count), {})
    source = run.python.get(key, entry.source.lstrip("\n"))
    skipped = len(entry.source) - len(entry.source.lstrip("\n"))
    return Cell(entry.count, source, run.cell_ids.get(key), run.failed_at.get(key), kinds, skipped)


def _installed(provenance: Provenance) -> frozenset[str]:
    """The names of installed packages, as most of them are imported; those that are being written count as not."""
    if isinstance(provenance.environment, Missing):
        return frozenset()
    packages = [one for one in provenance.environment.packages if not one.is_editable]
    return frozenset(one.name.lower().replace("-", "_") for one in packages)


def _followed(cells: Sequence[Cell], installed: frozenset[str]) -> Trace:
    """The trace of these cells, begun with that of the last figure if they begin with its cells."""
    if _last:
        known, trace = _last[0]
        if known == list(cells[: len(known)]) and trace.installed == installed:
            _last.clear()  # whatever happens now, a half-made trace is not used again
            return _continued(trace, cells, len(known))
    _last.clear()
    return _continued(Trace(installed), cells, 0)


def _continued(trace: Trace, cells: Sequence[Cell], start: int) -> Trace:
    for cell in cells[start:]:
        trace.add(cell)
    _last.append((list(cells), trace))
    return trace


def _written(trace: Trace, chosen: Chosen, provenance: Provenance) -> Slice:
    steps = [trace.steps[n] for n in chosen.steps]
    total = len(trace.steps)
    script = script_of(trace, chosen, total)
    lines = tuple(map(_line, steps))
    ran = {step.cell.count for step in steps}
    read = (one for one in provenance.inputs if one.cell is None or one.cell in ran)
    masked = (MASKED,) if any("***" in step.source for step in steps) else ()
    awaited = (AWAITS,) if any(map(_awaits, steps)) else ()
    return Slice(
        script, lines, total, tuple(dict.fromkeys(one.path for one in read)), (*chosen.warnings, *masked, *awaited)
    )


def _line(step: Step) -> Line:
    cell = step.cell
    source = attempted(step) if step.has_failed else step.source
    return Line(cell.count, cell.cell_id, step.first_line + cell.skipped, step.last_line + cell.skipped, source)


def _awaits(step: Step) -> bool:
    rest: list[ast.AST] = [step.node]
    while rest:
        node = rest.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            rest += ast.iter_child_nodes(node)
    return False
