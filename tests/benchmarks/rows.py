"""What a measurement gives: rows of one table, each with its target and whether it was met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.numbers import median, p95
from tests.benchmarks.variants import PLAIN, THIS


@dataclass(frozen=True)
class Effort:
    """How much is done for the numbers."""

    repeats: int = 20
    repeats_a_kernel: int = 5
    warmups: int = 2
    notebook_figures: int = 30
    notebook_repeats: int = 10
    memory_figures: int = 200
    memory_repeats: int = 10
    latency_cells: int = 24
    settle: bool = True  # let the worker finish one figure before the next is shown


QUICK = Effort(1, 1, 0, 6, 1, 6, 1, 2, settle=False)


@dataclass(frozen=True)
class Row:
    """One line of the table; `met` is None where no target was set."""

    what: str
    target: str
    values: Mapping[str, str] = field(default_factory=dict)
    met: bool | None = None


Samples = Mapping[str, Sequence[float]]


def extra_row(what: str, samples: Samples, *, percent: float, floor_ms: float) -> Row:
    """Milliseconds beside plain ones: at most so many percent more, or so many milliseconds, whichever is more."""
    base = median(samples[PLAIN])
    values = {PLAIN: f"{base:.0f} ms (p95 {p95(samples[PLAIN]):.0f})"}
    for name, times in samples.items():
        if name != PLAIN and times:
            more = median(times) - base
            values[name] = f"{more:+.0f} ms, {100 * more / base:+.0f} % (p95 {p95(times):.0f} ms)"
    allowed = max(floor_ms, base * percent / 100)
    met = median(samples[THIS]) - base <= allowed if samples.get(THIS) else None
    return Row(what, f"≤ +{allowed:.0f} ms", values, met)
