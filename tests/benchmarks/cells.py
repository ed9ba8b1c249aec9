"""The cells that are measured. `{n}` makes each figure a new one: the same picture again would be published only once."""

from __future__ import annotations

IMPORTS = """
import numpy as np
import matplotlib.pyplot as plt
import plotly.graph_objects as go
rng = np.random.default_rng(7)
"""
# Every library is at work before anything is counted: fonts found, back end chosen, plotly's validators loaded.
WARM = "plt.plot([1, 2]); plt.show(); _ = go.Figure(go.Scatter(x=[1], y=[1])).to_json()"

LINE = """
fig, ax = plt.subplots()
x = np.linspace(0, 20, 200)
ax.plot(x, np.sin(x + {n}))
ax.set_title("A line")
"""
SCATTER = """
fig, ax = plt.subplots()
ax.scatter(rng.normal(size=20_000), rng.normal(size=20_000) + {n}, s=4, c=rng.random(20_000), alpha=0.5)
ax.set_title("A scatter of 20,000 points")
"""
GRID = """
fig, axes = plt.subplots(4, 4, figsize=(10, 10))
for k, ax in enumerate(axes.flat):
    ax.plot(rng.normal(size=100).cumsum() + {n})
    ax.set_title(f"Panel {{k}}")
fig.suptitle("A 4x4 grid")
fig.tight_layout()
"""
PLOTLY = """
fig = go.Figure(go.Scatter(x=rng.normal(size=1000), y=rng.normal(size=1000) + {n}, mode="markers"))
fig.update_layout(title="A plotly scatter")
fig
"""
FIGURES = {"line": LINE, "20,000-point scatter": SCATTER, "4x4 grid": GRID, "plotly scatter": PLOTLY}
IS_PLOTLY = {"plotly scatter"}


def cell(name: str, number: int) -> str:
    """The source of one cell that shows the figure."""
    return FIGURES[name].format(n=number)


def notebook(length: int) -> list[tuple[str, str]]:
    """The cells of a notebook with so many figures: mostly lines, some of all kinds."""
    turn = ["line", "20,000-point scatter", "line", "plotly scatter", "4x4 grid", "line"]
    names = [turn[k % len(turn)] for k in range(length)]
    return [(name, cell(name, k)) for k, name in enumerate(names)]
