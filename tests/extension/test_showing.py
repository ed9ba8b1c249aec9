"""Every way of showing a figure: captured once, exactly as displayed, with its card beneath."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gofigr_jupyter.records import Missing, Parcel
from tests.extension.conftest import Notebook
from tests.kernels import Ran, is_card


def displayed_bytes(content: dict[str, Any]) -> dict[str, bytes]:
    """The pictures of a display message, as the front end decodes them."""
    found = {}
    for mime_type, value in content["data"].items():
        if mime_type in {"image/png", "image/jpeg", "application/pdf"}:
            found[mime_type] = base64.b64decode(value)
        elif mime_type == "image/svg+xml":
            found[mime_type] = value.encode()
        elif mime_type == "application/vnd.plotly.v1+json":
            found[mime_type] = json.dumps(value, sort_keys=True).encode()
    return found


def stored_bytes(parcel: Parcel) -> dict[str, bytes]:
    """The same from a parcel."""
    return {
        d.mime_type: json.dumps(json.loads(d.data), sort_keys=True).encode() if "json" in d.mime_type else d.data
        for d in parcel.capture.displayed
    }


def assert_stored_as_shown(ran: Ran, parcels: list[Parcel]) -> None:
    """Each picture displayed is a parcel, byte for byte, in order."""
    pictures = [shown for content in ran.figures if (shown := displayed_bytes(content))]
    assert [stored_bytes(parcel) for parcel in parcels] == pictures


WAYS = {
    "end of cell": "plt.plot([1, 2]); plt.title('Way')",
    "plt.show()": "plt.plot([1, 3]); plt.show()",
    "display(fig)": "fig, ax = plt.subplots(); ax.plot([1, 4]); display(fig); plt.close(fig)",
    "last expression": "fig, ax = plt.subplots(); ax.plot([1, 5]); plt.close(fig); fig",
    "Figure() without pyplot": "fig = Figure(); fig.subplots().plot([1, 6]); fig",
    "fig.show()": "fig, ax = plt.subplots(); ax.plot([1, 61]); fig.show()",
    "pandas": "import pandas as pd; pd.Series([1, 2, 4]).plot(title='Series');",
    "several": "plt.plot([1, 7]); plt.show(); print('between'); plt.plot([7, 1]); plt.show(); plt.bar([1], [2])",
    "a cell that raises": "plt.plot([1, 8]); 1 / 0",
    "plotly fig.show()": "go.Figure(go.Scatter(y=[1, 2])).show()",
    "plotly last expression": "go.Figure(go.Bar(y=[1, 2]), layout_title_text='Bars')",
    "plotly display()": "display(go.Figure(go.Bar(y=[3, 2])))",
    "a picture": "from PIL import Image; display(Image.new('RGB', (30, 20), 'red'))",
    "a raw bundle": "from IPython.display import SVG; SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
    "a thread": "fig = Figure(); fig.subplots().plot([1, 9])\n"
    "t = threading.Thread(target=lambda: display(fig)); t.start(); t.join()",
    "run_cell inside a cell": "get_ipython().run_cell('plt.plot([1, 10]); plt.show()'); plt.plot([2, 10]); plt.show()",
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_showing_is_stored_as_shown_with_a_card_beneath(notebook: Notebook, way: str) -> None:
    ran, parcels = notebook.run(WAYS[way], check=False)
    assert len(parcels) >= 1
    assert_stored_as_shown(ran, parcels)
    assert len(ran.cards) == len(parcels)
    order = [is_card(content) for content in ran.shown if is_card(content) or displayed_bytes(content)]
    assert order == [False, True] * len(parcels), "each card stands directly beneath its figure"
    assert (ran.error is not None) == ("1 / 0" in WAYS[way])


def test_cards_stand_between_figures_and_what_is_printed_after(notebook: Notebook) -> None:
    ran, _ = notebook.run("plt.plot([1]); plt.show(); print('after'); plt.plot([2]); plt.show()")
    kinds = [
        "text" if m["msg_type"] == "stream" else "card" if is_card(m["content"]) else "figure"
        for m in ran.messages
        if m["msg_type"] in {"stream", "display_data"}
    ]
    assert kinds == ["figure", "card", "text", "figure", "card"]


def test_same_figure_shown_twice_is_one_revision(notebook: Notebook) -> None:
    ran, parcels = notebook.run("fig, ax = plt.subplots(); ax.plot([4, 4]); display(fig); fig")
    assert len(ran.figures) == 3  # display, result, and the flush at the end of the cell
    assert len(parcels) == len(ran.cards) == 1


def test_same_plotly_figure_shown_in_two_ways_is_one_revision(notebook: Notebook) -> None:
    ran, parcels = notebook.run("fig = go.Figure(go.Bar(y=[4, 1])); fig.show(); fig.show(); fig")
    assert len(ran.figures) == 3
    assert len(parcels) == len(ran.cards) == 1


def test_same_figure_in_another_state_is_another_revision_of_it(notebook: Notebook) -> None:
    code = "fig = Figure(); ax = fig.subplots(); ax.set_title('Grows'); display(fig); ax.plot([5, 5]); display(fig)"
    ran, parcels = notebook.run(code)
    assert_stored_as_shown(ran, parcels)
    assert [p.target.figure.name for p in parcels] == ["Grows", "Grows"]


def test_clear_output_loop_is_one_revision_the_last(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "for i in range(5):\n    clear_output(wait=True); plt.plot([i, 0]); plt.show()", timeout=120
    )
    assert len(parcels) == len(ran.cards) == 1
    assert stored_bytes(parcels[0]) == displayed_bytes(ran.figures[-1])


def test_update_display_loop_is_one_revision_the_last(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "fig = Figure(); ax = fig.subplots(); handle = display(fig, display_id=True)\n"
        "for i in range(3):\n    ax.plot([0, i]); handle.update(fig)"
    )
    assert len(parcels) == len(ran.cards) == 1
    assert stored_bytes(parcels[0]) == displayed_bytes(ran.of("update_display_data")[-1])


def test_update_display_from_a_later_cell_is_a_new_revision(notebook: Notebook) -> None:
    notebook.run("fig = Figure(); ax = fig.subplots(); ax.set_title('Later'); handle = display(fig, display_id=True)")
    _, parcels = notebook.run("ax.plot([1, 2]); handle.update(fig)")
    assert [p.target.figure.name for p in parcels] == ["Later"]


@pytest.mark.parametrize("formats", ["['svg']", "['retina']", "['jpeg']", "['png', 'svg', 'pdf']"])
def test_inline_formats_are_stored_as_shown(notebook: Notebook, formats: str) -> None:
    notebook.kernel.run(f"%config InlineBackend.figure_formats = {formats}")
    try:
        ran, parcels = notebook.run("plt.plot([1, 2], [3, 4]); plt.show()")
        assert len(parcels) == 1
        assert_stored_as_shown(ran, parcels)
        if "retina" in formats:
            assert parcels[0].capture.displayed[0].metadata["width"] > 0
    finally:
        notebook.kernel.run("%config InlineBackend.figure_formats = ['png']")


def test_a_thread_that_shows_after_its_cell(notebook: Notebook) -> None:
    before = len(notebook.parcels())
    notebook.run(
        "late = Figure(); late.subplots().plot([3, 1])\n"
        "timer = threading.Timer(0.3, lambda: display(late)); timer.start()"
    )
    notebook.run("timer.join()")
    notebook.run("pass")
    assert len(notebook.parcels()) == before + 1


def test_the_same_again_is_unchanged(notebook: Notebook) -> None:
    code = "plt.plot([1, 2, 3]); plt.title('Unchanged'); plt.show()"
    _, first = notebook.run(code, cell_id="same-cell")
    ran, second = notebook.run(code, cell_id="same-cell")
    assert len(first) == 1
    assert second == []
    assert len(ran.cards) == 1
    assert first[0].link in json.dumps(ran.cards[0]["data"]) or "nchanged" in json.dumps(
        [m["content"] for m in ran.messages if m["msg_type"].startswith("comm")]
    )


def test_names_title_then_stable_fallback(notebook: Notebook) -> None:
    _, titled = notebook.run("plt.plot([1]); plt.title('A  title\\nin two lines'); plt.show()")
    assert titled[0].target.figure.name == "A title in two lines"
    code = "plt.plot([{}]); plt.show(); plt.plot([{}, 2]); plt.show()"
    _, first = notebook.run(code.format(1, 1), cell_id="stable-id")
    _, again = notebook.run(code.format(2, 2), cell_id="stable-id")
    names = [p.target.figure.name for p in first]
    assert names == [p.target.figure.name for p in again]
    assert len(set(names)) == 2


def test_sources_can_be_drawn_again(notebook: Notebook) -> None:
    _, parcels = notebook.run("plt.plot([1, 2]); plt.show(); go.Figure(go.Bar(y=[1])).show()")
    assert [getattr(p.capture.source, "format", None) for p in parcels] == ["pickle", "plotly"]


def test_what_cannot_be_pickled_is_stored_all_the_same(notebook: Notebook) -> None:
    ran, parcels = notebook.run("fig = Figure(); fig.subplots(); fig.lock = threading.Lock(); fig")
    assert_stored_as_shown(ran, parcels)
    assert isinstance(parcels[0].capture.source, Missing)


def test_no_live_figure_is_kept(notebook: Notebook) -> None:
    notebook.run("import weakref, gc; fig = Figure(); fig.subplots(); gone = weakref.ref(fig); display(fig)")
    notebook.run("del fig; pass")
    assert notebook.kernel.value("[gc.collect() and 0, gone() is None]")[1]


def test_plain_output_is_left_alone(notebook: Notebook) -> None:
    ran, parcels = notebook.run("import pandas as pd; print('x'); pd.DataFrame({'a': [1]})")
    assert parcels == []
    assert ran.cards == []
    assert ran.text == "x\n"
