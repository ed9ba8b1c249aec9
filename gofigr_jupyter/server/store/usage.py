"""The account of questions put to machines: of a workspace, in one calendar month."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select

from gofigr_jupyter.schema.insight import Period, Usage
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Insight, User

COUNTS = (func.count(), func.sum(Insight.input_tokens), func.sum(Insight.output_tokens))
NAMES = ("queries", "input_tokens", "output_tokens")


def of(db: Transaction, workspace_id: str, at: datetime) -> Usage:
    """Questions and tokens of the month in which `at` lies."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    here: ColumnElement[bool] = Insight.workspace_id == workspace_id
    here &= Insight.created_on.between(start, end) & (Insight.created_on < end)
    day = func.date(Insight.created_on)
    by_user = select(User.username, *COUNTS).join(User, User.id == Insight.user_id).where(here)
    by_day = select(day, *COUNTS).where(here)
    return Usage(
        period=Period.model_validate({"from": start, "to": end}),
        **_counted(db.execute(select(*COUNTS).where(here)).one()),
        by_user=[
            {"username": row[0]} | _counted(row[1:])
            for row in db.execute(by_user.group_by(User.username).order_by(User.username))
        ],
        by_day=[{"day": str(row[0])} | _counted(row[1:]) for row in db.execute(by_day.group_by(day).order_by(day))],
    )


def _counted(values: tuple[int | None, ...]) -> dict[str, int]:
    return {name: value or 0 for name, value in zip(NAMES, values, strict=True)}
