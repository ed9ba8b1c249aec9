"""Questions and answers: their rows, the turns of a conversation, and how many were asked in a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import Insight
from gofigr_jupyter.server.store.tree import new_id

MOST_TURNS = 10


class Month(NamedTuple):
    """A calendar month in UTC; `end` is the first moment of the next."""

    start: datetime
    end: datetime


def month_of(at: datetime) -> Month:
    """The month in which a moment lies."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Month(start, start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1))


def begin(
    db: Transaction,
    *,
    kind: str,
    user_id: int,
    workspace_id: str,
    revision_id: str | None,
    conversation: str | None,
    query: str,
    engine: Mapping[str, Any],
) -> Insight:
    """Write a question down before it is answered: it counts, whatever becomes of the answer."""
    row = Insight(
        id=new_id(),
        conversation=conversation or new_id(),
        user_id=user_id,
        workspace_id=workspace_id,
        revision_id=revision_id,
        kind=kind,
        query=query,
        answer="",
        evidence=[],
        engine=dict(engine),
        created_on=now(),
    )
    db.add(row)
    db.flush()
    return row


def settle(
    db: Transaction, insight_id: str, answer: str, evidence: Sequence[Any], *, input_tokens: int, output_tokens: int
) -> None:
    """Keep what was answered, also when it was cut short; nothing where the row has gone with its workspace."""
    row = db.get(Insight, insight_id)
    if row is not None:
        row.answer, row.evidence = answer, list(evidence)
        row.input_tokens, row.output_tokens = input_tokens, output_tokens


def turns(db: Transaction, conversation: str, user_id: int) -> list[Insight]:
    """The last turns of somebody's own conversation, oldest first."""
    mine = (Insight.conversation == conversation) & (Insight.user_id == user_id)
    query = select(Insight).where(mine).order_by(Insight.created_on.desc(), Insight.id).limit(MOST_TURNS)
    return list(reversed(list(db.scalars(query))))


def asked(db: Transaction, month: Month, *, user_id: int | None = None, workspace_id: str | None = None) -> int:
    """How many questions were asked in a month, by a user or in a workspace."""
    query = select(func.count()).select_from(Insight)
    query = query.where(Insight.created_on >= month.start, Insight.created_on < month.end)
    if user_id is not None:
        query = query.where(Insight.user_id == user_id)
    if workspace_id is not None:
        query = query.where(Insight.workspace_id == workspace_id)
    return db.scalar(query) or 0
