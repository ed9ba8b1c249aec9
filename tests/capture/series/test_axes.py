"""Axes as JSON of anybody: what is sound arrives as it was, and the rest is not there."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.capture.series import axes
from gofigr_jupyter.capture.series.axes import Axis, Found, as_json, read

SOUND = Axis(
    "Doses", 1, "y", "Dose", "mg", "log", 0.1, 100.0, is_inverted=True, twin_of=0, values_low=0.5, values_high=70.0
)
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["2020-01", "y"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from([*asdict(SOUND), "other"]), inner, max_size=13),
    max_leaves=30,
)


def told(**changes: object) -> str:
    """The JSON of one axis, with something else in it."""
    return json.dumps([asdict(SOUND) | changes])


@given(st.text("abc é°", max_size=9), st.integers(0, 99), numbers, numbers, st.booleans())
def test_what_is_sound_comes_back(label, index, one, other, bars):
    low, high = sorted((one, other)) if one is not None and other is not None else (one, other)
    axis = Axis("P", index, "x", " ".join(label.split()), "", "linear", low, high, bars=bars)
    assert read(as_json([axis, SOUND])) == (axis, SOUND)


@given(anything)
def test_json_of_any_shape_is_survived(value):
    for one in read(json.dumps(value)):
        assert one.direction in axes.DIRECTIONS


@given(st.text(max_size=60))
def test_text_of_any_shape_is_survived(text):
    assert read(text) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "w"},
        {"direction": ["x"]},
        {"direction": {}},
        {"index": -1},
        {"index": True},
        {"index": 10**9},
        {"index": "0"},
        {"panel": None},
        {"panel": 3},
        {"label": ["Dose"]},
        {"scale": 7},
        {"low": float("nan")},
        {"low": float("inf")},
        {"low": True},
        {"low": "0.1"},
        {"low": "2020-01-01"},
        {"low": [1]},
        {"low": 10**400},
        {"low": 101},
        {"values_low": 71},
        {"twin_of": -1},
        {"twin_of": 0.5},
        {"is_inverted": "yes"},
        {"bars": 1},
        {"scale": "category"},
        {"scale": "time"},
        {"scale": "time", "low": "<script>", "high": None, "values_low": None, "values_high": None},
    ],
)
def test_what_has_another_form_is_left_out(changes):
    assert read(told(**changes)) == ()
    assert read(json.dumps([*json.loads(told(**changes)), asdict(SOUND)])) == (SOUND,)


def test_a_field_that_is_missing_is_not_known_and_one_more_is_no_harm():
    assert read('[{"panel": "", "index": 0, "direction": "x", "colour": "red"}]') == (Axis("", 0, "x"),)
    assert read('[{"panel": "", "index": 0}]') == ()


def test_no_more_than_a_hundred_and_no_longer_than_they_may_be():
    many = [replace(SOUND, index=number, label="x" * 1000) for number in range(150)]
    text = as_json(many)
    assert len(json.loads(text)) == 100
    assert {len(one["label"]) for one in json.loads(text)} == {300}
    assert len(read(json.dumps([asdict(one) for one in many]))) == 100
    assert read(json.dumps([asdict(SOUND)] * 5) + " " * 500_000) == ()
    assert read("[" * 100_000) == ()


def test_words_are_one_line_of_whole_characters():
    (axis,) = read(told(label="Dose\n\u2028 of\tit", unit="\ud800"))
    assert (axis.label, axis.unit) == ("Dose of it", "?")


def test_truncated_are_linear_axes_with_bars_and_without_zero():
    bars = Axis("", 0, "y", scale="linear", low=50.0, high=100.0, bars=True)
    assert bars.is_truncated
    assert replace(bars, low=-100.0, high=-50.0).is_truncated
    for sound in ({"low": 0.0}, {"low": -5.0}, {"low": None}, {"scale": "log"}, {"bars": False}):
        assert not replace(bars, **sound).is_truncated


def test_a_reader_that_fails_costs_what_it_has_not_yet_found():
    def read_badly():
        yield "x", SOUND
        raise RuntimeError("no more today")

    found = Found()
    found.note(read_badly)
    assert found.axes == {"x": SOUND}
