"""How long until the first words of an answer about a figure: asked for the first time, and again."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Mapping
from typing import Any

from gofigr_jupyter.capture.series.table import Column, Table, array
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.schema.insight import AnswerDelta
from gofigr_jupyter.settings import Settings
from tests.benchmarks.numbers import median, p95
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import THIS, Variant, temporary_folder
from tests.server.processes import Server

LIMIT = 500  # ms
SIZES = {"of 100 points": 100, "of 20,000 points": 20_000}
QUESTION = "What is the trend, and are there outliers?"
TYPED = 1.5  # seconds from the click that opens the pane to the question's last letter

_SEEDS = itertools.count()


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Rows for each size: of figures that nobody has looked at, and of those under which Deep Insight was opened."""
    rows = []
    with temporary_folder() as home, Server(home).wait() as server:
        settings = Settings(home=home, url=server.local.url, api_key=server.local.token)
        with GoFigr(settings=settings) as gf:
            for what, size in SIZES.items():
                analysis = gf.analyses.create(name=f"asked {size}", workspace=gf.primary_workspace)
                for how, seconds in (("asked out of the blue", None), ("asked in its pane", TYPED)):
                    first, again = _asked(gf, analysis, size, effort.repeats, seconds)
                    told = f"{median(first):.0f} ms (p95 {p95(first):.0f})"
                    told += f"; again {median(again):.0f} ms (p95 {p95(again):.0f})"
                    label = f"First words about a figure {what}, of the engine `facts`, {how}"
                    rows.append(Row(label, f"p95 ≤ {LIMIT} ms", {THIS: told}, p95(first) <= LIMIT))
    return rows


def _asked(gf: GoFigr, analysis: Any, size: int, repeats: int, typed: float | None) -> tuple[list[float], list[float]]:
    """Milliseconds, of figures that all differ; `typed` is how long before the question the pane was opened."""
    first, again = [], []
    for _ in range(repeats):
        figure = gf.figures.create(name="figure", analysis=analysis)
        revision = gf.revisions.create(figure=figure, data=[_table(size, next(_SEEDS))])
        if typed is not None:
            gf.insight.availability(revision)
            time.sleep(typed)
        for times in (first, again):
            began = time.perf_counter()
            next(piece for piece in gf.insight.stream(revision, QUESTION) if isinstance(piece, AnswerDelta))
            times.append(1000 * (time.perf_counter() - began))
    return first, again


def _table(size: int, seed: int) -> DataDraft:
    chance = random.Random(seed)  # noqa: S311 - no secret
    x = [float(n) for n in range(size)]
    y = [one * 0.5 + chance.gauss(0, 3) for one in x]
    packed = Table("Scatter", (Column("x", array(x), "Time", "s", "x"), Column("y", array(y), "Level", "m", "y"))).packed()
    meta = {"role": "series", "format": "parquet", "rows": packed.rows}
    return DataDraft(type="dataframe", name="Scatter", metadata=meta, data=packed.data)
