"""The time of the line that loads each variant, each time in a fresh kernel, and what it imports."""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks.numbers import busy_ms, median, p95
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import PLAIN, THIS, Variant, opened

_TARGET_MS = 300
_IMPORTED = """
import sys
print(" ".join(n for n in ("matplotlib", "plotly", "bokeh", "altair", "seaborn", "PIL", "pandas") if n in sys.modules))
"""


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Two rows: the time, and the plotting libraries found in memory afterwards."""
    loaded = {name: variant for name, variant in variants.items() if name != PLAIN}
    times: dict[str, list[float]] = {name: [] for name in loaded}
    imported: dict[str, str] = {}
    for number in range(1 + effort.repeats):
        for name, variant in loaded.items():
            with opened(variant, prepare=False) as benches:
                bench = benches[name]
                before = set(bench.run(_IMPORTED).text.split())
                took = busy_ms(bench.run(variant.load))
                imported[name] = " ".join(sorted(set(bench.run(_IMPORTED).text.split()) - before)) or "none"
                if number:
                    times[name].append(took)
    values = {name: f"{median(t):.0f} ms (p95 {p95(t):.0f})" for name, t in times.items()}
    return [
        Row("Loading in a fresh kernel", f"≤ {_TARGET_MS} ms", values, median(times[THIS]) <= _TARGET_MS),
        Row("Plotting libraries imported by loading", "none", imported, imported[THIS] == "none"),
    ]
