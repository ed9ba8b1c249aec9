"""Where the examples of each library come from, and what its notebooks begin with."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.galleries.docstrings import examples
from tests.galleries.example import Example, picked
from tests.galleries.files import notebooks, scripts, sources_of

Groups = Iterable[list[Example]]

_PLOT = "import numpy as np, matplotlib.pyplot as plt"
# other back ends need a server that the page can reach; small, since a processor alone draws them
_PYVISTA = "import pyvista as pv; pv.set_jupyter_backend('static'); pv.global_theme.window_size = [400, 300]"
_BOKEH = "from bokeh.io import output_notebook; output_notebook(hide_banner=True)"


@dataclass(frozen=True)
class Gallery:
    """The examples of one library: `find` is given a folder for what it has to unpack."""

    library: str
    package: str
    find: Callable[[Path], Groups]
    prelude: str = _PLOT
    count: int = 20

    def examples(self, folder: Path) -> list[Example]:
        """Those to run; none where the library is not installed."""
        if importlib.util.find_spec(self.package) is None:
            return []
        return picked(self.find(folder), self.count)


def _distributed(package: str, pattern: str, *, ends_with: str = "") -> Callable[[Path], Groups]:
    def find(folder: Path) -> Groups:
        root = sources_of(package, folder)
        return scripts(package, root, pattern, ends_with=ends_with) if root is not None else ()

    return find


def _holoviews(_: Path) -> Groups:
    found = importlib.util.find_spec("holoviews")
    if found is None or not found.submodule_search_locations:
        return ()
    root = Path(next(iter(found.submodule_search_locations))) / "examples"
    return chain(
        notebooks("holoviews", root, "reference/**/*.ipynb"), notebooks("holoviews", root, "gallery/**/*.ipynb")
    )


GALLERIES = (
    Gallery("scipy", "scipy", lambda _: examples("scipy", "scipy", r"plt\.show\(\)"), count=40),
    Gallery(
        "pyvista",
        "pyvista",
        lambda _: examples("pyvista", "pyvista", r"\.show\(\)|\.plot\("),
        prelude=_PYVISTA,
        count=40,
    ),
    Gallery("holoviews", "holoviews", _holoviews, prelude="", count=40),
    Gallery(
        "pandas",
        "pandas",
        lambda _: examples("pandas", "pandas", r"\.plot|\.hist\(|boxplot", inside="plotting/**"),
        prelude=f"{_PLOT}, pandas as pd",
        count=30,
    ),
    Gallery(
        "statsmodels",
        "statsmodels",
        lambda _: examples("statsmodels", "statsmodels", r"plt\.show|\.plot"),
        prelude=f"{_PLOT}, statsmodels.api as sm",
    ),
    Gallery("sklearn", "sklearn", lambda _: examples("sklearn", "sklearn", r"plt\.show|\.plot\("), count=20),
    Gallery(
        "networkx",
        "networkx",
        lambda _: examples("networkx", "networkx", r"nx\.draw", inside="drawing/**"),
        prelude=f"{_PLOT}, networkx as nx",
        count=10,
    ),
    Gallery("numpy", "numpy", lambda _: examples("numpy", "numpy", r"plt\.show"), count=15),
    Gallery(
        "hvplot", "hvplot", lambda _: examples("hvplot", "hvplot", r"hvplot"), prelude="import hvplot.pandas", count=20
    ),
    Gallery("bokeh", "bokeh", lambda _: examples("bokeh", "bokeh", r"show\("), prelude=_BOKEH, count=30),
    Gallery("plotly", "plotly", lambda _: examples("plotly", "plotly", r"\.show\(\)|fig"), prelude="", count=20),
    Gallery(
        "matplotlib", "matplotlib", _distributed("matplotlib", "galleries/examples/[!u]*/*.py"), prelude="", count=60
    ),
    Gallery("seaborn", "seaborn", _distributed("seaborn", "examples/*.py"), prelude="", count=30),
)
