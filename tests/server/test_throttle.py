"""Counting misses: exactly as many as allowed, however they come, and in bounded memory."""

from __future__ import annotations

import threading

import pytest

from gofigr_jupyter.server.throttle import Allowance, Throttle, neighbourhood


class Clock:
    """Time that stands still until told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_misses_are_counted_and_forgotten_with_time() -> None:
    clock = Clock()
    throttle, ada = Throttle(clock), Allowance("ada", 3, 60)
    for _ in range(3):
        assert throttle.begin(ada) == 0
        clock.now += 1
    assert throttle.begin(ada) == 57  # until the first one is a minute old
    assert throttle.begin(Allowance("bob", 3, 60)) == 0
    clock.now += 57
    assert throttle.begin(ada) == 0
    assert throttle.begin(ada) > 0


def test_a_refused_attempt_does_not_count() -> None:
    clock = Clock()
    throttle, ada, place = Throttle(clock), Allowance("ada", 1, 60), Allowance("place", 5, 600)
    assert throttle.begin(ada, place) == 0
    for _ in range(10):
        assert throttle.begin(ada, place) == 60
    clock.now += 60
    assert throttle.begin(ada, place) == 0


def test_an_attempt_that_succeeds_is_taken_back_and_others_stay() -> None:
    throttle, ada = Throttle(Clock()), Allowance("ada", 2, 60)
    assert throttle.begin(ada) == 0
    for _ in range(5):
        assert throttle.begin(ada) == 0
        throttle.take_back(ada)
    assert throttle.begin(ada) == 0
    assert throttle.begin(ada) > 0


def test_no_more_than_allowed_are_tried_at_the_same_time() -> None:
    throttle, ada = Throttle(), Allowance("ada", 10, 60)
    barrier, let_in = threading.Barrier(40), []

    def try_it() -> None:
        barrier.wait()
        if throttle.begin(ada) == 0:
            let_in.append(1)

    threads = [threading.Thread(target=try_it) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_in) == 10


def test_memory_is_bounded_and_keeps_the_latest() -> None:
    throttle = Throttle(Clock(), most=100)
    late = Allowance("late", 1, 60)
    for number in range(1000):
        throttle.begin(Allowance(number, 1, 60))
        throttle.know(("somebody", number))
    throttle.begin(late)
    assert len(throttle._misses) == len(throttle._known) == 100
    assert throttle.begin(late) > 0
    assert throttle.knows(("somebody", 999))
    assert not throttle.knows(("somebody", 1))


@pytest.mark.parametrize(
    ("address", "same_as"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2:ffff:1:2:3"),
        ("2001:db8:1:2::", "2001:db8:1:2::%eth0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_what_counts_as_one_address(address: str, same_as: str) -> None:
    assert neighbourhood(address) == neighbourhood(same_as)


def test_what_counts_as_two() -> None:
    addresses = ["192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:3::1", "testclient", None]
    assert len({neighbourhood(one) for one in addresses}) == len(addresses)
