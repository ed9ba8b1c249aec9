"""Objects by id; what does not exist is refused with 404. Whether the caller may see it is asked afterwards."""

from __future__ import annotations

from typing import TypeVar

from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Activity, Analysis, Base, DataItem, Figure, Revision, Workspace

Row = TypeVar("Row", bound=Base)


def _by_id(db: Transaction, kind: type[Row], api_id: str) -> Row:
    row = db.get(kind, api_id.lower())
    if row is None:
        raise not_found()
    return row


def workspace(db: Transaction, api_id: str) -> Workspace:
    """A workspace."""
    return _by_id(db, Workspace, api_id)


def analysis(db: Transaction, api_id: str) -> Analysis:
    """An analysis."""
    return _by_id(db, Analysis, api_id)


def figure(db: Transaction, api_id: str) -> Figure:
    """A figure."""
    return _by_id(db, Figure, api_id)


def revision(db: Transaction, api_id: str) -> Revision:
    """A revision."""
    return _by_id(db, Revision, api_id)


def data_item(db: Transaction, api_id: str) -> DataItem:
    """A data object."""
    return _by_id(db, DataItem, api_id)


def log_line(db: Transaction, api_id: str) -> Activity:
    """A line of a log."""
    return _by_id(db, Activity, api_id)
