"""SSH keys in use: whose they are is asked before, and they are unlocked only where git is called."""

from __future__ import annotations

from pathlib import Path

from gofigr_jupyter.server.policy import Gate
from gofigr_jupyter.server.refusal import Refusal, forbidden, invalid
from gofigr_jupyter.server.sealing import Seal, SealBroken
from gofigr_jupyter.server.store import find
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import SshKey


def about(key_id: str, user_id: int) -> str:
    """What a sealed private key is bound to."""
    return f"ssh key {key_id} of {user_id}"


def admitted(db: Transaction, gate: Gate, key_id: str) -> SshKey:
    """A key that the caller may use: their own, and not by an API key for one workspace, as it opens more than that."""
    row = find.by_id(db, SshKey, key_id)
    if gate.actor.scope is not None:
        raise forbidden()
    gate.own(user_id=row.user_id)
    return row


def unlocked(data_dir: Path, row: SshKey) -> bytes:
    """The private half. Refuses (400) a key that this server cannot open any more: its seal was lost."""
    try:
        return Seal(data_dir).unlock(row.sealed_private_key, about(row.id, row.user_id))
    except SealBroken as error:
        raise gone() from error


def gone() -> Refusal:
    """The key cannot be used."""
    return invalid("ssh_key", "This server cannot open this key any more; delete it, and make a new one.")
