"""The table of plotting libraries: it tells them by name, and loads a library's module at its first figure only."""

from __future__ import annotations

import subprocess
import sys

import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure

from gofigr_jupyter.capture import libraries


def test_figures_are_told_by_the_names_of_their_classes():
    assert libraries.of_object(go.Figure()).kind == "plotly"
    assert libraries.of_object(Figure()).kind == "matplotlib"
    assert libraries.of_object(Figure().canvas).kind == "matplotlib"
    for other in ({"data": []}, "Figure", None, object()):
        assert libraries.of_object(other) is None


@pytest.mark.parametrize("library", libraries.LIBRARIES, ids=lambda library: library.kind)
def test_each_has_a_module_that_can_do_all(library):
    for name in ("figure_of", "see", "asked", "render"):
        assert callable(getattr(library.adapter, name))
    assert library is libraries.of_kind(library.kind)


def test_the_table_itself_loads_none_of_their_modules():
    code = (
        "import sys; from gofigr_jupyter.capture import libraries; libraries.of_object(3); "
        "sys.exit(str([n for n in sys.modules if n in {f'gofigr_jupyter.capture.{l.kind}' for l in libraries.LIBRARIES}]"
        " or '') or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_bundle_without_object_is_told_by_its_marks():
    plotly = libraries.of_kind("plotly")
    assert plotly.may_have_made({"application/vnd.plotly.v1+json": {}})
    assert plotly.may_have_made({"text/html": ["<script>", "Plotly.newPlot(1)"]})
    assert not plotly.may_have_made({"text/html": "<b>x</b>", "image/png": ""})
