"""Which forms a figure gets, and that each planned form comes out, made or Missing."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from gofigr_jupyter.capture import matplotlib, plotly
from gofigr_jupyter.capture.renditions import Wanted, plan, renditions, without
from gofigr_jupyter.records import Capture, Displayed, Missing
from gofigr_jupyter.settings import FORMATS
from tests.capture.test_pictures import PLAIN

LINK = "http://127.0.0.1:45123/r/aB3dE9x1"
SHOWN = Displayed("image/png", PLAIN)
VECTOR = Displayed("image/svg+xml", b"<svg/>")


def drawing() -> Capture:
    mpl.use("agg")
    figure = Figure()
    figure.subplots().plot([1, 2])
    return Capture("matplotlib", "T", (SHOWN,), matplotlib.source(figure))


def names(capture: Capture, formats=FORMATS) -> list[str]:
    return [item.format if item.role == "picture" else item.role for item in plan(capture, formats)]


def test_the_plan_of_each_kind():
    gone = Missing("gone")
    assert names(Capture("matplotlib", None, (SHOWN,), gone)) == ["thumbnail", "watermark", "fingerprint", "svg", "pdf"]
    from_vector = ["png", "thumbnail", "watermark", "fingerprint", "pdf"]
    assert names(Capture("matplotlib", None, (VECTOR,), gone)) == from_vector
    assert names(Capture("matplotlib", None, (), gone), ()) == ["png"]
    assert names(Capture("matplotlib", None, (VECTOR,), gone), ("svg",)) == []
    assert names(Capture("plotly", None, (), gone)) == ["html", "json", "png", "thumbnail", "watermark", "fingerprint"]
    assert names(Capture("plotly", None, (SHOWN,), gone)) == ["html", "json", "thumbnail", "watermark", "fingerprint"]
    assert names(Capture("mime", None, (SHOWN,), gone)) == ["thumbnail", "watermark", "fingerprint"]


def test_what_depends_on_a_lost_form_is_lost_with_it():
    wanted = (Wanted("png"), Wanted("webp", "thumbnail"), Wanted("svg"))
    assert without(Wanted("png"), wanted) == (Wanted("svg"),)
    assert without(Wanted("svg"), wanted) == wanted[:2]


@pytest.mark.parametrize("displayed", [(SHOWN,), (VECTOR,), ()])
def test_every_planned_form_is_made(displayed):
    made_of = drawing()
    capture = Capture("matplotlib", "T", displayed, made_of.source)
    wanted = plan(capture, FORMATS)
    made = list(renditions(capture, wanted, LINK))
    assert [Wanted(item.format, item.role) for item in made] == list(wanted)
    assert all(isinstance(item.data, bytes) for item in made)


def test_without_a_source_the_displayed_picture_still_serves():
    capture = Capture("matplotlib", None, (SHOWN,), Missing("it cannot be pickled"))
    made = {item.role + item.format: item.data for item in renditions(capture, plan(capture, FORMATS), LINK)}
    assert isinstance(made["thumbnailwebp"], bytes)
    assert isinstance(made["watermarkpng"], bytes)
    assert made["picturesvg"] == made["picturepdf"] == Missing("it cannot be pickled")


def test_without_anything_all_is_missing_and_says_why():
    capture = Capture("plotly", None, (), Missing("not JSON"))
    made = list(renditions(capture, plan(capture, FORMATS), LINK))
    assert [item.data for item in made] == [Missing("not JSON")] * 6
    capture = Capture("mime", None, (VECTOR,), Missing("only the picture was shown"))
    made = list(renditions(capture, plan(capture, FORMATS), LINK))
    assert all(isinstance(item.data, Missing) and "pixels" in item.data.reason for item in made)


def test_an_unreadable_picture_is_missing():
    capture = Capture("mime", None, (Displayed("image/png", b"nonsense"),), Missing("-"))
    assert all(isinstance(item.data, Missing) for item in renditions(capture, plan(capture, FORMATS), LINK))


def test_kinds_are_those_of_the_modules():
    assert (matplotlib.KIND, plotly.KIND) == ("matplotlib", "plotly")
