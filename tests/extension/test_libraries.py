"""Figures of every library in a notebook: each shown one captured once, exactly as displayed, whatever shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.capture.html import first_picture
from gofigr_jupyter.records import Missing, Parcel, Source
from tests.extension.conftest import Notebook, parked_worker
from tests.extension.test_showing import displayed_bytes
from tests.kernels import Ran, live_kernel

SETUP = """
import warnings; warnings.simplefilter("ignore")
import base64, io, threading, time
import matplotlib.pyplot as plt, numpy as np, pandas as pd, seaborn as sns, seaborn.objects as so
from matplotlib.figure import Figure
from matplotlib.animation import FuncAnimation
from IPython.display import HTML, Image, Markdown, SVG, clear_output, display, publish_display_data
from PIL import Image as PIL
import altair as alt, ipywidgets, plotnine as p9, plotly.graph_objects as go
from gofigr_jupyter import publish, suppress

frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 4.0, 9.0], "c": ["x", "y", "x"]})
def chart(n=1): return alt.Chart(frame, title=f"Chart {n}").mark_bar().encode(x="a", y="b").properties(width=100 + n)
def points(n=1): return p9.ggplot(frame, p9.aes("a", "b")) + p9.geom_point() + p9.ggtitle(f"Points {n}")
def png(size=(90, 80), colour="navy"):
    stream = io.BytesIO(); PIL.new("RGB", size, colour).save(stream, "PNG"); return stream.getvalue()
def img(data): return f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}">'
drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="80"><rect width="9" height="9"/></svg>'
def moving():
    fig, ax = plt.subplots(figsize=(2, 2)); line, = ax.plot([0, 1])
    anim = FuncAnimation(fig, lambda i: (line.set_data([0, 1], [0, i]) or line,), frames=2)
    anim._draw_was_started = True; plt.close(fig); return anim
class Drawn:
    def _repr_svg_(self): return drawing
class Itself:
    def _ipython_display_(self): display({"image/png": base64.b64encode(png()).decode()}, raw=True)
class Obliging:
    def __getattr__(self, name):
        if name.startswith("_repr") or name.startswith("_ipython"): raise AttributeError(name)
        return self
    def __repr__(self): return "obliging"
class Liar(Figure):
    def get_label(self): raise RuntimeError("no name today")
    def __reduce_ex__(self, protocol): raise RuntimeError("no pickle either")
