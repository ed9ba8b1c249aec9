"""Notebooks in a real kernel: the slice of each figure, run again in a clean process, shows the same pixels.

Some of them always, all of them in the long tier.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gofigr_jupyter.proof.compare import Compared, Likeness
from gofigr_jupyter.proof.recorded import Cell
from tests.slicing.books import NAMES, Book, read
from tests.slicing.rerun import Figure, again, cells_of, figures, likeness, ratio

IS_LONG = bool(os.environ.get("GOFIGR_LONG"))
SHORT = ["failed_in_loop", "plotly_objects"]


def is_identical(book: Book, figure: Figure, cells: list[Cell], folder: Path) -> str | None:
    """None when it is, or what is different."""
    found = likeness(figure, again(cells, folder, book.files))
    if isinstance(found, Compared) and found.likeness is Likeness.IDENTICAL:
        return None
    return f"{found}\n\n{figure.made_by.script}"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES if IS_LONG else SHORT)
def test_slices_show_the_same_pixels(name: str, tmp_path: Path) -> None:
    book = read(name)
    shown = figures(book, tmp_path)
    assert shown
    for number, figure in enumerate(shown):
        assert is_identical(book, figure, cells_of(figure.made_by), tmp_path / f"map-{number}") is None
    last = shown[-1]
    assert is_identical(book, last, [Cell(last.made_by.script)], tmp_path / "script") is None
    assert ratio(book, last.made_by) <= 1.3, last.made_by.script
