"""When to try a server again: each failure doubles the pause, up to five minutes; it never gives up.

Written by hand because retry libraries (stamina too) sleep inside one call until they give up. Here many
parcels share one pause, a person can end it, and other work goes on meanwhile.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from gofigr_jupyter.worker.verdicts import Verdict

LONGEST_ASKED = 3600.0  # a Retry-After beyond this is not believed


@dataclass
class Backoff:
    """The pause after failures with one server; times in seconds."""

    first: float = 1.0
    longest: float = 300.0
    failures: int = 0
    since: float = 0.0  # when the first of these failures was, monotonic
    until: float = 0.0  # no try before this, monotonic

    def failed(self, verdict: Verdict) -> None:
        """Note a failure and set the pause."""
        now = time.monotonic()
        self.since = self.since if self.failures else now
        self.failures += 1
        longest = min(self.longest, 30.0) if verdict.is_local else self.longest
        pause = min(longest, self.first * 2 ** min(self.failures - 1, 20)) * random.uniform(0.5, 1.0)  # noqa: S311
        asked = min(verdict.retry_after or 0.0, LONGEST_ASKED)
        self.until = now + max(pause, asked)

    def reset(self) -> None:
        """All is well again, or somebody wants a try at once."""
        self.failures, self.until = 0, 0.0

    @property
    def remaining(self) -> float:
        """Seconds until the next try; 0 when one may be made now."""
        return max(0.0, self.until - time.monotonic())
