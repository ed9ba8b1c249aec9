"""The cells of a session, in the order in which they ran -> their statements with their effects, and what was shown.

In: cells as plain text with the kernel's notes. Out: steps. The same cells give the same steps; further cells can be
added, so that a session is followed once, not once a figure.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gofigr_jupyter.provenance.slicing import magics
from gofigr_jupyter.provenance.slicing.blocks import COLOUR_MAPS, Blocks
from gofigr_jupyter.provenance.slicing.drawing import STYLE, Event
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.memory import TooInvolved
from gofigr_jupyter.provenance.slicing.things import FOLDER, IMPORTS, NOTHING, STAR, Effect, Location, Things

LONGEST_CELL = 200_000  # characters
_SEABORNS = re.compile(r"['\"](?:rocket|mako|icefire|vlag|flare|crest)(?:_r)?['\"]")
_WORD = re.compile(r"[^\W\d]\w*")
_TOLD = frozenset(Kind) - {Kind.LIBRARY, Kind.FUNCTION, Kind.CLASS, Kind.INSTANCE}


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a cell: Python, as IPython made it of the cell's text.

    `failed_at` is the line of the statement that raised; 0 when nothing of the cell ran. `kinds` tells what the names
    that it bound stood for when it had ended.
    """

    count: int
    source: str
    cell_id: str | None = None
    failed_at: int | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    skipped: int = 0  # empty lines at the top, which IPython takes away


