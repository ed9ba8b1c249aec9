"""The notebooks of `notebooks/`: cells in the order in which they are run, with the statements marked that the last figure needs.

`# %%` begins a cell (`# %% needed`: all of it is), `# %% file NAME` a file that lies beside the notebook; `# needed` at a
line's end marks its statement, `# raises` one that fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from gofigr_jupyter.provenance.slicing.backward import Chosen, Wanted, choose
from gofigr_jupyter.provenance.slicing.trace import Cell, Step, Trace

FOLDER = Path(__file__).with_name("notebooks")
FIRST = 2  # the execution count of a notebook's first cell: the one before loads the extension
NAMES = sorted(path.stem for path in FOLDER.glob("*.nb"))
_CELL = re.compile(r"(?m)^# %%(.*)\n")
_MARK = re.compile(r"[ \t]*# (needed|raises|needed, raises)$")


@dataclass(frozen=True)
class Book:
    """A notebook; lines are pairs of the cell's execution count and the line in it."""

    name: str
    cells: tuple[str, ...]
    needed: frozenset[tuple[int, int]]
    raises: frozenset[tuple[int, int]]
    files: tuple[tuple[str, str], ...] = ()  # names and texts


def read(name: str) -> Book:
    """A notebook by its name."""
    return parsed(name, (FOLDER / f"{name}.nb").read_text(encoding="utf-8"))


def parsed(name: str, text: str) -> Book:
    """A notebook from its text."""
    _, *parts = _CELL.split(text)
    cells, needed, raises = [], set(), set()
    sections = list(zip(map(str.strip, parts[::2]), parts[1::2], strict=True))
    files = tuple((head.removeprefix("file "), text) for head, text in sections if head.startswith("file "))
    for count, (head, text) in enumerate((one for one in sections if not one[0].startswith("file ")), FIRST):
        lines = text.rstrip("\n").split("\n")
        for number, line in enumerate(lines, 1):
            mark = _MARK.search(line)
            said = mark[1] if mark else ""
            if "needed" in said or "needed" in head:
                needed.add((count, number))
            if "raises" in said:
                raises.add((count, number))
        cells.append("\n".join(_MARK.sub("", line) for line in lines))
    return Book(name, tuple(cells), frozenset(needed), frozenset(raises), files)


def traced(book: Book) -> Trace:
    """The notebook as the analysis follows it when the kernel has noted nothing but failures."""
    trace, manager = Trace(), TransformerManager()
    for count, source in enumerate(book.cells, FIRST):
        failed = next((line for cell, line in book.raises if cell == count), None)
        trace.add(Cell(count, manager.transform_cell(source).rstrip("\n"), failed_at=failed))
    return trace


def last_figure(trace: Trace) -> Chosen:
    """The slice of the last figure that the last cell shows."""
    count = trace.cells[-1].count
    shown = len(trace.shown[count])
    return choose(trace, count, Wanted(shown, shown))


def is_marked(book: Book, step: Step) -> bool:
    """Whether the statement is one that the last figure needs."""
    return any((step.cell.count, line) in book.needed for line in range(step.first_line, step.last_line + 1))
