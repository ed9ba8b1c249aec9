"""Users, API keys, browser passes and short-id prefixes: queries and commands. Secrets are kept as digests only."""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import ApiKey, Fact, Member, Pass, Prefix, User, Workspace

ALPHANUMERIC = string.digits + string.ascii_letters
MAX_KEYS = 25
TOUCH_EVERY = timedelta(minutes=1)


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def digest(secret: str) -> str:
    """What is kept of a random secret; it has 256 bits or more, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# ---------------------------------------------------------------- facts and users


def fact(db: Transaction, name: str) -> str | None:
    """What the server remembers about itself."""
    row = db.get(Fact, name)
    return None if row is None else row.value


def remember(db: Transaction, name: str, value: str) -> None:
    """Keep a fact."""
    db.merge(Fact(name=name, value=value))


def forget(db: Transaction, name: str) -> None:
    """Drop a fact."""
    db.execute(delete(Fact).where(Fact.name == name))


def user(db: Transaction, user_id: int) -> User | None:
    """A user by its number."""
    return db.get(User, user_id)


def user_named(db: Transaction, username: str) -> User | None:
    """A user by name."""
    return db.scalar(select(User).where(User.username == username))


def users(db: Transaction) -> list[User]:
    """All accounts, by name."""
    return list(db.scalars(select(User).order_by(User.username)))


def users_with_email(db: Transaction, email: str) -> list[User]:
    """The active accounts of an e-mail address, whatever its case."""
    wanted = func.lower(User.email) == email.strip().lower()
    return list(db.scalars(select(User).where(wanted, User.is_active).order_by(User.id).limit(5)))


def set_password(db: Transaction, person: User, password_hash: str) -> None:
    """A new password; all sessions and tokens that came from the old one end."""
    person.password_hash = password_hash
    end_credentials(db, person)


def replace_hash(db: Transaction, user_id: int, old: str, new: str) -> None:
    """Keep another hash of the same password, unless it was changed meanwhile."""
    db.execute(update(User).where(User.id == user_id, User.password_hash == old).values(password_hash=new))


def end_credentials(db: Transaction, person: User) -> None:
    """End a user's browser sessions, tickets, reset links and tokens; API keys stay."""
    db.execute(delete(Pass).where(Pass.user_id == person.id))
    person.credentials_version += 1
    db.flush()


def create_user(db: Transaction, username: str, email: str | None = None, password_hash: str | None = None) -> User:
    """A new account, with the one primary workspace that every account has."""
    at = now()
    person = User(
        username=username,
        email=email,
        password_hash=password_hash,
        date_joined=at,
        is_active=True,
        user_profile={},
    )
    db.add(person)
    db.flush()
    place = Workspace(
        id=str(uuid.uuid4()),
        name=f"{username}'s primary workspace",
        description="The primary workspace of this account",
        workspace_type="primary",
        created_by=username,
        created_on=at,
        child_updated_by=username,  # set from the start: clients compare workspaces before and after a first child
        child_updated_on=at,
    )
    db.add(place)
    db.flush()
    db.add(Member(workspace_id=place.id, user_id=person.id, membership_type="owner", added_on=at))
    db.flush()
    return person


def workspaces_called(db: Transaction, wanted: str | None, user_id: int | None) -> list[Workspace]:
    """The workspaces with this id or name; with none, the primary one of a user."""
    query = select(Workspace).where(or_(Workspace.id == wanted, Workspace.name == wanted))
    if wanted is None:
        mine = select(Member.workspace_id).where(Member.user_id == user_id, Member.membership_type == "owner")
        query = select(Workspace).where(Workspace.workspace_type == "primary", Workspace.id.in_(mine))
    return list(db.scalars(query.limit(2)))


# ---------------------------------------------------------------- API keys


def key_by_token(db: Transaction, token: str) -> ApiKey | None:
    """The key a token belongs to, unless it has expired."""
    row = db.scalar(select(ApiKey).where(ApiKey.digest == digest(token)))
    return row if row is not None and _alive(row.expiry) else None


def key(db: Transaction, key_id: str) -> ApiKey | None:
    """A key by its id."""
    return db.get(ApiKey, key_id)


def keys_of(db: Transaction, user_id: int) -> list[ApiKey]:
    """A user's keys, oldest first."""
    return list(db.scalars(select(ApiKey).where(ApiKey.user_id == user_id).order_by(ApiKey.created, ApiKey.id)))


def count_keys(db: Transaction, user_id: int) -> int:
    """How many keys a user has."""
    return db.scalar(select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user_id)) or 0


def create_key(
    db: Transaction,
    user_id: int,
    name: str,
    expiry: datetime | None,
    workspace_id: str | None,
    *,
    key_id: str | None = None,
) -> tuple[ApiKey, str]:
    """A new key, and its token, which is never to be seen again; `key_id` is a UUID where the caller minted one."""
    token = secrets.token_hex(33)
    row = ApiKey(
        id=key_id or str(uuid.uuid4()),
        user_id=user_id,
        name=name,
        digest=digest(token),
        created=now(),
        expiry=expiry,
        workspace_id=workspace_id,
    )
    db.add(row)
    db.flush()
    return row, token


def delete_key(db: Transaction, key_id: str) -> None:
    """Revoke a key, and the browser sessions that came from it."""
    db.execute(delete(ApiKey).where(ApiKey.id == key_id))


def needs_touch(row: ApiKey) -> bool:
    """Whether `last_used` is old enough to be worth a write."""
    return row.last_used is None or now() - row.last_used > TOUCH_EVERY


def touch_key(db: Transaction, key_id: str) -> None:
    """Note that a key was used."""
    db.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used=now()))


# ---------------------------------------------------------------- passes of browsers


def create_pass(db: Transaction, kind: str, user_id: int, api_key_id: str | None, life: timedelta) -> str:
    """The secret of a ticket, a cookie or a reset link; expired ones are swept on the way."""
    secret = secrets.token_urlsafe(32)
    db.execute(delete(Pass).where(Pass.expires < now()))
    db.add(Pass(digest=digest(secret), kind=kind, user_id=user_id, api_key_id=api_key_id, expires=now() + life))
    db.flush()
    return secret


def find_pass(db: Transaction, kind: str, secret: str) -> Pass | None:
    """A pass that is still good."""
    row = db.get(Pass, digest(secret))
    if row is None or row.kind != kind or not _alive(row.expires):
        return None
    if row.api_key_id is not None:
        origin = db.get(ApiKey, row.api_key_id)
        if origin is None or not _alive(origin.expiry):
            return None
    return row


def drop_pass(db: Transaction, secret: str) -> None:
    """End a pass."""
    db.execute(delete(Pass).where(Pass.digest == digest(secret)))


def drop_passes(db: Transaction, kind: str, user_id: int) -> None:
    """End all passes of a kind."""
    db.execute(delete(Pass).where(Pass.kind == kind, Pass.user_id == user_id))


def _alive(until: datetime | None) -> bool:
    return until is None or until > now()


# ---------------------------------------------------------------- short ids


def reserve_prefix(db: Transaction, user_id: int) -> str:
    """Eight characters that nobody has been given before."""
    while True:
        prefix = "".join(secrets.choice(ALPHANUMERIC) for _ in range(8))
        if db.get(Prefix, prefix) is None:
            db.add(Prefix(prefix=prefix, user_id=user_id, reserved_on=now()))
            db.flush()
            return prefix


def prefix_owner(db: Transaction, prefix: str) -> int | None:
    """Whose prefix it is, None when nobody reserved it."""
    row = db.get(Prefix, prefix)
    return None if row is None else row.user_id
