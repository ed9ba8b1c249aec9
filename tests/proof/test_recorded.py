"""What a revision has recorded, read from metadata and data objects that anybody may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.proof.recorded import Cell, Code, Piece, recorded
from gofigr_jupyter.records import Missing
from tests.proof.records import ABOUT, record, slice_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def code_of(texts: dict[str, str], **meta: Any) -> Code | Missing:
    pieces = [Piece(role, role, "code", "", len(text), {"role": role}) for role, text in texts.items()]
    return recorded(ABOUT, meta, pieces, lambda piece: texts[piece.id].encode()).code


def test_a_slice_is_read_cell_by_cell_without_what_is_for_scripts() -> None:
    text = slice_text([(1, "import a"), (4, "a.plot()")])
    text += '__import__("matplotlib.pyplot").pyplot.close("all")  # IPython closes\n__import__("matplotlib.pyplot").pyplot.show()\n'
    told = json.dumps({"statements": [], "warnings": ["w"], "inputs": ["/d/x.csv"]})
    code = code_of({"slice": text, "slice-map": told})
    assert isinstance(code, Code)
    assert [cell.count for cell in code.cells] == [1, 4]
    assert code.cells[1].source == "a.plot()"
    assert code.cells[0].source.endswith("import a")
    assert (code.kind, code.warnings, code.inputs) == ("slice", ("w",), frozenset({"/d/x.csv"}))


def test_a_mark_inside_of_a_text_does_not_cut_it() -> None:
    text = slice_text([(1, 'x = """\n# In [2]\nmore"""'), (3, "x")])
    code = code_of({"slice": text})
    assert isinstance(code, Code)
    assert code.cells == (Cell(text),)


def test_without_a_slice_there_is_the_session_and_a_clear_word() -> None:
    code = code_of({"history": "# In [1]\na = 1\n\n# In [2]\nb = 2", "cell": "plot(a)"}, execution_count=3)
    assert isinstance(code, Code)
    assert code.kind == "history"
    assert "no slice" in code.warnings[0]
    assert code.cells == (Cell("a = 1", 1), Cell("b = 2", 2), Cell("plot(a)", 3))


def test_the_cell_is_not_run_twice() -> None:
    code = code_of({"history": "# In [3]\nplot(a)", "cell": "plot(a)"}, execution_count=3)
    assert isinstance(code, Code)
    assert code.cells == (Cell("plot(a)", 3),)


def test_a_script_and_nothing_at_all() -> None:
    script = code_of({"script": "print(1)", "history": "# In [1]\nx"})
    assert isinstance(script, Code)
    assert script.kind == "script"
    assert isinstance(code_of({}), Missing)


def test_inputs_that_the_slice_does_not_read_are_left_out() -> None:
    inputs = [{"path": "/d/a.csv", "digest": "A" * 64}, {"path": "/d/b.csv"}, {"path": 3}, "odd"]
    found = record(inputs=inputs).inputs
    assert [one.name for one in found] == ["a.csv", "b.csv"]
    assert found[0].digest == "a" * 64
    told = json.dumps({"inputs": ["/d/b.csv"]})
    pieces = [Piece(role, role, "code", "", 9, {"role": role}) for role in ("slice", "slice-map")]
    read = {"slice": b"x", "slice-map": told.encode()}
    kept = recorded(ABOUT, {"inputs": inputs}, pieces, lambda piece: read[piece.id]).inputs
    assert [one.path for one in kept] == ["/d/b.csv"]


def test_what_is_too_long_is_not_read() -> None:
    piece = Piece("slice", "Slice", "code", "", 10**9, {"role": "slice"})
    assert isinstance(recorded(ABOUT, {}, [piece], lambda _: pytest.fail("read")).code, Missing)


@given(JSON, JSON)
def test_whatever_is_written_there_is_no_error(meta: Any, told: Any) -> None:
    text = json.dumps(told).encode()
    pieces = [Piece(role, role, "text", "", len(text), {"role": role}) for role in ("slice", "slice-map", "environment")]
    found = recorded(ABOUT, {"inputs": meta, "title": meta, "notebook_path": meta}, pieces, lambda _: text)
    assert found.about is ABOUT
