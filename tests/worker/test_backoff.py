"""Pauses between tries, and what each error means for a parcel."""

from __future__ import annotations

import pytest

from gofigr_jupyter.errors import (
    ConfigurationError,
    ConnectionFailed,
    OutboxError,
    ParcelDamaged,
    status_error,
)
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.verdicts import Verdict, judge

AWAY = Verdict(waits=True, problem="away", advice="")


def test_pauses_double_up_to_five_minutes_and_never_end() -> None:
    backoff = Backoff()
    pauses = []
    for _ in range(2000):
        backoff.failed(AWAY)
        pauses.append(backoff.remaining)
    assert 0.4 < pauses[0] <= 1
    assert 1.9 < pauses[2] <= 4
    assert min(pauses[20:]) > 149
    assert max(pauses) <= 300
    assert len(set(pauses[20:40])) > 10  # jitter
    backoff.reset()
    assert backoff.remaining == 0
    backoff.failed(AWAY)
    assert backoff.remaining <= 1


def test_what_a_server_asks_for_is_honoured_within_reason() -> None:
    backoff = Backoff()
    backoff.failed(Verdict(waits=True, problem="", advice="", retry_after=30))
    assert 29 < backoff.remaining <= 30
    backoff.failed(Verdict(waits=True, problem="", advice="", retry_after=1e9))
    assert backoff.remaining <= 3600


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (ConnectionFailed("away"), True),
        (status_error(401, "revoked"), True),
        (status_error(408, ""), True),
        (status_error(429, "", retry_after=3), True),
        (status_error(500, ""), True),
        (status_error(507, ""), True),
        (OutboxError("disk full"), True),
        (OSError(28, "No space left on device"), True),
        (status_error(400, "data: wrong"), False),
        (status_error(403, "not yours"), False),
        (status_error(404, ""), False),
        (status_error(413, ""), False),
        (ParcelDamaged("blob-0"), False),
        (ConfigurationError("no such workspace"), False),
        (ZeroDivisionError("a bug"), False),
    ],
)
def test_verdicts(error: Exception, waits: bool) -> None:
    verdict = judge(error)
    assert verdict.waits is waits
    assert verdict.problem
    assert verdict.advice
    assert "\n" not in verdict.problem + verdict.advice
