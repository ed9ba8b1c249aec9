"""What a measurement gives: rows of one table, each with its target and whether it was met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.benchmarks.numbers import median, p95
from tests.benchmarks.variants import PLAIN, THIS


@dataclass(frozen=True)
class Effort:
    """How much is done for the numbers."""

    repeats: int = 20
    kernels: int = 4  # that share the repeats
    pairs_of_ours: int = 2  # for one of each other tool
    warmups: int = 2
    notebook_figures: int = 30
    notebook_repeats: int = 10
    memory_figures: int = 200
    memory_repeats: int = 10
    latency_cells: int = 24
    settle: bool = True  # let the worker finish one figure before the next is shown


QUICK = Effort(1, 1, 1, 0, 6, 1, 6, 1, 2, settle=False)


@dataclass(frozen=True)
class Row:
    """One line of the table; `met` is None where no target was set."""

    what: str
    target: str
    values: Mapping[str, str] = field(default_factory=dict)
    met: bool | None = None


class Pair(NamedTuple):
    """What plain display took, and what a variant took right before or after it."""

    plain: float
    variant: float


def extra_row(what: str, pairs: Mapping[str, Sequence[Pair]], *, percent: float, floor_ms: float) -> Row:
    """What a variant adds to plain cells: at most so many percent, or so many milliseconds, whichever is more."""
    plain = [pair.plain for pair in pairs[THIS]]
    values = {PLAIN: f"{median(plain):.0f} ms (p95 {p95(plain):.0f})"}
    for name, times in pairs.items():
        more, base = _added(times), median([pair.plain for pair in times])
        late = p95([pair.variant for pair in times])
        values[name] = f"{more:+.0f} ms, {100 * more / base:+.0f} % (p95 {late:.0f} ms)"
    allowed = max(floor_ms, median(plain) * percent / 100)
    return Row(what, f"≤ +{allowed:.0f} ms", values, _added(pairs[THIS]) <= allowed)


def _added(pairs: Sequence[Pair]) -> float:
    return median([pair.variant - pair.plain for pair in pairs])
