"""The settings of who is signed in: names, password, API keys. Plain forms, each of which belongs to the session."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import Response

from gofigr_jupyter.schema.accounts import ApiKeyDraft
from gofigr_jupyter.server import keys, passwords, policy, sessions, signin
from gofigr_jupyter.server.auth import ConfigOf, StoreOf, config_of
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.forms import FormOf, onward
from gofigr_jupyter.server.pages.rendering import page
from gofigr_jupyter.server.pages.routes import PageRoute
from gofigr_jupyter.server.policy import OWN_PERSON, PERSON, SIGNED_IN, Gate
from gofigr_jupyter.server.refusal import Refusal, forbidden, not_found
from gofigr_jupyter.server.store import gallery, people
from gofigr_jupyter.server.store.store import Store

family = Family("pages", route_class=PageRoute, in_schema=False)
LONGEST_NAME = 150
LIVES = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365), "": None}
SAID = {
    "names": "Your names are changed.",
    "password": "Your password is changed. Everywhere else you are signed out.",
    "revoked": "The key is revoked.",
}


@dataclass(frozen=True)
class Fresh:
    """A key that was just made, with the token that is never shown again."""

    name: str
    token: str


@family.route(["GET", "HEAD"], "/settings", SIGNED_IN)
def show_settings(request: Request, gate: GateOf, store: StoreOf, said: str = "") -> Response:
    """What one can change."""
    return _settings(request, gate, store, said=SAID.get(said, ""))


@family.post("/settings/names", PERSON)
def change_names(request: Request, gate: GateOf, config: ConfigOf, store: StoreOf, fields: FormOf) -> Response:
    """Change first and last name."""
    _require_session(request, gate, fields)
    first, last = (" ".join(fields.get(name, "").split()) for name in ("first_name", "last_name"))
    problem = _unfit(first, last)
    if problem:
        return _settings(request, gate, store, problem=("names", problem), status=400)
    with store.writing() as db:
        person = people.user(db, gate.actor.user_id)
        if person is not None:
            person.first_name, person.last_name = first, last
    return onward(config.base_path, "/settings?said=names")


def _unfit(*names: str) -> str:
    if any(len(name) > LONGEST_NAME for name in names):
        return f"A name has at most {LONGEST_NAME} characters."
    return "" if all(name.isprintable() for name in names) else "A name has letters only."


@family.post("/settings/password", PERSON)
def change_password(request: Request, gate: GateOf, config: ConfigOf, store: StoreOf, fields: FormOf) -> Response:
    """Change the password, which takes the old one; all other sessions and tokens end."""
    _require_session(request, gate, fields)
    if config.embedded:
        raise forbidden()
    name, password = gate.actor.username, fields.get("new", "")
    with store.reading() as db:
        person = people.user(db, gate.actor.user_id)
        email = person.email if person else None
    problem = passwords.problem(password, name, email)
    if problem is None and password != fields.get("again", ""):
        problem = "The two new ones are not the same."
    if problem is not None:
        return _settings(request, gate, store, problem=("password", problem), status=400)
    try:
        signin.checked(request, name, fields.get("old", ""))
    except Refusal as refusal:
        problem = "There were too many attempts. Try again in some minutes."
        if refusal.status == 401:
            problem = "The old password is not right."
        return _settings(request, gate, store, problem=("password", problem), status=refusal.status)
    return _with_new_password(request, gate, config, store, password)


def _with_new_password(request: Request, gate: Gate, config: ServerConfig, store: Store, password: str) -> Response:
    hashed, response = passwords.hashed(password), onward(config.base_path, "/settings?said=password")
    with store.writing() as db:
        person = people.user(db, gate.actor.user_id)
        if person is None:
            raise not_found()
        people.set_password(db, person, hashed)
        sessions.begin(request, response, db, person.id, sessions.KEPT_LIFE)
    return response


@family.post("/settings/keys", PERSON)
def make_key(request: Request, gate: GateOf, config: ConfigOf, store: StoreOf, fields: FormOf) -> Response:
    """Make an API key; the answer shows its token, this once."""
    _require_session(request, gate, fields)
    life, key_id = LIVES.get(fields.get("life", ""), LIVES["90"]), _uuid(fields.get("key_id", ""))
    try:
        draft = ApiKeyDraft(
            name=" ".join(fields.get("name", "").split())[:LONGEST_NAME],
            expiry=people.now() + life if life else None,
            workspace=fields.get("workspace") or None,
        )
        with store.writing() as db:
            if key_id and people.key(db, key_id) is not None:  # the page was loaded again, and the form sent with it
                return onward(config.base_path, "/settings")
            _, token = keys.make(db, gate, draft, key_id)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        (problems,) = refusal.body.values()
        return _settings(request, gate, store, problem=("keys", problems[0]), status=400)
    except ValidationError:  # no browser sends such a form
        return _settings(request, gate, store, problem=("keys", "A key cannot be called that."), status=400)
    return _settings(request, gate, store, fresh=Fresh(draft.name, token))


def _uuid(text: str) -> str | None:
    return text if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) else None


@family.post("/settings/keys/{key_id}/revoke", OWN_PERSON)
def revoke_key(request: Request, key_id: str, gate: GateOf, store: StoreOf, fields: FormOf) -> Response:
    """Revoke an API key; once more does no harm."""
    _require_session(request, gate, fields)
    with store.writing() as db:
        row = people.key(db, key_id)
        if row is not None:
            gate.own(user_id=row.user_id)
            people.delete_key(db, key_id)
    return onward(config_of(request).base_path, "/settings?said=revoked")


def _require_session(request: Request, gate: Gate, fields: dict[str, str]) -> None:
    if gate.actor.via != "cookie":
        raise forbidden()
    sessions.require_own_form(request, fields)


def _settings(
    request: Request,
    gate: Gate,
    store: Store,
    *,
    said: str = "",
    problem: tuple[str, str] = ("", ""),
    fresh: Fresh | None = None,
    status: int = 200,
) -> Response:
    """The page; `problem` is the form that did not work, and why."""
    with store.reading() as db:
        person = people.user(db, gate.actor.user_id)
        if person is None:
            raise not_found()
        workspaces = gallery.workspaces(db, policy.visible_workspaces(db, gate.actor))
        values: dict[str, Any] = {
            "person": person,
            "keys": people.keys_of(db, person.id),
            "workspaces": workspaces,
            "places": {one.id: one.name for one in workspaces},
            "form_token": sessions.form_token(request),
            "new_key_id": str(uuid.uuid4()),
            "may_change": gate.actor.via == "cookie" and not gate.actor.is_key,
            "most_keys": people.MAX_KEYS,
            "shortest": passwords.SHORTEST,
            "longest": passwords.LONGEST,
            "problem": problem,
            "fresh": fresh,
            "said": said,
            "expired": _expired,
        }
        response = page(request, "settings.html", gate.visitor, values, status)
    response.headers["cache-control"] = "no-store"
    return response


def _expired(until: datetime | None) -> bool:
    return until is not None and until <= people.now()
