"""What an error means for a parcel: wait and try again, or put it aside for a person.

In: any exception of the road. Out: a Verdict with one line for people and what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gofigr_jupyter.errors import (
    ConfigurationError,
    ConnectionFailed,
    OutboxError,
    ParcelDamaged,
    RateLimited,
    ServerFailed,
    StatusError,
    Unauthorized,
)

_LOGIN = "Run: gofigr-jupyter login"
_SOON = frozenset({408, 425})  # too slow, too early: the same request may pass later


@dataclass(frozen=True, slots=True)
class Verdict:
    """`waits` says whether trying again can help; `retry_after` is in seconds, where the server named it."""

    waits: bool
    problem: str
    advice: str
    retry_after: float | None = None
    is_local: bool = False  # our own disk, not the server


def judge(error: Exception) -> Verdict:  # noqa: PLR0911 - a table, one line for each error
    """Decide what becomes of the parcel that met this error."""
    match error:
        case ParcelDamaged():
            return Verdict(False, f"The saved copy of this figure is damaged: {error}", "Run its cell again")
        case OutboxError() | OSError():
            return Verdict(True, str(error), "Free some disk space; it goes on by itself", is_local=True)
        case Unauthorized():
            return Verdict(True, f"The server does not accept the sign-in ({error.detail})", _LOGIN)
        case RateLimited():
            return Verdict(True, "The server asks to go slower", "It goes on by itself", error.retry_after)
        case ServerFailed():
            problem = f"The server has trouble ({error})"
            return Verdict(True, problem, "It is tried again until it works", error.retry_after)
        case ConnectionFailed():
            return Verdict(True, str(error), "It is tried again until it works")
        case StatusError() if error.status in _SOON:
            return Verdict(True, f"The server is busy ({error})", "It goes on by itself", error.retry_after)
        case StatusError():
            return Verdict(False, f"The server refuses it ({error})", _refusal_advice(error.status))
        case ConfigurationError():
            return Verdict(False, str(error), "Change the setting, then run: gofigr-jupyter outbox retry")
    text = f"Unforeseen: {type(error).__name__}: {error}"
    return Verdict(False, text, "See run/worker.log, then run: gofigr-jupyter outbox retry")


def _refusal_advice(status: int) -> str:
    match status:
        case 403:
            return "Ask for the right to create there, or choose another workspace; then retry"
        case 404:
            return "Choose a workspace, analysis or figure that exists; then retry"
        case 413:
            return "The figure is too large for this server; make it smaller and run its cell again"
    return "Run: gofigr-jupyter outbox show; when it is mended: gofigr-jupyter outbox retry"
