"""Users for tests: made right in the store, as hashing passwords takes long, and clients that speak for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
from fastapi import FastAPI

from gofigr_jupyter.server import tokens
from gofigr_jupyter.server.store import people as store_people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import User


class People:
    """`people("eve")` is Eve, signed in as a person; her account is made when she is first called."""

    def __init__(self, app: FastAPI, client_of: Callable[..., httpx.Client]) -> None:
        self.store = app.state.store
        self._client_of = client_of
        self._clients: dict[str, httpx.Client] = {}

    def __call__(self, name: str) -> httpx.Client:
        """A person, with a Bearer token."""
        if name not in self._clients:
            self.meet(name)
        return self._clients[name]

    def meet(self, *names: str) -> None:
        """Make several people known at once, which takes one write to the disk."""
        with self.store.writing() as db:
            signed = {name: tokens.sign(db, person_named(db, name), "access", tokens.ACCESS_LIFE) for name in names}
        self._clients |= {name: self._client_of(f"Bearer {token}") for name, token in signed.items()}

    def key(self, name: str, workspace: str | None = None, *, life: timedelta | None = None) -> httpx.Client:
        """A program with an API key of this user, for all that is theirs or for one workspace."""
        expiry: datetime | None = store_people.now() + life if life is not None else None
        with self.store.writing() as db:
            _, token = store_people.create_key(db, person_named(db, name).id, "a key", expiry, workspace)
        return self._client_of(f"Token {token}")

    def disable(self, name: str) -> None:
        """Close an account."""
        with self.store.writing() as db:
            person_named(db, name).is_active = False


def person_named(db: Transaction, name: str) -> User:
    """Somebody's row, made at first sight."""
    return store_people.user_named(db, name) or store_people.create_user(db, name, f"{name}@example.org")
