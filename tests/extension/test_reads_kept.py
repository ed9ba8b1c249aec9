"""What a session keeps of its readings is bounded, told in order, and never more than the settings allow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.extension.reads_kept import IsStale, Kept, Note
from gofigr_jupyter.provenance.inputs_state import MOST_FILES, state_of
from gofigr_jupyter.records import InputFile
from gofigr_jupyter.settings import Settings


@pytest.fixture
def heard() -> list[IsStale]:
    return []


@pytest.fixture
def kept(home: Path, heard: list[IsStale]) -> Iterator[Kept]:
    kept = Kept(lambda: Settings(home=home, input_size_limit=1000), heard.append)
    kept.open()
    yield kept
    kept.close()


def add(kept: Kept, path: str, cell: int = 1, size: int = 1, modified: int = 1) -> None:
    kept.add(Note(path, "open", (size, modified)), cell, lambda _: True)


def test_one_entry_for_each_cell_the_newest_stay(kept: Kept) -> None:
    for cell in (*range(40), 38):
        add(kept, "/x/a.csv", cell)
    files, more = kept.inputs()
    assert ([file.cell for file in files], more) == ([*range(24, 38), 39, 38], 0)


def test_a_folder_of_many_is_bounded_and_the_rest_is_counted(kept: Kept) -> None:
    for cell in range(5):
        add(kept, "/x/first.csv", cell)
    for number in range(MOST_FILES + 500):
        add(kept, f"/x/{number}.csv")
    add(kept, "/x/first.csv", 7)
    files, more = kept.inputs()
    assert len(files) <= MOST_FILES
    assert len(files) + more == MOST_FILES + 501
    assert [file.cell for file in files if file.path == "/x/first.csv"] == [7]


def test_not_more_than_ten_times_the_limit_goes_along(kept: Kept) -> None:
    for number in range(12):
        add(kept, f"/x/{number}.csv", size=1000)
    add(kept, "/x/large.csv", size=1001)
    files, _ = kept.inputs()
    assert sum(file.keep for file in files) == 10
    assert "input_size_limit" in files[10].why_not
    assert "larger" in files[-1].why_not


def test_folders_and_patterns(kept: Kept, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        (tmp_path / name).write_text(name)
    kept.add(Note(str(tmp_path), "pyarrow.dataset", None), 1, lambda path: path.endswith(".csv"))
    kept.add(Note(str(tmp_path / "*.txt"), "polars.scan_csv", None), 2, lambda _: True)
    kept.add(Note(str(tmp_path / "missing.csv"), "polars.read_csv", None), 3, lambda _: True)
    kept.add(Note("https://example.org/a.csv", "pandas.read_csv", None), 4, lambda _: False)
    told = [(Path(file.path).name, file.cell) for file in kept.inputs()[0]]
    assert told == [("a.csv", 1), ("b.csv", 1), ("c.txt", 2), ("a.csv", 4)]


def test_stale_is_what_has_other_content(kept: Kept, tmp_path: Path, heard: list[IsStale]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("one")
    state = state_of(str(path))
    assert state is not None
    kept.add(Note(str(path), "open", state), 1, lambda _: True)
    [file] = kept.inputs(for_figure=True)[0]
    assert file.digest
    assert not kept.is_stale(file)  # nobody has looked
    for text, is_stale in (("one", False), ("two", True), ("one", False)):
        path.write_text(text)
        os.utime(path, ns=(len(heard), len(heard)))
        kept.look()
        assert heard[-1](file) is is_stale
        assert kept.is_stale(InputFile(str(path), "open", 1, file.size, file.modified_ns)) is is_stale
    path.unlink()
    kept.look()
    assert kept.is_stale(file)
