"""Who asked for an upload: a site's key, a person, or a person's API key; and whether they still could.

In: a key or an actor, and later what stands in a claim. Out: the name under which the file is kept.
"""

from __future__ import annotations

from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.policy import Act
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Site, SiteKey

BY_SITE_KEY, BY_PERSON, BY_API_KEY = "site-key", "person", "api-key"


def of_key(key: SiteKey) -> str:
    """A program with a site's key."""
    return f"{BY_SITE_KEY}:{key.id}"


def of_actor(actor: Actor) -> str:
    """Somebody who is signed in, or a program of theirs."""
    return f"{BY_API_KEY}:{actor.key_id}" if actor.key_id else f"{BY_PERSON}:{actor.user_id}"


def author(db: Transaction, site: Site, asker: str) -> str | None:
    """In whose name the file is kept; None when they may not put files there any more."""
    how, _, one = asker.partition(":")
    if how == BY_SITE_KEY:
        return site.workspace.created_by if db.get(SiteKey, one) is not None else None
    actor = _actor(db, how, one)
    return actor.username if actor and policy.allows(db, actor, Act.WRITE, site.workspace) else None


def _actor(db: Transaction, how: str, one: str) -> Actor | None:
    key = people.key(db, one) if how == BY_API_KEY else None
    if how == BY_API_KEY and (key is None or (key.expiry is not None and key.expiry <= people.now())):
        return None
    person = people.user(db, key.user_id if key else int(one))
    if person is None or not person.is_active:
        return None
    return Actor(person.id, person.username, how, key.workspace_id if key else None, key.id if key else None)
