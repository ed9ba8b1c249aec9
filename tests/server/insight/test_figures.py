"""What lists of numbers amount to, against numpy and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gofigr_jupyter.server.tables import figures

numbers = st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda one: round(one, 3)), min_size=4, max_size=40)


@settings(max_examples=60, deadline=None)
@given(numbers)
def test_numbers_are_numpys(values: list[float]) -> None:
    found = figures.numbers(values)
    expected = {
        "least": min(values),
        "greatest": max(values),
        "mean": np.mean(values),
        "median": np.median(values),
        "q1": np.quantile(values, 0.25),
        "q3": np.quantile(values, 0.75),
        "spread": np.std(values, ddof=1),
        "sum": np.sum(values),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-6), name
    assert values[found["least_at"]] == min(values)


def test_of_nothing_and_of_one() -> None:
    assert figures.numbers([]) == {"count": 0}
    assert figures.numbers([3.0])["spread"] == 0.0
    assert figures.trend([], []) is None
    assert figures.trend([1.0, 1.0], [1.0, 2.0]) is None
    assert figures.peaks([1.0], [1.0]) == []
    assert figures.outliers([1.0], None, None) is None


@settings(max_examples=40, deadline=None)
@given(numbers)
def test_a_line_is_numpys(y: list[float]) -> None:
    x = [float(n) for n in range(len(y))]
    found = figures.trend(x, y)
    slope, intercept = np.polyfit(x, y, 1)
    assert found is not None
    assert (found["slope"], found["intercept"]) == pytest.approx((slope, intercept), rel=1e-6, abs=1e-4)
    if len(set(y)) > 1:
        assert found["r"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)
        assert found["r2"] == pytest.approx(found["r"] ** 2, abs=1e-6)


def test_ranks_share_their_places() -> None:
    assert figures.ranked([1, 2, 3, 4], [1, 8, 27, 64]) == pytest.approx(1)
    assert figures.ranked([1, 2, 3, 4], [5, 5, 7, 7]) == pytest.approx(0.8944, abs=1e-4)
    assert figures.ranked([1, 2, 3], [5, 5, 5]) is None


def test_curves_are_found_where_they_can_be() -> None:
    x = [1.0, 2.0, 3.0, 4.0, 5.0]
    found = figures.trend(x, [math.exp(0.5 * one) for one in x])
    assert found is not None
    assert found["curves"]["exponential"]["rate"] == pytest.approx(0.5)
    assert found["curves"]["exponential"]["r2"] == pytest.approx(1)
    assert figures.trend(x, [-1.0, 1, 2, 3, 4])["curves"] == {}  # type: ignore[index]
    huge = figures.trend(x, [1e-300, 1e300, 1e-300, 1e300, 1e-300])
    assert huge is None or all(math.isfinite(one["r2"]) for one in huge["curves"].values())


@given(st.lists(st.integers(0, 9), min_size=3, max_size=40))
def test_peaks_are_those_of_the_plain_definition(heights: list[int]) -> None:
    def standing_out(top: int) -> float:
        saddles = []
        for way in (heights[top::-1], heights[top:]):
            reached = next((n for n, one in enumerate(way) if one > heights[top]), len(way))
            saddles.append(min(way[:reached]))
        return heights[top] - max(saddles)

    found = figures.peaks(range(len(heights)), heights)
    least = figures.PROMINENT * (max(heights) - min(heights))
    assert all(standing_out(at) >= least for at in found)
    inside = range(1, len(heights) - 1)
    tops = [at for at in inside if heights[at - 1] < heights[at] > heights[at + 1] and standing_out(at) >= least]
    assert len(found) == figures.MOST_PEAKS or set(tops) <= set(found)


def test_peaks_stand_out() -> None:
    assert figures.peaks([0, 1, 2, 3, 4], [0, 5, 1, 9, 0]) == [3, 1]
    assert figures.peaks([4, 3, 2, 1, 0], [0, 5, 1, 9, 0]) == [3, 1]
    assert figures.peaks([0, 1, 2, 3, 4, 5], [0, 7, 7, 7, 0, 10]) == [2]
    assert figures.peaks(range(5), [0, 1, 2, 3, 4]) == []
    assert figures.peaks([0, 1, 2, 3, 4], [0, 10, 9.5, 9.6, 0]) == [1]
    assert figures.peaks([0, 1, 1, 3], [0, 5, 1, 0]) == []


def test_a_hole_is_among_even_places() -> None:
    assert figures.hole([1, 2, 3, 4, 12, 13, 14]) == (3, 4)
    assert figures.hole([14, 13, 12, 4, 3, 2, 1]) == (3, 2)
    assert figures.hole([1, 2, 3, 5, 6, 7]) is None
    assert figures.hole([1, 2, 4, 8, 16, 32, 64]) is None
    assert figures.hole([1, 1, 1, 1, 9]) is None
    assert figures.hole([1, 9]) is None


def test_outliers_are_those_beyond_the_fences() -> None:
    flat = figures.outliers([5, 6, 5, 6, 5, 6, 5, 6, 40], None, None)
    assert flat is not None
    assert (flat["at"], flat["from_line"]) == ([8], False)
    x = [float(n) for n in range(20)]
    y = [2 * one + (0.1 if one % 2 else -0.1) for one in x]
    y[7] = 60.0
    found = figures.outliers(y, x, figures.trend(x, y))
    assert found is not None
    assert (found["at"], found["from_line"]) == ([7], True)
    exact = [0.1 * one for one in x]
    none = figures.outliers(exact, x, figures.trend(x, exact))
    assert none is not None
    assert none["count"] == 0
