"""Which names a cell has bound: found by comparing the namespace before and after it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.extension.runs import Runs


def bound(before: dict[str, object], after: dict[str, object]) -> set[str]:
    """The names that one cell is noted to have bound, which leaves this namespace."""
    history = SimpleNamespace(input_hist_raw=[""], input_hist_parsed=[""])
    shell = SimpleNamespace(user_ns=before, history_manager=history)
    runs = Runs(shell)
    runs.cell_started(SimpleNamespace(store_history=True))
    history.input_hist_raw.append("cell")
    history.input_hist_parsed.append("cell")
    shell.user_ns = after
    runs.cell_finished("id", SimpleNamespace(error_before_exec=None, error_in_exec=None))
    return set(runs.notes().kinds.get("1", {}))


OBJECTS = [[n] for n in range(6)]
SPACES = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(range(len(OBJECTS))), max_size=8)


@given(SPACES, SPACES)
def test_names_that_are_new_or_stand_for_something_else_are_noted(before: dict[str, int], after: dict[str, int]) -> None:
    """Whatever was deleted, and in whatever order the names stand."""
    was, now = ({name: OBJECTS[n] for name, n in space.items()} for space in (before, after))
    assert bound(was, now) == {name for name in now if was.get(name) is not now[name]}


@pytest.mark.parametrize("gone", ["first", "middle", "last"])
def test_a_name_deleted_and_bound_again_is_new(gone: str) -> None:
    names = {"first": [1], "middle": [2], "last": [3]}
    after = {name: value for name, value in names.items() if name != gone}
    assert bound(names, {**after, gone: [4]}) == {gone}
    assert bound(names, after) == set()
