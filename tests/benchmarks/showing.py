"""The kernel's time for a cell that shows a figure, the variants taking turns cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.benchmarks import cells
from tests.benchmarks.numbers import busy_ms
from tests.benchmarks.rows import Effort, Row, extra_row
from tests.benchmarks.variants import Bench, Variant, opened


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """One row for each kind of figure."""
    with opened(*variants.values()) as benches:
        samples: dict[str, dict[str, list[float]]] = {f: {name: [] for name in benches} for f in cells.FIGURES}
        for number in range(effort.warmups + effort.repeats):
            for figure in cells.FIGURES:
                for bench in _in_turn(list(benches.values()), number):
                    took = busy_ms(bench.show(figure, cells.cell(figure, number)))
                    if effort.settle:
                        bench.settle()
                    if number >= effort.warmups:
                        samples[figure][bench.variant.name].append(took)
    return [
        extra_row(f"Cell that shows a {figure}: kernel busy", samples[figure], percent=10, floor_ms=15)
        for figure in cells.FIGURES
    ]


def _in_turn(benches: Sequence[Bench], number: int) -> list[Bench]:
    """Another one begins each time, so that nobody always follows the same neighbour."""
    start = number % len(benches)
    return [*benches[start:], *benches[:start]]
