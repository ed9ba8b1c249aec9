"""The one place that decides who may do what. Every route names its Rule here, and asks its Gate before it answers.

Rights come from membership of the workspace or of its organization; reading also from shares. All of it is cut down to
the scope of the key that was shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.store import shares, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.shares import Condition
from gofigr_jupyter.server.store.tables import Organization
from gofigr_jupyter.server.store.tree import Node

EVERYBODY = frozenset({"owner", "admin", "creator", "viewer"})
MAKERS = frozenset({"owner", "admin", "creator"})
MANAGERS = frozenset({"owner", "admin"})
COLLEAGUES = frozenset({"org_admin", "workspace_admin", "workspace_creator", "workspace_viewer"})
FOUNDERS = frozenset({"org_admin", "workspace_admin", "workspace_creator"})
ORG_ADMINS = frozenset({"org_admin"})

# What a place in an organization amounts to in each of its workspaces.
INHERITED = {
    "org_admin": "owner",
    "workspace_admin": "admin",
    "workspace_creator": "viewer",
    "workspace_viewer": "viewer",
}


class Act(Enum):
    """What somebody wants to do with an object: the roles that may, in its workspace and in an organization."""

    READ = ("read", EVERYBODY, COLLEAGUES)  # also those it is shared with
    LOOK_INSIDE = ("look inside", EVERYBODY, COLLEAGUES)  # logs, members: never through a share
    WRITE = ("write", MAKERS, FOUNDERS)  # create, change and delete content; put a workspace into an organization
    SHARE = ("share", MAKERS, ORG_ADMINS)  # also: see with whom
    MANAGE = ("manage", MANAGERS, ORG_ADMINS)  # the workspace or organization itself, its people, its storage

    def __init__(self, label: str, roles: frozenset[str], org_roles: frozenset[str]) -> None:
        self.label = label  # two acts with equal values would be one to Enum
        self.roles = roles
        self.org_roles = org_roles


@dataclass(frozen=True)
class Rule:
    """Who may call a route at all, and what it does (`act`) with the object that it names; None: it names none.

    `person` leaves out API keys, `unscoped` leaves out keys for one workspace, `open` lets in who shows no credentials.
    Who a person is means nothing to a `site`: its own key opens it, or an address that nobody can guess.
    """

    act: Act | None = None
    open: bool = False
    person: bool = False
    unscoped: bool = False
    site: bool = False


# The rules that routes name.
PUBLIC = Rule(open=True)
SITE = Rule(open=True, site=True)
SIGNED_IN = Rule()
PERSON = Rule(person=True)
UNSCOPED = Rule(unscoped=True)
READ = Rule(Act.READ, open=True)
READ_SIGNED_IN = Rule(Act.READ)  # to take part in a conversation one must be somebody
LOOK_INSIDE = Rule(Act.LOOK_INSIDE)
WRITE = Rule(Act.WRITE)
SHARE = Rule(Act.SHARE)
MANAGE = Rule(Act.MANAGE)
OWN = Rule()  # one's own record, key, comment or mailbox: the gate compares names (`Gate.own`)
OWN_PERSON = Rule(person=True)
INVITED = Rule()  # whoever has the token; by its id, an invitation belongs to those who may MANAGE where it leads
JOINING = Rule(unscoped=True)  # whoever has the token, except with a key that was given for another workspace

Kind = TypeVar("Kind", bound="Node | Organization")
Seen = TypeVar("Seen", bound=Node)


class Gate:
    """What stands between one request and the objects it names."""

    def __init__(self, visitor: Actor | None, rule: Rule) -> None:
        self.visitor = visitor
        self.rule = rule
        self.was_asked = rule.act is None
        if visitor is None:
            if not rule.open:
                raise forbidden()
        elif (rule.person and visitor.is_key) or (rule.unscoped and visitor.scope is not None):
            raise forbidden()

    @property
    def actor(self) -> Actor:
        """Who is asking; refuses (403) nobody."""
        if self.visitor is None:
            raise forbidden()
        return self.visitor

    def admit(self, db: Transaction, row: Kind, act: Act | None = None) -> Kind:
        """The row, if the caller may do this with it (by default what the route is for); else 403."""
        wanted = act or self.rule.act
        self.was_asked = True
        if wanted is None or not allows(db, self.visitor, wanted, row):
            raise forbidden()
        return row

    def own(self, *, user_id: int | None = None, username: str | None = None) -> None:
        """Refuse (403) what belongs to somebody else."""
        self.was_asked = True
        if user_id is not None and self.actor.user_id != user_id:
            raise forbidden()
        if username is not None and self.actor.username != username:
            raise forbidden()


def allows(db: Transaction, actor: Actor | None, act: Act, row: Node | Organization) -> bool:
    """Whether somebody may do this with an object."""
    if isinstance(row, Organization):
        if actor is None or actor.scope is not None:
            return False
        return tree.role_in_organization(db, actor.user_id, row.id) in act.org_roles
    place = tree.workspace_of(row)
    if actor is not None:
        if actor.scope not in {None, place.id}:
            return False
        if any(role in act.roles for role in roles_in(db, actor.user_id, place.id, place.organization_id)):
            return True
    return act is Act.READ and shares.opens(db, actor.user_id if actor else None, row)


def readable(db: Transaction, actor: Actor | None, rows: Iterable[Seen]) -> list[Seen]:
    """Those of several objects that somebody may read, told in as many queries for many as for few."""
    inside = set(visible_workspaces(db, actor)) if actor else set()
    given = shares.given_to(db, actor.user_id) if actor else frozenset()
    scope = actor.scope if actor else None

    def shows(row: Seen) -> bool:
        place = tree.workspace_of(row).id
        return place in inside or (scope in {None, place} and shares.covers(given, row))

    return [row for row in rows if shows(row)]


def roles_in(db: Transaction, user_id: int, workspace_id: str, organization_id: str | None) -> Iterator[str]:
    """A user's roles in a workspace: by membership, and then by a place in its organization, if that is asked for."""
    role = tree.role_in(db, user_id, workspace_id)
    if role is not None:
        yield role
    if organization_id is not None:
        inherited = INHERITED.get(tree.role_in_organization(db, user_id, organization_id) or "")
        if inherited is not None:
            yield inherited


def visible_workspaces(db: Transaction, actor: Actor) -> list[str]:
    """The ids of all workspaces that an actor may see, for lists."""
    return [one for one in tree.workspaces_of(db, actor.user_id) if actor.scope in {None, one}]


def reach(db: Transaction, actor: Actor) -> Reach:
    """The same as conditions for queries of all that lies in workspaces, and of what is shared with the actor."""
    return Reach(actor.user_id, tuple(visible_workspaces(db, actor)), actor.scope)


def readable_assets(db: Transaction, actor: Actor) -> Condition:
    """The store's condition for the assets that an actor may find: in their workspaces, or shared with them."""
    return shares.readable_assets(actor.user_id, visible_workspaces(db, actor), actor.scope)


def readable_asset_revisions(db: Transaction, actor: Actor) -> Condition:
    """The same for revisions of assets."""
    return shares.readable_asset_revisions(actor.user_id, visible_workspaces(db, actor), actor.scope)


def visible_organizations(db: Transaction, actor: Actor) -> list[str]:
    """The ids of all organizations that an actor belongs to; none for a key that was given for one workspace."""
    return [] if actor.scope is not None else tree.organizations_of(db, actor.user_id)
