"""Accounts as their operator sees them: the local user of an embedded server, and the users of a team's."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.schema.base import render_time
from gofigr_jupyter.server import config, passwords, resets, tokens
from gofigr_jupyter.server.auth import LOCAL_USER
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import User

FALLBACK_NAME = "me"
USERNAME = re.compile(r"[\w.@+-]{1,150}")
EMAIL = re.compile(r"[^@\s]{1,100}@[^@\s]{1,150}")


def ensure_local_user(store: Store) -> None:
    """Make the embedded server's one user, and its primary workspace, at the first start."""
    with store.reading() as db:
        if people.fact(db, LOCAL_USER):
            return
    with store.writing() as db:
        if people.fact(db, LOCAL_USER):
            return
        name = os_user_name()
        person = people.user_named(db, name) or people.create_user(db, name)
        people.remember(db, LOCAL_USER, str(person.id))


@contextmanager
def opened(data_dir: Path, *, embedded: bool = False) -> Iterator[Store]:
    """The store of a data folder, for an operator's command; a server may be using it at the same time.

    What the environment says of a database is not for an `embedded` server.
    """
    if not data_dir.is_dir():
        raise ConfigurationError(f"There is no server's data in {data_dir}.")
    store = Store.in_folder(data_dir, None if embedded else config.database())
    try:
        yield store
    finally:
        store.close()


def add_user(data_dir: Path, username: str, email: str | None, password: str) -> None:
    """Make an account with a password; raises ConfigurationError when it cannot be."""
    if not USERNAME.fullmatch(username):
        raise ConfigurationError("A user name has letters, digits and . @ + - _ only, at most 150 of them.")
    if email is not None and not EMAIL.fullmatch(email):
        raise ConfigurationError("That is no e-mail address.")
    passwords.require_good(password, username, email)
    hashed = passwords.hashed(password)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # the first account comes before the first start
    with opened(data_dir) as store, store.writing() as db:
        if people.user_named(db, username) is not None:
            raise ConfigurationError(f"There is a user {username} already.")
        people.create_user(db, username, email, hashed)


def set_password(data_dir: Path, username: str, password: str) -> None:
    """Give an account another password, and end its sessions and tokens."""
    with opened(data_dir) as store:
        with store.reading() as db:
            person = _named(db, username)
            passwords.require_good(password, person.username, person.email)
        hashed = passwords.hashed(password)
        with store.writing() as db:
            people.set_password(db, _named(db, username), hashed)


def reset_link(data_dir: Path, username: str, url: str) -> str:
    """A link with which the account's owner sets a new password; good once, and for an hour."""
    with opened(data_dir) as store:
        with store.reading() as db:
            person = _named(db, username)
            if not person.is_active:
                raise ConfigurationError(f"The account {username} is disabled.")
            user_id = person.id
        return resets.link(store, user_id, url)


def set_active(data_dir: Path, username: str, *, active: bool) -> None:
    """Disable an account, and with it whatever it was let in with, at once; or enable it again."""
    with opened(data_dir) as store, store.writing() as db:
        person = _named(db, username)
        if str(person.id) == people.fact(db, LOCAL_USER):
            raise ConfigurationError("The user of an embedded server cannot be disabled.")
        person.is_active = active
        people.end_credentials(db, person)  # also when it is enabled: nothing old comes back to life


def users(data_dir: Path) -> list[dict[str, Any]]:
    """All accounts as an operator sees them."""
    with opened(data_dir) as store, store.reading() as db:
        return [
            {
                "username": person.username,
                "email": person.email,
                "is_active": person.is_active,
                "has_password": person.password_hash is not None,
                "date_joined": render_time(person.date_joined),
                "api_keys": people.count_keys(db, person.id),
            }
            for person in people.users(db)
        ]


def renew_signing_key(data_dir: Path, *, end_all: bool) -> None:
    """Sign tokens with a new key; with `end_all` whoever is signed in by password or token has to do so again."""
    with opened(data_dir) as store:
        tokens.renew_signing_key(store, end_all=end_all)


def _named(db: Transaction, username: str) -> User:
    person = people.user_named(db, username)
    if person is None:
        raise ConfigurationError(f"There is no user {username}.")
    return person


def os_user_name() -> str:
    """The name of the user who runs this, as far as it makes a user name."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the password database, as in some containers
        return FALLBACK_NAME
    return name if USERNAME.fullmatch(name) else FALLBACK_NAME
