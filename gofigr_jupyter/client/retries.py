"""What may be sent again, when, and how long that may take altogether. Pure: no I/O, no clock.

In: what became of a request. Out: the seconds to wait before the next try, or None when there is to be none.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

# Setting a state twice leaves the same state; only making something twice makes two.
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
_BUSY = 429  # refused before anything was done
_DONE = frozenset({("POST", 409), ("DELETE", 404)})
_PASSING = frozenset({502, 503, 504})  # a proxy without its server, a server that starts or stops


@dataclass(frozen=True)
class Patience:
    """How long one call may wait for further tries.

    `seconds` bounds all waiting of a call together; `first` is the wait before the second try, doubled for each
    further one; `tries` counts the first as well. `Patience(0)` never tries again.
    """

    seconds: float = 30.0
    tries: int = 6
    first: float = 0.25


class Attempts:
    """The tries of one request."""

    def __init__(self, patience: Patience, method: str, *, repeatable: bool = False) -> None:
        self._patience = patience
        self._method = method
        self._may_repeat = repeatable or method in _REPEATABLE
        self._made = 0
        self._waited = 0.0
        self._may_have_arrived = False  # an earlier try was sent, and nobody said what became of it

    def after_failure(self, *, was_sent: bool) -> float | None:
        """No answer came; a request that was never sent can always be sent again."""
        if was_sent and not self._may_repeat:
            return None
        pause = self._pause(None)
        self._may_have_arrived |= was_sent
        return pause

    def after_answer(self, status: int, retry_after: float | None, *, was_reached: bool = True) -> float | None:
        """An answer came; those that promise better times are worth waiting for.

        `was_reached` is false when it was not the request itself that was answered.
        """
        if status == _BUSY:
            return self._pause(retry_after)
        if status not in _PASSING or (was_reached and not self._may_repeat):
            return None
        self._may_have_arrived |= was_reached
        return self._pause(retry_after)

    @property
    def may_have_arrived(self) -> bool:
        """Whether an earlier try was sent, of which nobody said what became."""
        return self._may_have_arrived

    def found_done(self, status: int) -> bool:
        """Whether a refusal only says that an earlier try, of which nobody told us, did its work."""
        return self._may_have_arrived and (self._method, status) in _DONE

    def _pause(self, wanted: float | None) -> float | None:
        """The next wait, if it fits into what is left; what the server names counts more than our own doubling."""
        self._made += 1
        if self._made >= self._patience.tries or self._patience.seconds <= 0:
            return None
        growing = self._patience.first * 2 ** (self._made - 1)
        # Many clients that were thrown out together must not come back together.
        pause = wanted if wanted is not None else growing * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        if self._waited + pause > self._patience.seconds:
            return None
        self._waited += pause
        return pause
