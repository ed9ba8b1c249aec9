"""Figures of several libraries on the whole way: shown in a notebook with our extension, published, and made again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.proof.verdict import Kind
from gofigr_jupyter.proof.verify import Options, verify
from gofigr_jupyter.settings import Settings
from tests.cli.published import stop
from tests.kernels import live_kernel
from tests.proof.test_river import published

pytestmark = pytest.mark.slow

# What makes a figure, cell by cell; the name is its title.
FIGURES: dict[str, tuple[str, ...]] = {
    "plotly": ("import plotly.graph_objects as go", "go.Figure(go.Bar(y=[1, 3, 2]), {'title': 'plotly'})"),
    "a widget of plotly": (
        "wide = go.FigureWidget(go.Scatter(y=[1, 2, 4]), {'title': 'a widget of plotly'})\nwide",
        "wide.data[0].y = [4, 2, 1]",
    ),
    "altair": (
        "import altair as alt\nimport pandas as pd",
        "rows = pd.DataFrame({'dose': [1, 2, 3], 'effect': [2.0, 2.5, 4.0]})",
        "alt.Chart(rows, title='altair').mark_point().encode(x='dose', y='effect')",
    ),
    "plotnine": (
        "import plotnine as p9",
        "p9.ggplot(rows, p9.aes('dose', 'effect')) + p9.geom_point() + p9.labs(title='plotnine')",
    ),
    "a canvas": (
        "%matplotlib widget\nimport matplotlib.pyplot as plt",
        "fig, ax = plt.subplots()\nax.plot([1, 2, 1])\nax.set_title('a canvas')",
        "ax.axhline(1.5, color='red')",
    ),
}


@pytest.fixture(scope="module")
def gf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoFigr]:
    """A client of the server to which a notebook has published all of these."""
    home = tmp_path_factory.mktemp("libraries") / "home"
    home.mkdir()
    with live_kernel(home, GF_FORMATS="json", GOFIGR_JUPYTER_SERVER_IDLE="300") as kernel:
        cells = ["%load_ext gofigr_jupyter", *(cell for cells in FIGURES.values() for cell in cells)]
        for number, source in enumerate(cells):
            kernel.run(source, cell_id=f"cell-{number}")
        published(home)
    try:
        with GoFigr(settings=Settings(home=home)) as client:
            yield client
    finally:
        for name in ("worker", "server"):
            stop(home, name)


@pytest.mark.parametrize("name", FIGURES)
def test_it_is_made_again(gf: GoFigr, name: str) -> None:
    (figure,) = [one for a in gf.find_workspace().analyses for one in a.figures if one.name == name]
    newest = max(gf.figures.get(figure).revisions, key=lambda one: one.revision_index)
    verdict = verify(gf, gf.revisions.get(newest), Options(), lambda _what, _done: None)
    assert verdict.kind is Kind.IDENTICAL, verdict.full()
    assert verdict.code == "slice"
