"""Family accounts: tokens for passwords, users, API keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.accounts import (
    AccessToken,
    ApiKey,
    ApiKeyDraft,
    Credentials,
    RefreshRequest,
    TokenPair,
    User,
)
from gofigr_jupyter.server import throttle, tokens
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import OWN, OWN_PERSON, PERSON, PUBLIC, SIGNED_IN, Act
from gofigr_jupyter.server.refusal import bad_credentials, invalid, not_found
from gofigr_jupyter.server.store import find, people, shapes
from gofigr_jupyter.server.web import answer, body_of, form_or_json, nothing

family = Family("accounts")
unversioned = Family("accounts")


@unversioned.post("/api/token", PUBLIC, answers=TokenPair, takes=Credentials)
def sign_in(store: StoreOf, body: Annotated[Credentials, Depends(form_or_json(Credentials))]) -> Response:
    """User name and password for an access and a refresh token."""
    person = throttle.checked(store, body.username, body.password)
    life = tokens.REMEMBERED_LIFE if body.remember_me else tokens.REFRESH_LIFE
    with store.reading() as db:
        access = tokens.sign(db, person, "access", tokens.ACCESS_LIFE)
        return answer(TokenPair(access=access, refresh=tokens.sign(db, person, "refresh", life)))


@unversioned.post("/api/token/refresh", PUBLIC, answers=AccessToken, takes=RefreshRequest)
def refresh(store: StoreOf, body: Annotated[RefreshRequest, Depends(form_or_json(RefreshRequest))]) -> Response:
    """A refresh token for a new access token."""
    with store.reading() as db:
        user_id = tokens.read(db, body.refresh, "refresh")
        person = people.user(db, user_id) if user_id is not None else None
        if person is None or not person.is_active:
            raise bad_credentials(token_not_valid=True)
        return answer(AccessToken(access=tokens.sign(db, person.id, "access", tokens.ACCESS_LIFE)))


@family.get("/user", SIGNED_IN, answers=list[User])
def me(gate: GateOf, store: StoreOf) -> Response:
    """The caller, as a list of one."""
    with store.reading() as db:
        return answer([shapes.user(row) for row in [people.user(db, gate.actor.user_id)] if row])


@family.get("/user/{username}", OWN, answers=User)
def read_user(username: str, gate: GateOf, store: StoreOf) -> Response:
    """One's own record."""
    gate.own(username=username)
    with store.reading() as db:
        row = people.user(db, gate.actor.user_id)
        if row is None:
            raise not_found()
        return answer(shapes.user(row))


@family.put("/user/{username}", OWN, answers=User, takes=User)
@family.patch("/user/{username}", OWN, answers=User, takes=User)
def change_user(username: str, gate: GateOf, store: StoreOf, body: Annotated[User, Depends(body_of(User))]) -> Response:
    """Change one's names, profile or avatar; everything else in the record is ignored."""
    gate.own(username=username)
    gate.own(username=body.username)
    with store.writing() as db:
        row = people.user(db, gate.actor.user_id)
        if row is None:
            raise not_found()
        for name in {"first_name", "last_name", "user_profile", "avatar"} & body.model_fields_set:
            value = getattr(body, name)
            setattr(row, name, "" if value is None and name != "avatar" else value)
        db.flush()
        return answer(shapes.user(row))


@family.get("/api_key", SIGNED_IN, answers=list[ApiKey])
def list_keys(gate: GateOf, store: StoreOf) -> Response:
    """The caller's keys, without their tokens."""
    with store.reading() as db:
        return answer([shapes.api_key(row) for row in people.keys_of(db, gate.actor.user_id)])


@family.post("/api_key", PERSON, answers=ApiKey, status=201, takes=ApiKeyDraft)
def create_key(gate: GateOf, store: StoreOf, body: Annotated[ApiKeyDraft, Depends(body_of(ApiKeyDraft))]) -> Response:
    """A new key; its token is shown here and never again."""
    with store.writing() as db:
        if body.workspace is not None:
            gate.admit(db, find.workspace(db, body.workspace), Act.LOOK_INSIDE)
        if people.count_keys(db, gate.actor.user_id) >= people.MAX_KEYS:
            raise invalid("detail", f"A user has at most {people.MAX_KEYS} API keys; revoke one first.")
        row, token = people.create_key(db, gate.actor.user_id, body.name, body.expiry, body.workspace)
        return answer(shapes.api_key(row, token), 201)


@family.get("/api_key/{key_id}", OWN, answers=ApiKey)
def read_key(key_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One of the caller's keys, without its token."""
    with store.reading() as db:
        row = people.key(db, key_id)
        if row is None:
            raise not_found()
        gate.own(user_id=row.user_id)
        return answer(shapes.api_key(row))


@family.delete("/api_key/{key_id}", OWN_PERSON)
def revoke_key(key_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Revoke one of the caller's keys."""
    with store.writing() as db:
        row = people.key(db, key_id)
        if row is None:
            raise not_found()
        gate.own(user_id=row.user_id)
        people.delete_key(db, key_id)
    return nothing()
