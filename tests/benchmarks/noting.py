"""What the notes for the slice take of a cell that shows nothing: the seconds of our own hooks beside the kernel's."""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks.numbers import busy_ms, median, p95
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import PLAIN, THIS, Bench, Variant, opened

_PERCENT = 5
_NAMES = 'import pandas as pd\ndf = pd.DataFrame({"a": range(1000), "g": list("abcd") * 250})\n' + "\n".join(
    f"name_{n} = [{n}]" for n in range(300)
)
_CELLS = {
    "loops": (20, "total_{n} = 0\nfor k in range(30_000):\n    total_{n} += k * {n} % 7"),
    "cells of one short line": (150, "x_{n} = [{n}]"),
    "tables": (
        30,
        "out_{n} = df.query('a > {n}').groupby('g')['a'].agg(['mean', 'sum']).sort_values('mean').reset_index()",
    ),
}
# Names with an underscore are not noted themselves.
_WATCH = """
import time as _time
from gofigr_jupyter.extension.current import current as _current
_runs, _spent = _current().session._runs, []
def _timed(method):
    def timed(*args):
        began = _time.perf_counter()
        try:
            return method(*args)
        finally:
            _spent.append(_time.perf_counter() - began)
    return timed
_runs.cell_started, _runs.cell_finished = _timed(_runs.cell_started), _timed(_runs.cell_finished)
"""


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """One row for each kind of user code."""
    shares: dict[str, list[float]] = {kind: [] for kind in _CELLS}
    for _ in range(effort.repeats):
        with opened(variants[THIS]) as benches:
            bench = benches[THIS]
            bench.run(_NAMES)
            bench.run(_WATCH)
            for kind in _CELLS:
                shares[kind].append(_percent(bench, kind))
    return [
        Row(
            f"Notes for the slice, of the time of {kind}",
            f"≤ {_PERCENT} %",
            {PLAIN: "0 %", THIS: f"{median(found):.1f} % (p95 {p95(found):.1f})"},
            median(found) <= _PERCENT,
        )
        for kind, found in shares.items()
    ]


def _percent(bench: Bench, kind: str) -> float:
    count, source = _CELLS[kind]
    before = bench.kernel.value("sum(_spent)")
    took = sum(busy_ms(bench.run(source.format(n=number))) for number in range(1, count + 1)) / 1000
    return float(100 * (bench.kernel.value("sum(_spent)") - before) / took)
