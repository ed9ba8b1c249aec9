"""The harness finds what it is there to find: each broken promise, beside an honest river under the same disturbance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from tests.extension.conftest import parked_worker
from tests.faults.nursery import Nursery
from tests.faults.trial import Plan, Trial


@contextmanager
def staged(source: Nursery, *changes: str) -> Iterator[Trial]:
    """A home in which only what the test does goes wrong."""
    plan = Plan(seed=0, kernels=1, cells=[], pauses=[], kills=[], formats=("thumbnail",), goes_on=False)
    trial = Trial(source, plan, " ".join(changes) or None)
    try:
        yield trial
    finally:
        trial.close()
        trial.forget()


def show(trial: Trial, *titles: str, parked: bool = False) -> None:
    """A kernel, one cell a title."""
    with parked_worker(trial.home) if parked else nullcontext():
        kernel = trial.kernel()
        for turn, title in enumerate(titles):
            assert trial.cell(kernel, 0, turn, [title])
        trial.strike("kernel")


def problems(trial: Trial) -> str:
    """What the harness says of it, in one text."""
    return "\n".join([*trial.drain(), *trial.verdict()])


@pytest.mark.parametrize(("mutants", "found"), [((), ""), (("acknowledge_before_commit",), "lost: ")])
def test_acknowledge_before_commit(source: Nursery, mutants: tuple[str, ...], found: str) -> None:
    with staged(source, *mutants) as trial:
        show(trial, "Alpha", "Beta")
        assert found in (told := problems(trial))
        assert bool(told) == bool(mutants), told


@pytest.mark.parametrize(("mutants", "found"), [((), ""), (("no_idempotency",), "doubled: ")])
def test_no_idempotency(source: Nursery, mutants: tuple[str, ...], found: str) -> None:
    with staged(source, "dies_after_post", *mutants) as trial:
        show(trial, "Alpha", "Alpha")
        assert found in (told := problems(trial))
        assert bool(told) == bool(mutants), told
        assert (trial.home / "test-died").exists()


@pytest.mark.long
@pytest.mark.parametrize(("mutants", "found"), [((), ""), (("done_without_read_back",), "0 displayed pictures")])
def test_done_without_read_back_from_a_server_that_loses(
    source: Nursery, mutants: tuple[str, ...], found: str
) -> None:
    with staged(source, "loses_the_picture", *mutants) as trial:
        show(trial, "Alpha", "Beta")
        assert found in (told := problems(trial))
        assert bool(told) == bool(mutants), told
        assert (trial.home / "test-spoiled").exists()


def test_done_without_read_back_from_a_server_that_garbles(source: Nursery) -> None:
    with staged(source, "garbles_the_picture", "done_without_read_back") as trial:
        show(trial, "Alpha")
        assert "not the displayed bytes" in problems(trial)


@pytest.mark.long
@pytest.mark.parametrize(("mutants", "found"), [((), ""), (("order_not_kept",), "out of order")])
def test_order_not_kept(source: Nursery, mutants: tuple[str, ...], found: str) -> None:
    with staged(source, *mutants) as trial:
        show(trial, "Alpha", "Alpha", "Alpha", parked=True)
        assert found in (told := problems(trial))
        assert bool(told) == bool(mutants), told


def test_a_parcel_that_stays_behind_and_a_figure_that_nobody_showed(source: Nursery) -> None:
    with staged(source) as trial:
        show(trial, "Alpha", "Beta")
        trial.drain()
        trial.strike("worker")
        trial.shown.pop()
        done = min((trial.home / "outbox" / "done").iterdir())
        done.rename(trial.home / "outbox" / "new" / done.name)
        told = "\n".join(trial.verdict())
    assert "nobody has shown ('Beta'" in told
    assert "1 parcels are left in new" in told
    assert "damaged" in told
