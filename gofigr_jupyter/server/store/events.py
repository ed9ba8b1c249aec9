"""What watchers of an object are told: numbered rows, for a day. They name what changed and never what it says.

So nobody learns from an old event what was deleted since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, delete, func, literal, select

from gofigr_jupyter.schema.comments import EventName
from gofigr_jupyter.server.store import targets
from gofigr_jupyter.server.store.bell import RUNG
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import AssetRevision, Event, Revision

LIFE = timedelta(days=1)
AT_ONCE = 100


def tell(db: Transaction, name: EventName, target: Target, payload: Mapping[str, Any]) -> None:
    """Tell those who watch an object, once the transaction is committed."""
    at = now()
    if RUNG not in db.info:  # once a transaction
        db.execute(delete(Event).where(Event.created_on < at - LIFE), execution_options={"synchronize_session": False})
    db.add(Event(name=name, payload=dict(payload), created_on=at, **targets.naming(target)))
    db.info.setdefault(RUNG, set()).add(target.id)


def tell_of_revision(db: Transaction, row: Revision | AssetRevision, *, is_new: bool = False) -> None:
    """Tell those who watch a revision, or what it is a revision of, that it is new or has changed."""
    payload = {
        "api_id": row.id,
        "revision_index": row.revision_index,
        "updated_by": row.updated_by or row.created_by,
        "updated_on": (row.updated_on or row.created_on).isoformat(),
    }
    owner = row.figure if isinstance(row, Revision) else row.asset
    payload[targets.WORDS[type(owner)]] = owner.id
    tell(db, "revision.updated", owner, payload)
    if not is_new:  # nobody can watch what was not there
        tell(db, "revision.updated", row, payload)


def since(db: Transaction, target: Target, number: int) -> list[Event]:
    """The events of an object after that number, in their order, at most a hundred."""
    seen = literal(number, BigInteger)  # a client may name any number, also one that is none of ours
    query = select(Event).where(targets.about(Event, target), Event.id > seen)
    return list(db.scalars(query.order_by(Event.id).limit(AT_ONCE)))


def newest(db: Transaction) -> int:
    """The number of the newest event of all."""
    return db.scalar(select(func.max(Event.id))) or 0
