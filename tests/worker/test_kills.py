"""kill -9 of the worker at every request of a parcel's life and at random moments; and mutants that must be caught."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gofigr_jupyter import settings
from gofigr_jupyter.records import Parcel
from tests.fakes.server import FakeGoFigr
from tests.worker.river import River

pytestmark = pytest.mark.slow
TRIALS = 200 if os.environ.get("GOFIGR_LONG") else 20


@pytest.fixture
def river(home: Path, fake: FakeGoFigr) -> River:
    return River(home, fake)


@contextlib.contextmanager
def a_worker(river: River, *, mutant: str = "", idle: float = 0.2) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {
        settings.HOME_VARIABLE: str(river.home),
        "GOFIGR_JUPYTER_WORKER_IDLE": str(idle),
        "GOFIGR_TEST_MUTANT": mutant,
        "GOFIGR_TEST_DRAWING": "0.03",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    child = subprocess.Popen([sys.executable, "-m", "tests.fakes.worker"], env=environment)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def finish(river: River, mutant: str = "") -> None:
    with a_worker(river, mutant=mutant) as child:
        assert child.wait(60) == 0


def kill_at(hook: str, river: River, turn: int) -> Callable[[subprocess.Popen[bytes]], None]:
    """Kill the worker at its `turn`-th request, before (`on_request`) or after (`on_commit`) the server's deed."""
    seen = 0

    def arm(child: subprocess.Popen[bytes]) -> None:
        def count(_line: str) -> bool:
            nonlocal seen
            seen += 1
            if seen == turn:
                child.kill()
                child.wait()
            return seen == turn

        setattr(river.fake, hook, count)

    return arm


def killed_once(river: River, hook: str, turn: int, mutant: str = "") -> list[Parcel]:
    parcels = [river.put("First"), river.put("Second"), river.put("First")]
    arm = kill_at(hook, river, turn)
    with a_worker(river, mutant=mutant) as child:
        arm(child)
        child.wait(60)
    setattr(river.fake, hook, lambda _line: None)
    river.is_honest(parcels)
    return parcels


@pytest.mark.parametrize("hook", ["on_request", "on_commit"])
@pytest.mark.parametrize("turn", range(1, 20) if os.environ.get("GOFIGR_LONG") else [2, 6, 9, 13])
def test_a_kill_at_any_request(river: River, hook: str, turn: int) -> None:
    parcels = killed_once(river, hook, turn)
    finish(river)
    river.arrived_once_in_order(parcels)


def test_kills_at_random_moments(river: River) -> None:
    dice = random.Random(20261121)  # noqa: S311 - the same moments each time
    parcels = []
    for trial in range(TRIALS):
        parcels += [river.put(f"Figure {dice.randrange(3)}") for _ in range(2)]
        river.fake.requests.clear()
        with a_worker(river, idle=60) as child:
            if trial % 2:  # half of them surely in the middle of the work
                river.until(lambda: len(river.fake.requests) > 0)
                time.sleep(dice.uniform(0, 0.15))
            else:
                time.sleep(dice.uniform(0.2, 0.9))
            child.kill()
            child.wait()
        river.is_honest(parcels)
    finish(river)
    river.arrived_once_in_order(parcels)


def test_two_worker_processes_at_once(river: River) -> None:
    parcels = [river.put(f"Figure {n % 2}") for n in range(6)]
    with a_worker(river), a_worker(river), a_worker(river):
        river.drained(60)
    river.arrived_once_in_order(parcels)


# ---------------------------------------------------------------- would these tests notice?


def test_a_worker_that_acknowledges_before_the_commit_is_caught(river: River) -> None:
    is_publishing = _turn_of_the_first_post(river)
    with pytest.raises(AssertionError, match="never heard of it"):
        killed_once(river, "on_request", is_publishing, "acknowledge_before_commit")


def test_a_worker_without_idempotency_is_caught(river: River) -> None:
    is_publishing = _turn_of_the_first_post(river)
    parcels = killed_once(river, "on_commit", is_publishing, "no_idempotency")
    with a_worker(river, mutant="no_idempotency") as child, contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(3)
    with pytest.raises(AssertionError):
        river.arrived_once_in_order(parcels)


def test_a_worker_that_does_not_read_back_is_caught(river: River) -> None:
    parcel = river.put()

    def lose(line: str) -> None:
        if "POST" in line and line.endswith("/revision/"):
            river.fake.objects["revision"][parcel.client_id]["data"].pop(0)

    river.fake.on_commit = lose
    finish(river, "done_without_read_back")
    with pytest.raises(AssertionError):
        river.arrived_once_in_order([parcel])


def _turn_of_the_first_post(river: River) -> int:
    """The number of the request that publishes, in a home where nothing is known yet: learnt from a run."""
    river.put("Zeroth")
    finish(river)
    posts = (n for n, line in enumerate(river.fake.requests, 1) if line.endswith("/revision/") and "POST" in line)
    turn = next(posts)
    for kind in ("analysis", "figure", "revision", "data"):
        river.fake.objects[kind].clear()
    river.fake.created.clear()
    return turn
