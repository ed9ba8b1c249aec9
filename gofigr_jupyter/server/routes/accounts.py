"""Family accounts: tokens for passwords, users, API keys."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from gofigr_jupyter.schema.accounts import (
    AccessToken,
    ApiKey,
    ApiKeyDraft,
    Credentials,
    PasswordReset,
    RefreshRequest,
    TokenPair,
    User,
    UserDraft,
)
from gofigr_jupyter.schema.system import Detail
from gofigr_jupyter.server import avatars, keys, signin, tokens
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.forms import small
from gofigr_jupyter.server.policy import OWN, OWN_PERSON, PERSON, PUBLIC, SIGNED_IN
from gofigr_jupyter.server.refusal import bad_credentials, invalid, not_found
from gofigr_jupyter.server.store import people, portraits
from gofigr_jupyter.server.web import answer, body_of, nothing

family = Family("accounts")
unversioned = Family("accounts")
MOST_PROFILE = 64_000  # characters of JSON
THROTTLED: dict[int | str, dict[str, Any]] = {429: {"description": "too many failed attempts"}}
RESET_SAID = "If there is an account with this address, a link to set a new password is on its way to it."


@unversioned.post("/api/token", PUBLIC, answers=TokenPair, takes=Credentials, forms=True, responses=THROTTLED)
def sign_in(
    request: Request, store: StoreOf, body: Annotated[Credentials, Depends(small(Credentials, forms=True))]
) -> Response:
    """User name and password for an access and a refresh token."""
    user_id = signin.checked(request, body.username, body.password)
    life = tokens.REMEMBERED_LIFE if body.remember_me else tokens.REFRESH_LIFE
    with store.reading() as db:
        person = people.user(db, user_id)
        if person is None or not person.is_active:
            raise bad_credentials()
        access = tokens.sign(db, person, "access", tokens.ACCESS_LIFE)
        return answer(TokenPair(access=access, refresh=tokens.sign(db, person, "refresh", life)))


@unversioned.post("/api/token/refresh", PUBLIC, answers=AccessToken, takes=RefreshRequest, forms=True)
def refresh(store: StoreOf, body: Annotated[RefreshRequest, Depends(small(RefreshRequest, forms=True))]) -> Response:
    """A refresh token for a new access token."""
    with store.reading() as db:
        person = tokens.read(db, body.refresh, "refresh")
        if person is None:
            raise bad_credentials(token_not_valid=True)
        return answer(AccessToken(access=tokens.sign(db, person, "access", tokens.ACCESS_LIFE)))


@unversioned.post("/api/password_reset", PUBLIC, answers=Detail, takes=PasswordReset, forms=True)
def ask_for_reset(
    request: Request, body: Annotated[PasswordReset, Depends(small(PasswordReset, forms=True))]
) -> Response:
    """Ask for a link to set a new password. The answer is the same whether or not the address is known."""
    signin.ask_for_reset(request, body.email)
    return answer(Detail(detail=RESET_SAID))


@family.get("/user", SIGNED_IN, answers=list[User])
def me(gate: GateOf, store: StoreOf) -> Response:
    """The caller, as a list of one."""
    with store.reading() as db:
        return answer([portraits.user(row) for row in [people.user(db, gate.actor.user_id)] if row])


@family.get("/user/{username}", OWN, answers=User)
def read_user(username: str, gate: GateOf, store: StoreOf) -> Response:
    """One's own record."""
    gate.own(username=username)
    with store.reading() as db:
        row = people.user(db, gate.actor.user_id)
        if row is None:
            raise not_found()
        return answer(portraits.user(row))


@family.put("/user/{username}", OWN, answers=User, takes=UserDraft)
@family.patch("/user/{username}", OWN, answers=User, takes=UserDraft)
def change_user(
    username: str, gate: GateOf, store: StoreOf, body: Annotated[UserDraft, Depends(body_of(UserDraft))]
) -> Response:
    """Change one's names, profile or avatar; everything else in the record is ignored. Null empties a field."""
    gate.own(username=username)
    if body.username is not None:
        gate.own(username=body.username)
    if body.user_profile is not None and len(json.dumps(body.user_profile)) > MOST_PROFILE:
        raise invalid("user_profile", f"It has at most {MOST_PROFILE} characters as JSON.")
    if body.avatar is not None:
        avatars.require_picture(body.avatar)
    empty: dict[str, Any] = {"first_name": "", "last_name": "", "user_profile": {}, "avatar": None}
    with store.writing() as db:
        row = people.user(db, gate.actor.user_id)
        if row is None:
            raise not_found()
        for name in empty.keys() & body.model_fields_set:
            value = getattr(body, name)
            setattr(row, name, empty[name] if value is None else value)
        db.flush()
        return answer(portraits.user(row))


@family.get("/api_key", SIGNED_IN, answers=list[ApiKey])
def list_keys(gate: GateOf, store: StoreOf) -> Response:
    """The caller's keys, without their tokens."""
    with store.reading() as db:
        return answer([portraits.api_key(row) for row in people.keys_of(db, gate.actor.user_id)])


@family.post("/api_key", PERSON, answers=ApiKey, status=201, takes=ApiKeyDraft)
def create_key(gate: GateOf, store: StoreOf, body: Annotated[ApiKeyDraft, Depends(body_of(ApiKeyDraft))]) -> Response:
    """A new key; its token is shown here and never again."""
    with store.writing() as db:
        row, token = keys.make(db, gate, body)
        return answer(portraits.api_key(row, token), 201)


@family.get("/api_key/{key_id}", OWN, answers=ApiKey)
def read_key(key_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One of the caller's keys, without its token."""
    with store.reading() as db:
        row = people.key(db, key_id)
        if row is None:
            raise not_found()
        gate.own(user_id=row.user_id)
        return answer(portraits.api_key(row))


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