@dataclass(frozen=True, slots=True)
class Step:
    """One statement that ran: where it stands, its text, what it does."""

    cell: Cell
    first_line: int
    last_line: int
    source: str
    node: ast.stmt
    effect: Effect
    warnings: tuple[str, ...] = ()
    has_failed: bool = False
    is_last: bool = False  # an expression at the end of its cell: IPython displays its value
    draws: bool = False  # has to do with pyplot's figures, which are closed when the cell ends
    closes: frozenset[Location] = frozenset()  # those of them that it closes, perhaps


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that a cell displayed; by which step, or by none when IPython showed it at the end of the cell."""

    step: int | None
    event: Event


class Trace(Blocks):
    """Follows the cells of one session."""

    def __init__(self, installed: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.installed = installed
        self.cells: list[Cell] = []
        self.steps: list[Step] = []
        self.unread: list[str] = []  # cells that could not be followed
        self.shown: dict[int, list[Shown]] = {}  # by execution count
        self._results = self.fresh(Kind.CONTAINER)
        self.globals["Out"] = frozenset({self._results})

    def add(self, cell: Cell) -> None:
        """Follow one more cell. Raises TooMuch, RecursionError."""
        self.cells.append(cell)
        shown, first = self.shown.setdefault(cell.count, []), len(self.steps)
        for node, text, offset, warning, has_failed, is_last in self._statements(cell):
            self.begin()
            self.events, self.closed = [], set()
            before = self.globals.get("@figure", NOTHING), len(self.open)
            try:
                self._follow(node, text, warning, is_last=is_last, cell=cell, has_failed=has_failed)
            except (RecursionError, TooInvolved):
                self.begin()
                self.anything("It is too involved to be followed, so that all before it is taken to be needed.")
            if _SEABORNS.search(text):
                self.effect.reads.add(COLOUR_MAPS)
            draws = before != (self.globals.get("@figure", NOTHING), len(self.open)) or self._speaks_of_figures()
            line = magics.first_line(node) + offset
            shown += [Shown(len(self.steps), event) for event in self.events]
            warnings = (*((warning,) if warning else ()), *self.warnings)
            last = (node.end_lineno or node.lineno) + offset
            closed = {("thing", figure.number, "") for figure in self.closed}
            step = Step(cell, line, last, text, node, self.effect, warnings, has_failed, is_last=is_last)
            self.steps.append(replace(step, draws=draws, closes=frozenset(closed)))
        self.begin()
        self.events = []
        if self.shows_at_end:
            self.show_open()
        else:
            self.show_changed({location for step in self.steps[first:] for location in step.effect.writes})
        shown += [Shown(None, event) for event in self.events]

    # ------------------------------------------------------------ statements of a cell

    def _statements(self, cell: Cell) -> Iterator[tuple[ast.stmt, str, int, str, bool, bool]]:
        if cell.failed_at == 0:
            return
        if len(cell.source) > LONGEST_CELL:
            self.unread.append(f"In [{cell.count}] is too long to be looked at.")
            return
        try:
            found = list(magics.pieces(cell.source))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            self.unread.append(f"In [{cell.count}] could not be read.")
            return
        self._take_hints(cell, [node for node, *_ in found])
        is_timed = cell.source.startswith("get_ipython().run_cell_magic(")  # the line that failed is the body's own
        for number, (node, text, offset, warning) in enumerate(found):
            shift = 0 if is_timed else offset
            first, last = node.lineno + shift, (node.end_lineno or node.lineno) + shift
            has_failed = cell.failed_at is not None and first <= cell.failed_at <= last
            if cell.failed_at is not None and first > cell.failed_at:
                return
            is_last = number == len(found) - 1 and isinstance(node, ast.Expr)
            quiet = cell.source.rstrip().endswith(";")
            yield node, text, offset, warning, has_failed, is_last and not quiet
            if has_failed:
                return

    def _take_hints(self, cell: Cell, nodes: list[ast.stmt]) -> None:
        """The kernel saw the names at the end of the cell: this tells of those that the cell binds once."""
        bound: dict[str, int] = {}
        for node in nodes:
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    bound[part.id] = bound.get(part.id, 0) + 1
        known = {name: Kind(word) for name, word in cell.kinds.items() if word in _TOLD}
        self.hints = {name: kind for name, kind in known.items() if bound.get(name, 0) == 1}
        self.bound_names = tuple(name for name in cell.kinds if name not in bound)

    def _follow(self, node: ast.stmt, text: str, warning: str, *, is_last: bool, cell: Cell, has_failed: bool) -> None:
        if warning and "run_path(" in text:
            self._run_file(node)
            return
        if text.startswith("get_ipython().") or (warning and "get_ipython()." in text):
            self._magic(node)
        if has_failed:
            self.branch(lambda: self.run(node))
            return
        if is_last and isinstance(node, ast.Expr):
            self._last_expression(node.value, cell.count)
        else:
            self.run(node)
        self.effect.kills |= {("name", name, "") for name in self.certain}

    def _last_expression(self, value: ast.expr, count: int) -> None:
        """IPython displays its value, and keeps it under names of its own."""
        self.is_discarded = isinstance(value, ast.Call)
        things = self.look(value)
        self.is_discarded = False
        if self._is_displayed(value, things):
            self.show(things)
        self.effect.writes |= {("name", name, "") for name in ("_", f"_{count}")}
        self.change([self._results], str(count), sure=True)
        self._results.slots[str(count)] = set(things)
        for name in ("_", f"_{count}"):
            self.globals[name] = things

    def _is_displayed(self, value: ast.expr, things: Things) -> bool:
        """Whether this shows a figure that the end of the cell would not show anyway."""
        if not things or (self.shows_at_end and things <= {figure for figure in self.open if not figure.path}):
            return False
        is_method = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
        is_old_axes = all(t.kind is Kind.FIGURE and not t.path and not self.is_new(t) for t in things)
        return not (is_method and is_old_axes)

    def _speaks_of_figures(self) -> bool:
        numbers = {figure.number for figure in self.open}
        touched = self.effect.reads | self.effect.writes
        return ("name", "@figure", "") in touched or any(kind == "thing" and n in numbers for kind, n, _ in touched)

    # ------------------------------------------------------------ magics that stay

    def _run_file(self, node: ast.stmt) -> None:
        """`%run`: it reads a file, and binds what the kernel saw."""
        texts = [p.value for p in ast.walk(node) if isinstance(p, ast.Constant) and isinstance(p.value, str)]
        self.effect.reads |= {FOLDER, IMPORTS, *(("file", text, "") for text in texts)}
        self.effect.writes.add(STAR)
        for name in self.bound_names:
            self.store(name, frozenset({self.fresh()}))
        self.effect.kills |= {("name", name, "") for name in self.certain}

    def _magic(self, node: ast.stmt) -> None:
        """What IPython alone knows: it may read the names that it speaks of, and bind what the kernel saw."""
        parts = ast.walk(node)
        texts = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
        if texts[0] in {"config", "matplotlib"}:
            self.set_state(STYLE, " ".join(texts)[:200])
            stays_open = "close_figures" in texts[-1] and "False" in texts[-1]
            self.shows_at_end = not stays_open and (texts[0] != "matplotlib" or "inline" in texts[-1])
            return
        for word in {word for text in texts for word in _WORD.findall(text[:20_000])} & self.globals.keys():
            self.read(self.load(word))
        for name in self.bound_names:
            self.store(name, frozenset({self.fresh()}))
