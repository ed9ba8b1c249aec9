"""How many questions may be asked in a calendar month, by one user and in one workspace, as the operator says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from gofigr_jupyter.schema.insight import Limited
from gofigr_jupyter.server.insight.settings import InsightSettings
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import insights
from gofigr_jupyter.server.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Left:
    """How many questions are left to somebody in a workspace, None for any number, and until when."""

    remaining: int | None
    resets_on: datetime | None

    def check(self) -> None:
        """Refuse (429) one question too many."""
        if self.remaining == 0 and self.resets_on is not None:
            wait = max(1, round((self.resets_on - datetime.now(UTC)).total_seconds()))
            detail = f"No questions are left for this month; ask again after {self.resets_on:%d %B %Y}."
            body = Limited(detail=detail, resets_on=self.resets_on)
            raise Refusal(429, body.model_dump(mode="json"), {"retry-after": str(wait)})


def left(db: Transaction, settings: InsightSettings, user_id: int, workspace_id: str, at: datetime) -> Left:
    """What is left of both limits."""
    month = insights.month_of(at)
    open_to = []
    if settings.per_user is not None:
        open_to.append(settings.per_user - insights.asked(db, month, user_id=user_id))
    if settings.per_workspace is not None:
        open_to.append(settings.per_workspace - insights.asked(db, month, workspace_id=workspace_id))
    return Left(max(0, min(open_to)), month.end) if open_to else Left(None, None)
