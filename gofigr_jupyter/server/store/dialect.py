"""The little that the two databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gofigr_jupyter.server.store.tables import Base


def is_sqlite(db: Session) -> bool:
    """Whether this is SQLite; else it is PostgreSQL."""
    return db.get_bind().dialect.name == "sqlite"


def insert(db: Session, table: type[Base]) -> Any:
    """An INSERT that can be told what to do on a conflict; both have the same methods for that."""
    into: Any = table.__table__
    return sqlite.insert(into) if is_sqlite(db) else postgresql.insert(into)
