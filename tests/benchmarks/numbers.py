"""Times read from a kernel's own messages, and the few statistics that the tables use."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.kernels import Ran


def busy_ms(ran: Ran) -> float:
    """Milliseconds between the kernel's `busy` and its `idle`, as dated in the headers of these messages."""
    return (idle_at(ran) - busy_at(ran)).total_seconds() * 1000


def busy_at(ran: Ran) -> datetime:
    """When the cell began."""
    return _stated(ran, "busy")


def idle_at(ran: Ran) -> datetime:
    """When the cell had returned."""
    return _stated(ran, "idle")


def _stated(ran: Ran, state: str) -> datetime:
    message: dict[str, Any] = next(
        m for m in ran.messages if m["msg_type"] == "status" and m["content"]["execution_state"] == state
    )
    date = message["header"]["date"]
    return date if isinstance(date, datetime) else datetime.fromisoformat(date)


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that at most one in twenty exceeds."""
    return quantile(values, 0.95)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share does not exceed (nearest rank, so the largest where there are too few)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
