"""What the axes say, and what about them may mislead; from JSON that anybody may have uploaded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import pytest

from gofigr_jupyter.capture.series.axes import Axis, as_json, read
from gofigr_jupyter.server.insight import about_axes
from gofigr_jupyter.server.insight.facts import Topic
from tests.capture.series.shelf import tables_of
from tests.server.insight.cases import line
from tests.server.insight.shelf import record, told

mpl.use("agg")
FORCE = Axis("Spring", 0, "y", "Force", "N", "linear", 0.0, 20.0, values_low=1.0, values_high=19.0)


def facts(*found: Axis) -> list[tuple[Topic, str]]:
    return [(fact.topic, fact.text) for fact in about_axes.facts(replace(record(tables_of(line())), axes=found))]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"low": 5.0, "bars": True}, "Bars are drawn on the y axis (Force), which does not include zero (it goes from 5 to 20)"),
        ({"low": 15.0}, "far from zero"),
        ({"scale": "log", "low": 1.0}, "the y axis (Force) is logarithmic, so equal distances stand for equal ratios"),
        ({"is_inverted": True}, "is inverted"),
        ({"twin_of": 0}, "lies over another y axis with a scale of its own"),
    ],
)
def test_traps(changes: dict[str, Any], says: str) -> None:
    traps = [text for topic, text in facts(replace(FORCE, **changes)) if topic is Topic.TRAP]
    assert len(traps) == 1
    assert says in traps[0]


def test_axes_without_traps() -> None:
    assert facts(FORCE) == [
        (Topic.TRAP, "Nothing about its axes misleads: none is truncated under bars, logarithmic, inverted or double."),
        (Topic.AXES, "The y axis (Force) is linear and goes from 0 to 20, in N."),
    ]


def test_values_that_are_not_shown() -> None:
    assert facts(replace(FORCE, values_high=30.0))[-1][1].endswith("in N; there are plotted values above it.")


def test_panels_are_named_where_there_are_several() -> None:
    texts = [text for _, text in facts(FORCE, replace(FORCE, panel="Mass", index=1))]
    assert any("(Force) of Mass" in text for text in texts)


def test_nothing_was_recorded() -> None:
    assert facts() == [(Topic.AXES, "The limits and scales of its axes were not recorded.")]


def test_a_question_about_an_axis() -> None:
    found = replace(record(tables_of(line())), axes=(FORCE, replace(FORCE, direction="x", label="Length", unit="mm")))
    answer, evidence = told(found, "What are the limits of the force axis?")
    assert "goes from 0 to 20" in answer
    assert "Length" not in answer
    assert evidence[-1].label == "y axis of Spring"


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1, null, {}]", "[" * 5000, '[{"panel": 7}]', "x" * 500_000])
def test_what_has_another_form_is_left_out(text: str) -> None:
    assert read(text) == ()


def test_there_and_back() -> None:
    assert read(as_json([FORCE])) == (FORCE,)
    broken = [*json.loads(as_json([FORCE])), {"panel": "x", "index": 0, "direction": "sideways"}]
    assert read(json.dumps(broken)) == (FORCE,)
