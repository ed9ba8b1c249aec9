"""One nursery for all fault tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.nursery import Nursery, nursery


@pytest.fixture(scope="session")
def source() -> Iterator[Nursery]:
    """Where kernels, workers and servers come from."""
    with nursery() as made:
        yield made
