"""Ids that clients mint: checked for their form, and refused with 409 when they are taken."""

from __future__ import annotations

import re
import uuid

from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.refusal import conflict, invalid
from gofigr_jupyter.server.store import people, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, Figure, Revision

SHORT_ID = re.compile(r"[0-9A-Za-z]{1,64}")
PREFIX_LENGTH = 8


Minted = Analysis | Figure | Revision | Asset | AssetRevision


def fresh_id(db: Transaction, kind: type[Minted], client_id: str | None) -> str:
    """The id of a new object: the client's own if it minted one. Refuses (409) one that is taken."""
    if client_id is None:
        return tree.new_id()
    api_id = normal_id(client_id)
    if db.get(kind, api_id) is not None:
        raise conflict("This client_id has arrived before.", api_id)
    return api_id


def normal_id(text: str) -> str:
    """A UUID in the one spelling that is used everywhere."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise invalid("client_id", "This is not a UUID.") from error


def fresh_short_id(db: Transaction, actor: Actor, short_id: str | None) -> str | None:
    """A short id that may be used: well-formed, not from somebody else's prefix, and not taken (409)."""
    if short_id is None:
        return None
    if not SHORT_ID.fullmatch(short_id):
        raise invalid("short_id", "A short id has letters and digits only.")
    if people.prefix_owner(db, short_id[:PREFIX_LENGTH]) not in {None, actor.user_id}:
        raise invalid("short_id", "This prefix is reserved for somebody else.")
    if tree.by_short_id(db, short_id) is not None:
        raise conflict("This short_id is taken.", None)
    return short_id
