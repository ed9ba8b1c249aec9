"""From a source to a bundle: within the limits, and whatever goes wrong is a reason."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from gofigr_jupyter.capture import matplotlib
from gofigr_jupyter.capture.series import bundle, reading
from gofigr_jupyter.capture.series.table import Column, Table, array
from gofigr_jupyter.records import Missing, Source


def table(name: str, rows: int) -> Table:
    return Table(name, (Column("x", array(np.random.default_rng(0).normal(size=rows))),))


def test_at_most_fifty_tables():
    left_out: list[str] = []
    found = reading.within_limits([table(str(number), 1) for number in range(53)], left_out)
    assert len(found.tables) == bundle.MAX_TABLES
    assert found.left_out == ("3 tables: a figure has at most 50",)


def test_tables_that_are_too_long_are_left_out_and_the_others_stay():
    found = reading.within_limits([table("long", 1_000_001), table("short", 3)], [])
    assert [one.name for one in found.tables] == ["short"]
    assert found.left_out == ("long: 1,000,001 rows; a figure has at most 1,000,000",)


def test_bytes_are_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 100_000)
    found = reading.within_limits([table("large", 50_000), table("small", 3)], [])
    assert [one.name for one in found.tables] == ["small"]
    assert "MB" in found.left_out[0]


@pytest.mark.parametrize(
    "source",
    [
        Source("pickle", b"nonsense"),
        Source("plotly", b"[["),
        Source("plotly", b"[" * 100_000),
        Source("strange", b""),
        Missing("the figure cannot be pickled"),
    ],
)
def test_what_cannot_be_read_is_missing(source):
    made = reading.rendition(source)
    assert isinstance(made.data, Missing)
    assert (made.role, made.format) == ("series", "tables")


def test_a_figure_without_data_has_no_tables_and_nothing_is_missing():
    source = matplotlib.source(Figure())
    made = reading.rendition(source)
    assert isinstance(made.data, bytes)
    assert bundle.unpack(made.data) == bundle.Bundle()


def test_the_same_figure_gives_the_same_bytes():
    figure = Figure()
    figure.subplots().plot([1, 2], [3, 4])
    source = matplotlib.source(figure)
    assert reading.rendition(source) == reading.rendition(source)
