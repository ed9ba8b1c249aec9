"""`@reproducible` in a real kernel: what is published, what the controls do, what fails and how."""

from __future__ import annotations

import json

import pytest

from tests.extension.conftest import Notebook

IMPORTS = """
import warnings
import pandas as pd
import ipywidgets
from gofigr_jupyter.extension import explorer as _explorer
"""
DOSE = """
table = pd.DataFrame({"dose": [1, 2, 4], "response": [.1, .5, .9]})

@reproducible
def curve(table, power: int = SliderParam(2, min=1, max=5)):
    # what is seen
    plt.plot(table["dose"], table["response"] ** power)
    plt.title("Dose")
"""
HINTED = """
import polars as pl
from datetime import date
from typing import Annotated, Literal

@reproducible
def hinted(
    frame,
    series,
    level: Annotated[float, (0, 1)] = 0.5,
    scale: Literal["linear", "log"] = "log",
    when: date = date(2026, 3, 1),
):
    plt.plot(frame["a"], series, alpha=level)
    plt.yscale(scale)
    plt.title("Hinted")
    plt.xlabel(when.isoformat())

hinted(pl.DataFrame({"a": [1, 2]}), pd.Series([3, 4], name="n"))
"""
EXPLORED = """
table = pd.DataFrame({"dose": [1, 2, 4]})
@reproducible(interactive=True)
def explored(table, power: int = SliderParam(2, min=1, max=5), grid: bool = False):
    print("power", power)
    plt.plot(table["dose"] ** power)
    table["dose"] = 0
    plt.title("Explored")
"""


@pytest.fixture(scope="module")
def lab(notebook: Notebook) -> Notebook:
    notebook.run(IMPORTS)
    return notebook


def room(parcel):
    """The parts of a parcel's clean room by name."""
    return {one.name: one for one in parcel.attachments if one.is_clean_room}


def test_a_figure_of_a_reproducible_function_carries_its_clean_room(lab: Notebook) -> None:
    ran, parcels = lab.run(DOSE + "\ncurve(table, power=3)")
    assert len(ran.figures) == len(ran.cards) == len(parcels) == 1
    parts = room(parcels[0])
    assert list(parts) == ["Clean Room Source", "Clean Room Manifest", "table"]
    source = parts["Clean Room Source"]
    assert (source.type, source.format) == ("code", "clean_room")
    assert source.metadata["function_name"] == "curve"
    assert source.data.decode().startswith("# what is seen\nplt.plot(")
    manifest = json.loads(parts["Clean Room Manifest"].data)
    assert manifest["parameters"] == {
        "table": {"type": "dataframe"},
        "power": {"type": "integer", "widget": "slider", "value": 3, "min": 1, "max": 5, "step": 1},
    }
    assert manifest["imports"]["plt"] == "matplotlib.pyplot"
    assert manifest["packages"]["matplotlib"]
    assert manifest["rendering"]["dpi"] > 0
    assert parts["table"].data[:4] == b"PAR1"


def test_hints_bound_the_controls_and_tables_of_every_sort_are_kept(lab: Notebook) -> None:
    _, parcels = lab.run(HINTED)
    parts = room(parcels[0])
    entries = json.loads(parts["Clean Room Manifest"].data)["parameters"]
    assert entries == {
        "frame": {"type": "dataframe", "python": {"is": "polars.DataFrame"}},
        "series": {"type": "dataframe", "python": {"is": "pandas.Series", "named": True}},
        "level": {"type": "number", "widget": "slider", "value": 0.5, "min": 0, "max": 1, "step": 0.01},
        "scale": {"type": "string", "widget": "dropdown", "value": "log", "choices": ["linear", "log"]},
        "when": {"type": "string", "widget": "text", "value": "2026-03-01", "python": {"is": "date"}},
    }
    assert [parts[name].data[:4] for name in ("frame", "series")] == [b"PAR1", b"PAR1"]


def test_figures_outside_have_no_clean_room_and_stay_as_they_are(lab: Notebook) -> None:
    ran, parcels = lab.run(DOSE + "plt.plot([5, 6]); plt.title('Mine')\ncurve(table)\nplt.plot([6, 5]);")
    assert [p.capture.title for p in parcels] == ["Dose", "Mine"]
    assert [bool(room(p)) for p in parcels] == [True, False]
    assert len(ran.figures) == 2


def test_a_returned_figure_is_of_the_clean_room_too_and_is_called_after_the_function(lab: Notebook) -> None:
    _, parcels = lab.run(
        "@reproducible(packages={'go': 'plotly.graph_objects'})\ndef bars(n):\n    return go.Figure(go.Bar(y=[*range(n)]))\nbars(3)"
    )
    assert [bool(room(p)) for p in parcels] == [True]
    assert parcels[0].target.figure.name == "bars"


def test_publish_inside_of_the_function(lab: Notebook) -> None:
    _, parcels = lab.run(
        "@reproducible\ndef drawn(factor=2):\n    fig = plt.figure()\n    plt.plot([1, factor])\n"
        "    publish(fig, target=FindByName('By hand', create=True))\ndrawn()"
    )
    assert [p.target.figure.name for p in parcels] == ["By hand"]
    assert room(parcels[0])


def test_names_from_outside_are_named_with_advice(lab: Notebook) -> None:
    ran, parcels = lab.run(
        "from pathlib import Path\nimport statistics as st\nlimit = 3\ndef helper(): ...\n"
        "@reproducible\ndef dirty():\n    return limit, helper(), Path(), st.mean([1]), nowhere\ndirty()",
        check=False,
    )
    assert parcels == []
    assert ran.reply["ename"] == "NotSelfContained"
    told = ran.reply["evalue"]
    assert "limit: make it an argument" in told
    assert "helper: define it inside" in told
    assert "write inside the function: from pathlib import Path" in told
    assert "nowhere: is defined nowhere" in told
    assert "st:" not in told  # modules that were imported outside are taken along


