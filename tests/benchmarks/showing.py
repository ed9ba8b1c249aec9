"""The kernel's time for a cell that shows a figure, the variants taking turns cell by cell.

The machine may be faster at some times than at others, and kernels of one variant differ from start to start. So what a
variant adds is the median of differences to a plain cell shown right before or after it, in several kernels of each. A
kernel still writes its history when its cell has ended: all get a moment of rest, and the order is drawn by lot.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import count

from tests.benchmarks import cells
from tests.benchmarks.numbers import busy_ms
from tests.benchmarks.rows import Effort, Pair, Row, extra_row
from tests.benchmarks.variants import PLAIN, THIS, Bench, Variant, opened


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """One row for each kind of figure."""
    turns = [THIS] * effort.pairs_of_ours + [name for name in variants if name not in {PLAIN, THIS}]
    pairs: dict[str, dict[str, list[Pair]]] = {figure: {name: [] for name in turns} for figure in cells.FIGURES}
    lots = random.Random(effort.repeats)  # noqa: S311 - an order, not a secret
    for _ in range(effort.kernels):
        with opened(*variants.values()) as benches:
            numbers = count()
            for turn in range(-effort.warmups, effort.repeats // effort.kernels):
                for figure in cells.FIGURES:
                    for name in lots.sample(turns, len(turns)):
                        couple = lots.sample([benches[PLAIN], benches[name]], 2)
                        source = cells.cell(figure, next(numbers))
                        took = {bench.variant.name: _busy(bench, figure, source, effort) for bench in couple}
                        if turn >= 0:
                            pairs[figure][name].append(Pair(took[PLAIN], took[name]))
    return [
        extra_row(f"Cell that shows a {figure}: kernel busy", pairs[figure], percent=10, floor_ms=15)
        for figure in cells.FIGURES
    ]


def _busy(bench: Bench, figure: str, source: str, effort: Effort) -> float:
    took = busy_ms(bench.show(figure, source))
    if effort.settle:
        bench.settle()
    return took
