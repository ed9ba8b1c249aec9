"""Whether curves level off: known ones, and the honest word where it cannot be told."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gofigr_jupyter.server.tables.levels import level
from tests.server.insight.case import drawn
from tests.server.insight.shelf import record_of, told

X = np.linspace(0, 8, 81)
WIDE = np.linspace(1, 100, 100)


def noise(count: int, sigma: float, seed: int = 1) -> np.ndarray:
    chance = random.Random(seed)  # noqa: S311 - no secret
    return np.array([chance.gauss(0, sigma) for _ in range(count)])


def found(x: Any, y: Any) -> dict[str, Any]:
    return level([float(one) for one in x], [float(one) for one in y])


@pytest.mark.parametrize(
    ("x", "y", "value", "begin"),
    [
        pytest.param(X, 1 - np.exp(-X), 1.0, 3.0, id="saturation"),
        pytest.param(X, 3 + 4 * np.exp(-X), 3.0, 3.0, id="decay to a floor"),
        pytest.param(X, 1 / (1 + np.exp(-2 * (X - 4))), 1.0, 5.5, id="logistic"),
        pytest.param(X, np.where(X > 4, 7.0, 2.0), 7.0, 4.1, id="step"),
        pytest.param(X, 1 - np.exp(-X) + noise(81, 0.02), 1.0, 3.0, id="with noise"),
        pytest.param(10 ** (X - 3), 100 / (1 + 10 ** -(X - 3)), 100.0, 20.0, id="doses spaced by powers"),
        pytest.param(X[::-1], 1 - np.exp(-X[::-1]), 1.0, 3.0, id="in any order"),
    ],
)
def test_what_levels_off(x: Any, y: Any, value: float, begin: float) -> None:
    told = found(x, y)
    assert told["verdict"] == "levels"
    assert told["value"] == pytest.approx(value, rel=0.02)
    assert x[told["at"]] == pytest.approx(begin, rel=0.25)


@pytest.mark.parametrize(
    "y",
    [
        pytest.param(2 * WIDE + 1, id="line"),
        pytest.param(2 * WIDE + noise(100, 5), id="line with noise"),
        pytest.param(np.log(WIDE), id="logarithm"),
        pytest.param(np.sqrt(WIDE), id="root"),
        pytest.param(np.exp(WIDE / 20), id="exponential"),
        pytest.param(-(WIDE**2), id="falling"),
    ],
)
def test_what_goes_on(y: Any) -> None:
    assert found(WIDE, y)["verdict"] == "goes on"


def test_a_logarithm_goes_on_however_far_it_is_drawn() -> None:
    for end in (1e3, 1e6, 1e9):
        x = np.linspace(1, end, 300)
        assert found(x, np.log(x))["verdict"] == "goes on"


@pytest.mark.parametrize("count", [12, 30, 100, 1000])
def test_of_noise_nothing_is_said(count: int) -> None:
    said = [found(range(count), noise(count, 1.0, seed))["verdict"] for seed in range(40)]
    assert "levels" not in said
    assert said.count("goes on") <= 3


@pytest.mark.parametrize(
    ("x", "y", "verdict"),
    [
        ([1, 2, 3], [1, 2, 2], "few"),
        ([1] * 6 + [2] * 6, range(12), "few"),
        (range(20), [4.0] * 20, "constant"),
        (np.linspace(-5, 5, 60), np.exp(-(np.linspace(-5, 5, 60) ** 2)), "no course"),
        (np.linspace(0, 20, 100), np.sin(np.linspace(0, 20, 100)), "scattered"),
        ([0.0] * 3 + [1e308, -1e308] * 6, range(15), "few"),
    ],
)
def test_what_cannot_be_told(x: Any, y: Any, verdict: str) -> None:
    assert found(x, y)["verdict"] == verdict


def plot(x: Any, y: Any) -> Any:
    axes = drawn(title="Uptake", xlabel="Time (s)", ylabel="Mass (mg)")
    axes.plot(x, y)
    return axes.figure


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: plot(X, 10 * (1 - np.exp(-X))), ("Mass levels off at about 9.98", "from about Time", "of its range")),
        (lambda: plot(WIDE, np.log(WIDE)), ("does not level off, though it slows down: it still rises",)),
        (
            lambda: plot(WIDE, -2 * WIDE),
            ("does not level off: it still falls", "slope of -2 mg per s there against -2 mg per s"),
        ),
        (lambda: plot([1, 2, 3], [1, 2, 2]), ("cannot be told: there are too few points: it has 3 points",)),
        (lambda: plot(X, noise(81, 1.0)), ("cannot be told: over its last third its values scatter",)),
        (lambda: plot(X, 0 * X + 2), ("cannot be told: it does not change at all",)),
    ],
)
def test_it_is_said(draw: Callable[[], Any], says: tuple[str, ...]) -> None:
    for query in ("Does it level off?", "Is there a plateau?", "Does the curve saturate?"):
        answer, evidence = told(record_of(draw()), query)
        assert all(words in answer for words in says), answer
        assert evidence


def test_over_days_slopes_are_told_by_the_day() -> None:
    days = [datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=n) for n in range(30)]
    answer, _ = told(record_of(plot(days, [3 * n for n in range(30)])), "Does it flatten out?")
    assert "slope of 3 mg per day there against 3 mg per day in the first" in answer


def test_a_question_about_the_trend_is_answered_as_before() -> None:
    answer, _ = told(record_of(plot(X, 1 - np.exp(-X))), "What is the trend?")
    assert "levels off" not in answer
