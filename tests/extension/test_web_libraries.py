"""Libraries that draw in the page, in a real kernel: each figure captured once, its outputs as without us."""

from __future__ import annotations

import io
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from gofigr_jupyter.records import Missing, Parcel, Rendition, Source
from gofigr_jupyter.worker.render import Renderer
from gofigr_jupyter.worker.upload import missing_forms
from tests.extension.conftest import Notebook
from tests.kernels import is_card

pytestmark = pytest.mark.slow

BOKEH = """
from bokeh.io import output_notebook, push_notebook, show
from bokeh.layouts import row
from bokeh.models import Button
from bokeh.plotting import figure
output_notebook(hide_banner=True)
def draw(title, ys=(2, 1, 3)):
    p = figure(title=title, width=200, height=150)
    p.line(list(range(len(ys))), list(ys))
    return p
"""
HOLOVIEWS = "import holoviews as hv; hv.extension('bokeh', 'matplotlib', 'plotly', logo=False)"
MOLECULE = """
import py3Dmol
view = py3Dmol.view(width=200, height=150)
view.addModel('1\\n\\nO 0 0 0\\n', 'xyz')
"""


def names(parcels: list[Parcel]) -> list[tuple[str, str | None]]:
    return [(parcel.capture.kind, parcel.capture.title) for parcel in parcels]


def document(parcel: Parcel) -> dict:
    assert isinstance(parcel.capture.source, Source)
    return json.loads(parcel.capture.source.data)


def drawn(parcel: Parcel) -> list[Rendition]:
    renderer = Renderer()
    try:
        return renderer.render(parcel)
    finally:
        renderer.close()


def assert_cards_beneath(ran, count: int) -> None:
    assert len(ran.cards) == count
    assert not is_card(ran.shown[0])


# ---------------------------------------------------------------- bokeh


@pytest.fixture
def bokeh(notebook: Notebook) -> Notebook:
    notebook.run(BOKEH)
    return notebook


def test_bokeh_show_is_one_figure_with_its_document(bokeh: Notebook) -> None:
    ran, parcels = bokeh.run("show(draw('Steps'))")
    assert names(parcels) == [("bokeh", "Steps")]
    assert document(parcels[0])["roots"][0]["name"] == "Figure"
    kinds = [is_card(content) for content in ran.shown]
    assert kinds == [False, False, True], "the place of the figure, its script, and the card beneath"


def test_bokeh_a_figure_that_is_only_named_prints_its_properties(bokeh: Notebook) -> None:
    for code in ("draw('Named')", "row(draw('One'), draw('Other'))", "display(draw('Displayed'))"):
        ran, parcels = bokeh.run(code)
        (told,) = ran.shown
        assert "</b>(" in told["data"]["text/html"], "its class and its properties, to be unfolded"
        assert "docs_json" not in json.dumps(told["data"])
        assert parcels == [], "nothing is drawn, with output_notebook() and without"
    _, parcels = bokeh.run("p = draw('Shown, then named'); show(p); p")
    assert names(parcels) == [("bokeh", "Shown, then named")]


