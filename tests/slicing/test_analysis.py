"""Small sessions, one hard point each: the marked statements are the slice, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.slicing.books import is_marked, last_figure, parsed, traced

CASES = Path(__file__).with_name("cases.txt").read_text(encoding="utf-8")

PARTS = [part.split("\n", 1) for part in re.split(r"(?m)^=== ", CASES)[1:]]


@pytest.mark.parametrize(("name", "text"), PARTS, ids=[part[0].replace(" ", "-") for part in PARTS])
def test_the_slice_is_what_is_marked(name: str, text: str) -> None:
    book = parsed(name, text)
    trace = traced(book)
    kept = [trace.steps[n] for n in last_figure(trace).steps]
    marked = [step for step in trace.steps if is_marked(book, step)]
    assert [(s.cell.count, s.source) for s in kept] == [(s.cell.count, s.source) for s in marked]
