"""Mailboxes between a page and a kernel: who has the token may put something in. Only its digest is kept."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import digest, now
from gofigr_jupyter.server.store.tables import MetadataProxy


def create(db: Transaction, user_id: int, expiry: datetime, content: Any) -> tuple[MetadataProxy, str]:
    """A new one and its token; expired ones are swept on the way."""
    token = secrets.token_urlsafe(32)
    db.execute(delete(MetadataProxy).where(MetadataProxy.expiry <= now()))
    row = MetadataProxy(
        id=str(uuid.uuid4()), digest=digest(token), user_id=user_id, created=now(), expiry=expiry, meta=content
    )
    db.add(row)
    db.flush()
    return row, token


def find(db: Transaction, token: str) -> MetadataProxy | None:
    """The one of a token, until it expires."""
    row = db.scalar(select(MetadataProxy).where(MetadataProxy.digest == digest(token)))
    return row if row is not None and row.expiry > now() else None


def count(db: Transaction, user_id: int) -> int:
    """How many of a user's are open."""
    mine = (MetadataProxy.user_id == user_id, MetadataProxy.expiry > now())
    return db.scalar(select(func.count()).select_from(MetadataProxy).where(*mine)) or 0
