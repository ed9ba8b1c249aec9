"""Who is asking? From an Authorization header or a session cookie to an Actor, or to nobody (None).

What an actor may do is `policy`'s business. Credentials that are sent and no good are refused here, with 401.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gofigr_jupyter.server import tokens
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.refusal import bad_credentials
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store

LOCAL_USER = "local_user"


@dataclass(frozen=True)
class Actor:
    """Somebody with credentials.

    `via` is `local`, `bearer`, `key` or `cookie`; `scope` is the one workspace of a scoped key.
    """

    user_id: int
    username: str
    via: str
    scope: str | None = None
    key_id: str | None = None

    @property
    def is_key(self) -> bool:
        """Whether an API key is behind it, if only through a browser session that came from one."""
        return self.via == "key" or self.key_id is not None


def store_of(request: Request) -> Store:
    """The server's store."""
    store: Store = request.app.state.store
    return store


def config_of(request: Request) -> ServerConfig:
    """The server's settings."""
    config: ServerConfig = request.app.state.config
    return config


def actor_of(request: Request) -> Actor | None:
    """Who sent this request; None for nobody. Raises Refusal (401) for credentials that are no good."""
    store, given = store_of(request), request.headers.getlist("authorization")
    if len(given) > 1:  # a proxy before us may believe the one, and we the other
        raise bad_credentials()
    header = given[0] if given else ""
    scheme, _, secret = header.partition(" ")
    match scheme.lower(), secret.strip():
        case "token", str(token) if token:
            return _by_token(store, config_of(request), token)
        case "bearer", str(token) if token:
            return _by_bearer(store, token)
        case "", _:
            return _by_cookie(request, store)
    raise bad_credentials()


def _by_token(store: Store, config: ServerConfig, token: str) -> Actor:
    local = config.local_token
    is_local = local is not None and hmac.compare_digest(token.encode(), local.encode())
    with store.reading() as db:
        if is_local:
            user_id = people.fact(db, LOCAL_USER)
            return _actor(db, int(user_id or 0), "local")
        row = people.key_by_token(db, token)
        if row is None:
            raise bad_credentials()
        actor = _actor(db, row.user_id, "key", row.workspace_id, row.id)
        stale = people.needs_touch(row)
    if stale:
        with store.writing() as db:
            people.touch_key(db, row.id)
    return actor


def _by_bearer(store: Store, token: str) -> Actor:
    with store.reading() as db:
        person = tokens.read(db, token, "access")
        if person is None:
            raise bad_credentials(token_not_valid=True)
        return Actor(person.id, person.username, "bearer")


def _by_cookie(request: Request, store: Store) -> Actor | None:
    secret = request.cookies.get(config_of(request).cookie_name)
    if not secret or not request.scope.get("gofigr.cookies_count", False):
        return None
    with store.reading() as db:
        row = people.find_pass(db, "cookie", secret)
        if row is None:
            return None
        origin = people.key(db, row.api_key_id) if row.api_key_id else None
        return _actor(db, row.user_id, "cookie", origin.workspace_id if origin else None, row.api_key_id)


def _actor(db: Transaction, user_id: int, via: str, scope: str | None = None, key_id: str | None = None) -> Actor:
    person = people.user(db, user_id)
    if person is None or not person.is_active:
        raise bad_credentials()
    return Actor(person.id, person.username, via, scope, key_id)


# What only hands something out is `async`, so that no request has to wait for a thread to do it.
async def _store(request: Request) -> Store:
    return store_of(request)


async def _config(request: Request) -> ServerConfig:
    return config_of(request)


StoreOf = Annotated[Store, Depends(_store)]
ConfigOf = Annotated[ServerConfig, Depends(_config)]
