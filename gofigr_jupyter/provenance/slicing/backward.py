"""From what a figure depends on, back through the steps: those that made it.

In: a trace, and which of its cell's figures is meant. Out: the numbers of the steps, and what is not sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gofigr_jupyter.provenance.slicing.blocks import SIDE_EFFECTS
from gofigr_jupyter.provenance.slicing.chance import UNSEEDED
from gofigr_jupyter.provenance.slicing.drawing import PERHAPS
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import Location
from gofigr_jupyter.provenance.slicing.trace import Shown, Step, Trace


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figure of the cell: the n-th of so many that it showed, and the names that stood for it."""

    position: int = 0
    of: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The steps of the slice, in order; `shows` are those among them that displayed the figure."""

    steps: tuple[int, ...]
    shows: frozenset[int]
    at_end: bool  # IPython showed it when the cell ended
    warnings: tuple[str, ...] = ()


def choose(trace: Trace, count: int, wanted: Wanted) -> Chosen:
    """The steps that made a figure which the cell of that execution count showed."""
    end = 1 + max((n for n, step in enumerate(trace.steps) if step.cell.count == count), default=len(trace.steps) - 1)
    meant = _meant(trace, trace.shown.get(count, []), wanted)
    own = {n for n in range(end) if trace.steps[n].cell.count == count}
    if not meant:  # nothing that we know showed it: all of its cell is taken
        needed = {location for n in own for location in trace.steps[n].effect.reads}
        forced, at_end = own, True
    else:
        needed = {location for shown in meant for location in shown.event.reads}
        forced = {shown.step for shown in meant if shown.step is not None}
        at_end = any(shown.step is None for shown in meant)
    needed |= _side_effects(trace.steps[:end])
    steps, open_ends = _back(trace.steps[:end], needed, forced, frozenset())
    warnings: tuple[str, ...] = ()
    ignored: frozenset[Location] = frozenset()
    if open_ends & trace.chance:  # never seeded: what drew before does not matter
        ignored, warnings = trace.chance, (UNSEEDED,)
        steps, _ = _back(trace.steps[:end], needed, forced, ignored)
    while closing := _closing(trace.steps, steps):
        steps, _ = _back(trace.steps[:end], needed, {*forced, *steps, *closing}, ignored)
    told = dict.fromkeys(warning for n in steps for warning in trace.steps[n].warnings)
    return Chosen(tuple(steps), frozenset(forced), at_end, (*warnings, *told, *trace.unread))


def _meant(trace: Trace, shown: Sequence[Shown], wanted: Wanted) -> list[Shown]:
    figures = [one for one in shown if one.event.is_figure]
    chosen = figures or list(shown)
    real = [one for one in chosen if any(thing.path != PERHAPS for thing in one.event.things)]
    if all(one.event.is_sure for one in real) and len(real) == wanted.of and 0 < wanted.position <= len(real):
        return [real[wanted.position - 1]]
    things = {t for name in wanted.names for t in trace.globals.get(name, ()) if t.kind is Kind.FIGURE}
    named = [one for one in chosen if things & one.event.things]
    return named or _distinct(chosen)


def _distinct(shown: Iterable[Shown]) -> list[Shown]:
    """Loops are looked at twice: the same step shows the same."""
    found: dict[tuple[int | None, frozenset[Location]], Shown] = {}
    for one in shown:
        found.setdefault((one.step, one.event.reads), one)
    return list(found.values())


def _side_effects(steps: Sequence[Step]) -> set[Location]:
    """Imports that nobody names afterwards are there for what they do."""
    read = {location[1] for step in steps for location in step.effect.reads if location[0] == "name"}
    return {
        location
        for step in steps
        for location in step.effect.writes
        if location[0] == SIDE_EFFECTS and not (set(location[2].split()) & read)
    }


def _closing(steps: Sequence[Step], taken: Sequence[int]) -> set[int]:
    """What stands between two steps of one cell that draw, and closes the figure of the first: it is needed, too."""
    found: set[int] = set()
    drawn: set[Location] = set()
    for first, second in pairwise(n for n in taken if steps[n].draws):
        drawn |= steps[first].effect.writes
        if steps[first].cell is steps[second].cell:
            found.update(n for n in range(first + 1, second) if not drawn.isdisjoint(steps[n].closes))
    return found - set(taken)


def _back(
    steps: Sequence[Step], needed: Iterable[Location], forced: set[int], ignored: frozenset[Location]
) -> tuple[list[int], set[Location]]:
    """The steps that the needed locations depend on, and the locations that nobody has filled."""
    open_ends = set(needed) - ignored
    taken = []
    for number in range(len(steps) - 1, -1, -1):
        effect = steps[number].effect
        if number in forced or not open_ends.isdisjoint(effect.writes - ignored):
            taken.append(number)
            open_ends -= effect.kills
            open_ends |= effect.reads - ignored
    return taken[::-1], open_ends
