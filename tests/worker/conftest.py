"""Fixtures of the worker's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.worker import lane
from gofigr_jupyter.worker.backoff import Backoff
from tests.fakes.server import FakeGoFigr, serving
from tests.worker.river import River


@pytest.fixture
def fake() -> Iterator[FakeGoFigr]:
    yield from serving()


@pytest.fixture
def river(home: Path, fake: FakeGoFigr, monkeypatch: pytest.MonkeyPatch) -> River:
    monkeypatch.setattr(lane, "Backoff", lambda *_: Backoff(0.02, 0.2))  # the same pauses, in fast motion
    return River(home, fake)
