"""A figure that several people may see, and what they say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from gofigr_jupyter.server.store import tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now, user_named
from gofigr_jupyter.server.store.tables import Member, User
from tests.server.conftest import API, Client, created, found
from tests.server.people import People


@dataclass(frozen=True)
class Scene:
    """A workspace of `owner` (and of `viewer`), with one object of each kind that people talk about."""

    workspace: str
    analysis: str
    figure: str
    revision: str
    asset: str
    asset_revision: str

    def place(self, kind: str) -> dict[str, str]:
        """The object as comments name it."""
        api_id = self.revision if kind == "figure_revision" else getattr(self, kind)
        return {"target_type": kind, "target_id": api_id}


KINDS = ("figure", "figure_revision", "asset", "asset_revision")


def scene(app: FastAPI, people: People) -> Scene:
    """A new one, made right in the store, as each request waits for the disk."""
    for name in ("owner", "viewer"):
        people(name)
    with app.state.store.writing() as db:
        owner, viewer = (named(db, name) for name in ("owner", "viewer"))
        place = tree.create_workspace(db, owner.id, owner.username, {"name": "ours"})
        db.add(Member(workspace_id=place.id, user_id=viewer.id, membership_type="viewer", added_on=now()))
        analysis = tree.create_analysis(db, place, _named("analysis"), owner.username)
        figure = tree.create_figure(db, analysis, _named("Growth"), owner.username)
        revision = tree.create_revision(db, figure, {"id": tree.new_id(), "meta": {}}, owner.username)
        asset = tree.create_asset(db, place, _named("table.csv"), owner.username)
        version = tree.create_asset_revision(db, asset, {"id": tree.new_id(), "meta": {}}, owner.username)
        return Scene(place.id, analysis.id, figure.id, revision.id, asset.id, version.id)


def named(db: Transaction, name: str) -> User:
    """A user who is there."""
    row = user_named(db, name)
    assert row is not None
    return row


def _named(name: str) -> dict[str, str]:
    return {"id": tree.new_id(), "name": name}


def post(client: Client, place: dict[str, str], content: str = "well", **fields: Any) -> httpx.Response:
    """Say something."""
    return client.post(f"{API}/comment/", json=place | {"content": content} | fields)


def say(client: Client, place: dict[str, str], content: str = "well", **fields: Any) -> dict[str, Any]:
    """Say something that is taken."""
    return created(post(client, place, content, **fields))


def heard(client: Client, place: dict[str, str], **query: Any) -> dict[str, Any]:
    """A page of the comments on something."""
    page: dict[str, Any] = found(client.get(f"{API}/comment/", params=place | query))
    return page


def share(client: Client, kind: str, api_id: str, name: str, *, enabled: bool = True) -> None:
    """Open an object to somebody, or close it."""
    body = {"username": name, "sharing_enabled": enabled}
    found(client.post(f"{API}/{kind}/{api_id}/share/user/", json=body))


def link(client: Client, kind: str, api_id: str, *, enabled: bool = True) -> None:
    """Open an object to whoever has its link, or close it."""
    found(client.post(f"{API}/{kind}/{api_id}/share/link/", json={"enabled": enabled}))
