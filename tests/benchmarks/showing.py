"""The kernel's time for a cell that shows a figure, the variants taking turns cell by cell.

Two kernels of one variant may differ by a tenth for their whole lives, by where their memory happens to lie: so several
of each are asked. What follows a kernel that still clears up is slower, too: so all get a moment of rest, and the order
is drawn by lot.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.benchmarks import cells
from tests.benchmarks.numbers import busy_ms
from tests.benchmarks.rows import Effort, Row, extra_row
from tests.benchmarks.variants import Variant, opened


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """One row for each kind of figure."""
    samples: dict[str, dict[str, list[float]]] = {figure: {name: [] for name in variants} for figure in cells.FIGURES}
    lots = random.Random(effort.repeats)  # noqa: S311 - an order, not a secret
    for first in range(0, effort.repeats, effort.repeats_a_kernel):
        with opened(*variants.values()) as benches:
            for number in range(-effort.warmups, min(effort.repeats_a_kernel, effort.repeats - first)):
                for figure in cells.FIGURES:
                    for bench in lots.sample(list(benches.values()), len(benches)):
                        took = busy_ms(bench.show(figure, cells.cell(figure, first + number)))
                        if effort.settle:
                            bench.settle()
                        if number >= 0:
                            samples[figure][bench.variant.name].append(took)
    return [
        extra_row(f"Cell that shows a {figure}: kernel busy", samples[figure], percent=10, floor_ms=15)
        for figure in cells.FIGURES
    ]
