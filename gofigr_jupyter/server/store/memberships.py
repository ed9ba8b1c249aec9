"""Who belongs to a workspace or an organization, and as what.

A workspace's owner stays its owner, and an organization always keeps an admin. Who may change it was decided before.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select

from gofigr_jupyter.schema.workspaces import Member as MemberShape
from gofigr_jupyter.server.refusal import Refusal, invalid
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Member, Organization, OrganizationMember, User, Workspace

Place = Workspace | Organization
OWNER = "owner"
ADMIN = "org_admin"


def members(db: Transaction, place: Place) -> list[MemberShape]:
    """The direct members, in the order they came."""
    table = Member if isinstance(place, Workspace) else OrganizationMember
    here = Member.workspace_id if isinstance(place, Workspace) else OrganizationMember.organization_id
    query = select(User.username, table.membership_type).join(table, User.id == table.user_id)
    rows = db.execute(query.where(here == place.id).order_by(table.added_on, User.id))
    return [MemberShape(username=name, membership_type=kind) for name, kind in rows]


def add(db: Transaction, place: Place, username: str, membership_type: str | None) -> MemberShape:
    """Let somebody in; the same again changes nothing."""
    wanted = _possible(membership_type)
    person = people.user_named(db, username)
    if person is None or not person.is_active:
        raise invalid("username", "There is no such user.")
    _lock(db, place)
    row = of(db, place, person.id)
    if row is None:
        enroll(db, place, person.id, wanted)
    elif row.membership_type != wanted:
        raise invalid("username", "This user is a member already; change their membership instead.")
    return MemberShape(username=username, membership_type=wanted)


def change(db: Transaction, place: Place, username: str, membership_type: str | None) -> MemberShape:
    """Give a member another role."""
    wanted = _possible(membership_type)
    row = _member(db, place, username)
    if row.membership_type != wanted:
        _spare_the_last_in_charge(db, place, row)
    row.membership_type = wanted
    db.flush()
    return MemberShape(username=username, membership_type=wanted)


def remove(db: Transaction, place: Place, username: str) -> MemberShape:
    """Take a member's role away; who leaves an organization leaves its workspaces too, but for those they own."""
    row = _member(db, place, username)
    _spare_the_last_in_charge(db, place, row)
    if isinstance(place, Organization):
        inside = select(Workspace.id).where(Workspace.organization_id == place.id)
        theirs = (Member.user_id == row.user_id) & (Member.membership_type != OWNER)
        db.execute(delete(Member).where(theirs, Member.workspace_id.in_(inside)))
    db.delete(row)
    db.flush()
    return MemberShape(username=username)


def of(db: Transaction, place: Place, user_id: int) -> Member | OrganizationMember | None:
    """A user's direct membership."""
    if isinstance(place, Workspace):
        return db.get(Member, (place.id, user_id))
    return db.get(OrganizationMember, (place.id, user_id))


def enroll(db: Transaction, place: Place, user_id: int, membership_type: str) -> None:
    """Write the membership of somebody who has none."""
    values = {"user_id": user_id, "membership_type": membership_type, "added_on": people.now()}
    if isinstance(place, Workspace):
        db.add(Member(workspace_id=place.id, **values))
    else:
        db.add(OrganizationMember(organization_id=place.id, **values))
    db.flush()


def refuse_owner(membership_type: str | None) -> None:
    """Refuse (400) to make another owner: there is one, who made the workspace."""
    if membership_type == OWNER:
        raise invalid("membership_type", "A workspace has one owner, who made it.")


def _possible(membership_type: str | None) -> str:
    if membership_type is None:
        raise invalid("membership_type", "This field is required.")
    refuse_owner(membership_type)
    return membership_type


def _member(db: Transaction, place: Place, username: str) -> Member | OrganizationMember:
    _lock(db, place)
    person = people.user_named(db, username)
    row = of(db, place, person.id) if person is not None else None
    if row is None:
        raise _stranger()
    return row


def _stranger() -> Refusal:
    return invalid("username", "This user is not a member.")


def _spare_the_last_in_charge(db: Transaction, place: Place, row: Member | OrganizationMember) -> None:
    if row.membership_type == OWNER:
        raise invalid("username", "The owner of a workspace stays its owner.")
    if row.membership_type == ADMIN:
        admins = select(func.count()).select_from(OrganizationMember)
        admins = admins.where(OrganizationMember.organization_id == place.id)
        if db.scalar(admins.where(OrganizationMember.membership_type == ADMIN)) == 1:
            raise invalid("username", "This is the only admin of the organization; make another one first.")


def _lock(db: Transaction, place: Place) -> None:
    """Where writers are not one at a time anyway: two admins who remove each other must not both succeed."""
    db.execute(select(type(place).id).where(type(place).id == place.id).with_for_update())
