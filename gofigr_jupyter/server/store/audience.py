"""Who is meant to see an object: its members, its organization's, and those it is shared with by name.

The same people whom `policy` lets read it, less those who merely have a link: to them nobody's name is given away.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select

from gofigr_jupyter.server.store import targets, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.tables import Member, OrganizationMember, User, UserShare, Workspace


def among(db: Transaction, target: Target, names: Iterable[str]) -> dict[str, int]:
    """Those of the named who are meant to see the object, with their numbers; says nothing about the others."""
    wanted = list(names)
    if not wanted:
        return {}
    place = tree.workspace_of(target)
    ways = [select(Member.user_id).where(Member.workspace_id == place.id)]
    if place.organization_id is not None:
        colleagues = OrganizationMember.organization_id == place.organization_id
        ways.append(select(OrganizationMember.user_id).where(colleagues))
    for one in [target, *tree.ancestors(target)]:
        if not isinstance(one, Workspace):
            ways.append(select(UserShare.user_id).where(targets.about(UserShare, one)))
    meant = User.username.in_(wanted) & User.is_active & or_(*map(User.id.in_, ways))
    return {one.username: one.id for one in db.scalars(select(User).where(meant))}
