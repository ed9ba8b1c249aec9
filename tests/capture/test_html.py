"""HTML and Markdown: which of it is a figure, and what picture stands for it."""

from __future__ import annotations

import base64
import io
import warnings

import matplotlib as mpl
import pandas as pd
import pytest
from PIL import Image

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

from gofigr_jupyter.capture import html as capture
from gofigr_jupyter.records import Missing, Source


def encoded(width: int = 120, height: int = 90, file_format: str = "PNG") -> str:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(stream, file_format)
    return base64.b64encode(stream.getvalue()).decode()


PNG, SMALL = encoded(), encoded(16, 16)
DRAWING = '<svg width="300" height="200" viewBox="0 0 300 200"><path d="M0 0L9 9"/></svg>'
TABLE = '<table class="dataframe"><thead><tr><th>x</th></tr></thead><tr><td>{}</td></tr></table>'

FIGURES = {
    "an image": f'<img src="data:image/png;base64,{PNG}">',
    "an image of other quotes": f"<p>Text</p><img class='x' src='data:image/png;base64,{PNG}' alt='Seen'/>",
    "without quotes": f"<img src=data:image/png;base64,{PNG}>",
    "a small picture shown large": f'<img src="data:image/png;base64,{SMALL}" width="400">',
    "side by side": f'<table><tr><td><img src="data:image/png;base64,{PNG}"></td></tr></table>',
    "a table of data and an image": TABLE.format(1) + f'<img src="data:image/png;base64,{PNG}">',
    "a drawing": f"<div>{DRAWING}</div>",
    "a palette": '<svg width="330" height="55"><rect width="55" height="55"/></svg>',
    "an encoded drawing": "<img src=\"data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='99'/>\">",
    "a film": '<video controls><source type="video/mp4" src="data:video/mp4;base64,AAAA"></video>',
}
OTHERS = {
    "text": "<b>bold</b>",
    "a picture elsewhere": '<img src="https://example.org/a.png"> <img src="plot.png">',
    "an icon": f'<img src="data:image/png;base64,{SMALL}"> saved',
    "a picture shown as an icon": f'<img src="data:image/png;base64,{PNG}" style="height:25px; border-radius:12px">',
    "an image in a frame of data": TABLE.format(f'<img src="data:image/png;base64,{PNG}">'),
    "a drawing in a table of data": f"<table><tr><th>Shape</th><td>{DRAWING}</td></tr></table>",
    "a style sheet": f'<style>i {{ background: url("data:image/png;base64,{PNG}") }}</style>',
    "a store of symbols": '<svg style="position: absolute"><defs><symbol id="a"><path d="M0 0"/></symbol></defs></svg>',
    "a description with a logo": "<pre class='pv-text-repr-fallback'>PolyData</pre><div><svg viewBox='0 0 90 24'><text>Mesh</text></svg></div>",
    "a symbol": '<svg class="icon"><use href="#a"></use></svg>',
    "a small drawing": '<svg width="16" height="16"><path d="M0 0L9 9"/></svg>',
    "by its box": '<svg viewBox="0 0 24 24"><path d="M0 0L9 9"/></svg>',
    "broken": '<img src="data:image/png;base64,%%%">',
}


@pytest.mark.parametrize("page", FIGURES.values(), ids=FIGURES)
def test_these_are_figures(page):
    data = {"text/html": page, "text/plain": "<HTML>"}
    assert capture.may_hold(data)
    seen = capture.see(None, data, {"text/html": {"isolated": True}})
    assert seen.kind == "html"
    (shown,) = seen.displayed
    assert (shown.mime_type, shown.data, dict(shown.metadata)) == ("text/html", page.encode(), {"isolated": True})


@pytest.mark.parametrize("page", OTHERS.values(), ids=OTHERS)
def test_these_are_none(page):
    assert capture.see(None, {"text/html": page}, {}) is None


def test_a_real_table_with_icons_is_none():
    frame = pd.DataFrame(
        {"icon": [f'<img src="data:image/png;base64,{SMALL}">'], "big": [f'<img src="data:image/png;base64,{PNG}">']}
    )
    assert capture.see(None, {"text/html": frame.to_html(escape=False)}, {}) is None
    assert capture.see(None, {"text/html": frame.style.to_html()}, {}) is None


def test_the_picture_is_the_source_and_its_name_the_title():
    seen = capture.see(None, {"text/html": FIGURES["an image of other quotes"]}, {})
    assert seen.title == "Seen"
    assert seen.source == Source("png", base64.b64decode(PNG))
    seen = capture.see(None, {"text/markdown": f"Before\n\n![Rain](data:image/png;base64,{PNG})"}, {})
    assert (seen.title, seen.displayed[0].mime_type) == ("Rain", "text/markdown")
    assert isinstance(capture.see(None, {"text/html": FIGURES["a film"]}, {}).source, Missing)


def test_a_bundle_with_a_picture_of_its_own_is_not_for_us():
    assert capture.see(None, {"image/png": PNG, "text/html": FIGURES["an image"]}, {}) is None


def test_texts_may_be_split_into_lines():
    lines = FIGURES["an image"].replace(" ", " \n").splitlines(keepends=True)
    assert capture.see(None, {"text/html": lines}, {}).displayed[0].data == "".join(lines).encode()


def test_an_animation_with_a_player_is_a_figure():
    figure, axes = plt.subplots(figsize=(2, 2))
    (line,) = axes.plot([0, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = FuncAnimation(figure, lambda i: line.set_data([0, 1], [0, i]) or (line,), frames=2).to_jshtml()
    plt.close(figure)
    seen = capture.see(None, {"text/html": page}, {})
    assert seen.displayed[0].data == page.encode()
    made = next(capture.render(seen.source, ["png"])).data
    assert Image.open(io.BytesIO(made)).size == (200, 200)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_still_picture_is_made_of_it(file_format):
    page = f'<img src="data:image/{file_format.lower()};base64,{encoded(200, 100, file_format)}" width="200">'
    seen = capture.see(None, {"text/html": page}, {})
    made = next(capture.render(seen.source, ["png"])).data
    assert Image.open(io.BytesIO(made)).size == (200, 100)


def test_a_drawing_becomes_a_picture():
    seen = capture.see(None, {"text/html": FIGURES["a drawing"]}, {})
    made = next(capture.render(seen.source, ["png"])).data
    assert made.startswith(b"\x89PNG")


def test_what_cannot_be_read_is_missing():
    for source in (Source("jpeg", b"nonsense"), Source("svg", b"nonsense")):
        assert isinstance(next(capture.render(source, ["png"])).data, Missing)
    assert isinstance(next(capture.render(Source("png", b""), ["pdf"])).data, Missing)
