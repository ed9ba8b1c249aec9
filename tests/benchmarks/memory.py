"""The kernel's memory after many figures, and how many of them are still alive in it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks import cells
from tests.benchmarks.numbers import median
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import PLAIN, THIS, Variant, opened

_TARGET_MB = 20
_MB = 1024 * 1024
_NOTE = "_kept.append(weakref.ref(fig)); del fig, ax\n"


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Two rows: resident memory beside a plain kernel's, and live figures."""
    sizes: dict[str, list[float]] = {name: [] for name in variants}
    alive: dict[str, int] = {}
    for _ in range(effort.memory_repeats):
        for name, variant in variants.items():
            with opened(variant) as benches:
                bench = benches[name]
                bench.run("import weakref\n_kept = []")
                for number in range(effort.memory_figures):
                    bench.show("line", cells.cell("line", number) + _NOTE)
                bench.settle()
                sizes[name].append(bench.memory() / _MB)
                alive[name] = bench.kernel.value("sum(r() is not None for r in _kept)")
    base = median(sizes[PLAIN])
    values = {name: f"{median(s) - base:+.0f} MB" for name, s in sizes.items()} | {PLAIN: f"{base:.0f} MB"}
    return [
        Row(
            f"Kernel memory after {effort.memory_figures} figures",
            f"≤ +{_TARGET_MB} MB",
            values,
            median(sizes[THIS]) - base <= _TARGET_MB,
        ),
        Row("Figures still alive then", "none", {n: str(a) for n, a in alive.items()}, alive[THIS] <= alive[PLAIN]),
    ]
