"""python -m tests.benchmarks: measures all, or what is named by --only, and prints the table."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import api, asking, cdn, latency, loading, memory, notebook, noting, opening, showing, stored, web
from tests.benchmarks.peers import GOFIGR as GOFIGR_PINNED
from tests.benchmarks.peers import CannotInstall, Environments, default_cache
from tests.benchmarks.report import Run, write
from tests.benchmarks.rows import QUICK, Effort
from tests.benchmarks.variants import GOFIGR, PLAIN, THIS, WANDB, Variant, stub_variant, this_variant, wandb_variant
from tests.fakes.server import FakeGoFigr
from tests.kernels import REPOSITORY

MEASURES = {
    "cells": showing.measure,
    "notebook": notebook.measure,
    "noting": noting.measure,
    "loading": loading.measure,
    "latency": latency.measure,
    "memory": memory.measure,
    "stored": stored.measure,
    "api": api.measure,
    "asking": asking.measure,
    "opening": opening.measure,
    "cdn": cdn.measure,
    "web": web.measure,
}

NOTE = (
    f"Medians of {Effort.repeats} runs (notebook: {Effort.notebook_repeats}, memory: {Effort.memory_repeats}) in real "
    "kernels, the variants taking turns. Cells: medians of differences to the plain cell shown right before or after, in "
    f"{Effort.kernels} kernels of each, and {Effort.repeats * Effort.pairs_of_ours} of ours; notebooks: medians of ratios "
    "to the plain run beside it. gofigr uploads before its cell returns, here to a stub that answers at once; wandb writes "
    "to the disk alone."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, perhaps write; 1 when a target was missed or a measurement failed."""
    asked = _parser().parse_args(arguments)
    effort = QUICK if asked.quick else Effort()
    with _run(asked.cache, asked.without, quick=asked.quick) as run:
        for name in asked.only or MEASURES:
            _say(f"{name} ...")
            began = time.monotonic()
            run.note_load()
            try:
                run.rows += MEASURES[name](run.variants, effort)
            except Exception as error:
                traceback.print_exc()
                run.failed.append(f"{name}: {type(error).__name__}")  # the rest is worth having all the same
            run.note_load()
            _say(f"{name}: {time.monotonic() - began:.0f} s")
        text = run.markdown()
    print(text)
    if asked.write and not run.failed:
        write(asked.write, text)
    return int(bool(run.failed) or any(row.met is False for row in run.rows))


@contextmanager
def _run(cache: Path, without: Sequence[str], *, quick: bool) -> Iterator[Run]:
    """The variants that can be had here, with the stub running for as long as they are used."""
    if quick:
        env = {"PYTHONPATH": str(REPOSITORY)}
        here = Path(sys.executable)
        ours = this_variant(here)
        note = "A quick run in one environment, to see that it works: the numbers mean nothing."
        yield Run({PLAIN: Variant(PLAIN, here, env=env), THIS: Variant(THIS, here, ours.load, env)}, notes=[note])
        return
    cache.mkdir(parents=True, exist_ok=True)
    environments = Environments(cache)
    _say(f"virtual environments in {cache} ...")
    python = environments.this()
    variants, absent = {PLAIN: Variant(PLAIN, python), THIS: this_variant(python)}, {}
    with FakeGoFigr() as stub:
        makers: dict[str, Callable[[], Variant]] = {
            GOFIGR: lambda: stub_variant(environments.peer("gofigr", GOFIGR_PINNED), stub),
            WANDB: lambda: wandb_variant(environments.peer("wandb", "wandb")),
        }
        for name, make in makers.items():
            if name in without:
                absent[name] = "it was left out"
                continue
            try:
                variants[name] = make()
            except CannotInstall as error:
                absent[name] = str(error)
        yield Run(variants, absent, notes=[NOTE])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once, without peers: does it work at all?")
    parser.add_argument("--only", action="append", choices=list(MEASURES), help="measure this alone; may be repeated")
    parser.add_argument("--without", action="append", default=[], choices=[GOFIGR, WANDB], help="leave a peer out")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the markers of this file")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where virtual environments are kept")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
