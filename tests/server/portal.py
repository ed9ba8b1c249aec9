"""One event loop for the test clients of a process: starting one for each request would take longer than the request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from anyio.from_thread import BlockingPortal, start_blocking_portal

_running: list[BlockingPortal] = []


@contextmanager
def running() -> Iterator[None]:
    """For the time of a test session."""
    with start_blocking_portal("asyncio") as portal:
        _running.append(portal)
        yield
        _running.remove(portal)


def current() -> BlockingPortal | None:
    """The loop's door, for `TestClient.portal`; None where no session runs it."""
    return _running[-1] if _running else None
