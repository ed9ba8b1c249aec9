"""The panel of an interactive function: which control each argument gets, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
import polars as pl
import pytest

from gofigr_jupyter.cleanroom.params import DropdownParam, Param, SliderParam, infer_param
from gofigr_jupyter.cleanroom.room import CleanRoom
from gofigr_jupyter.cleanroom.source import source_of
from gofigr_jupyter.widgets.controls import Controls, summary


class Colour(Enum):
    RED = "r"
    BLUE = "b"


Make = Callable[..., Controls]


@pytest.fixture
def panel() -> Iterator[Make]:
    """Makes panels as an interactive call does: of what a clean room gives back."""
    made: list[Controls] = []

    def make(values: Mapping[str, Any], changed: Callable[[], None] = lambda: None, **params: Param) -> Controls:
        chosen = {name: params.get(name, infer_param(name, value)) for name, value in values.items()}
        room = CleanRoom.of(source_of(nothing), {}, values, chosen)
        live = room.values()
        made.append(Controls("nothing", room.params(live), live, on_change=changed))
        return made[-1]

    yield make
    for one in made:
        one.close()


def nothing():
    return None


@pytest.mark.parametrize(
    ("value", "kind", "other"),
    [
        (3, ipywidgets.IntSlider, 5),
        (0.5, ipywidgets.FloatSlider, 0.75),
        (True, ipywidgets.Checkbox, False),
        ("Day 3", ipywidgets.Text, "Day 4"),
        ("two\nlines", ipywidgets.Textarea, "one"),
        (date(2026, 3, 1), ipywidgets.DatePicker, date(2026, 4, 2)),
        (datetime(2026, 3, 1, 12), ipywidgets.NaiveDatetimePicker, datetime(2026, 4, 2, 13)),  # noqa: DTZ001
        (datetime(2026, 3, 1, tzinfo=UTC), ipywidgets.DatetimePicker, datetime(2026, 4, 2, tzinfo=UTC)),
        (pd.Timestamp("2026-03-01"), ipywidgets.NaiveDatetimePicker, datetime(2026, 4, 2)),  # noqa: DTZ001
        (np.int64(3), ipywidgets.IntSlider, 5),
        (np.float32(0.5), ipywidgets.FloatSlider, 0.25),
        (np.bool_(True), ipywidgets.Checkbox, False),
        (np.str_("Day 3"), ipywidgets.Text, "Day 4"),
    ],
)
def test_each_value_has_its_control_and_keeps_its_type(panel: Make, value: Any, kind: type, other: Any) -> None:
    controls = panel({"x": value})
    (control,) = controls._inputs.values()
    assert type(control) is kind
    assert controls.values() == {"x": value}
    control.value = other
    (got,) = controls.values().values()
    assert (got, type(got)) == (other, type(value))
    controls.reset()
    assert controls.values() == {"x": value}


def test_a_date_that_is_wiped_out_is_the_first_one(panel: Make) -> None:
    controls = panel({"when": date(2026, 3, 1)})
    controls._inputs["when"].value = None
    assert controls.values() == {"when": date(2026, 3, 1)}


def test_bounds_hold_for_numpys_numbers_too(panel: Make) -> None:
    controls = panel({"n": np.int64(2)}, n=SliderParam(2, min=1, max=5))
    assert (controls._inputs["n"].min, controls._inputs["n"].max) == (1, 5)


def test_choices_are_offered_once_by_name(panel: Make) -> None:
    plain = panel({"scale": "log"}, scale=DropdownParam("log", choices=["linear", "log"]))
    assert plain._inputs["scale"].options == (("linear", "linear"), ("log", "log"))
    other = panel({"scale": "sqrt"}, scale=DropdownParam("sqrt", choices=["linear"]))
    assert [label for label, _ in other._inputs["scale"].options] == ["sqrt", "linear"]
    colour = panel({"colour": Colour.BLUE})
    dropdown = colour._inputs["colour"]
    assert [label for label, _ in dropdown.options] == ["RED", "BLUE"]
    assert dropdown.label == "BLUE"
    dropdown.label = "RED"
    assert colour.values()["colour"].value == "r"


def test_a_class_of_the_notebooks_own_is_offered_once_too(panel: Make) -> None:
    made_here: Any = Enum("Made", {"ONE": 1, "TWO": 2}, module="__main__")
    dropdown = panel({"x": made_here.TWO})._inputs["x"]
    assert [label for label, _ in dropdown.options] == ["ONE", "TWO"]
    assert dropdown.label == "TWO"


def test_tables_and_lists_are_told_and_fixed(panel: Make) -> None:
    values = {
        "frame": pd.DataFrame({"a": range(1200), "b": 1}),
        "series": pd.Series([1, 2, 3], name="n"),
        "poles": pl.DataFrame({"a": [1, 2]}),
        "row": pl.Series("s", [1, 2]),
        "list": [1, 2],
        "power": 2,
    }
    controls = panel(values, power=SliderParam(2, min=1, max=5))
    assert list(controls._inputs) == ["power"]
    assert controls.is_adjustable
    told = controls.bundle()["text/plain"]
    assert told == "nothing · power 2 · frame 1,200 × 2 · series 3 · poles 2 × 1 · row 2 · list [1, 2]"
    assert not panel({"list": [1]}).is_adjustable


def test_every_step_is_heard_and_nothing_of_people_is_markup(panel: Make) -> None:
    heard: list[int] = []
    bad = "<img src=x onerror=alert(1)>"
    controls = panel({"n": 1, bad: "x"}, lambda: heard.append(1))
    for value in (2, 3):
        controls._inputs["n"].value = value
    assert heard == [1, 1]
    assert "<img" not in controls.bundle()["text/html"]
    controls.say(bad)
    assert "<img" not in controls._said.value


def test_in_a_few_words() -> None:
    assert summary(Colour.RED) == "RED"
    assert summary(date(2026, 3, 1)) == "2026-03-01"
    assert summary(list(range(100))) == "100 items"
    assert summary("x" * 100) == "x" * 59 + "…"


def test_a_link_can_be_followed_and_is_nothing_else(panel: Make) -> None:
    controls = panel({"power": 3})
    controls.say("Kept", "http://127.0.0.1:1/r/a?b=1&c='\"><b>")
    said = controls._said.value
    assert said.startswith('Kept: <a href="http://127.0.0.1:1/r/a?b=1&amp;c=&#x27;&quot;&gt;&lt;b&gt;" target="_blank"')
    for other in ("javascript:alert(1)", "", None):
        controls.say("Kept", other)
        assert controls._said.value == "Kept"
