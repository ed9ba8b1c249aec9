"""The account of questions put to machines: of a workspace, in one calendar month."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from gofigr_jupyter.schema.insight import Period, Usage
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.insights import month_of
from gofigr_jupyter.server.store.tables import Insight, User

COUNTS = (func.count(), func.sum(Insight.input_tokens), func.sum(Insight.output_tokens))
NAMES = ("queries", "input_tokens", "output_tokens")


def of(db: Transaction, workspace_id: str, at: datetime, quota: int | None = None) -> Usage:
    """Questions and tokens of the month in which `at` lies; `quota` is how many questions the workspace has in it."""
    start, end = month_of(at)
    here: ColumnElement[bool] = Insight.workspace_id == workspace_id
    here &= Insight.created_on.between(start, end) & (Insight.created_on < end)
    day = func.date(Insight.created_on)
    by_user = select(User.username, *COUNTS).join(User, User.id == Insight.user_id).where(here)
    by_day = select(day, *COUNTS).where(here)
    total = _counted(db.execute(select(*COUNTS).where(here)).one())
    return Usage(
        period=Period.model_validate({"from": start, "to": end}),
        **total,
        quota=quota,
        remaining=None if quota is None else max(0, quota - total["queries"]),
        by_user=[
            {"username": row[0]} | _counted(row[1:])
            for row in db.execute(by_user.group_by(User.username).order_by(User.username))
        ],
        by_day=[{"day": str(row[0])} | _counted(row[1:]) for row in db.execute(by_day.group_by(day).order_by(day))],
    )


def _counted(values: tuple[int | None, ...]) -> dict[str, int]:
    return {name: value or 0 for name, value in zip(NAMES, values, strict=True)}
