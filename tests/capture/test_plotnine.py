"""plotnine: plots are pickled with the variables that they name, and drawn again as they were shown."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image

mpl.use("agg")

from matplotlib import pyplot as plt
from plotnine import aes, after_stat, facet_wrap, geom_bar, geom_point, ggplot, ggtitle, labs

from gofigr_jupyter.capture import libraries
from gofigr_jupyter.capture import matplotlib as figures
from gofigr_jupyter.capture import plotnine as capture
from gofigr_jupyter.records import Missing, Source

DATA = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 4.0, 9.0], "c": ["x", "y", "x"]})
scale = 2.0


@pytest.fixture(autouse=True)
def _clean():
    yield
    plt.close("all")
    mpl.rcdefaults()
    mpl.use("agg")


def points(title: str = "Points") -> ggplot:
    return ggplot(DATA, aes("a", "b")) + geom_point() + ggtitle(title)


def drawn(source: Source | Missing, *formats: str) -> dict[str, bytes | Missing]:
    assert isinstance(source, Source), source
    return {item.format: item.data for item in capture.render(source, formats)}


def picture(plot: object) -> bytes:
    stream = io.BytesIO()
    if isinstance(plot, ggplot):
        plot.save(stream, format="png", verbose=False)
    else:
        plot.save(stream, format="png")
    return stream.getvalue()


def test_plots_are_told_by_their_classes():
    assert libraries.of_object(points()).kind == "plotnine"
    assert libraries.of_object(points() | points()).kind == "plotnine"


def test_what_is_shown_is_seen_and_named():
    plot = points()
    data, metadata = plot._repr_mimebundle_()
    seen = capture.see(plot, data, metadata)
    assert (seen.kind, seen.title, seen.reference) == ("plotnine", "Points", None)
    assert seen.displayed[0].metadata == metadata["image/png"]
    assert capture.see(plot, {"text/plain": "<ggplot>"}, {}) is None
    assert capture.see(None, data, metadata) is None
    assert capture.asked(plot).displayed == seen.displayed


def test_titles_of_compositions():
    assert capture.title(points("A") | points("B")) == "A · B"
    assert capture.title(points("A") / (points("A") | points("A"))) == "A"
    assert capture.title(ggplot(DATA)) is None
    assert capture.title(object()) is None


@pytest.mark.parametrize(
    "plot",
    [
        points,
        lambda: ggplot(DATA, aes("a", "np.sqrt(b) * scale")) + geom_point(),
        lambda: ggplot(DATA, aes("c", after_stat("count / len(DATA)"))) + geom_bar(),
        lambda: points() + facet_wrap("c") + labs(x="Länge"),
        lambda: points("A") | points("B"),
    ],
    ids=["plain", "variables", "after_stat", "facets", "composition"],
)
def test_it_is_drawn_again_as_it_was(plot):
    before = picture(plot())
    made = drawn(capture.source(plot()), "png", "svg", "pdf")
    shown, again = (np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for data in (before, made["png"]))
    assert shown.shape == again.shape
    assert (shown == again).all()
    assert b"<svg" in made["svg"]
    assert made["pdf"].startswith(b"%PDF")


def test_only_the_variables_that_it_names_come_along():
    huge = np.zeros(2_000_000)
    plot = ggplot(DATA, aes("a", "b * scale")) + geom_point()
    source = capture.source(plot)
    assert len(source.data) < huge.nbytes / 10


def test_a_plot_is_not_touched():
    plot = points()
    before = dict(vars(plot))
    capture.source(plot)
    assert vars(plot) == before


def test_a_plot_that_was_drawn_before_can_be_pickled():
    plot = points()
    plot.draw()
    assert isinstance(drawn(capture.source(plot), "png")["png"], bytes)


def test_a_figure_of_draw_says_plotnine():
    figure = points("Drawn").draw()
    seen = figures.see(figure, {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}, {})
    assert (seen.kind, seen.title) == ("plotnine", "Drawn")
    assert drawn(seen.source, "png")["png"].startswith(b"\x89PNG")


def test_the_same_plot_gives_the_same_bytes():
    first, second = (drawn(capture.source(points()), "svg", "pdf") for _ in range(2))
    assert first == second


def test_what_cannot_be_pickled_is_missing_with_a_reason():
    plot = points()
    plot.lock = (value for value in ())
    source = capture.source(plot)
    assert isinstance(source, Missing)
    assert "pickle" in source.reason


def test_a_source_that_cannot_be_loaded_is_missing_everywhere():
    made = drawn(Source("pickle", b"nonsense"), "png", "svg")
    assert all(isinstance(data, Missing) for data in made.values())
