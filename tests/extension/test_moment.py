"""What is read of the shell: its history."""

from __future__ import annotations

from types import SimpleNamespace

from gofigr_jupyter.extension.moment import History
from gofigr_jupyter.records import HistoryEntry


def a_shell(*cells: str) -> SimpleNamespace:
    """A shell that has run these cells."""
    return SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=["", *cells]))


def test_the_history_grows_with_the_session() -> None:
    history, shell = History(), a_shell("a = 1", "", "b = 2")
    first = history.read(shell)
    assert first == (HistoryEntry(1, "a = 1"), HistoryEntry(3, "b = 2"))
    shell.history_manager.input_hist_raw.append("c = 3")
    second = history.read(shell)
    assert second == (*first, HistoryEntry(4, "c = 3"))
    assert all(one is other for one, other in zip(first, second, strict=False))


def test_a_history_begun_anew_is_read_anew() -> None:
    history, shell = History(), a_shell("a = 1", "b = 2")
    history.read(shell)
    shell.history_manager.input_hist_raw[:] = ["", "c = 3"]
    assert history.read(shell) == (HistoryEntry(1, "c = 3"),)
    shell.history_manager.input_hist_raw[:] = ["", *(f"x = {n}" for n in range(9))]
    assert [entry.source for entry in history.read(shell)] == [f"x = {n}" for n in range(9)]


def test_without_a_history_there_is_none() -> None:
    assert History().read(SimpleNamespace()) == ()
    assert History().read(a_shell()) == ()
