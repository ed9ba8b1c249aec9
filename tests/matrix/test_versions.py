"""IPython 8 and 9 with ipykernel 6 and 7, and the oldest of both: every way of showing a figure, loading and unloading, publish()."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tests.extension.conftest import SETUP, Notebook, parked_worker
from tests.extension.test_showing import WAYS, assert_stored_as_shown, displayed_bytes
from tests.kernels import REPOSITORY, is_card, live_kernel
from tests.matrix.overlays import is_installed, overlay

NEWEST = list(product(("ipython>=8,<9", "ipython>=9,<10"), ("ipykernel>=6,<7", "ipykernel>=7,<8")))
OLDEST = ("ipython==8.12", "ipykernel==6.29")  # what pyproject.toml promises
# The pair that is installed is what all other tests run on.
PAIRS = [pair for pair in [*NEWEST, OLDEST] if not all(map(is_installed, pair))]

OURS = """
import json
from itertools import chain
def ours():
    shell = get_ipython()
    formatter = shell.display_formatter
    formatters = [*formatter.formatters.values(), formatter.ipython_display_formatter, formatter.mimebundle_formatter]
    printers = chain.from_iterable([*f.type_printers.values(), *f.deferred_printers.values()] for f in formatters)
    hooks = chain(getattr(shell.display_pub, "_hooks", []), getattr(shell.displayhook, "_hooks", []))
    found = [*chain.from_iterable(shell.events.callbacks.values()), *printers, *hooks]
    names = [getattr(one, "__module__", None) or getattr(getattr(one, "func", None), "__module__", "") for one in found]
    before = [(formatter, "format"), (shell.display_pub, "publish"), (shell.displayhook, "finish_displayhook")]
    names += [f"gofigr's {name}" for obj, name in before if name in vars(obj)]
    return [name for name in names if str(name).startswith("gofigr")] + [
        name for name in shell.magics_manager.magics["line"] if "gofigr" in name]
"""


@pytest.fixture(scope="session")
def overlays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where other versions are unpacked."""
    return tmp_path_factory.mktemp("overlays")


@pytest.fixture(scope="module", params=PAIRS, ids=[" ".join(pair) for pair in PAIRS])
def notebook(
    request: pytest.FixtureRequest, overlays: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Notebook]:
    """A kernel on this pair of versions."""
    folders = [folder for wanted in request.param if (folder := overlay(overlays, wanted)) is not None]
    path = os.pathsep.join([*folders, str(REPOSITORY)])
    home = tmp_path_factory.mktemp("matrix") / "home"
    with parked_worker(home), live_kernel(home, PYTHONPATH=path) as kernel:
        for wanted in request.param:
            name = wanted.partition("=")[0].rstrip(">")
            found = kernel.value(f"__import__('importlib.metadata').metadata.version('{name}')")
            assert SpecifierSet(wanted.removeprefix(name)).contains(found)
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP)
        kernel.run(OURS)
        assert len(kernel.value("ours()")) >= 6
        yield Notebook(kernel, home)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_showing(notebook: Notebook, way: str) -> None:
    ran, parcels = notebook.run(WAYS[way], check=False)
    assert len(parcels) >= 1
    assert_stored_as_shown(ran, parcels)
    order = [is_card(content) for content in ran.shown if is_card(content) or displayed_bytes(content)]
    assert order == [False, True] * len(parcels), "each card stands directly beneath its figure"
    assert (ran.error is not None) == ("1 / 0" in WAYS[way])
    assert "GoFigr:" not in ran.text


def test_publish(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "import gofigr_jupyter\nfig, ax = plt.subplots(); ax.plot([1, 70]); plt.close(fig)\n"
        "made = gofigr_jupyter.publish(fig, name='By name', metadata={'a': 1}); print(made.link)"
    )
    assert [parcel.target.figure.name for parcel in parcels] == ["By name"]
    assert parcels[0].link in ran.text
    assert parcels[0].metadata == {"a": 1}


def test_the_same_figure_twice_and_loops_are_one_revision(notebook: Notebook) -> None:
    _, parcels = notebook.run("fig, ax = plt.subplots(); ax.plot([4, 71]); display(fig); fig")
    assert len(parcels) == 1
    ran, parcels = notebook.run("for i in range(3):\n    clear_output(wait=True); plt.plot([i, 72]); plt.show()")
    assert len(parcels) == len(ran.cards) == 1


def test_what_a_parcel_knows(notebook: Notebook) -> None:
    _, parcels = notebook.run("plt.plot([1, 73]); plt.show()", cell_id="the-cell")
    facts = parcels[0].provenance
    assert getattr(facts.cell, "cell_id", None) == "the-cell"
    assert getattr(facts.cell, "execution_count", None)
    assert "plt.plot([1, 73])" in getattr(facts.cell, "source", "")
    assert getattr(facts.history, "__len__", lambda: 0)() > 2


def test_unloaded_and_loaded_again(notebook: Notebook) -> None:
    ran, _ = notebook.run("%unload_ext gofigr_jupyter")
    assert ran.text == ""
    assert notebook.kernel.value("ours()") == []
    ran, parcels = notebook.run("plt.plot([1, 74]); plt.show()")
    assert (len(ran.figures), ran.cards, parcels) == (1, [], [])
    notebook.run("%load_ext gofigr_jupyter")
    ran, parcels = notebook.run("plt.plot([1, 75]); plt.show()")
    assert len(ran.figures) == len(ran.cards) == len(parcels) == 1