def test_bokeh_pages_and_pictures_are_made_by_the_worker(bokeh: Notebook, chromium: str, monkeypatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", chromium)
    _, (parcel,) = bokeh.run("show(draw('Forms'))")
    made = {(one.format, one.role): one.data for one in drawn(parcel)}
    assert made[("html", "picture")].startswith(b"<!doctype html>")
    assert json.loads(made[("json", "picture")])["roots"]
    assert made[("png", "picture")].startswith(b"\x89PNG"), made
    assert made[("webp", "thumbnail")].startswith(b"RIFF")


def test_bokeh_shown_twice_is_one_and_changed_is_two(bokeh: Notebook) -> None:
    _, parcels = bokeh.run("p = draw('Twice'); show(p); show(p)")
    assert names(parcels) == [("bokeh", "Twice")]
    _, parcels = bokeh.run("show(p); p.line([0, 1], [0, 5]); show(p)")
    assert names(parcels) == [("bokeh", "Twice")] * 2
    assert parcels[0].capture.source != parcels[1].capture.source


def test_bokeh_layouts_are_one_figure_and_buttons_none(bokeh: Notebook) -> None:
    _, parcels = bokeh.run("show(row(draw('A'), draw('B')))")
    assert names(parcels) == [("bokeh", "A · B")]
    _, parcels = bokeh.run("show(Button(label='Go')); 1")
    assert parcels == []


def test_bokeh_the_same_cell_again_is_no_new_revision(bokeh: Notebook) -> None:
    _, first = bokeh.run("show(draw('Again'))", cell_id="again")
    _, second = bokeh.run("show(draw('Again'))", cell_id="again")
    assert (len(first), len(second)) == (1, 0)


def test_bokeh_a_pushed_change_is_a_new_state_of_the_figure(bokeh: Notebook) -> None:
    _, first = bokeh.run("p = draw('Live'); handle = show(p, notebook_handle=True)")
    assert names(first) == [("bokeh", "Live")]
    _, idle = bokeh.run("p.title.text = 'Later'")
    assert idle == [], "the page shows no change before it is pushed"
    ran, pushed = bokeh.run("push_notebook(handle=handle)")
    assert names(pushed) == [("bokeh", "Later")]
    assert ran.figures == []
    _, idle = bokeh.run("1 + 1")
    assert idle == []


def test_bokeh_ids_are_drawn_as_without_us(bokeh: Notebook) -> None:
    def steps() -> list[int]:
        """How many ids each way of showing takes."""
        ids = [bokeh.kernel.value("int(draw('x').id[1:])")]
        for code in (
            "show(draw('Count'))",
            "counted = draw('Count'); counted",
            "show(draw('C'), notebook_handle=True)",
        ):
            bokeh.run(code)
            ids.append(bokeh.kernel.value("int(draw('x').id[1:])"))
        return [after - before for before, after in pairwise(ids)]

    bokeh.run("from bokeh.settings import settings; settings.simple_ids = True")  # Panel, once imported, wants others
    with_us = steps()
    bokeh.run("%unload_ext gofigr_jupyter")
    try:
        assert steps() == with_us
    finally:
        bokeh.run("%load_ext gofigr_jupyter")


# ---------------------------------------------------------------- HoloViews


@pytest.mark.parametrize(
    ("backend", "source", "shown"),
    [("bokeh", "bokeh", []), ("matplotlib", "pickle", ["image/png"]), ("plotly", "plotly", [])],
)
def test_holoviews_by_each_backend(notebook: Notebook, backend: str, source: str, shown: list[str]) -> None:
    notebook.run(f"{HOLOVIEWS}; hv.output(backend='{backend}')", timeout=180)
    ran, parcels = notebook.run(f"hv.Curve([1, 3, 2], label='By {backend}')")
    assert names(parcels) == [("holoviews", f"By {backend}")]
    capture = parcels[0].capture
    assert isinstance(capture.source, Source), capture.source
    assert capture.source.format == source
    assert [one.mime_type for one in capture.displayed] == shown
    assert_cards_beneath(ran, 1)
    _, parcels = notebook.run("hv.Curve([1, 2], label='L') + hv.Curve([2, 1], label='R')")
    assert [parcel.capture.kind for parcel in parcels] == ["holoviews"]


def test_hvplot_is_holoviews(notebook: Notebook) -> None:
    notebook.run("import pandas as pd, hvplot.pandas", timeout=180)
    _, parcels = notebook.run("pd.Series([1, 4, 2]).hvplot(title='Rain')")
    assert names(parcels) == [("holoviews", "Rain")]


# ---------------------------------------------------------------- Panel

PANEL = """
import matplotlib.pyplot as plt, plotly.graph_objects as go, altair as alt, panel as pn
pn.extension('plotly', 'vega')
drawn, ax = plt.subplots(figsize=(2, 1)); ax.set_title('A pane'); plt.close(drawn)
bars = go.Figure(go.Bar(y=[1, 2]), layout_title_text='Bars')
chart = alt.Chart(alt.Data(values=[{'a': 1}]), title='Chart').mark_point().encode(x='a:Q')
drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><circle r="40"/></svg>'
"""


def test_panel_shows_figures_in_panes(notebook: Notebook) -> None:
    notebook.run(PANEL, timeout=180)
    shown = {
        "pn.pane.Matplotlib(drawn)": ("matplotlib", "A pane", ["image/png"], "pickle"),
        "pn.Column('# Words', bars)": ("plotly", "Bars", [], "plotly"),
        "pn.pane.Vega(chart)": ("vega", "Chart", [], "vega-lite"),
        "pn.pane.SVG(drawing)": ("mime", None, ["image/svg+xml"], None),
        "pn.Row(drawn, bars)": ("bokeh", "A pane · Bars", [], "bokeh"),
    }
    for code, expected in shown.items():
        ran, parcels = notebook.run(code)
        (capture,) = [parcel.capture for parcel in parcels]
        source = capture.source.format if isinstance(capture.source, Source) else None
        types = [one.mime_type for one in capture.displayed]
        assert (capture.kind, capture.title, types, source) == expected
        assert_cards_beneath(ran, 1)
    _, parcels = notebook.run("pn.Row(pn.widgets.Button(name='Go'), '# Words')")
    assert parcels == []


# ---------------------------------------------------------------- PyVista, py3Dmol


def test_pyvista_static_pictures_come_with_facts(notebook: Notebook) -> None:
    pytest.importorskip("pyvista")
    notebook.run("import pyvista as pv; pv.set_jupyter_backend('static')", timeout=180)
    ran, parcels = notebook.run(
        "pl = pv.Plotter(window_size=[200, 150]); pl.add_mesh(pv.Cube(), name='cube'); pl.add_title('A cube'); pl.show()"
    )
    assert names(parcels) == [("pyvista", "A cube")]
    assert "image/png" in {one.mime_type for one in parcels[0].capture.displayed}
    assert {mesh["name"] for mesh in document(parcels[0])["scenes"][0]["meshes"]} >= {"cube"}
    assert_cards_beneath(ran, 1)
    _, parcels = notebook.run("pv.Sphere().plot(window_size=[200, 150])")
    assert [parcel.capture.kind for parcel in parcels] == ["pyvista"]


@pytest.mark.parametrize("way", ["view.show()", "view"])
def test_py3dmol_views_are_captured_once(notebook: Notebook, way: str) -> None:
    ran, parcels = notebook.run(f"{MOLECULE}\n{way}")
    assert names(parcels) == [("py3dmol", None)]
    assert "addModel" in document(parcels[0])["html"]
    assert_cards_beneath(ran, 1)
    _, parcels = notebook.run("view.spin(True); view.update()")
    assert parcels == []


# As much of 3Dmol.js as the script of a view calls; it draws a square.
STAND_IN = """
var $3Dmol = { createViewer(place) {
  const canvas = place.appendChild(document.createElement("canvas")), pen = canvas.getContext("2d");
  canvas.width = 200; canvas.height = 150;
  pen.fillStyle = "#0a0"; pen.fillRect(0, 0, 200, 150);
  return { addModel() {}, zoomTo() {}, setStyle() {}, render() {} };
} };
"""


def test_py3dmol_tells_what_it_lacks_and_is_drawn_where_a_package_has_it(
    notebook: Notebook, chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (parcel,) = notebook.run(f"{MOLECULE}\nview  # to be drawn")
    reasons = missing_forms(drawn(parcel))
    assert "3Dmol-min.js" in reasons["html"]
    assert reasons["png"] == reasons["html"], "the picture is taken of the page"
    assert "json" not in reasons

    (tmp_path / "molecules").mkdir()
    (tmp_path / "molecules" / "3Dmol-min.js").write_text(STAND_IN)
    about = tmp_path / "molecules-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: molecules\nVersion: 1\n")
    (about / "RECORD").write_text("molecules/3Dmol-min.js,,\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])))
    monkeypatch.setenv("BROWSER_PATH", chromium)
    made = {(one.format, one.role): one.data for one in drawn(parcel)}
    assert b"createViewer(place)" in made[("html", "picture")]
    picture = Image.open(io.BytesIO(made[("png", "picture")])).convert("RGB")
    assert (picture.size, picture.getpixel((100, 75))) == ((200, 150), (0, 170, 0))
    assert made[("webp", "thumbnail")].startswith(b"RIFF")


# ---------------------------------------------------------------- plotly's widget


def test_a_figure_widget_is_taken_as_it_is_when_a_cell_ends(notebook: Notebook) -> None:
    ran, first = notebook.run(
        "w = go.FigureWidget(go.Bar(y=[1, 2])); display(w); w.update_layout(title_text='Widget')\n1"
    )
    assert names(first) == [("plotly", "Widget")]
    assert len(ran.cards) == 1
    _, idle = notebook.run("1 + 1")
    assert idle == []
    ran, changed = notebook.run("w.data[0].y = [3, 4]; None")
    assert names(changed) == [("plotly", "Widget")]
    assert not isinstance(changed[0].capture.source, Missing)
    assert document(changed[0])["data"][0]["y"] != document(first[0])["data"][0]["y"]
    assert ran.cards == []
    _, idle = notebook.run("2 + 2")
    assert idle == []
