"""The numbers that were given, out of those that were drawn: to the last bit, for any bars and bins."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.capture.series import exact

short = st.decimals(-10_000, 10_000, places=4, allow_nan=False).map(float)


def bars_of(edges):
    """Lower sides and widths as hist() and bar() compute them."""
    between = np.diff(edges)
    centres = edges[:-1] + 0.5 * between
    width = (centres[0] + between) - centres[0]
    return centres - width / 2, width


@given(st.lists(short, min_size=1, max_size=30), st.sampled_from([0.8, 1.0, 0.35, 0.1, 20.0]))
def test_centres_of_bars_are_those_that_were_given(centres, width):
    centres = np.array(centres)
    low, wide = centres - width / 2, np.full(len(centres), width)
    found = exact.centres(low, wide)
    assert (found - wide / 2 == low).all()  # it draws the same bars
    assert sum(len(repr(float(one))) for one in found) <= sum(len(repr(float(one))) for one in centres)


@given(short, st.decimals("0.0001", 1000, places=4).map(float), st.integers(1, 60))
def test_edges_of_a_histogram_draw_the_same_bars(start, span, count):
    edges = np.linspace(start, start + span, count + 1)
    low, width = bars_of(edges)
    found = exact.edges(low, width)
    assert found is not None
    np.testing.assert_allclose(found, edges, rtol=1e-14, atol=1e-12)


def test_the_edges_of_usual_histograms_are_exactly_those_of_numpy():
    for seed in range(20):
        _, edges = np.histogram(np.random.default_rng(seed).normal(size=200).round(2), bins=10 + seed)
        low, width = bars_of(edges)
        assert (exact.edges(low, width) == edges).all()


def test_bars_with_gaps_have_no_edges():
    assert exact.edges([0, 1, 2], [0.8, 0.8, 0.8]) is None
    assert exact.edges([0, 1, 2], [1, -1, 1]) is None
    assert exact.edges([], []) is None
    assert list(exact.edges([0, 1, 3], [1, 2, 4])) == [0, 1, 3, 7]


def test_what_is_not_finite_stays():
    found = exact.shortest(np.array([np.nan, np.inf, 0.0]), lambda one: np.ones(len(one), bool))
    assert np.isnan(found[0])
    assert list(found[1:]) == [np.inf, 0.0]
