"""seaborn.objects: plots that show pictures of their own, pickled and drawn again."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image

mpl.use("agg")

import seaborn.objects as so
from matplotlib import pyplot as plt

from gofigr_jupyter.capture import libraries
from gofigr_jupyter.capture import seaborn as capture
from gofigr_jupyter.records import Missing, Source

pytestmark = pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # seaborn's own calls of pandas

DATA = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 4.0, 9.0], "c": ["x", "y", "x"]})


@pytest.fixture(autouse=True)
def _clean():
    yield
    plt.close("all")
    mpl.rcdefaults()
    mpl.use("agg")


def plot() -> so.Plot:
    return so.Plot(DATA, x="a", y="b", color="c").add(so.Line()).label(title="Lines")


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("compiled", [False, True])
def test_it_is_seen_named_and_drawn_again_as_shown(compiled):
    shown = plot().plot() if compiled else plot()
    assert libraries.of_object(shown).kind == "seaborn"
    png, metadata = shown._repr_png_()
    seen = capture.see(shown, {"image/png": png, "text/plain": "<Plot>"}, {"image/png": metadata})
    assert (seen.kind, seen.title) == ("seaborn", "Lines")
    assert seen.displayed[0].data == png
    assert seen.reference() is shown
    assert isinstance(seen.source, Source), seen.source
    made = {item.format: item.data for item in capture.render(seen.source, ["png", "svg", "pdf"])}
    assert b"<svg" in made["svg"]
    assert made["pdf"].startswith(b"%PDF")
    if not compiled:
        assert (pixels(made["png"]) == pixels(png)).all()


def test_given_to_publish_it_is_drawn_as_it_would_be_shown():
    made = plot()
    assert capture.asked(made).displayed[0].data == made._repr_png_()[0]


def test_what_is_not_shown_is_none():
    assert capture.see(plot(), {"text/plain": "<Plot>"}, {}) is None
    assert capture.see(None, {"image/png": b"x"}, {}) is None
    assert capture.title(object()) is None


def test_a_source_that_cannot_be_loaded_is_missing_everywhere():
    made = list(capture.render(Source("pickle", b"nonsense"), ["png", "svg"]))
    assert all(isinstance(item.data, Missing) for item in made)