"""

# code -> the kinds of its revisions, in order
WAYS: dict[str, tuple[str, list[str]]] = {
    "altair": ("chart(1)", ["vega"]),
    "altair display": ("display(chart(2))", ["vega"]),
    "altair chart.show()": ("chart(3).show()", ["vega"]),
    "altair chart.display()": ("chart(4).display(actions=False)", ["vega"]),
    "altair mimetype": ("with alt.renderers.enable('mimetype'): display(chart(5))", ["vega"]),
    "altair png": ("with alt.renderers.enable('png'): display(chart(6))", ["vega"]),
    "altair svg": ("with alt.renderers.enable('svg'): display(chart(7))", ["vega"]),
    "altair jupyter": ("with alt.renderers.enable('jupyter'): display(chart(8))", ["vega"]),
    "altair widget": ("alt.JupyterChart(chart(9))", ["vega"]),
    "altair bundle": ("display({'application/vnd.vegalite.v5+json': chart(10).to_dict()}, raw=True)", ["vega"]),
    "altair composed": ("(chart(11) | chart(12)) & alt.layer(chart(13), chart(13))", ["vega"]),
    "altair shown twice": ("c = chart(15); display(c); c", ["vega"]),
    "altair too many rows": ("alt.Chart(pd.DataFrame({'a': range(6000)})).mark_point().encode(x='a:Q')", []),
    "altair many rows": (
        ("with alt.data_transformers.disable_max_rows():\n"
        "    display(alt.Chart(pd.DataFrame({'a': range(6000)})).mark_point().encode(x='a:Q'))"),
        ["vega"],
    ),
    "plotnine": ("points(1)", ["plotnine"]),
    "plotnine display": ("display(points(2))", ["plotnine"]),
    "plotnine show": ("points(3).show()", ["plotnine"]),
    "plotnine show and expression": ("p = points(4); p.show(); p", ["plotnine"]),
    "plotnine draw": ("points(5).draw()", ["plotnine"]),
    "plotnine composition": ("points(6) | points(7)", ["plotnine"]),
    "seaborn": ("sns.scatterplot(frame, x='a', y='b');", ["matplotlib"]),
    "seaborn grid": ("sns.relplot(frame, x='a', y='b', col='c')", ["matplotlib"]),
    "seaborn objects": ("so.Plot(frame, x='a', y='b').add(so.Dot())", ["seaborn"]),
    "seaborn objects show": ("so.Plot(frame, x='b', y='a').add(so.Dot()).show()", ["matplotlib"]),
    "seaborn palette": ("sns.color_palette()", ["html"]),
    "pandas": ("frame.plot(x='a', y='b');", ["matplotlib"]),
    "pandas hist": ("frame.hist();", ["matplotlib"]),
    "scikit-learn": (
        "from sklearn.metrics import ConfusionMatrixDisplay\nConfusionMatrixDisplay(np.eye(3)).plot()",
        ["matplotlib"],
    ),
    "subfigures": (
        "fig = plt.figure(figsize=(4, 2)); a, b = fig.subfigures(1, 2); a.subplots(); b.subplots(); plt.show()",
        ["matplotlib"],
    ),
    "PIL": ("PIL.new('RGB', (90, 80), 'red')", ["mime"]),
    "PIL display": ("display(PIL.new('RGB', (90, 80), 'green'))", ["mime"]),
    "SVG": ("SVG(drawing)", ["mime"]),
    "Image": ("Image(png())", ["mime"]),
    "an object that draws itself": ("Drawn()", ["mime"]),
    "an object that displays itself": ("Itself()", ["mime"]),
    "HTML with an image": ("HTML(img(png()))", ["html"]),
    "HTML with a drawing": ("HTML(f'<p>{drawing}</p>')", ["html"]),
    "Markdown with an image": (
        "Markdown(f'![Rain](data:image/png;base64,{base64.b64encode(png()).decode()})')",
        ["html"],
    ),
    "an animation's player": ("HTML(moving().to_jshtml())", ["html"]),
    "an animation itself": ("with plt.rc_context({'animation.html': 'jshtml'}): display(moving())", ["html"]),
    "a film": ("HTML('<video controls src=\"data:video/mp4;base64,AAAA\"></video>')", ["html"]),
    "a colour map": ("plt.get_cmap('viridis')", ["mime"]),
    "several": ("display(chart(20)); points(20).show(); plt.plot([1]); plt.show(); chart(21)", ["vega", "plotnine", "matplotlib", "vega"]),
    "the same picture twice": ("display(SVG(drawing)); SVG(drawing)", ["mime"]),
    "in a thread": ("t = threading.Thread(target=lambda: display(chart(22))); t.start(); t.join()", ["vega"]),
    "a bundle in a thread": (
        ("t = threading.Thread(target=lambda: display({'image/png': base64.b64encode(png()).decode()}, raw=True))\n"
        "t.start(); t.join()"),
        ["mime"],
    ),
    "in an output widget": ("out = ipywidgets.Output(); display(out)\nwith out: display(chart(23))", ["vega"]),
    "appended to an output widget": (
        "out = ipywidgets.Output(); display(out); out.append_display_data(chart(24))",
        ["vega"],
    ),
    "an image widget": ("ipywidgets.Image(value=png(), format='png')", ["mime"]),
    "only some forms": ("display(points(25), include=['image/png'])", ["plotnine"]),
    "by its display id": ("h = display(chart(26), display_id=True); h.update(chart(27))", ["vega"]),
    "a table": ("frame", []),
    "a table with icons": ("HTML(pd.DataFrame({'i': [img(png())]}).to_html(escape=False))", []),
    "a styled table": ("frame.style.background_gradient(subset=['a'])", []),
    "an estimator": (
        ("from sklearn.pipeline import make_pipeline; from sklearn.preprocessing import StandardScaler\n"
        "make_pipeline(StandardScaler())"),
        [],
    ),
    "a picture elsewhere": ("Image(url='https://example.org/a.png')", []),
    "an axes": ("ax = Figure().subplots(); ax", []),
    "an obliging object": ("Obliging()", []),
    "hidden by close": ("plt.plot([1]); plt.close()", []),
    "captured": ("%%capture held\nchart(28)", []),
    "other picture after a captured figure": (
        ("from IPython.utils.capture import capture_output\n"
        "with capture_output(): plt.plot([1]); plt.show()\n"
        "PIL.new('RGB', (90, 80), 'blue')"),
        ["mime"],
    ),
    "suppressed": ("c = suppress(chart(29)); c", []),
    "a refusing figure": ("f = Liar(figsize=(2, 2)); f.subplots(); f", ["matplotlib"]),
    "a cell that raises": ("display(chart(30)); 1 / 0", ["vega"]),
}


BY_COMM = {"an image widget", "appended to an output widget"}  # shown by messages of widgets, with no display


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel with all libraries imported, and us loaded."""
    home = tmp_path_factory.mktemp("libraries") / "home"
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP, timeout=200)
        kernel.run("plt.plot([1]); plt.show(); plt.rcParams['figure.figsize'] = (3, 2)")
        yield Notebook(kernel, home)


