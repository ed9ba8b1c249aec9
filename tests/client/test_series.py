"""The tables of plotted data, and those that people attach, as data frames."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from gofigr_jupyter.client.figures import Figure
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import table, text
from gofigr_jupyter.schema.figures import DataDraft

COLUMNS = [{"name": "x", "label": "Force", "unit": "N", "role": "x"}]


def test_series_are_read_as_data_frames(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    stream = io.BytesIO()
    parquet.write_table(pa.table({"x": [1.5, 2.5]}), stream)
    facts = {"format": "parquet", "role": "series", "rows": 2, "columns": COLUMNS, "local_id": "t"}
    plotted = DataDraft(name="Springs", type="dataframe", data=stream.getvalue(), metadata=facts)
    attached = table(pd.DataFrame({"dose": [1, 2]}), name="doses")
    revision = gf.revisions.create(figure=figure, data=[plotted, attached, text("note")])
    (found,) = revision.series
    frame = found.dataframe()
    assert frame["x"].tolist() == [1.5, 2.5]
    assert frame.attrs["columns"] == COLUMNS
    doses = next(one for one in revision.data if one.name == "doses")
    assert doses.dataframe()["dose"].tolist() == [1, 2]
    note = next(one for one in revision.data if one.type == "text")
    with pytest.raises(ValueError, match="no table"):
        note.dataframe()
