"""A small world with everything in it, and everybody: made once through the store, copied for each operation.

`own` is the workspace that the table speaks of, `other` somebody else's, `linked` what everybody with the link may read.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server import tokens
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import activity, cdn, content, memberships, people, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import (
    AssetRevision,
    Comment,
    Invitation,
    Link,
    Member,
    MetadataProxy,
    Notification,
    Organization,
    OrganizationMember,
    Reaction,
    Revision,
    SshKey,
    Story,
    Task,
    User,
    UserShare,
    Workspace,
)
from tests.server import databases, portal
from tests.server.conftest import ORIGIN, PORT, TestClient
from tests.server.databases import Start
from tests.server.postgres import PostgreSQL

PEOPLE = (
    "owner admin creator viewer ex_member stranger guest link_visitor "
    "org_admin org_workspace_admin org_creator org_viewer org_ex_member"
).split()
KEYS = "key_all key_here key_elsewhere key_expired key_of_ex_member".split()
ACTORS = ("anonymous", *PEOPLE, *KEYS)


def _draft(kind: str, content_: bytes, **metadata: Any) -> DataDraft:
    encoded = base64.b64encode(content_).decode()
    return DataDraft.model_validate({"type": kind, "name": "x", "metadata": metadata, "data": encoded})


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
REVISION = [_draft("text", b"words"), _draft("image", b"<p>page", format="html"), _draft("image", PIXEL, format="png")]
ASSET = [_draft("file", b"1,2,3", path="data.csv")]
EACH = len(REVISION) + len(ASSET)


@dataclass
class Place:
    """The ids of one of each kind, in one workspace."""

    ids: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.ids[name]


@dataclass
class World:
    """Who there is, with what credentials, and what there is."""

    start: Start
    credentials: dict[str, str | None]
    own: Place
    other: Place
    linked: Place
    deleted: Place

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.start.config.data_dir

    @contextmanager
    def copied(self, folder: Path) -> Iterator[World]:
        """The same world in another folder, to do things to."""
        with self.start.copied(folder) as config:
            yield replace(self, start=Start(config))

    def open(self) -> tuple[Any, dict[str, httpx.Client]]:
        """The running app and a client for each actor."""
        app = create_app(self.start.config)
        clients: dict[str, httpx.Client] = {}
        for name, header in self.credentials.items():
            headers = {"authorization": header} if header else {}
            client = TestClient(
                app, base_url=ORIGIN, headers=headers, follow_redirects=False, raise_server_exceptions=False
            )
            client.portal = portal.current()
            clients[name] = client
        return app, clients


def build(folder: Path, server: PostgreSQL | None = None) -> World:
    """Make the world, perhaps with its rows in a PostgreSQL."""
    config = ServerConfig(data_dir=folder, port=PORT)
    start = Start(config) if server is None else databases.start(config, server)
    app = create_app(start.config)
    store: Store = app.state.store
    with store.keeping((REVISION + ASSET) * 4) as incoming, store.writing() as db:
        who = {name: people.create_user(db, name, f"{name}@example.org") for name in PEOPLE}
        credentials: dict[str, str | None] = {"anonymous": None}
        organization = _organization(db, who)
        own = _place(db, who["owner"], incoming[0 * EACH : 1 * EACH], organization.id)
        other = _place(db, who["stranger"], incoming[1 * EACH : 2 * EACH], None)
        linked = _place(db, who["owner"], incoming[2 * EACH : 3 * EACH], None)
        deleted = _place(db, who["owner"], incoming[3 * EACH : 4 * EACH], None)
        for name in ("admin", "creator", "viewer"):
            db.add(
                Member(workspace_id=own["workspace"], user_id=who[name].id, membership_type=name, added_on=people.now())
            )
        _share(db, own, who["guest"])
        _open_links(db, linked)
        elsewhere = tree.create_workspace(db, who["owner"].id, "owner", {"name": "elsewhere"})
        for name, person, scope, life in (
            ("key_all", "owner", None, None),
            ("key_here", "owner", own["workspace"], None),
            ("key_elsewhere", "owner", elsewhere.id, None),
            ("key_expired", "owner", None, timedelta(seconds=-1)),
            ("key_of_ex_member", "ex_member", own["workspace"], None),
        ):
            expiry = None if life is None else people.now() + life
            credentials[name] = "Token " + people.create_key(db, who[person].id, name, expiry, scope)[1]
        for name in PEOPLE:
            credentials[name] = "Bearer " + tokens.sign(db, who[name], "access", timedelta(days=1))
        gone = db.get_one(Workspace, deleted["workspace"])
        tree.remove(db, gone, "owner")
    store.close()
    ordered = {name: credentials[name] for name in ACTORS}
    return World(start, ordered, own, other, linked, deleted)


def _organization(db: Transaction, who: dict[str, User]) -> Organization:
    row = Organization(id=tree.new_id(), name="org", created_by="org_admin", created_on=people.now())
    row.allow_per_workspace_storage_settings = True
    db.add(row)
    db.flush()
    for name, kind in (
        ("org_admin", "org_admin"),
        ("org_workspace_admin", "workspace_admin"),
        ("org_creator", "workspace_creator"),
        ("org_viewer", "workspace_viewer"),
    ):
        db.add(
            OrganizationMember(
                organization_id=row.id, user_id=who[name].id, membership_type=kind, added_on=people.now()
            )
        )
    db.flush()
    return row


def _place(db: Transaction, person: User, incoming: Any, organization: str | None) -> Place:
    """A workspace of a person with one of everything in it."""
    name, at = person.username, people.now()
    workspace = tree.create_workspace(db, person.id, name, {"name": "place", "organization_id": organization})
    if organization is None:
        house = Organization(id=tree.new_id(), name="house", created_by=name, created_on=at)
        db.add(house)
        db.flush()
        db.add(
            OrganizationMember(organization_id=house.id, user_id=person.id, membership_type="org_admin", added_on=at)
        )
        organization = house.id
    analysis = tree.create_analysis(db, workspace, {"id": tree.new_id(), "name": "analysis"}, name)
    figure = tree.create_figure(db, analysis, {"id": tree.new_id(), "name": "figure"}, name)
    revision = tree.create_revision(db, figure, {"id": tree.new_id(), "meta": {}}, name)
    content.replace(db, revision, incoming[: len(REVISION)])
    asset = tree.create_asset(db, workspace, {"id": tree.new_id(), "name": "asset"}, name)
    asset_revision = tree.create_asset_revision(db, asset, {"id": tree.new_id(), "meta": {}}, name)
    content.replace(db, asset_revision, incoming[len(REVISION) :])
    db.add(Link(revision_id=revision.id, asset_revision_id=asset_revision.id, use_type="direct"))
    comment = Comment(
        id=tree.new_id(), revision_id=revision.id, author=name, content="words", mentions=[], created_on=at
    )
    db.add(comment)
    db.flush()
    more = _belongings(db, person, workspace, organization, comment)
    more |= _log_lines(db, workspace.id, analysis.id, organization, name)
    more |= _site(db, workspace, asset_revision)
    ids = {
        "organization": organization,
        "workspace": workspace.id,
        "analysis": analysis.id,
        "figure": figure.id,
        "revision": revision.id,
        "asset": asset.id,
        "asset_revision": asset_revision.id,
        "data": content.items_of(db, revision)[0].id,
        "page": content.items_of(db, revision)[1].id,
        "asset_data": content.items_of(db, asset_revision)[0].id,
        "comment": comment.id,
    }
    return Place(ids | more)


def _log_lines(db: Transaction, workspace: str, analysis: str, organization: str, username: str) -> dict[str, str]:
    activity.note(db, db.get_one(Organization, organization), "update", username, people.now())
    return {
        "workspace_log": activity.of_workspace(db, workspace)[0].id,
        "analysis_log": activity.of_analysis(db, analysis)[0].id,
        "organization_log": activity.of_organization(db, organization)[0].id,
    }


def _site(db: Transaction, workspace: Workspace, kept: AssetRevision) -> dict[str, str]:
    """A site with a file and a key."""
    site = cdn.site_named(db, workspace, "default")
    file = cdn.promise(db, site, "/data.csv", "text/plain", life=timedelta(hours=1))
    cdn.fulfil(db, file, kept)
    key, _ = cdn.create_key(db, site)
    return {"site": site.id, "site_file": file.id, "site_key": key.id}


def _head_of(db: Transaction, organization: str) -> str:
    """Who manages an organization: an invitation dies when who made it could not make it any more."""
    known = memberships.members(db, db.get_one(Organization, organization))
    return next(one.username for one in known if one.membership_type == "org_admin")


def _belongings(
    db: Transaction, person: User, workspace: Workspace, organization: str, comment: Comment
) -> dict[str, str]:
    """What is a person's own, and what hangs on a workspace beside the tree."""
    at, secret = people.now(), tree.new_id()
    until = at + timedelta(days=1)
    invited = {
        "email": "x@example.org",
        "initiator": person.username,
        "status": "pending",
        "created": at,
        "expiry": until,
    }
    story = {"title": "story", "slides": [], "words": "", "created_by": person.username, "created_on": at}
    rows: dict[str, Any] = {
        "reaction": Reaction(id=tree.new_id(), comment_id=comment.id, user_id=person.id, emoji="👍", created_on=at),
        "notification": Notification(
            id=tree.new_id(), user_id=person.id, comment_id=comment.id, kind="mention", created_on=at
        ),
        "story": Story(id=tree.new_id(), workspace_id=workspace.id, **story),
        "task": Task(
            id=tree.new_id(),
            kind="upload",
            state="succeeded",
            user_id=person.id,
            workspace_id=workspace.id,
            request={},
            created_on=at,
        ),
        "ssh_key": SshKey(
            id=tree.new_id(),
            user_id=person.id,
            name="key",
            public_key="ssh-ed25519 x",
            fingerprint="SHA256:x",
            sealed_private_key=b"x",
            created=at,
        ),
        "workspace_invitation": Invitation(
            id=tree.new_id(),
            digest=people.digest(secret + "w"),
            workspace_id=workspace.id,
            membership_type="viewer",
            **invited,
        ),
        "organization_invitation": Invitation(
            id=tree.new_id(),
            digest=people.digest(secret + "o"),
            organization_id=organization,
            membership_type="workspace_viewer",
            **invited | {"initiator": _head_of(db, organization)},
        ),
        "proxy": MetadataProxy(
            id=tree.new_id(), digest=people.digest(secret + "p"), user_id=person.id, created=at, expiry=until
        ),
    }
    for row in rows.values():
        db.add(row)
        db.flush()
    key, _ = people.create_key(db, person.id, "listed", None, None)
    tokens_ = {
        "workspace_invitation_token": secret + "w",
        "organization_invitation_token": secret + "o",
        "proxy_token": secret + "p",
    }
    return {name: row.id for name, row in rows.items()} | tokens_ | {"key": key.id, "username": person.username}


def _share(db: Transaction, place: Place, guest: User) -> None:
    for column, kind in (("analysis_id", "analysis"), ("asset_id", "asset")):
        db.add(UserShare(user_id=guest.id, shared_on=people.now(), **{column: place[kind]}))
    db.flush()


def _open_links(db: Transaction, place: Place) -> None:
    revision = db.get_one(Revision, place["revision"])
    asset_revision = db.get_one(AssetRevision, place["asset_revision"])
    revision.figure.analysis.is_link_shared = True
    asset_revision.asset.is_link_shared = True
    db.flush()