def shown_bytes(ran: Ran) -> list[dict[str, bytes]]:
    """What each display of a cell shows of figures; pages that are figures count with their text."""
    found = []
    for content in ran.of("display_data", "execute_result", "update_display_data"):
        if content in ran.cards:
            continue
        pictures = displayed_bytes(content)
        for name, value in content["data"].items():
            if "vnd.vega" in name:
                pictures[name] = json.dumps(value, sort_keys=True).encode()
            elif name in {"text/html", "text/markdown"} and not pictures:
                text = "".join(value)
                if first_picture(text) or "<video" in text or "vegaEmbed" in text:
                    pictures[name] = text.encode()
        if pictures:
            found.append(pictures)
    return found


def stored_bytes(parcel: Parcel) -> dict[str, bytes]:
    """The same of a parcel."""
    return {
        d.mime_type: json.dumps(json.loads(d.data), sort_keys=True).encode() if "json" in d.mime_type else d.data
        for d in parcel.capture.displayed
    }


@pytest.mark.parametrize("way", WAYS)
def test_each_figure_is_captured_once_as_shown(notebook: Notebook, way: str) -> None:
    code, kinds = WAYS[way]
    ran, parcels = notebook.run(code, check=False, timeout=120)
    assert (ran.error is not None) == ("1 / 0" in code or "too many" in way), ran.error
    assert [p.capture.kind for p in parcels] == kinds
    assert len(ran.cards) == len(parcels)
    assert "GoFigr:" not in ran.text
    shown = shown_bytes(ran)
    for parcel in parcels:
        if parcel.capture.displayed and way not in BY_COMM:
            assert stored_bytes(parcel) in shown


@pytest.mark.parametrize("way", ["altair", "altair png", "altair jupyter", "plotnine", "plotnine show", "plotnine draw", "seaborn objects"])
def test_each_has_a_source_and_a_name(notebook: Notebook, way: str) -> None:
    _, (parcel,) = notebook.run(f"# other code, another revision\n{WAYS[way][0]}")
    assert isinstance(parcel.capture.source, Source), parcel.capture.source
    assert parcel.capture.title or way == "seaborn objects"


def test_publish_takes_every_library_and_what_stands_for_a_figure(notebook: Notebook) -> None:
    setup = (
        "fig, ax = plt.subplots(); ax.plot([1, 2]); plt.close(fig); sub = plt.figure(); inner = sub.subfigures(1, 2)[0].subplots()\n"
        "plt.close(sub); grid = sns.relplot(frame, x='a', y='b'); plt.close(grid.figure)"
    )
    notebook.run(setup)
    given = {
        "chart(31)": "vega", "points(31)": "plotnine", "so.Plot(frame, x='a', y='b').add(so.Dot())": "seaborn",
        "PIL.new('RGB', (90, 80))": "mime", "SVG(drawing)": "mime", "Drawn()": "mime", "HTML(img(png()))": "html",
        "ax": "matplotlib", "inner": "matplotlib", "grid": "matplotlib", "moving()": "matplotlib",
    }  # fmt: skip
    for number, (obj, kind) in enumerate(given.items()):
        _, parcels = notebook.run(f"publish({obj}, name='Given {number}')")
        assert [(p.capture.kind, p.target.figure.name) for p in parcels] == [(kind, f"Given {number}")], obj


