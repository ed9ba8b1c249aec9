"""How long until the first words of an answer about a figure: asked for the first time, and again."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

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


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """A row for each size: when a figure's data are looked at first, and when they are known."""
    rows = []
    with temporary_folder() as home, Server(home).wait() as server:
        settings = Settings(home=home, url=server.local.url, api_key=server.local.token)
        with GoFigr(settings=settings) as gf:
            for what, size in SIZES.items():
                first, again = _asked(gf, size, effort.repeats)
                told = f"{median(first):.0f} ms (p95 {p95(first):.0f}); again {median(again):.0f} ms (p95 {p95(again):.0f})"
                label = f"First words about a figure {what}, of the engine `facts`"
                rows.append(Row(label, f"p95 ≤ {LIMIT} ms", {THIS: told}, p95(first) <= LIMIT))
    return rows


def _asked(gf: GoFigr, size: int, repeats: int) -> tuple[list[float], list[float]]:
    """Milliseconds, of figures that all differ."""
    analysis = gf.analyses.create(name=f"asked {size}", workspace=gf.primary_workspace)
    first, again = [], []
    for number in range(repeats):
        figure = gf.figures.create(name=f"figure {number}", analysis=analysis)
        revision = gf.revisions.create(figure=figure, data=[_table(size, number)])
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
