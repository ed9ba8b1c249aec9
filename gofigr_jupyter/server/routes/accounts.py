"""Family accounts: tokens for passwords, users, API keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
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
from gofigr_jupyter.server import policy, throttle, tokens
from gofigr_jupyter.server.auth import SignedIn, StoreOf
from gofigr_jupyter.server.refusal import bad_credentials, forbidden, invalid, not_found
from gofigr_jupyter.server.store import find, people, shapes
from gofigr_jupyter.server.web import accepts, answer, body_of, form_or_json, nothing

router = APIRouter(tags=["accounts"])
unversioned = APIRouter(tags=["accounts"])


@unversioned.post("/api/token", response_model=TokenPair, openapi_extra=accepts(Credentials))
def sign_in(store: StoreOf, body: Annotated[Credentials, Depends(form_or_json(Credentials))]) -> Response:
    """User name and password for an access and a refresh token."""
    person = throttle.checked(store, body.username, body.password)
    life = tokens.REMEMBERED_LIFE if body.remember_me else tokens.REFRESH_LIFE
    with store.reading() as db:
        access = tokens.sign(db, person, "access", tokens.ACCESS_LIFE)
        return answer(TokenPair(access=access, refresh=tokens.sign(db, person, "refresh", life)))


@unversioned.post("/api/token/refresh", response_model=AccessToken, openapi_extra=accepts(RefreshRequest))
def refresh(store: StoreOf, body: Annotated[RefreshRequest, Depends(form_or_json(RefreshRequest))]) -> Response:
    """A refresh token for a new access token."""
    with store.reading() as db:
        user_id = tokens.read(db, body.refresh, "refresh")
        person = people.user(db, user_id) if user_id is not None else None
        if person is None or not person.is_active:
            raise bad_credentials(token_not_valid=True)
        return answer(AccessToken(access=tokens.sign(db, person.id, "access", tokens.ACCESS_LIFE)))


@router.get("/user", response_model=list[User])
def me(actor: SignedIn, store: StoreOf) -> Response:
    """The caller, as a list of one."""
    with store.reading() as db:
        return answer([shapes.user(row) for row in [people.user(db, actor.user_id)] if row])


@router.get("/user/{username}", response_model=User)
def read_user(username: str, actor: SignedIn, store: StoreOf) -> Response:
    """One's own record."""
    policy.require_self(actor, username)
    with store.reading() as db:
        row = people.user(db, actor.user_id)
        if row is None:
            raise not_found()
        return answer(shapes.user(row))


@router.put("/user/{username}", response_model=User, openapi_extra=accepts(User))
@router.patch("/user/{username}", response_model=User, openapi_extra=accepts(User))
def change_user(
    username: str, actor: SignedIn, store: StoreOf, body: Annotated[User, Depends(body_of(User))]
) -> Response:
    """Change one's names, profile or avatar; everything else in the record is ignored."""
    policy.require_self(actor, username)
    policy.require_self(actor, body.username)
    with store.writing() as db:
        row = people.user(db, actor.user_id)
        if row is None:
            raise not_found()
        for name in {"first_name", "last_name", "user_profile", "avatar"} & body.model_fields_set:
            value = getattr(body, name)
            setattr(row, name, "" if value is None and name != "avatar" else value)
        db.flush()
        return answer(shapes.user(row))


@router.get("/api_key", response_model=list[ApiKey])
def list_keys(actor: SignedIn, store: StoreOf) -> Response:
    """The caller's keys, without their tokens."""
    with store.reading() as db:
        return answer([shapes.api_key(row) for row in people.keys_of(db, actor.user_id)])


@router.post("/api_key", response_model=ApiKey, status_code=201, openapi_extra=accepts(ApiKeyDraft))
def create_key(
    actor: SignedIn, store: StoreOf, body: Annotated[ApiKeyDraft, Depends(body_of(ApiKeyDraft))]
) -> Response:
    """A new key; its token is shown here and never again."""
    policy.require_person(actor)
    with store.writing() as db:
        if body.workspace is not None:
            policy.require(db, actor, policy.Act.READ, find.workspace(db, body.workspace))
        if people.count_keys(db, actor.user_id) >= people.MAX_KEYS:
            raise invalid("detail", f"A user has at most {people.MAX_KEYS} API keys; revoke one first.")
        row, token = people.create_key(db, actor.user_id, body.name, body.expiry, body.workspace)
        return answer(shapes.api_key(row, token), 201)


@router.get("/api_key/{key_id}", response_model=ApiKey)
def read_key(key_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """One of the caller's keys, without its token."""
    with store.reading() as db:
        row = people.key(db, key_id)
        if row is None:
            raise not_found()
        if row.user_id != actor.user_id:
            raise forbidden()
        return answer(shapes.api_key(row))


@router.delete("/api_key/{key_id}", status_code=204)
def revoke_key(key_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """Revoke one of the caller's keys."""
    policy.require_person(actor)
    with store.writing() as db:
        row = people.key(db, key_id)
        if row is None:
            raise not_found()
        if row.user_id != actor.user_id:
            raise forbidden()
        people.delete_key(db, key_id)
    return nothing()
