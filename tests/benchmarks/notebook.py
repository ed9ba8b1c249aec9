"""A whole notebook, run all in one go, with the worker and the server at work on the same cores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import cells
from tests.benchmarks.numbers import busy_at, idle_at, median, p95
from tests.benchmarks.rows import Effort, Pair, Row
from tests.benchmarks.variants import PLAIN, THIS, Bench, Variant, end_services, temporary_folder

_TARGET = 1.15
_COLD = "cold"  # once as every day, once with worker and server to be started first


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Seconds from the first cell's start to the last one's end, imports and loading included, against a plain run nearby."""
    pairs: dict[str, list[Pair]] = {}
    with ExitStack() as stack:
        home = stack.enter_context(temporary_folder()) / "home"
        stack.callback(end_services, home)
        _round({**variants, _COLD: variants[THIS]}, [THIS, PLAIN], home, effort, "warm-up")
        for number in range(effort.notebook_repeats):
            took = _round({**variants, _COLD: variants[THIS]}, _turns(variants), home, effort, str(number))
            for name, pair in _pairs(took):
                pairs.setdefault(name, []).append(pair)
    ratios = {name: median([pair.variant / pair.plain for pair in found]) for name, found in pairs.items()}
    late = {name: p95([pair.variant for pair in found]) for name, found in pairs.items()}
    plain = [pair.plain for pair in pairs[THIS]]
    values = {name: f"{ratio:.2f}× (p95 {late[name]:.1f} s)" for name, ratio in ratios.items()}
    cold = values.pop(_COLD)
    return [
        Row(
            f"Notebook with {effort.notebook_figures} figures, run all, worker and server at work",
            f"≤ {_TARGET}×",
            values | {PLAIN: f"{median(plain):.1f} s (p95 {p95(plain):.1f})"},
            ratios[THIS] <= _TARGET,
        ),
        Row("The same when worker and server must be started first", "", {THIS: cold}),
    ]


def _turns(variants: Mapping[str, Variant]) -> list[str]:
    """One round: a plain run beside each other, for a machine's speed drifts by more than what is measured."""
    others = [name for name in variants if name not in {PLAIN, THIS}]
    return [turn for other in others for turn in (THIS, PLAIN, other)] + ([] if others else [THIS, PLAIN]) + [_COLD]


def _round(
    variants: Mapping[str, Variant], turns: Sequence[str], home: Path, effort: Effort, number: str
) -> list[tuple[str, float]]:
    """The turns, and how many seconds each took."""
    took = []
    for turn, name in enumerate(turns):
        with temporary_folder() as folder:
            bench = Bench(variants[name], folder, home=home if name == THIS else None)
            sources = cells.notebook(effort.notebook_figures)
            took.append((name, _run_all(bench, sources, f"{number}.{turn}", is_kept=name == THIS)))
            end_services(folder / "home")
    return took


def _pairs(took: Sequence[tuple[str, float]]) -> Iterator[tuple[str, Pair]]:
    """Each run that is not plain, with the plain one nearest to it."""
    plain = [turn for turn, (name, _) in enumerate(took) if name == PLAIN]
    for turn, (name, seconds) in enumerate(took):
        if name != PLAIN:
            nearest = min(plain, key=lambda other: abs(other - turn))
            yield name, Pair(took[nearest][1], seconds)


def _run_all(bench: Bench, notebook: list[tuple[str, str]], number: str, *, is_kept: bool) -> float:
    try:
        first = bench.run(bench.variant.load or "pass")
        bench.run(cells.IMPORTS)
        for figure, source in notebook:
            last = bench.show(figure, f"run = {number!r}\n{source}")  # another source, so another revision
        if is_kept:
            bench.settle()
    finally:
        bench.close()
    return (idle_at(last) - busy_at(first)).total_seconds()
