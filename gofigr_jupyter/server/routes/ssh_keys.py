"""Family imports, second part: key pairs for git. Their private halves are sealed, and never leave the server."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.imports import SshKey as SshKeyShape
from gofigr_jupyter.schema.imports import SshKeyDraft
from gofigr_jupyter.server import keypairs, keyring
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import OWN_PERSON, PERSON, UNSCOPED
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.sealing import Seal
from gofigr_jupyter.server.store import find, tree, work
from gofigr_jupyter.server.store.tables import SshKey
from gofigr_jupyter.server.web import answer, body_of, nothing

family = Family("imports")
Draft = Annotated[SshKeyDraft, Depends(body_of(SshKeyDraft))]
MAX_KEYS = 25


@family.get("/ssh_key", UNSCOPED, answers=list[SshKeyShape])
def list_keys(gate: GateOf, store: StoreOf) -> Response:
    """The caller's key pairs: their public halves."""
    with store.reading() as db:
        return answer([_shape(row) for row in work.ssh_keys_of(db, gate.actor.user_id)])


@family.post("/ssh_key", PERSON, answers=SshKeyShape, status=201, takes=SshKeyDraft)
def create_key(gate: GateOf, store: StoreOf, config: ConfigOf, body: Draft) -> Response:
    """A new Ed25519 pair, or the caller's own; `passphrase` opens that one, and is not kept."""
    if not body.name.strip():
        raise invalid("name", "This field is required.")
    if body.passphrase and not body.private_key:
        raise invalid("passphrase", "This goes with a private key.")
    user_id = gate.actor.user_id
    pair = _pair(body, f"{gate.actor.username}@gofigr")
    key_id = tree.new_id()
    sealed = Seal(config.data_dir).lock(pair.private_key, keyring.about(key_id, user_id))
    with store.writing() as db:
        if work.count_ssh_keys(db, user_id) >= MAX_KEYS:
            raise invalid("detail", f"A user has at most {MAX_KEYS} SSH keys.")
        row = work.create_ssh_key(
            db,
            key_id,
            user_id,
            name=body.name,
            public_key=pair.public_key,
            fingerprint=pair.fingerprint,
            sealed=sealed,
        )
        return answer(_shape(row), 201)


@family.delete("/ssh_key/{api_id}", OWN_PERSON)
def delete_key(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Forget a pair."""
    with store.writing() as db:
        row = find.by_id(db, SshKey, api_id)
        gate.own(user_id=row.user_id)
        work.delete_ssh_key(db, row)
    return nothing()


def _pair(body: SshKeyDraft, comment: str) -> keypairs.KeyPair:
    if not body.private_key:
        return keypairs.make(comment)
    try:
        return keypairs.read(body.private_key, body.passphrase, comment)
    except keypairs.BadKey as error:
        raise invalid("private_key", str(error)) from error


def _shape(row: SshKey) -> SshKeyShape:
    return SshKeyShape(
        api_id=row.id,
        name=row.name,
        public_key=row.public_key,
        fingerprint=row.fingerprint,
        created=row.created,
    )
