"""Accounts as their operator sees them: the local user of an embedded server, and the users of a team's."""

from __future__ import annotations

import getpass
import re
from pathlib import Path

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.auth import LOCAL_USER
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.tokens import ensure_signing_key, hash_password

FALLBACK_NAME = "me"
USERNAME = re.compile(r"[\w.@+-]{1,150}")
SHORTEST_PASSWORD = 8


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


def add_user(data_dir: Path, username: str, email: str | None, password: str) -> None:
    """Make an account with a password; raises ConfigurationError when it cannot be."""
    if not USERNAME.fullmatch(username):
        raise ConfigurationError("A user name has letters, digits and . @ + - _ only, at most 150 of them.")
    if len(password) < SHORTEST_PASSWORD:
        raise ConfigurationError(f"A password has at least {SHORTEST_PASSWORD} characters.")
    store = Store.in_folder(data_dir)
    try:
        ensure_signing_key(store)
        hashed = hash_password(password)
        with store.writing() as db:
            if people.user_named(db, username) is not None:
                raise ConfigurationError(f"There is a user {username} already.")
            people.create_user(db, username, email, hashed)
    finally:
        store.close()


def os_user_name() -> str:
    """The name of the user who runs this, as far as it makes a user name."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the password database, as in some containers
        return FALLBACK_NAME
    return name if USERNAME.fullmatch(name) else FALLBACK_NAME
