"""The verdict on a figure that was made again: what it is, how it is kept with the revision, how it is said.

In: what was compared and what has changed. Out: a Verdict, its short and its full JSON, and one line for people.
`said` reads the short JSON back, which anybody may have written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gofigr_jupyter.proof.changes import Changes
from gofigr_jupyter.proof.compare import Compared
from gofigr_jupyter.proof.runner import Surroundings

LONGEST_REASON = 400


class Kind(StrEnum):
    """The four outcomes, in the words of the wire."""

    IDENTICAL = "identical"
    SIMILAR = "similar"
    DIFFERS = "differs"
    FAILED = "failed"


_SAID = {
    Kind.SIMILAR: "Reproduced within tolerance",
    Kind.DIFFERS: "Made again, it differs",
    Kind.FAILED: "Could not be made again",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of making a figure again. `reason` is one line; `picture` is a PNG that marks what differs."""

    kind: Kind
    at: datetime
    reason: str
    around: Surroundings
    compared: tuple[Compared, ...] = ()
    changes: Changes = field(default_factory=Changes)
    trace: tuple[str, ...] = ()
    seconds: float = 0.0
    code: str = "slice"
    picture: bytes | None = None

    @property
    def is_reproduced(self) -> bool:
        """Whether the same picture came out."""
        return self.kind in {Kind.IDENTICAL, Kind.SIMILAR}

    def short(self) -> dict[str, Any]:
        """For the revision's metadata."""
        return {
            "verdict": str(self.kind),
            "at": self.at.isoformat(timespec="seconds"),
            "reason": self.reason[:LONGEST_REASON],
            "python": self.around.python,
        }

    def full(self) -> dict[str, Any]:
        """For the data object of role `proof`."""
        return self.short() | {
            "code": self.code,
            "executable": self.around.executable,
            "platform": self.around.platform,
            "seconds": round(self.seconds, 2),
            "network": "as it was on the machine: neither cut off nor recorded",
            "pictures": [_compared(one) for one in self.compared],
            "changes": {
                "packages": [{"name": c.what, "was": c.was, "now": c.now} for c in self.changes.packages],
                "other_packages": self.changes.others,
                "python": [{"name": c.what, "was": c.was, "now": c.now} for c in self.changes.python],
                "inputs": list(self.changes.inputs),
                "code": list(self.changes.code),
            },
            "hints": list(self.changes.hints),
            "trace": list(self.trace),
        }


def said(short: Any) -> str:
    """`Reproduced: identical pixels, 22 Nov 2026`, from the short JSON; empty for what is none."""
    if not isinstance(short, Mapping) or short.get("verdict") not in set(Kind):
        return ""
    kind, reason = Kind(short["verdict"]), short.get("reason")
    told = _SAID.get(kind, "")
    if kind is Kind.IDENTICAL:
        told = f"Reproduced: {reason}" if isinstance(reason, str) and reason.startswith("identical ") else "Reproduced"
    day = _day(short.get("at"))
    return f"{told}, {day}" if day else told


def _day(at: Any) -> str:
    try:
        day = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return ""
    return f"{day.day} {day:%b %Y}"


def _compared(one: Compared) -> dict[str, Any]:
    told: dict[str, Any] = {"type": one.mime_type, "likeness": str(one.likeness), "found": one.how}
    if one.places:
        told["places"] = list(one.places)
    if one.measure is not None:
        found = one.measure
        told["measure"] = {
            "size": list(found.size),
            "other_size": list(found.other_size),
            "differing_pixels": found.differing,
            "strayed_pixels": found.strayed,
            "largest": found.largest,
            "mean": found.mean,
            "regions": [[r.left, r.top, r.right, r.bottom, r.pixels] for r in found.regions],
        }
    return told
