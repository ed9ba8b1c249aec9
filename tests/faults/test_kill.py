"""kill -9 of the kernel, the worker or the server, at any moment: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.faults.kill import Outcome, play
from tests.faults.nursery import Nursery

SHORT = range(6)
LONG = range(20, 220) if os.environ.get("GOFIGR_LONG") else range(0)


@pytest.fixture(scope="module")
def outcome_of(source: Nursery) -> Iterator[Callable[[int], Outcome]]:
    """Plays the trials side by side, since much of a trial is waiting; each test waits for its own."""
    with ThreadPoolExecutor(4) as pool:
        running: dict[int, Future[Outcome]] = {}

        def result(seed: int) -> Outcome:
            of = LONG if seed in LONG else SHORT
            for other in range(seed, min(seed + 8, of.stop)):
                if other not in running:
                    running[other] = pool.submit(play, source, other)
            return running[seed].result()

        yield result


@pytest.mark.slow
@pytest.mark.parametrize("seed", SHORT)
def test_a_trial(outcome_of: Callable[[int], Outcome], seed: int) -> None:
    outcome = outcome_of(seed)
    assert outcome.problems == [], str(outcome)


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG)
def test_a_trial_of_the_long_tier(outcome_of: Callable[[int], Outcome], seed: int) -> None:
    outcome = outcome_of(seed)
    assert outcome.problems == [], str(outcome)
