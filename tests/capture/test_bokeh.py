"""bokeh figures: their document out of the displayed script, titles, steady ids, and pages that need no network."""

from __future__ import annotations

import json

import pytest
from bokeh.embed.notebook import notebook_content
from bokeh.io import curdoc
from bokeh.layouts import gridplot, row
from bokeh.models import Button, ColumnDataSource, DataTable, TableColumn
from bokeh.plotting import figure

from gofigr_jupyter.capture import bokeh as capture
from gofigr_jupyter.capture import bokeh_page, bokeh_parts
from gofigr_jupyter.records import Missing, Rendition, Source


def plot(title="Walk", **options):
    made = figure(title=title, width=300, height=200, **options)
    made.line([1, 2, 3], [2, 1, 3])
    return made


def bundle(model, handle=None):
    """The message that show() sends: a script, and a mark with the model's id."""
    script, _, _ = notebook_content(model, handle)
    return {"application/javascript": script, capture.EXEC: ""}, {capture.EXEC: {"id": model.id}}


def document(model):
    return json.loads(capture.document_of(model))


def test_a_displayed_script_holds_the_document():
    model = plot()
    data, metadata = bundle(model)
    seen = capture.see(None, data, metadata)
    assert (seen.kind, seen.title, seen.displayed, seen.is_live) == ("bokeh", "Walk", (), False)
    assert isinstance(seen.source, Source)
    shown = json.loads(seen.source.data)
    assert [root["name"] for root in shown["roots"]] == ["Figure"]
    assert shown["version"]


def test_the_live_model_is_found_by_its_id():
    model = plot()
    curdoc().add_root(model)
    try:
        assert capture.see(None, *bundle(model)).reference() is model
    finally:
        curdoc().remove_root(model)
    assert capture.see(None, *bundle(model)).reference is None


def test_the_same_figure_gives_the_same_bytes_at_each_run():
    first, second = (capture.see(None, *bundle(plot())).source.data for _ in range(2))
    assert first == second
    assert capture.see(None, *bundle(plot("Other"))).source.data != first


def test_texts_that_look_like_ids_stay_as_they_are():
    model = figure(x_range=["p1001", "p1002"])
    model.vbar(x=["p1001", "p1002"], top=[1, 2])
    assert '["p1001","p1002"]' in capture.see(None, *bundle(model)).source.data.decode()


@pytest.mark.parametrize(
    ("model", "title"),
    [
        (lambda: plot('A "b" \\ $x$\nc'), 'A "b" \\ $x$ c'),
        (lambda: row(plot("A"), plot("B")), "A · B"),
        (lambda: gridplot([[plot("A"), plot("A")]]), "A"),
        (lambda: row(*(plot(name) for name in "ABCD")), None),
        (lambda: plot(None), None),
    ],
)
def test_titles_are_those_of_the_plots(model, title):
    assert capture.see(None, *bundle(model())).title == title


def test_what_draws_no_plot_is_no_figure():
    table = DataTable(source=ColumnDataSource({"a": [1]}), columns=[TableColumn(field="a")])
    for model in (Button(label="Go"), table):
        assert capture.see(None, *bundle(model)) is None
    assert capture.see(None, {"text/html": "<b>docs_json = 3</b>"}, {}) is None
    assert capture.see(None, {"application/javascript": "docs_json = {broken", capture.EXEC: ""}, {}) is None
    model = plot()
    assert capture.see(model, {"text/html": model._repr_html_(), "text/plain": "figure(...)"}, {}) is None


def test_given_to_publish_a_model_stays_what_it_is():
    model = plot()
    seen = capture.asked(model)
    assert seen.reference() is model
    assert seen.title == "Walk"
    assert model.document is None
    curdoc().add_root(model)  # refused if it belonged to a document of ours
    curdoc().remove_root(model)


def test_a_handle_makes_a_figure_live():
    assert capture.see(None, *bundle(plot(), "target")).is_live
    assert capture.live_sign(plot()) is None
    assert capture.live_state(plot()) is None


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (plot, ["bokeh"]),
        (lambda: plot(output_backend="webgl"), ["bokeh", "bokeh-gl"]),
        (lambda: row(plot(), Button()), ["bokeh", "bokeh-widgets"]),
        (lambda: plot("$$x^2$$"), ["bokeh", "bokeh-mathjax"]),
        (
            lambda: row(plot(), DataTable(source=ColumnDataSource({}))),
            ["bokeh", "bokeh-widgets", "bokeh-tables"],
        ),
    ],
)
def test_a_page_holds_the_scripts_that_it_needs(model, components):
    assert bokeh_parts.parts_of(document(model())).components == tuple(components)


def test_the_page_ends_with_the_document_and_links_nowhere():
    page = bokeh_page.page(document(plot("</script><script>alert(1)</script>")))
    head, found, rest = page.rpartition(b'<script type="application/json" id="document">')
    assert found
    assert b"src=" not in head.partition(b"<script>")[0]
    assert json.loads(rest.partition(b"</script>")[0])["roots"][0]["name"] == "Figure"
    assert bokeh_page.page(document(plot("Other"))).startswith(head + found), "the store keeps the scripts once"


def test_extensions_that_are_not_installed_are_a_reason():
    shown = {"version": "3", "roots": [{"type": "object", "name": "nowhere_at_all.models.Thing", "id": "p1"}]}
    made = bokeh_page.page(shown)
    assert isinstance(made, Missing)
    assert "nowhere_at_all" in made.reason


def test_style_sheets_of_others_are_not_fetched():
    linked = {"type": "object", "name": "ImportedStyleSheet", "id": "p1", "attributes": {"url": "https://a.b/c.css"}}
    assert b"a.b" not in bokeh_page.page({"version": "3", "roots": [linked]}).rpartition(b'id="document">')[2]


def test_each_format_is_made_or_missing_with_a_reason():
    source = capture.asked(plot()).source
    page, text = capture.render(source, ["html", "json"])
    assert page.data.startswith(b"<!doctype html>")
    assert text == Rendition("json", source.data)
    for broken in (b"{", b"[1]", b"\xff"):
        (made,) = capture.render(Source("bokeh", broken), ["html"])
        assert isinstance(made.data, Missing)
