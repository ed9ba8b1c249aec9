"""A whole notebook, run all in one go, with the worker and the server at work on the same cores."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from tests.benchmarks import cells
from tests.benchmarks.numbers import busy_at, idle_at, median, p95
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import PLAIN, THIS, Bench, Variant, end_services, temporary_folder

_TARGET = 1.15
_COLD = "cold"


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Seconds from the first cell's start to the last one's end, imports and loading included."""
    runs = {**variants, _COLD: variants[THIS]}  # once as every day, once with worker and server to be started first
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    with ExitStack() as stack:
        kept = stack.enter_context(temporary_folder())
        stack.callback(end_services, kept / "home")
        for number in range(1 + effort.notebook_repeats):
            for name, variant in runs.items():
                with temporary_folder() as folder:
                    bench = Bench(variant, folder, home=kept / "home" if name == THIS else None)
                    took = _run_all(bench, cells.notebook(effort.notebook_figures), number, is_kept=name == THIS)
                    end_services(folder / "home")
                if number:
                    seconds[name].append(took)
    base = median(seconds[PLAIN])
    ratios = {name: median(times) / base for name, times in seconds.items()}
    values = {name: f"{ratios[name]:.2f}× (p95 {p95(s):.1f} s)" for name, s in seconds.items() if name != PLAIN}
    cold = values.pop(_COLD)
    return [
        Row(
            f"Notebook with {effort.notebook_figures} figures, run all, worker and server at work",
            f"≤ {_TARGET}×",
            values | {PLAIN: f"{base:.1f} s (p95 {p95(seconds[PLAIN]):.1f})"},
            ratios[THIS] <= _TARGET,
        ),
        Row("The same when worker and server must be started first", "", {THIS: cold}),
    ]


def _run_all(bench: Bench, notebook: list[tuple[str, str]], number: int, *, is_kept: bool) -> float:
    try:
        first = bench.run(bench.variant.load or "pass")
        bench.run(cells.IMPORTS)
        for figure, source in notebook:
            last = bench.show(figure, f"run = {number}\n{source}")  # another source, so another revision
        if is_kept:
            bench.settle()
    finally:
        bench.close()
    return (idle_at(last) - busy_at(first)).total_seconds()
