"""Lists in the order of time: the condition for what comes after a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import InstrumentedAttribute

Column = InstrumentedAttribute[Any]
Key = tuple[datetime, str]


def later(made: Column, api_id: Column, key: Key | None) -> ColumnElement[bool]:
    """What was made after the row with this key, or at the same instant and has a greater id."""
    return true() if key is None else or_(made > key[0], and_(made == key[0], api_id > key[1]))


def earlier(made: Column, api_id: Column, key: Key | None) -> ColumnElement[bool]:
    """As `later`, for lists that begin with the newest."""
    return true() if key is None else or_(made < key[0], and_(made == key[0], api_id < key[1]))
