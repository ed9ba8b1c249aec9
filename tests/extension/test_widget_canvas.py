"""`%matplotlib widget`: canvases that change without messages are taken as they are when a cell ends."""

from __future__ import annotations

from tests.extension.conftest import Notebook


def test_a_canvas_is_taken_at_the_end_of_each_cell_that_changes_it(notebook: Notebook) -> None:
    _, first = notebook.run("%matplotlib widget\nfig, ax = plt.subplots()\nax.plot([1, 2]); ax.set_title('Canvas')")
    assert [p.target.figure.name for p in first] == ["Canvas"]
    assert first[0].capture.displayed[0].data.startswith(b"\x89PNG")
    _, idle = notebook.run("1 + 1")
    assert idle == []
    ran, changed = notebook.run("ax.plot([2, 1])")
    assert [p.target.figure.name for p in changed] == ["Canvas"]
    assert changed[0].capture.displayed[0].data != first[0].capture.displayed[0].data
    assert ran.cards == [], "the card beneath the canvas speaks for the new state too"
    _, idle = notebook.run("2 + 2")
    assert idle == []
    notebook.run("plt.close(fig); del fig, ax\n%matplotlib inline")
