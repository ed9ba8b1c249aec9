"""A figure of known data on a server: a spring, whose length grows with the force."""

from __future__ import annotations

from gofigr_jupyter.capture.series.table import Column, Table, array
from gofigr_jupyter.client.pieces import image
from gofigr_jupyter.schema.figures import DataDraft
from tests.server import table as tables
from tests.server.test_insight import square

CODE = "# In [1]\nforce = [1.0, 3.0, 5.0, 7.0]\nplt.plot([0, 1, 2, 3], force)"


def spring(server: tables.Table, name: str = "Spring", *, slope: float = 2.0, code: str = CODE) -> str:
    """One more revision of the figure of this name; its id. Slope and code are as given."""
    x, y = array([0, 1, 2, 3]), array([1.0 + slope * at for at in range(4)])
    packed = Table("Spring", (Column("x", x, "Length", "mm", "x"), Column("y", y, "Force", "N", "y"))).packed()
    plotted = DataDraft(
        name="Spring",
        type="dataframe",
        data=packed.data,
        metadata={"role": "series", "format": "parquet", "rows": packed.rows},
    )
    made_by = DataDraft(name="Made by", type="code", data=code.encode(), metadata={"role": "slice", "format": "text"})
    figure = server.gf.find_figure(name, "Notes", create=True)
    pieces = [image(square("white", (round(slope), 5)), format="png"), plotted, made_by]
    return server.gf.revisions.create(figure=figure, metadata={"title": name}, data=pieces).api_id
