"""The plotted data on its way: read in the drawing process, unpacked by the worker, uploaded as tables."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from pyarrow import parquet

from gofigr_jupyter.capture import plotly
from gofigr_jupyter.capture.renditions import Wanted, plan
from gofigr_jupyter.capture.series import axes, bundle
from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.capture.series.bundle import Bundle, Packed
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.records import Capture, Missing, Rendition, State
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.worker.render import Renderer
from gofigr_jupyter.worker.upload import missing_forms, rendition_drafts
from tests.fakes.draws import FakeDraws
from tests.outbox.parcels import a_parcel
from tests.worker import test_embedded
from tests.worker.river import River
from tests.worker.test_embedded import until_done
from tests.worker.test_render import SHOWN, doing, drawing, parcel, shown

box = test_embedded.box  # a fixture
TABLE = Packed("Decay", 2, ({"name": "x", "label": "Time", "unit": "s", "role": "x"},), b"PAR1")
AXIS = Axis("Decay", 0, "y", "Activity", "Bq", "log", 0.1, 100.0)


def packed(*tables: Packed, left_out: tuple[str, ...] = (), axes: tuple[Axis, ...] = ()) -> Rendition:
    return Rendition(bundle.FORMAT, bundle.pack(Bundle(tables, left_out, axes)), bundle.ROLE)


@pytest.mark.slow
def test_the_tables_of_a_figure_come_out_of_the_drawing_process():
    renderer = Renderer(timeout=40)
    try:
        source = plotly.source({"data": [{"y": [1, 3, 2]}], "layout": {"title": {"text": "T"}}})
        for capture in (shown(drawing()), Capture("plotly", "T", SHOWN, source)):
            made = next(one for one in renderer.render(parcel(capture, ("series",))) if one.role == "series")
            draft, told = rendition_drafts(a_parcel(), [made])
            assert (draft.type, draft.metadata["format"], draft.metadata["role"]) == ("dataframe", "parquet", "series")
            assert draft.metadata["rows"] == 3
            assert isinstance(draft.data, bytes)
            table = parquet.read_table(io.BytesIO(draft.data)).to_pydict()
            assert table == {"x": [0, 1, 2], "y": [1, 3, 2]}
            assert (told.type, told.name, told.metadata["role"]) == ("text", "axes", "axes")
            assert isinstance(told.data, bytes)
            assert [(one.direction, one.values_high) for one in axes.read(told.data.decode())] == [("x", 2), ("y", 3)]
        drawn = next(one for one in renderer.render(parcel(shown(drawing()), ("svg", "series"))) if one.role == "series")
        _, told = rendition_drafts(a_parcel(), [drawn])
        assert all(one.run is None for one in axes.read(told.data.decode()))  # what was shown here is another picture
        crash = renderer.render(
            parcel(doing("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"), ("svg", "series"))
        )
        assert isinstance(next(one for one in crash if one.role == "series").data, bytes)
    finally:
        renderer.close()


def test_it_is_wanted_where_there_is_something_to_read():
    capture = shown(drawing())
    assert plan(capture, ("series", "svg"))[-1] == Wanted("tables", "series")
    assert Wanted("tables", "series") not in plan(capture, ("svg",))
    assert Wanted("tables", "series") not in plan(replace(capture, source=Missing("gone")), ("series",))
    assert Wanted("tables", "series") not in plan(replace(capture, kind="mime", source=Missing("gone")), ("series",))


def test_each_table_is_a_data_object_of_its_own():
    parcel = a_parcel()
    drafts = rendition_drafts(parcel, [packed(TABLE, TABLE, replace(TABLE, name="Other"))])
    assert [one.name for one in drafts] == ["Decay", "Decay", "Other"]
    assert len({one.metadata["local_id"] for one in drafts}) == 3
    assert drafts[0].metadata["columns"] == [{"name": "x", "label": "Time", "unit": "s", "role": "x"}]
    assert [one.metadata["local_id"] for one in rendition_drafts(parcel, [packed(TABLE)])] == [
        drafts[0].metadata["local_id"]
    ]


def test_the_axes_are_one_small_text():
    parcel = a_parcel()
    _, told = rendition_drafts(parcel, [packed(TABLE, axes=(AXIS, AXIS))])
    assert isinstance(told.data, bytes)
    assert axes.read(told.data.decode()) == (AXIS, AXIS)
    assert told.metadata["local_id"] != rendition_drafts(a_parcel(), [packed(axes=(AXIS,))])[0].metadata["local_id"]
    assert rendition_drafts(parcel, [packed()]) == []


def test_what_is_not_in_them_is_said():
    assert missing_forms([packed(TABLE)]) == {}
    assert missing_forms([packed(TABLE, left_out=("a", "b"))]) == {"series": "a; b"}
    assert missing_forms([Rendition("tables", Missing("no Arrow"), "series")]) == {"series": "no Arrow"}
    damaged = Rendition("tables", b"nonsense", "series")
    assert "cannot be unpacked" in missing_forms([damaged])["series"]
    assert rendition_drafts(a_parcel(), [damaged]) == []


def test_the_river_carries_them(river: River):
    class Draws(FakeDraws):
        def render(self, parcel):
            return [packed(TABLE, left_out=("an image",), axes=(AXIS,))]

    sent = river.put()
    with river.worker(Draws()):
        receipt = river.reaches(sent, State.COMPLETE)
    assert receipt.missing == {"series": "an image"}
    data = river.fake.objects["data"].values()
    assert [one["name"] for one in data if one["metadata"].get("role") == "series"] == ["Decay"]
    assert [one["type"] for one in data if one["metadata"].get("role") == "axes"] == ["text"]


@pytest.mark.slow
def test_a_published_figure_has_its_data_on_its_page(box: Outbox):
    sent = a_parcel(capture=shown(drawing()), formats=("thumbnail", "series"))
    box.put(sent)
    until_done(box)
    with GoFigr(settings=Settings(home=box.home)) as gf:
        (table,) = gf.revisions.get(sent.client_id).series
        assert table.dataframe().to_dict("list") == {"x": [0, 1, 2], "y": [1, 3, 2]}
        (told,) = (one for one in gf.revisions.get(sent.client_id).data if one.metadata.get("role") == "axes")
        assert [one.direction for one in axes.read(told.text())] == ["x", "y"]


@pytest.mark.slow
def test_bars_that_are_cut_off_are_told_to_who_asks(box: Outbox):
    mpl.use("agg")
    ax = Figure().subplots()
    ax.bar(["a", "b"], [95, 98])
    ax.set(title="Yield", ylabel="Share (%)", ylim=(90, 100))
    sent = a_parcel(capture=shown(ax.figure), formats=("thumbnail", "series"))
    box.put(sent)
    until_done(box)
    with GoFigr(settings=Settings(home=box.home)) as gf:
        answer = gf.insight.query(sent.client_id, "Are there traps in the axes?")
    assert "Bars are drawn on the y axis (Share), which does not include zero (it goes from 90 to 100)" in answer.answer
    assert [(one.label, one.value) for one in answer.evidence[:1]] == [("y axis of Yield", [90, 100])]


def test_worker_and_kernel_load_no_arrow():
    code = (
        "import sys, gofigr_jupyter.extension.loading, gofigr_jupyter.worker.loop, gofigr_jupyter.worker.render; "
        "sys.exit('pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