def test_what_cannot_be_stored_runs_as_it_is_and_says_why(lab: Notebook) -> None:
    ran, parcels = lab.run(
        "@reproducible\ndef plain(model, n=SliderParam(4)):\n    plt.plot([n]); plt.title('Plain')\nplain(object())"
    )
    assert "'model' holds an object" in ran.text
    assert [room(p) for p in parcels] == [{}]


def test_an_error_of_the_functions_own_is_raised_at_its_line(lab: Notebook) -> None:
    ran, _ = lab.run("@reproducible\ndef fails(x):\n    y = 1\n    return 1 / x\nfails(0)", check=False)
    assert ran.reply["ename"] == "ZeroDivisionError"
    assert "----> 4     return 1 / x" in ran.error.replace("\x1b", "") or "return" in ran.error


def test_secrets_are_masked(lab: Notebook) -> None:
    key = "sk-ant-api03-" + "Ab3dEf6hIj9kLmN0pQrS" * 3
    _, parcels = lab.run(
        f"@reproducible\ndef secretive(password):\n    token = '{key}'\n    plt.plot([1, 9]); plt.title('Secretive')\n"
        "secretive('hunter2-hunter2')"
    )
    parts = room(parcels[0])
    assert key.encode() not in parts["Clean Room Source"].data
    assert b"hunter2" not in parts["Clean Room Manifest"].data


def last_explorer(value: str) -> str:
    return f"[*_explorer._explorers.values()][-1][-1][1].{value}"


def test_controls_run_the_function_again_and_what_rests_is_published_once(lab: Notebook) -> None:
    ran, parcels = lab.run(EXPLORED + "explored(table)", cell_id="explore")
    assert [p.capture.title for p in parcels] == ["Explored"]
    assert len(ran.figures) == 1
    panel = next(c for c in ran.cards if "application/vnd.jupyter.widget-view+json" in c["data"])
    assert panel["data"]["text/plain"] == "explored · power 2 · grid False · table 3 × 1"
    slot = ran.figures[0]["transient"]["display_id"]
    assert lab.kernel.value(f"[[w.min, w.max, w.step, w.value] for w in {last_explorer('_controls._inputs.values()')} if hasattr(w, 'min')]") == [[1, 5, 1, 2]]
    assert lab.kernel.value(f"{last_explorer('_controls._text.outputs')}[0]['text']") == "power 2\n"

    before = len(lab.parcels())
    lab.run(f"e = {last_explorer('_controls')}\nfor v in (3, 4, 5): e._inputs['power'].value = v")
    told = ""
    for _ in range(100):
        told = lab.kernel.value(f"{last_explorer('_controls._said.value')}")
        if "Kept" in told:
            break
        lab.run("import time; time.sleep(.1)")
    assert "Kept as a revision" in told
    assert lab.kernel.value(f"{last_explorer('_controls._text.outputs')}[0]['text']") == "power 5\n"
    new = lab.parcels()[before:]
    assert len(new) == 1
    parts = room(new[0])
    assert json.loads(parts["Clean Room Manifest"].data)["parameters"]["power"]["value"] == 5
    assert "explored(table)" in new[0].provenance.cell.source
    assert new[0].provenance.cell.execution_count == parcels[0].provenance.cell.execution_count is not None
    assert lab.kernel.value(f"[s.display_id for s in {last_explorer('_slots')}]") == [slot]
    assert new[0].capture.displayed[0].data != parcels[0].capture.displayed[0].data


def test_off_publishes_a_state_at_a_click_only(lab: Notebook) -> None:
    try:
        lab.run("%gofigr off")
        _, parcels = lab.run(EXPLORED + "explored(table)", cell_id="explore")
        assert parcels == []
        lab.run(f"{last_explorer('_controls')}._inputs['grid'].value = True\nimport time")
        lab.run("time.sleep(1.8)")
        _, parcels = lab.run("1")
        assert parcels == []
        _, parcels = lab.run(f"{last_explorer('publish()')}")
        assert len(parcels) == 1
        assert room(parcels[0])
    finally:
        lab.run("%gofigr on")


def test_an_error_in_a_later_run_is_shown_in_the_panel(lab: Notebook) -> None:
    lab.run("@reproducible(interactive=True)\ndef risky(n: int = 1):\n    plt.plot([1 / n]); plt.title('Risky')\nrisky()", cell_id="risky")
    lab.run(f"{last_explorer('_controls')}._inputs['n'].value = 0")
    for _ in range(300):
        lab.run("import time; time.sleep(.1)")
        if "ZeroDivisionError" in lab.kernel.value(last_explorer("_controls._said.value")):
            break
    assert lab.kernel.value(f"{last_explorer('_controls._text.outputs')}[-1]['ename']") == "ZeroDivisionError"
    assert "ZeroDivisionError" in lab.kernel.value(last_explorer("_controls._said.value"))


def test_a_first_run_that_fails_fails_the_cell(lab: Notebook) -> None:
    ran, parcels = lab.run("@reproducible(interactive=True)\ndef broken(n: int = 0):\n    print('so far'); 1 / n\nbroken()", check=False)
    assert ran.reply["ename"] == "ZeroDivisionError"
    assert "so far" in ran.text
    assert parcels == []
