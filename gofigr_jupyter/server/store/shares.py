"""What is opened to people from outside: to single users, and to whoever has the link. Both go downward, never up."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select

from gofigr_jupyter.server.store import targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import (
    Analysis,
    Asset,
    AssetRevision,
    Figure,
    Revision,
    User,
    UserShare,
    Workspace,
)

Shared = Analysis | Figure | Revision | Asset | AssetRevision
Condition = ColumnElement[bool]


def opens(db: Transaction, user_id: int | None, row: Shared | Workspace) -> bool:
    """Whether a share lets this user (None: anybody) read an object: its own, or one of what it lies in."""
    chain = _upward(row)
    if any(one.is_link_shared for one in chain):
        return True
    if user_id is None or not chain:
        return False
    which = or_(false(), *(targets.about(UserShare, one) for one in chain))
    return db.scalar(select(UserShare.id).where(UserShare.user_id == user_id, which).limit(1)) is not None


def given_to(db: Transaction, user_id: int) -> frozenset[str]:
    """The ids of all objects that are shared with a user by name."""
    columns = [targets.column(UserShare, kind) for kind in targets.WORDS]
    given = db.scalars(select(func.coalesce(*columns)).where(UserShare.user_id == user_id))
    return frozenset(one for one in given if one is not None)


def covers(given: frozenset[str], row: Shared | Workspace) -> bool:
    """As `opens`, for many objects: `given` is what was `given_to` the user, once for all of them."""
    return any(one.is_link_shared or one.id in given for one in _upward(row))


def users_of(db: Transaction, row: Shared) -> list[str]:
    """The names of the users with whom exactly this object is shared, in the order it happened."""
    query = select(User.username).join(UserShare, UserShare.user_id == User.id)
    query = query.where(targets.about(UserShare, row)).order_by(UserShare.shared_on, UserShare.id)
    return list(db.scalars(query))


def share(db: Transaction, row: Shared, user_id: int, *, enabled: bool) -> None:
    """Open an object to a user, or close it; either may be so already."""
    mine = (UserShare.user_id == user_id) & targets.about(UserShare, row)
    if not enabled:
        db.execute(delete(UserShare).where(mine))
    elif db.scalar(select(UserShare.id).where(mine)) is None:
        db.add(UserShare(user_id=user_id, shared_on=now(), **targets.naming(row)))
    db.flush()


def readable_assets(user_id: int, workspaces: list[str], scope: str | None) -> Condition:
    """The condition for assets that lie in these workspaces or are shared with this user, within a key's scope.

    What has a link is not among them: it is for those who have the link.
    """
    mine = select(UserShare.asset_id).where(UserShare.user_id == user_id, UserShare.asset_id.is_not(None))
    readable = or_(Asset.workspace_id.in_(workspaces), Asset.id.in_(mine))
    return readable if scope is None else and_(readable, Asset.workspace_id == scope)


def readable_asset_revisions(user_id: int, workspaces: list[str], scope: str | None) -> Condition:
    """As above, for their revisions, which may be shared alone."""
    whole = select(Asset.id).where(readable_assets(user_id, workspaces, scope))
    column = UserShare.asset_revision_id
    mine = select(column).where(UserShare.user_id == user_id, column.is_not(None))
    readable = or_(AssetRevision.asset_id.in_(whole), AssetRevision.id.in_(mine))
    if scope is None:
        return readable
    return and_(readable, AssetRevision.asset_id.in_(select(Asset.id).where(Asset.workspace_id == scope)))


def _upward(row: Shared | Workspace) -> list[Shared]:
    match row:
        case Analysis() | Asset():
            return [row]
        case Figure():
            return [row, row.analysis]
        case Revision():
            return [row, row.figure, row.figure.analysis]
        case AssetRevision():
            return [row, row.asset]
    return []
