"""Axes of plotnine's plots, from its own scales."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from gofigr_jupyter.records import Source
from tests.capture.series import shelf
from tests.capture.series.shelf import limits, span

plotnine = pytest.importorskip("plotnine")

FRAME = pd.DataFrame({"mass": [1.0, 10.0, 100.0], "who": ["a", "b", "a"], "height": [10, 20, 30]})


def axes_of(plot):
    from gofigr_jupyter.capture import plotnine as capture

    source = capture.source(plot)
    assert isinstance(source, Source), source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as the drawing process does
        return shelf.axes_of(source)


def test_limits_labels_and_logarithms():
    from plotnine import aes, geom_point, ggplot, labs, scale_x_log10, ylim

    plot = ggplot(FRAME, aes("mass", "height")) + geom_point() + scale_x_log10() + ylim(0, 40)
    found = axes_of(plot + labs(title="Growth", x="Mass (kg)"))
    assert list(found) == ["x", "y"]
    assert (found["x"].panel, found["x"].label, found["x"].unit) == ("Growth", "Mass", "kg")
    assert found["x"].scale == "log"
    assert found["x"].low == pytest.approx(10**-0.1)
    assert found["x"].high == pytest.approx(10**2.1)
    assert span(found["x"]) == (1, 100)
    assert (found["y"].scale, found["y"].low, found["y"].high) == ("linear", -2, 42)


def test_inverted_axes_times_and_categories():
    from plotnine import aes, geom_point, ggplot, scale_x_datetime, scale_y_reverse

    frame = FRAME.assign(when=pd.to_datetime(["2020-01-01", "2020-01-11", "2020-01-21"]))
    parts = [geom_point(), scale_y_reverse(), scale_x_datetime(expand=(0, 0))]
    found = axes_of(ggplot(frame, aes("when", "height")) + parts)
    assert found["y"].is_inverted
    assert span(found["y"]) == (10, 30)
    assert limits(found["x"]) == ("time", "2020-01-01T00:00:00", "2020-01-21T00:00:00", False)
    zoned = frame.assign(when=frame["when"].dt.tz_localize("Asia/Tokyo"))
    found = axes_of(ggplot(zoned, aes("when", "height")) + parts)
    assert limits(found["x"]) == ("time", "2020-01-01T00:00:00+09:00", "2020-01-21T00:00:00+09:00", False)
    words = axes_of(ggplot(FRAME, aes("who", "height")) + geom_point())
    assert limits(words["x"]) == ("category", None, None, False)


def test_bars():
    from plotnine import aes, coord_cartesian, geom_col, ggplot

    plot = ggplot(FRAME, aes("who", "height")) + geom_col()
    assert axes_of(plot)["y"].bars
    assert not axes_of(plot)["y"].is_truncated
    cut = axes_of(plot + coord_cartesian(ylim=(15, 45)))
    assert cut["y"].is_truncated
    assert not cut["x"].bars


def test_facets_share_their_scales_or_have_their_own():
    from plotnine import aes, facet_wrap, geom_point, ggplot

    plot = ggplot(FRAME, aes("mass", "height")) + geom_point()
    assert list(axes_of(plot + facet_wrap("who"))) == ["x", "y"]
    own = axes_of(plot + facet_wrap("who", scales="free_y"))
    assert list(own) == ["x", "y", "1 y"]
    assert span(own["x"]) == (1, 100)
    assert span(own["y"]) == (None, None), "of which panel?"


def test_compositions():
    from plotnine import aes, geom_point, ggplot, labs

    left = ggplot(FRAME, aes("mass", "height")) + geom_point() + labs(title="L")
    right = ggplot(FRAME, aes("who", "height")) + geom_point() + labs(title="R")
    found = axes_of(left | right)
    assert list(found) == ["x", "y", "1 x", "1 y"]
    assert [found[name].panel for name in ("x", "1 x")] == ["L", "R"]
    assert found["1 x"].scale == "category"
