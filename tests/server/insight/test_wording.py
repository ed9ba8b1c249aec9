"""Numbers as answers state them, and names of hostile people in what an answer becomes on a page."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gofigr_jupyter import markdown
from gofigr_jupyter.server.insight import gathering, wording
from gofigr_jupyter.server.insight.facts import numbers_in
from tests.server.insight.shelf import record
from tests.test_markdown import HOSTILE, Reader


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (-0.0, "0"),
        (12345, "12,345"),
        (1234.5678, "1,235"),
        (0.00123456, "0.001235"),
        (1e-9, "1.000e-09"),
        (2.5e12, "2.500e+12"),
        (-3.14159, "-3.142"),
        (9.9999, "10"),
        (100.0, "100"),
    ],
)
def test_numbers(value: float, said: str) -> None:
    assert wording.number(value) == said


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=64).filter(lambda one: one == 0 or 1e-300 < abs(one) < 1e300))
def test_any_number_is_right_to_four_digits(value: float) -> None:
    (stated,) = numbers_in(f"it is {wording.number(value)} here")
    assert math.isclose(stated, value, rel_tol=5.1e-4)


def test_lists() -> None:
    assert wording.listed([]) == ""
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.listed("abcdef", 2) == "a, b and 4 more"


class Tags(Reader):
    """Also notes what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        self.tags.add(tag)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_text(text: str) -> None:
    """In each place where somebody's words stand in a fact: title, table, series, label, unit, cell, file, package."""
    fields = [
        pa.field("series", pa.string(), metadata={"role": "series", "label": text}),
        pa.field("x", pa.string(), metadata={"role": "x", "label": text, "unit": text}),
        pa.field("y", pa.float64(), metadata={"role": "y", "label": text, "unit": text}),
    ]
    table = pa.table([[text, text, "b"], [text, "b", "c"], [1.0, 2.0, 9.0]], schema=pa.schema(fields))
    for fact in gathering.facts_of(record({text: table}), ""):
        seen = Tags()
        seen.feed(markdown.html(fact.text))
        assert seen.tags <= {"p", "code", "pre"}, (fact.text, seen.tags)
