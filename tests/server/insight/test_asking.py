"""What questions ask for, by their words and by the names in them."""

from __future__ import annotations

import pytest

from gofigr_jupyter.schema.insight import Evidence, EvidenceRef
from gofigr_jupyter.server.insight import asking
from gofigr_jupyter.server.insight.engine import Turn
from gofigr_jupyter.server.insight.facts import Fact, Topic, numbers_in, words_of

PLACE = Evidence(kind="table", label="t", ref=EvidenceRef())


def fact(topic: Topic, *names: str) -> Fact:
    return Fact(topic, f"{topic} {names}", PLACE, words_of(*names))


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("Describe this figure", Topic.WHAT),
        ("What's the average height?", Topic.RANGE),
        ("what unit is it in", Topic.UNIT),
        ("Is it rising?", Topic.TREND),
        ("Where are the peaks", Topic.PEAK),
        ("any anomalies?", Topic.OUTLIER),
        ("which group has more than control?", Topic.GROUP),
        ("are x and y correlated?", Topic.CORRELATION),
        ("How many samples?", Topic.COUNT),
        ("Is anything missing?", Topic.MISSING),
        ("Does the y axis start at zero?", Topic.AXES),
        ("Is it truncated?", Topic.TRAP),
        ("Show me the code", Topic.CODE),
        ("Where does the data come from?", Topic.FILES),
        ("Which version of numpy?", Topic.PACKAGES),
        ("Who made this?", Topic.ORIGIN),
        ("What changed since revision 3?", Topic.CHANGES),
    ],
)
def test_topics(query: str, topic: Topic) -> None:
    assert topic in asking.topics_of(query)


def test_a_change_over_time_is_no_change_of_revision() -> None:
    assert asking.topics_of("How does it change over time?") == (Topic.TREND,)


@pytest.mark.parametrize(("query", "number"), [("since revision 12?", 12), ("rev 3", 3), ("revision #4", 4), ("x", None)])
def test_the_revision_that_is_meant(query: str, number: int | None) -> None:
    assert asking.revision_meant(query) == number


def test_the_facts_with_most_of_the_names_are_meant() -> None:
    facts = [
        fact(Topic.TREND, "control", "force"),
        fact(Topic.TREND, "treated", "force"),
        fact(Topic.TREND, "cell line 4", "force"),
        fact(Topic.RANGE, "treated"),
    ]
    assert asking.chosen("What is the slope of treated?", facts).facts == (facts[1],)
    assert asking.chosen("slope of Cell Line 4, please", facts).facts == (facts[2],)
    assert asking.chosen("What is the slope of the force?", facts).facts == tuple(facts[:3])
    assert asking.chosen("What is the slope?", facts).facts == tuple(facts[:3])
    assert asking.chosen("treated", facts).facts == (facts[1], facts[3])


def test_a_follow_up_asks_the_same_of_something_else() -> None:
    facts = [fact(Topic.TREND, "control"), fact(Topic.TREND, "treated"), fact(Topic.WHAT, "treated")]
    assert asking.chosen("And treated?", facts, [Turn("slope of control?", "1")]).facts == (facts[1],)
    assert asking.chosen("And the weather?", [], [Turn("hello", "1")]).facts == ()


def test_what_no_record_can_tell() -> None:
    facts = [fact(Topic.RANGE)]
    assert asking.chosen("Why is that?", facts) == asking.Choice((), (), is_beyond=True)
    both = asking.chosen("Is the mean significant?", facts)
    assert (both.is_beyond, both.facts) == (True, tuple(facts))
    assert not asking.chosen("Why did it change since the previous revision?", facts).is_beyond


def test_numbers_in_a_text() -> None:
    assert list(numbers_in("from -1,234.5 to 2e-3, v2.4.6, x9, 10 %")) == [-1234.5, 0.002, 10.0]
