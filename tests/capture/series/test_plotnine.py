"""plotnine's plots as tables: data by aesthetics, computed statistics, facets."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from gofigr_jupyter.records import Source
from tests.capture.series.shelf import facts, only, opened, values

plotnine = pytest.importorskip("plotnine")

FRAME = pd.DataFrame({"mass": [1.5, 2.5, 4.0], "who": ["a", "b", "a"], "height": [10, 20, 30]})


def tables_of(plot):
    from gofigr_jupyter.capture import plotnine as capture

    source = capture.source(plot)
    assert isinstance(source, Source), source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as the drawing process does
        return opened(source)


def test_points_by_their_aesthetics():
    from plotnine import aes, geom_point, ggplot, labs

    plot = ggplot(FRAME, aes("mass", "height", color="who")) + geom_point() + labs(title="Growth", x="Mass (kg)")
    found = tables_of(plot)
    assert list(found) == ["Growth"]
    assert values(found["Growth"]) == {"x": [1.5, 2.5, 4.0], "y": [10, 20, 30], "colour": ["a", "b", "a"]}
    assert facts(found["Growth"], "colour") == ("who", "", "colour")
    assert facts(found["Growth"], "x") == ("Mass", "kg", "x")


def test_statistics_are_those_that_plotnine_computes():
    from plotnine import aes, geom_bar, ggplot

    found = values(only(tables_of(ggplot(FRAME, aes("who")) + geom_bar())))
    assert found["x"] == ["a", "b"]
    assert found["count"] == [2, 1]


def test_facets_and_expressions():
    from plotnine import aes, facet_wrap, geom_point, ggplot

    found = values(only(tables_of(ggplot(FRAME, aes("mass * 2", "height")) + geom_point() + facet_wrap("who"))))
    assert sorted(zip(found["who"], found["x"], found["y"], strict=True)) == [
        ("a", 3.0, 10),
        ("a", 8.0, 30),
        ("b", 5.0, 20),
    ]
