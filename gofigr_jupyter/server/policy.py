"""The one place that decides who may do what. Routes ask here before they touch anything; nobody else decides.

Rights come from membership of the workspace, cut down to the scope of the key that was shown.
"""

from __future__ import annotations

from enum import Enum

from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.store import tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tree import Node


class Act(Enum):
    """What somebody wants to do with a workspace and what is below it; the value names the roles that may."""

    READ = frozenset({"owner", "admin", "creator", "viewer"})
    WRITE = frozenset({"owner", "admin", "creator"})  # create, change and delete content
    MANAGE = frozenset({"owner", "admin"})  # the workspace itself


def allows(db: Transaction, actor: Actor | None, act: Act, node: Node) -> bool:
    """Whether an actor may do this with a workspace, or with something in one."""
    if actor is None:
        return False
    workspace_id = tree.workspace_id_of(node)
    if actor.scope not in {None, workspace_id}:
        return False
    return tree.role_in(db, actor.user_id, workspace_id) in act.value


def require(db: Transaction, actor: Actor | None, act: Act, node: Node) -> None:
    """Refuse (403) unless it is allowed."""
    if not allows(db, actor, act, node):
        raise forbidden()


def visible_workspaces(db: Transaction, actor: Actor) -> list[str]:
    """The ids of all workspaces that an actor may see, for lists."""
    ids = tree.workspaces_of(db, actor.user_id)
    return [one for one in ids if actor.scope in {None, one}]


def require_unscoped(actor: Actor) -> None:
    """Making a workspace is beyond a key that was given for one."""
    if actor.scope is not None:
        raise forbidden()


def require_person(actor: Actor) -> None:
    """API keys can neither make nor revoke keys: a leaked one must not outlive its revocation."""
    if actor.via == "key" or actor.key_id is not None:
        raise forbidden()


def require_self(actor: Actor, username: str) -> None:
    """User records are their owner's alone."""
    if actor.username != username:
        raise forbidden()
