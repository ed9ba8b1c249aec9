"""Of every notebook the slice holds the needed statements, and few others."""

from __future__ import annotations

from statistics import mean

import pytest

from tests.slicing.books import NAMES, is_marked, last_figure, read, traced

RATIOS: dict[str, float] = {}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_needed_is_missing_and_little_is_too_much(name: str) -> None:
    book = read(name)
    trace = traced(book)
    chosen = last_figure(trace)
    needed = [n for n, step in enumerate(trace.steps) if is_marked(book, step)]
    lost = [trace.steps[n].source for n in needed if n not in chosen.steps]
    assert lost == []
    RATIOS[name] = len(chosen.steps) / len(needed)
    extra = [trace.steps[n].source for n in chosen.steps if n not in needed]
    assert RATIOS[name] <= 1.3, extra


def test_on_the_whole_hardly_anything_is_too_much() -> None:
    ratios = RATIOS or {"none": 1.0}
    assert mean(ratios.values()) <= 1.05
    assert len(NAMES) >= 60
