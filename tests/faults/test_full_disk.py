"""Kernel, worker and embedded server on one disk that is full for a while: it goes on by itself, and nothing is lost."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.extension.conftest import parked_worker
from tests.faults.nursery import Nursery
from tests.faults.trial import Plan, Trial


@pytest.fixture
def trial(source: Nursery, tmp_path: Path) -> Iterator[Trial]:
    """A home on a file system of its own, of 6 MB."""
    plan = Plan(seed=0, kernels=1, cells=[], pauses=[], kills=[], formats=("thumbnail",), goes_on=False)
    trial = Trial(source, plan)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(trial.home)], capture_output=True)
    if made.returncode != 0:
        pytest.fail("this test mounts a small disk and needs to be run as root: " + made.stderr.decode())
    yield trial
    trial.close()
    subprocess.run(["umount", "-l", str(trial.home)], check=True)
    trial.forget()


@pytest.mark.slow
@pytest.mark.parametrize("left_kb", [0, 400])
def test_full_before_the_first_server_starts(trial: Trial, left_kb: int) -> None:
    with parked_worker(trial.home):
        kernel = trial.kernel()
        for turn in range(4):
            assert trial.cell(kernel, 0, turn, ["Alpha"])
        trial.strike("server")
        fill(trial.home / "filler", left_kb)
    trial.ensure("worker")
    time.sleep(2)
    (trial.home / "filler").unlink()
    assert [*trial.drain(), *trial.verdict()] == []


@pytest.mark.slow
@pytest.mark.parametrize("left_kb", [0, 40])
def test_full_while_all_is_running(trial: Trial, left_kb: int) -> None:
    kernel = trial.kernel()
    assert trial.cell(kernel, 0, 0, ["Alpha"])
    assert trial.drain() == []
    trial.strike("worker")
    with parked_worker(trial.home):
        for turn in range(1, 4):
            assert trial.cell(kernel, 0, turn, ["Alpha"])
        fill(trial.home / "filler", left_kb)
    trial.ensure("worker")
    time.sleep(2)
    (trial.home / "filler").unlink()
    assert [*trial.drain(), *trial.verdict()] == []


def fill(path: Path, left_kb: int) -> None:
    """Leave so much room."""
    with path.open("wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                continue
        filler.truncate(max(0, filler.tell() - left_kb * 1024))
