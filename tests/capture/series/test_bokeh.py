"""bokeh's documents as tables: sources of glyphs, labels of axes, legends, typed arrays, times."""

from __future__ import annotations

import numpy as np
import pytest

from gofigr_jupyter.capture.series.axes import Found
from tests.capture.series.shelf import facts, only, opened, values

bokeh = pytest.importorskip("bokeh")


def tables_of(model, left_out: int = 0):
    import bokeh.embed.notebook  # as show() loads it

    from gofigr_jupyter.capture import bokeh as capture

    assert bokeh.embed.notebook
    return opened(capture.source(capture.document_of(model)), left_out)


def figure(**options):
    from bokeh.plotting import figure as make

    return make(**options)


def test_lines_with_legends_labels_and_a_title():
    plot = figure(title="Springs", x_axis_label="Length [mm]", y_axis_label="Force (N)")
    plot.line([1, 2], [3.5, 4], legend_label="a")
    plot.line([1, 2], [5, 6], legend_label="b")
    found = tables_of(plot)
    assert values(found["Springs"]) == {"series": ["a", "a", "b", "b"], "x": [1, 2, 1, 2], "y": [3.5, 4, 5, 6]}
    assert facts(found["Springs"], "y") == ("Force", "N", "y")


def test_arrays_are_exact_and_times_are_times():
    plot = figure(x_axis_type="datetime")
    x = np.array(["2020-01-01", "2020-01-02"], "datetime64[ms]")
    plot.scatter(x, np.array([1 / 3, np.nan]), size=5)
    found = values(only(tables_of(plot)))
    assert [str(one) for one in found["x"]] == ["2020-01-01 00:00:00", "2020-01-02 00:00:00"]
    assert found["y"][0] == 1 / 3
    assert np.isnan(found["y"][1])


def test_sources_categories_and_sizes():
    from bokeh.models import ColumnDataSource

    source = ColumnDataSource({"who": ["a", "b"], "n": np.array([1, 2]), "unused": [0, 0], "s": [3.0, 4.0]})
    plot = figure(x_range=["a", "b"])
    plot.vbar(x="who", top="n", width=0.5, source=source)
    plot.scatter(x="who", y="n", size="s", source=source)
    found = tables_of(plot)
    assert values(found["Bars"]) == {"who": ["a", "b"], "n": [1, 2]}
    assert values(found["Points"]) == {"who": ["a", "b"], "n": [1, 2], "s": [3, 4]}
    assert facts(found["Points"], "s")[2] == "size"


def test_lists_in_cells_are_spread():
    plot = figure()
    plot.multi_line([[1, 2], [3, 4, 5]], [[1, 1], [2, 2, 2]])
    assert values(only(tables_of(plot))) == {"part": [1, 1, 2, 2, 2], "xs": [1, 2, 3, 4, 5], "ys": [1, 1, 2, 2, 2]}


def test_images_are_grids():
    plot = figure()
    plot.image(image=[np.arange(6.0).reshape(2, 3)], x=0, y=10, dw=3, dh=4)
    assert values(only(tables_of(plot))) == {
        "x": [0.5, 1.5, 2.5] * 2, "y": [11] * 3 + [13] * 3, "value": list(range(6)),
    }  # fmt: skip


def test_layouts_and_tables():
    from bokeh.layouts import row
    from bokeh.models import ColumnDataSource, DataTable, TableColumn

    left, right = figure(title="L"), figure(title="R")
    left.line([1], [2])
    right.line([3], [4])
    source = ColumnDataSource({"a": [1, 2]})
    table = DataTable(source=source, columns=[TableColumn(field="a", title="Mass (g)")])
    found = tables_of(row(left, right, table))
    assert set(found) == {"L", "R", "Table"}
    assert facts(found["Table"], "a") == ("Mass", "g", "column")


@pytest.mark.parametrize(
    "document", [{}, {"roots": 3}, {"roots": [{"id": "1", "name": "Figure", "attributes": {"renderers": [None, 3]}}]}]
)
def test_any_shape_is_survived(document):
    from gofigr_jupyter.capture.series.bokeh import series_of

    assert list(series_of(document, [], Found())) == []
