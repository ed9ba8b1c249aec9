"""Public examples, run as notebooks: every figure captured, none twice, nothing that the reader sees is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.galleries.data import seaborn_data
from tests.galleries.docstrings import cells_of
from tests.galleries.example import Example, cells_of_script
from tests.galleries.libraries import GALLERIES, Gallery
from tests.galleries.marks import Page
from tests.galleries.runs import run_all
from tests.galleries.steady import steady
from tests.galleries.survey import Report, survey

_DONE: list[Report] = []

# ---------------------------------------------------------------- the long tier

long = [
    pytest.mark.long,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
]


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """The table of all libraries, at the end."""
    yield
    if _DONE:
        print("\n" + "\n".join([Report.head(), *(report.row for report in _DONE)]))


@pytest.mark.parametrize("gallery", [pytest.param(gallery, id=gallery.library, marks=long) for gallery in GALLERIES])
def test_every_figure_is_captured_once_as_shown_and_nothing_else_changes(gallery: Gallery, tmp_path: Path) -> None:
    found = gallery.examples(tmp_path)
    if not found:
        pytest.skip(f"no examples of {gallery.library} are to be had here")
    report = survey(gallery.library, found, tmp_path / "runs", gallery.prelude, **seaborn_data(tmp_path))
    _DONE.append(report)
    assert report.faults == []
    assert report.captured >= report.shown > 0


@pytest.mark.parametrize("least", [pytest.param(150, marks=long)])
def test_they_are_many(least: int) -> None:
    assert sum(report.examples for report in _DONE) >= least


# ---------------------------------------------------------------- the survey itself

SMALL = Example(
    "matplotlib",
    "small",
    (
        "import matplotlib.pyplot as plt; print(object()); plt.plot([1, 2]); plt.show(); plt.plot([2, 1])",
        "fig, ax = plt.subplots(); ax.set_title('t'); display(fig); 1 / 0",
        "from IPython.display import clear_output\nfor n in range(3):\n    clear_output(wait=True); plt.plot([n]); plt.show()",
    ),
)


@pytest.mark.slow
def test_a_small_example_goes_through(tmp_path: Path) -> None:
    report = survey("matplotlib", [SMALL], tmp_path)
    assert report.faults == []
    assert (report.examples, report.cells, report.shown, report.captured) == (1, 3, 4, 4)
    assert (report.missed, report.twice, report.outputs_differ) == (0, 0, 0)


@pytest.mark.slow
def test_the_survey_sees_what_is_missed_and_what_is_changed(tmp_path: Path) -> None:
    tells = "import sys; print('gofigr_jupyter' in sys.modules)"
    hides = "plt.plot([1]); import gofigr_jupyter\nif 'gofigr_jupyter.extension' in sys.modules: gofigr_jupyter.suppress(plt.gcf())"
    report = survey(
        "matplotlib", [Example("matplotlib", "bad", (f"import matplotlib.pyplot as plt; {tells}", hides))], tmp_path
    )
    assert report.missed == 1
    assert report.outputs_differ == 1
    assert len(report.faults) == 3  # the picture is in no capture either


@pytest.mark.long
@pytest.mark.slow
def test_what_is_stuck_or_dies_stops_nothing_and_is_told(tmp_path: Path) -> None:
    stuck = Example("python", "stuck", ("import time\nwhile True: time.sleep(0.1)",))
    dead = Example("python", "dead", ("import os; os._exit(1)",))
    fails = Example("python", "fails", ("import nothing_at_all", "1 + 1"))
    runs = list(run_all([stuck, dead, fails], tmp_path / "first", "", with_extension=False, limit=6))
    assert [run.excuse for run in runs] == [
        "it took longer than 6 s",
        "its kernel died",
        "ModuleNotFoundError: No module named 'nothing_at_all'",
    ]
    assert len(runs[-1].cells) == 2
    again = run_all([stuck, fails], tmp_path / "second", "", with_extension=True, limit=60, hopeless=[stuck])
    assert [run.died for run in again] == ["not tried again", None]


def test_the_summary_counts_all_and_tells_why_some_were_not_run() -> None:
    one = Report("one", shown=3, not_run=2, excuses=["its kernel died"] * 2)
    other = Report("other", shown=4, faults=["late"])
    assert one.notes == ["    not run: 2 x its kernel died"]
    assert (Report.total([one, other]).shown, Report.total([one, other]).faults) == (7, ["late"])


def test_docstrings_become_cells_at_their_prose() -> None:
    prompts = "Do it.\n\n>>> a = 1\n>>> if a:\n...     b = 2\n\n.. plot::\n    :context:\n\n    >>> c = 3  # doctest: +SKIP\n\nThen:\n\n>>> d = 4\n4"
    assert list(cells_of(prompts)) == ["a = 1\nif a:\n    b = 2\nc = 3\n", "d = 4\n"]
    blocks = "Draw.\n\n.. bokeh-plot::\n    :source-position: above\n\n    a = 1\n\n    show(a)\n\nDone."
    assert list(cells_of(blocks)) == ["a = 1\n\nshow(a)"]
    assert list(cells_of_script("a\n# %%\nb\n" + "#" * 79 + "\nc")) == ["a", "b", "c"]


def test_only_drawn_ids_are_taken_out_and_their_places_kept() -> None:
    one, two = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert steady(f"{one} {two} {one}") == steady(f"{two} {one} {two}") != steady(f"{one} {one} {two}")
    assert steady("<Axes at 0x7f00aa11>") == steady("<Axes at 0x7f00bb22>")
    assert steady("p1001 12345 0.1234567") == "p1001 12345 0.1234567"


def test_a_page_is_what_clearing_and_updating_leave() -> None:
    page = Page()
    page.take("display_data", {"data": {"image/png": "AAAA"}, "transient": {"display_id": "x"}})
    page.take("update_display_data", {"data": {"image/png": "BBBB"}, "transient": {"display_id": "x"}})
    page.take("display_data", {"data": {"text/plain": "nothing"}})
    assert [list(pictures.values()) for pictures in page.figures.values()] == [["BBBB"]]
    page.take("clear_output", {"wait": True})
    page.take("display_data", {"data": {"text/html": "<img src='data:image/png;base64,CCCC'>"}})
    assert [list(pictures.values()) for pictures in page.figures.values()] == [["CCCC"]]
