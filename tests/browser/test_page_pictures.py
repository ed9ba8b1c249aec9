"""A page draws what it shows: figures without pixels get the very picture that their author sees."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from gofigr_jupyter import GoFigr
from tests.browser.notebook import Notebook
from tests.browser.site import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext gofigr_jupyter\n%config GoFigr.formats = ['thumbnail']"  # the other forms take their time
WARM = """
import time, plotly.graph_objects as go
from gofigr_jupyter.widgets.live import PAGES
for _ in range(600):
    if PAGES.is_heard: break
    time.sleep(0.1)
"""
PLOT = "go.Figure(go.Bar(y=[1, 3], marker_color='#0a0'), layout=dict(title='By plotly', width=411, height=297, template='none'))"
HOME = "import os; print(os.environ['GOFIGR_JUPYTER_HOME'])"
# for the Vega that JupyterLab itself has: altair's newest charts ask for one of the network
CHART = """
display({"application/vnd.vegalite.v5+json": {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "title": "By Vega", "width": 211, "height": 97,
    "data": {"values": [{"a": "x", "b": 1}, {"a": "y", "b": 3}]}, "mark": {"type": "bar", "color": "#0a0"},
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
}}, raw=True)
"""
CANVAS = ".jp-OutputArea canvas.marks"


def pixels(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def shown_and_stored(page, sites, monkeypatch, name: str, figure: str, code: str) -> tuple[Notebook, bytes]:
    """A notebook that draws a figure in the page, and the picture that its revision has."""
    site = sites("lab")
    write_notebook(site.root / f"{name}.ipynb", LOAD, WARM, code, HOME)
    notebook = Notebook(page, site, f"{name}.ipynb")
    notebook.run_all(240_000)
    page.locator('.gofigr-card[data-state="complete"]').wait_for(timeout=240_000)
    home = page.locator(".jp-OutputArea-output pre").last.inner_text().strip()
    monkeypatch.setenv("GOFIGR_JUPYTER_HOME", home)
    with GoFigr() as gf:
        revision = gf.find_figure(figure, analysis=name).revisions[-1]
        (item,) = [d for d in revision.data if d.metadata["role"] == "picture" and d.metadata["format"] == "png"]
        return notebook, item.bytes()


def test_the_picture_is_the_pages_own(page, sites, monkeypatch):
    notebook, stored = shown_and_stored(page, sites, monkeypatch, "drawn", "By plotly", PLOT)
    picture = pixels(stored)
    assert picture.width == 2 * 411
    assert (0, 170, 0) in {colour for _, colour in picture.getcolors(1 << 24)}
    assert notebook.errors == []
    notebook.site.shut_kernels()


def test_the_picture_of_a_chart_is_the_canvas_that_the_page_shows(page, sites, monkeypatch):
    notebook, stored = shown_and_stored(page, sites, monkeypatch, "charted", "By Vega", CHART)
    url = page.locator(CANVAS).evaluate("canvas => canvas.toDataURL('image/png')")
    shown = pixels(base64.b64decode(url.removeprefix("data:image/png;base64,")))
    picture = pixels(stored)
    assert picture.width > 211
    assert (0, 170, 0) in {colour for _, colour in picture.getcolors(1 << 24)}
    assert (picture.size, picture.tobytes()) == (shown.size, shown.tobytes())
    assert notebook.errors == []
    notebook.site.shut_kernels()
