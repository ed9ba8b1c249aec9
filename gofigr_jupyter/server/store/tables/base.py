"""What all tables share: names of constraints, moments in UTC, references that go with what they refer to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ID = String(36)
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, always aware in Python; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give an aware time back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AnyJson(TypeDecorator[Any]):
    """JSON of any kind. SQLite makes numbers of its own out of a column that is one number: 1.0 would become 1."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Hand a lone number to SQLite as bytes, which it leaves alone."""
        written = super().bind_processor(dialect)
        if written is None or dialect.name != "sqlite":
            return written
        return lambda value: _bytes(written(value)) if isinstance(value, int | float) else written(value)


def _bytes(text: Any) -> Any:
    return text.encode("ascii") if isinstance(text, str) else text


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant, str: Text}  # noqa: RUF012 - SQLAlchemy's own convention


def owned_by(target: str, *, index: bool = True, nullable: bool = False) -> Any:
    """A reference to a row without which this one has no meaning: it goes with it."""
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=index, nullable=nullable)


def may_name(target: str) -> Any:
    """A reference that is only forgotten when its row goes."""
    return mapped_column(ForeignKey(target, ondelete="SET NULL"), index=True, nullable=True)


class Targeted:
    """A row about one object of the tree: exactly one of these is set, and the row goes with it."""

    analysis_id: Mapped[str | None] = owned_by("analyses.id", nullable=True)
    figure_id: Mapped[str | None] = owned_by("figures.id", nullable=True)
    revision_id: Mapped[str | None] = owned_by("revisions.id", nullable=True)
    asset_id: Mapped[str | None] = owned_by("assets.id", nullable=True)
    asset_revision_id: Mapped[str | None] = owned_by("asset_revisions.id", nullable=True)
