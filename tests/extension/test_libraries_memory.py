"""A kernel that has shown five hundred figures of all libraries holds none of them, and hardly more than without us."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from tests.extension.conftest import parked_worker
from tests.extension.test_libraries import SETUP
from tests.kernels import LiveKernel, live_kernel

pytestmark = [
    pytest.mark.long,
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("GOFIGR_LONG"), reason="the long tier; run with GOFIGR_LONG=1"),
]

FIGURES, WARM = 500, 100
MOST = 20  # MB that we may add
CELLS = (
    "fig, ax = plt.subplots(figsize=(2, 2)); ax.plot([{n}, 1]); kept.append(weakref.ref(fig)); del fig, ax",
    "fig = go.Figure(go.Bar(y=[{n}, 1])); kept.append(weakref.ref(fig)); display(fig); del fig",
    "c = chart({n}); kept.append(weakref.ref(c)); display(c); del c",
    "p = points({n}) + p9.theme(figure_size=(2, 2)); kept.append(weakref.ref(p)); display(p); del p",
    "p = so.Plot(frame, x='a', y='b').add(so.Dot()).label(title='{n}'); kept.append(weakref.ref(p)); display(p); del p",
    "i = PIL.new('RGB', (200, 100 + {n}), 'red'); kept.append(weakref.ref(i)); display(i); del i",
    "display(HTML(img(png((200, 100 + {n})))))",
)


def growth(kernel: LiveKernel) -> float:
    """MB between the hundredth figure and the last."""
    process = psutil.Process(kernel.manager.provisioner.process.pid)
    kernel.run(SETUP + "\nimport gc, weakref; kept = []", timeout=200)
    before = 0
    for number in range(FIGURES):
        if number == WARM:
            kernel.run("gc.collect()")
            before = process.memory_info().rss
        kernel.run(CELLS[number % len(CELLS)].format(n=number), timeout=120)
    kernel.run("gc.collect()")
    return (process.memory_info().rss - before) / 1e6


@pytest.mark.timeout(1800)
def test_memory_is_flat_and_no_figure_is_held(tmp_path: Path) -> None:
    home = tmp_path / "with" / "home"
    home.mkdir(parents=True)
    with live_kernel(tmp_path / "plain") as kernel:
        plain = growth(kernel)
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        ours = growth(kernel)
        assert kernel.value("sum(ref() is not None for ref in kept)") <= 1  # IPython's own last result
    assert ours - plain < MOST, (ours, plain)
