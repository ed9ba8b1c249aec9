"""Whatever a session holds, the analysis ends, says why it gives up, and says the same again."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from gofigr_jupyter.outbox import codec
from gofigr_jupyter.provenance.slicing import compute
from gofigr_jupyter.provenance.slicing.backward import Wanted, choose
from gofigr_jupyter.provenance.slicing.compute import Slice, slice_of
from gofigr_jupyter.provenance.slicing.memory import TooMuch
from gofigr_jupyter.provenance.slicing.trace import Cell, Trace
from gofigr_jupyter.records import CellFacts, Environment, HistoryEntry, Missing, Package, RunNotes, Showing
from gofigr_jupyter.worker.slices import slice_for
from gofigr_jupyter.worker.upload import data_drafts, revision_metadata
from tests.outbox.parcels import a_parcel

PLOT = "import matplotlib.pyplot as plt\nplt.plot(x)"


def of(*sources: str, run: RunNotes | Missing | None = None, showing: Showing | None = None) -> Slice | Missing:
    history = tuple(HistoryEntry(n, source) for n, source in enumerate(sources, 1))
    given = a_parcel().provenance
    cell = CellFacts(sources[-1], "c", len(sources))
    provenance = replace(given, history=history, cell=cell, run=RunNotes() if run is None else run)
    return slice_of(provenance, showing or Showing(1, 1))


def sources(found: Slice | Missing) -> list[str]:
    assert isinstance(found, Slice), found
    return [line.source for line in found.statements]


@pytest.mark.parametrize(
    "hostile",
    [
        "x = " + "(" * 5000,
        "x = " + "-" * 50_000 + "1",
        "x = " + "+".join(["a"] * 20_000),
        "x = " + "[" * 150 + "]" * 150,
        "x = y" + ".z" * 20_000,
        "x = y" + ".z()" * 3_000,
        "x = \0",
        "x = '\ud800'",
        "if a:\n" + "\n".join(" " * n + "if a:" for n in range(1, 90)) + "\n" + " " * 99 + "x = 1",
        "def f(g): return f(f)\n" * 200 + "x = f(f(f(f)))",
        "\n".join(f"def f{n}(): return f{n + 1}() + f{n + 1}()" for n in range(60)) + "\nx = f0()",
        "x = " + "lambda: " * 400 + "1",
        "x = [" + ", ".join(["[y, y]"] * 5000) + "]",
        "\n".join(["x = x + [x] if x else [x]"] * 1000),
    ],
)
def test_hostile_code_hangs_nobody(hostile: str) -> None:
    found = of(hostile, PLOT)
    assert isinstance(found, Slice | Missing)
    again = of(hostile, PLOT)
    assert found == again


def test_too_long_a_session_is_not_followed() -> None:
    assert of("x = 1\n" * 400_000, PLOT) == Missing("the session's code is too long to be followed")


def test_too_much_work_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gofigr_jupyter.provenance.slicing.memory.BUDGET", 50)
    assert of("x = [1]\n" + "x.append(x)\n" * 50, PLOT) == Missing("the session is too long to be followed")


def test_a_session_that_goes_on_is_followed_further_and_gives_what_it_gives_afresh() -> None:
    cells = ["import matplotlib.pyplot as plt", "x = [1]", "plt.plot(x)", "x.append(2)", "plt.plot(x)"]
    first, second = of(*cells[:3]), of(*cells)
    compute._last.clear()
    assert of(*cells) == second
    assert len(sources(first)) == 3
    assert len(sources(second)) == 4


def test_what_the_kernel_saw_decides_where_syntax_cannot_tell() -> None:
    cells = ["import matplotlib.pyplot as plt, somewhere", "x = somewhere.get()", "x.treat(1)", "plt.plot(x)"]
    assert "x.treat(1)" in sources(of(*cells))
    assert "x.treat(1)" not in sources(of(*cells, run=RunNotes(kinds={"2": {"x": "value"}})))


def test_pylab_is_what_it_imports() -> None:
    cells = ["%pylab inline", "unused = 1", "x = linspace(0, 1)\nplot(x, randn(50))"]
    found = sources(of(*cells, run=RunNotes(python={"1": "get_ipython().run_line_magic('pylab', 'inline')"})))
    assert found == ["from matplotlib.pylab import *", "from numpy import *", *cells[2].split("\n")]


def test_modules_that_nobody_installed_may_do_anything() -> None:
    cells = [
        "import lab, matplotlib.pyplot as plt\ntable = {'a': [1]}",
        "count = lab.clean(table)",
        "plt.plot(table['a'])",
    ]
    given = a_parcel().provenance
    assert "count = lab.clean(table)" in sources(of(*cells))
    lab = Environment("", "", "", "", (Package("lab", "1"),))
    history = tuple(HistoryEntry(n, source) for n, source in enumerate(cells, 1))
    facts = replace(given, history=history, cell=CellFacts(cells[-1], "c", 3), run=RunNotes(), environment=lab)
    assert "count = lab.clean(table)" not in sources(slice_of(facts, Showing(1, 1)))


def test_a_statement_that_raised_is_tried_again() -> None:
    cells = ["import matplotlib.pyplot as plt\nx = []", "for k in range(9):\n    x.append(1 / (5 - k))", "plt.plot(x)"]
    found = of(*cells, run=RunNotes(failed_at={"2": 2}))
    assert sources(found)[2].startswith("try:")
    assert isinstance(found, Slice)
    compile(found.script, "slice", "exec")


def test_one_of_several_figures_is_chosen_by_its_place() -> None:
    cell = "a, b = [1], [2]\nplt.plot(a)\nplt.show()\nplt.plot(b)\nplt.show()"
    first = sources(of("import matplotlib.pyplot as plt", cell, showing=Showing(1, 2)))
    second = sources(of("import matplotlib.pyplot as plt", cell, showing=Showing(2, 2)))
    assert "plt.plot(a)" in first
    assert "plt.plot(b)" not in first
    assert "plt.plot(a)" not in second
    assert "plt.plot(b)" in second


def test_secrets_and_chance_are_warned_of() -> None:
    found = of(
        "import numpy as np\nimport matplotlib.pyplot as plt\ntoken = '***'", "plt.plot(np.random.rand(3), label=token)"
    )
    assert isinstance(found, Slice)
    assert len(found.warnings) == 2


def test_without_notes_there_is_no_slice_and_nothing_is_said_to_be_missing() -> None:
    parcel = a_parcel()
    assert isinstance(slice_for(parcel), Missing)
    assert "slice" not in revision_metadata(parcel)["missing"]


def test_a_parcel_carries_its_notes_and_its_revision_the_slice() -> None:
    given = a_parcel().provenance
    parcel = a_parcel(provenance=replace(given, run=RunNotes(cell_ids={"3": "cell-1"})), showing=Showing(1, 1, ("f",)))
    text, files = codec.encode(parcel)
    assert codec.decode(text, lambda blob: files[blob["file"]]) == parcel
    drafts = {draft.metadata["role"]: draft for draft in data_drafts(parcel)}
    assert drafts["slice"].metadata["cells"] == [3]
    assert (drafts["slice"].metadata["statements"], drafts["slice"].metadata["of"]) == (1, 2)
    assert b'"cell_id": "cell-1"' in (drafts["slice-map"].data or b"")


@pytest.mark.slow
def test_any_python_is_followed() -> None:
    """Modules of the standard library as cells: nothing raises but what says that it is too much."""
    folder = Path(ast.__file__).parent
    for path in sorted(folder.glob("*.py"))[:40]:
        trace = Trace()
        try:
            trace.add(Cell(1, path.read_text(encoding="utf-8", errors="replace")))
            choose(trace, 1, Wanted(1, 1))
        except TooMuch:
            continue
