"""The notebooks that we ship: of each figure the slice holds what made it, and nothing of other figures."""

from __future__ import annotations

import json
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from gofigr_jupyter.provenance.slicing.backward import Wanted, choose
from gofigr_jupyter.provenance.slicing.trace import Cell, Trace

QUICKSTART = Path(__file__).parents[2] / "examples" / "01_quickstart.ipynb"
IMPORTS = {"plt": "import matplotlib.pyplot as plt", "np": "import numpy as np", "pd": "import pandas as pd",
           "sns": "import seaborn as sns"}  # fmt: skip


def trace_of(path: Path) -> Trace:
    """A notebook run from its top."""
    trace, manager = Trace(), TransformerManager()
    cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    for count, cell in enumerate(cells, 1):
        trace.add(Cell(count, manager.transform_cell("".join(cell["source"])).rstrip("\n")))
    return trace


def kept(trace: Trace, beginning: str, wanted: Wanted) -> list[str]:
    """The first lines of the slice of the figure that the cell with such a statement shows."""
    count = next(step.cell.count for step in trace.steps if step.source.startswith(beginning))
    return [trace.steps[n].source.split("\n")[0] for n in choose(trace, count, wanted).steps]


def common(*names: str) -> list[str]:
    """What all figures of the quickstart need, with these of the imports."""
    return [
        *(IMPORTS[name] for name in names),
        'COLOURS = {"Adelie": "#e07a2f", "Chinstrap": "#8e5aa8", "Gentoo": "#1f7a8c"}',
        "plt.rcParams.update(",
        'penguins = pd.read_csv("data/penguins.csv").dropna()',
    ]


def test_a_figure_of_the_quickstart_takes_no_other_along() -> None:
    trace = trace_of(QUICKSTART)
    loop = "for column, title in ["
    for position in (1, 2):
        found = kept(trace, loop, Wanted(position, 2))
        assert found[:-1] == common("plt", "pd", "sns")
        assert found[-1].startswith(loop)


def test_axes_bound_again_leave_the_earlier_ones_behind() -> None:
    trace = trace_of(QUICKSTART)
    found = kept(trace, "counts = ", Wanted(1, 1))
    assert found[:-4] == common("plt", "pd")
    assert [line[:6] for line in found[-4:]] == ["counts", "ax = c", "ax.set", "ax.leg"]
