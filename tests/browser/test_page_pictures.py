"""A page draws what it shows: figures without pixels get the very picture that their author sees."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from gofigr_jupyter import GoFigr
from tests.browser.notebook import Notebook
from tests.browser.site import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext gofigr_jupyter"
WARM = """
import time, plotly.graph_objects as go
from gofigr_jupyter.widgets.live import PAGES
for _ in range(600):
    if PAGES.is_heard: break
    time.sleep(0.1)
"""
PLOT = "go.Figure(go.Bar(y=[1, 3], marker_color='#0a0'), layout=dict(title='By plotly', width=411, height=297, template='none'))"
HOME = "import os; print(os.environ['GOFIGR_JUPYTER_HOME'])"


def test_the_picture_is_the_pages_own(page, sites, monkeypatch):
    site = sites("lab")
    write_notebook(site.root / "drawn.ipynb", LOAD, WARM, PLOT, HOME)
    notebook = Notebook(page, site, "drawn.ipynb")
    notebook.run_all(240_000)
    page.locator('.gofigr-card[data-state="complete"]').wait_for(timeout=240_000)
    home = page.locator(".jp-OutputArea-output pre").last.inner_text().strip()
    monkeypatch.setenv("GOFIGR_JUPYTER_HOME", home)
    with GoFigr() as gf:
        revision = gf.find_figure("By plotly", analysis="drawn").revisions[-1]
        (item,) = [d for d in revision.data if d.metadata["role"] == "picture" and d.metadata["format"] == "png"]
        picture = Image.open(io.BytesIO(item.bytes())).convert("RGB")
    assert picture.width == 2 * 411
    assert (0, 170, 0) in {colour for _, colour in picture.getcolors(1 << 24)}
    assert notebook.errors == []
    site.shut_kernels()