@pytest.mark.parametrize("obj", ["chart(32)", "points(32)", "PIL.new('RGB', (90, 70))", "so.Plot(frame, x='a', y='b').add(so.Dot())", "SVG(drawing)"])
def test_published_and_shown_is_one_figure(notebook: Notebook, obj: str) -> None:
    for cell in ("publish(x, name='Both'); display(x)", "display(x); publish(x, name='Both')", "publish(x, name='Both'); x"):
        ran, parcels = notebook.run(f"x = {obj}; {cell}")
        assert [p.target.figure.name for p in parcels] == ["Both"], cell
        assert len(ran.cards) == 1


def test_what_an_output_widget_clears_is_not_the_cell(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "out = ipywidgets.Output(); display(out); display(chart(33))\n"
        "for n in range(3):\n"
        "    with out: clear_output(wait=True); display(chart(40 + n))"
    )
    assert [p.capture.title for p in parcels] == ["Chart 33", "Chart 42"]
    assert len(ran.cards) == 2


def test_the_same_animation_again_is_unchanged(notebook: Notebook) -> None:
    for code in ("HTML(moving().to_jshtml())", "chart(34)", "points(34)"):
        _, first = notebook.run(code, cell_id=f"again-{code[:5]}")
        _, second = notebook.run(code, cell_id=f"again-{code[:5]}")
        assert (len(first), second) == (1, [])


def test_a_chart_that_fails_shows_its_error_and_nothing_else(notebook: Notebook) -> None:
    ran, parcels = notebook.run("broken = chart(35); broken.mark = 7; broken", check=False)
    assert parcels == []
    assert "SchemaValidationError" in ran.text + json.dumps(ran.messages, default=str)


def test_no_live_object_is_kept(notebook: Notebook) -> None:
    notebook.run("import gc, weakref; c = chart(36); p = points(36); gone = [weakref.ref(c), weakref.ref(p)]; display(c, p)")
    notebook.run("del c, p; pass")
    assert notebook.kernel.value("[gc.collect() and 0, [ref() is None for ref in gone]]")[1] == [True, True]


def test_a_library_costs_nothing_until_its_first_figure(tmp_path: Path) -> None:
    home = tmp_path / "home"
    loaded = "sorted(n.rpartition('.')[2] for n in sys.modules if n.startswith('gofigr_jupyter.capture.'))"
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter\nimport sys, altair as alt")
        assert not {"vega", "plotnine", "plotly", "bokeh"} & set(kernel.value(loaded))
        kernel.run("alt.Chart({'values': [{'a': 1}]}).mark_bar().encode(x='a:Q')")
        assert "vega" in kernel.value(loaded)
        assert kernel.value("[n for n in ('plotly', 'plotnine', 'bokeh', 'vl_convert', 'matplotlib') if n in sys.modules]") == []


def test_outputs_are_those_of_a_run_without_us(tmp_path: Path) -> None:
    stable = [
        code
        for name, (code, _) in WAYS.items()
        # ids of widgets, of altair's pages and of some others are drawn anew in every run
        if not any(word in name + code for word in ("altair", "chart(", "widget", "animation", "styled"))
    ]
    cells = ["alt.renderers.enable('mimetype');", "chart(1)", "display(chart(2), chart(3))", *stable]

    def outputs(load: bool) -> list[object]:
        home = tmp_path / ("with" if load else "without") / "home"
        home.mkdir(parents=True)
        with parked_worker(home), live_kernel(home) as kernel:
            if load:
                kernel.run("%load_ext gofigr_jupyter")
            kernel.run(SETUP, timeout=200)
            ran = [kernel.run(cell, check=False, timeout=120) for cell in cells]
        return [
            re.sub("0x[0-9a-fA-F]+", "0x", json.dumps([[(c["data"], c["metadata"]) for c in r.figures], r.text, bool(r.error)]))
            for r in ran
        ]

    with_us, without = outputs(True), outputs(False)
    for cell, ours, plain in zip(cells, with_us, without, strict=True):
        assert ours == plain, cell


def test_missing_reasons_are_words(notebook: Notebook) -> None:
    _, (parcel,) = notebook.run("HTML('<video src=\"data:video/mp4;base64,AAAB\"></video>')")
    assert isinstance(parcel.capture.source, Missing)
    assert "film" in parcel.capture.source.reason
