"""A kernel that has shown five hundred figures of all libraries holds none of them, and hardly more than without us."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from gofigr_jupyter.outbox.box import Outbox
from tests.extension.conftest import parked_worker
from tests.extension.test_libraries import SETUP
from tests.kernels import LiveKernel, live_kernel

pytestmark = [
    pytest.mark.long,
    pytest.mark.slow,
]

FIGURES, WARM = 500, 100
MOST = 20  # MB that we may add in the four hundred figures after the first hundred
MORE = """
import ctypes, gc, sys, weakref
import holoviews as hv, py3Dmol, pyvista as pv
from bokeh.io import curdoc, output_notebook, show
from bokeh.plotting import figure as canvas
hv.extension("bokeh", logo=False); output_notebook(hide_banner=True); pv.set_jupyter_backend("static")
kept, widget = [], None
def keep(one): kept.append(weakref.ref(one)); return one
def collected():
    gc.collect()
    if sys.platform == "linux": ctypes.CDLL(None).malloc_trim(0)  # what is free goes back, and is not counted
"""
# one figure each; every kind takes its turn
CELLS = (
    "fig, ax = plt.subplots(figsize=(2, 2)); ax.plot([{n}, 1]); keep(fig); del fig, ax",
    "frame.plot(figsize=(2, 2), title='{n}'); keep(plt.gcf()); None",
    "display(keep(go.Figure(go.Bar(y=[{n}, 1]))))",
    "last, widget = widget, go.FigureWidget(go.Bar(y=[{n}, 2])); display(widget); last and last.close(); del last",
    "display(keep(chart({n})))",
    "display(keep(points({n}) + p9.theme(figure_size=(2, 2))))",
    "display(keep(so.Plot(frame, x='a', y='b').add(so.Dot()).label(title='{n}')))",
    "p = canvas(title='{n}', width=200, height=150); p.line([1, 2], [{n}, 1]); show(keep(p)); curdoc().clear(); del p",
    "display(keep(hv.Curve([{n}, 2, 3], label='{n}')))",
    "pv.Sphere(radius=1 + {n}).plot(window_size=[200, 150])",
    "view = py3Dmol.view(width=200, height={n}); view.addModel('1\\n\\nO 0 0 0\\n', 'xyz'); view.show(); keep(view); del view",
    "display(keep(PIL.new('RGB', (200, 100 + {n}), 'red')))",
    "display(SVG(drawing.replace('width=\"9\"', 'width=\"{n}\"')))",
    "display(HTML(img(png((200, 100 + {n})))))",
)


def grown(kernel: LiveKernel) -> tuple[float, int]:
    """MB between the hundredth figure and the last; how many of the figures still live then."""
    process = psutil.Process(kernel.manager.provisioner.process.pid)
    kernel.run(SETUP, timeout=200)
    kernel.run(MORE, timeout=200)
    before = 0
    for number in range(FIGURES):
        if number == WARM:
            kernel.run("collected()", timeout=120)
            before = process.memory_info().rss
        kernel.run(CELLS[number % len(CELLS)].format(n=number + 1), timeout=120)
    kernel.run("collected()", timeout=120)
    alive = kernel.value("sum(one() is not None for one in kept)")
    return (process.memory_info().rss - before) / 1e6, alive


@pytest.mark.timeout(1800)
def test_memory_is_flat_and_no_figure_is_held(tmp_path: Path) -> None:
    home = tmp_path / "with" / "home"
    home.mkdir(parents=True)
    (tmp_path / "without" / "home").mkdir(parents=True)
    with live_kernel(tmp_path / "without" / "home") as kernel:
        plain, alive_anyway = grown(kernel)
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        ours, alive = grown(kernel)
    taken = len(Outbox(home).list("new"))
    print(f"\n{taken} captured; MB: {plain:.1f} without us, {ours:.1f} with; held: {alive_anyway}, {alive}")
    assert taken == FIGURES
    assert alive <= alive_anyway + 1
    assert ours - plain < MOST
