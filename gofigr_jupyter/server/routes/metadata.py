"""Family metadata: a mailbox by which a page in a browser tells a kernel what it cannot know, such as its notebook.

Putting something in is the one request that the guard lets through from pages of other origins: the token is its proof.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.metadata import MetadataMessage, MetadataProxy, MetadataProxyDraft
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.forms import small
from gofigr_jupyter.server.policy import OWN, PUBLIC, SIGNED_IN
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.store import mailboxes, people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import MetadataProxy as Row
from gofigr_jupyter.server.web import JSON, answer, nothing

family = Family("metadata")
USUAL_LIFE = timedelta(minutes=10)  # the official client asks four times a second until then
LONGEST_LIFE = timedelta(hours=23)
MOST_OPEN = 200


@family.post("/metadata", SIGNED_IN, answers=MetadataProxy, status=201, takes=MetadataProxyDraft)
def open_mailbox(
    gate: GateOf, store: StoreOf, body: Annotated[MetadataProxyDraft, Depends(small(MetadataProxyDraft))]
) -> Response:
    """A new mailbox; its token goes into a page, which puts something in with it."""
    with store.writing() as db:
        if mailboxes.count(db, gate.actor.user_id) >= MOST_OPEN:
            raise invalid("detail", f"At most {MOST_OPEN} can be open at a time; they close by themselves.")
        row, token = mailboxes.create(db, gate.actor.user_id, _until(body.expiry), body.metadata)
        return answer(_shape(db, row, token), 201)


def _until(wanted: datetime | None) -> datetime:
    """As asked for; the usual when nothing was, the longest when it was too far. Refuses (400) what is past."""
    at = people.now()
    if wanted is not None and wanted <= at:
        raise invalid("expiry", "This moment has passed already.")
    return at + USUAL_LIFE if wanted is None else min(wanted, at + LONGEST_LIFE)


@family.get("/metadata/{token}", OWN, answers=MetadataProxy)
def look_inside(token: str, gate: GateOf, store: StoreOf) -> Response:
    """What was put in, for whom it was opened by."""
    with store.reading() as db:
        row = _found(db, token)
        gate.own(user_id=row.user_id)
        return answer(_shape(db, row, token))


@family.post("/metadata/{token}", PUBLIC, answers=MetadataProxy | None, takes=MetadataMessage)
def put_in(
    token: str, gate: GateOf, store: StoreOf, body: Annotated[MetadataMessage, Depends(small(MetadataMessage))]
) -> Response:
    """Put something in, in place of what was there; needs the token only. Others than its owner see nothing of it."""
    with store.writing() as db:
        row = _found(db, token)
        row.meta, row.updated = body.metadata, people.now()
        db.flush()
        if gate.visitor is not None and gate.visitor.user_id == row.user_id:
            return answer(_shape(db, row, token))
    return Response(b"null", media_type=JSON)


@family.delete("/metadata/{token}", OWN)
def close_mailbox(token: str, gate: GateOf, store: StoreOf) -> Response:
    """Close it before its time."""
    with store.writing() as db:
        row = _found(db, token)
        gate.own(user_id=row.user_id)
        db.delete(row)
    return nothing()


def _found(db: Transaction, token: str) -> Row:
    row = mailboxes.find(db, token)
    if row is None:
        raise not_found()
    return row


def _shape(db: Transaction, row: Row, token: str) -> MetadataProxy:
    owner = people.user(db, row.user_id)
    return MetadataProxy(
        api_id=row.id,
        initiator=owner.username if owner else "",
        token=token,
        created=row.created,
        expiry=row.expiry,
        updated=row.updated,
        metadata=row.meta,
    )
