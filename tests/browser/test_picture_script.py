"""What the page's script takes for the figure above a card, and the picture that it makes of it."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

import gofigr_jupyter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCRIPT = (Path(gofigr_jupyter.__file__).parent / "widgets" / "picture.js").read_text(encoding="utf-8")
RUN = """async (source) => {
  const script = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  for (const canvas of document.querySelectorAll("canvas")) {
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#0a0";
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  return script.pictureAbove(() => document.querySelector(".gofigr-live"), 1500);
}"""
# The outputs of two cells, as JupyterLab lays them out; the card belongs to the second.
PAGE = """<div class="jp-Cell"><div class="jp-OutputArea"><div class="jp-OutputArea-child">{before}</div></div></div>
<div class="jp-Cell"><div class="jp-OutputArea"><div class="jp-OutputArea-child">{above}</div>
<div class="jp-OutputArea-child"><div class="jp-RenderedHTML"><div class="gofigr-live gofigr-key-1">card</div></div></div>
</div></div>"""
RECTANGLE = '<svg class="{}" width="60" height="40"><rect width="60" height="40" fill="#0a0"/></svg>'
FIGURES = {
    "Vega": ('<div class="vega-embed"><canvas class="marks" width="60" height="40"></canvas></div>', (60, 40)),
    "Vega as SVG": (f'<div class="vega-embed">{RECTANGLE.format("marks")}</div>', (120, 80)),
    "plotly": (f'<div class="js-plotly-plot" style="width: 500px">{RECTANGLE.format("main-svg")}</div>', (120, 80)),
}
OTHERS = {
    "nothing": "text",
    "another card's": FIGURES["Vega"][0] + '</div><div class="jp-OutputArea-child"><div class="gofigr-card"></div>text',
    "WebGL": f'<div class="js-plotly-plot">{RECTANGLE.format("main-svg")}<canvas></canvas></div>',
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_above_becomes_a_picture(page, name):
    above, size = FIGURES[name]
    page.set_content(PAGE.format(before="", above=above))
    url = page.evaluate(RUN, SCRIPT)
    picture = Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,")))).convert("RGB")
    assert picture.size == size
    assert picture.getpixel((size[0] // 2, size[1] // 2)) == (0, 170, 0)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_its_own_is_left_alone(page, name):
    page.set_content(PAGE.format(before=FIGURES["Vega"][0], above=OTHERS[name]))
    assert page.evaluate(RUN, SCRIPT) == ""
