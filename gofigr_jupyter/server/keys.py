"""API keys: what may be asked for when one is made, by a program's request or on the settings page."""

from __future__ import annotations

from gofigr_jupyter.schema.accounts import ApiKeyDraft
from gofigr_jupyter.server.policy import Act, Gate
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import find, people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import ApiKey


def make(db: Transaction, gate: Gate, draft: ApiKeyDraft, key_id: str | None = None) -> tuple[ApiKey, str]:
    """A new key of the caller's and its token. Refuses one without name, of the past, or for a closed workspace."""
    if not draft.name.strip():
        raise invalid("name", "A key needs a name.")
    if draft.expiry is not None and draft.expiry <= people.now():
        raise invalid("expiry", "This moment has passed already.")
    if draft.workspace is not None:
        gate.admit(db, find.workspace(db, draft.workspace), Act.LOOK_INSIDE)
    if people.count_keys(db, gate.actor.user_id) >= people.MAX_KEYS:
        raise invalid("detail", f"A user has at most {people.MAX_KEYS} API keys; revoke one first.")
    return people.create_key(db, gate.actor.user_id, draft.name, draft.expiry, draft.workspace, key_id=key_id)
