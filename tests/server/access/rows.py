"""The access table: for each operation of the API, on what it works and who may. Written from the contract, by hand.

`subject` names what the operation is asked about: its id goes into the path's first gap, into the query or the body.
In `params`, `<name>` stands for the id of that name in the same place.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.server.access.world import ACTORS, PIXEL, Place

Body = Callable[[str, Place], Any]

# Who may, in a workspace that belongs to an organization.
ORG = frozenset({"org_admin", "org_workspace_admin", "org_creator", "org_viewer"})
DIRECT = frozenset({"owner", "admin", "creator", "viewer", "key_all", "key_here"})
MEMBERS = DIRECT | ORG
READERS = MEMBERS | {"guest"}
MAKERS = frozenset({"owner", "admin", "creator", "key_all", "key_here", "org_admin", "org_workspace_admin"})
MANAGERS = MAKERS - {"creator"}
FOUNDERS = frozenset({"org_admin", "org_workspace_admin", "org_creator"})
ORG_ADMINS = frozenset({"org_admin"})
SELF = frozenset({"owner", "key_all", "key_here"})
PERSONAL = SELF | {"key_elsewhere"}  # what is a person's own, wherever
SIGNED_IN = frozenset(ACTORS) - {"anonymous", "key_expired"}
PERSONS = frozenset(name for name in SIGNED_IN if not name.startswith("key_"))
UNSCOPED = SIGNED_IN - {"key_here", "key_elsewhere", "key_of_ex_member"}
EVERYBODY = frozenset(ACTORS) - {"key_expired"}
# Keys that open one workspace open no other, shared by link or not.
WITH_LINK = EVERYBODY - {"key_here", "key_elsewhere", "key_of_ex_member"}
WITH_LINK_SIGNED_IN = WITH_LINK - {"anonymous"}
NOBODY: frozenset[str] = frozenset()
NOBODY_ELSE: frozenset[int] = frozenset()
NO_CODE = frozenset({404})
NO_TABLE = frozenset({400})

DATA = {"type": "text", "name": "t", "metadata": {}, "data": base64.b64encode(b"x").decode()}


@dataclass(frozen=True)
class Row:
    """One operation: `linked` are those who may where the link is open, `spends` says that it works only once."""

    operation: str
    subject: str | None
    who: frozenset[str]
    body: Body | None = None
    linked: frozenset[str] = NOBODY
    spends: bool = False
    query: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    refusals: frozenset[int] = frozenset({403})
    yes: frozenset[int] = NOBODY_ELSE  # what beside a success says that access was granted: no code was kept, say
    is_endless: bool = False  # a stream: only who is refused asks here, its own tests listen to it
    is_secret: bool = False  # the subject is a secret: who has it may use it, so there is no such thing as another's


def _plain(**fields: Any) -> Body:
    return lambda _id, _place: fields


def _naming(key: str, **fields: Any) -> Body:
    return lambda api_id, _place: {key: api_id} | fields


def _crud(name: str, subject: str, parent: str, draft: dict[str, Any]) -> list[Row]:
    """Object and collection of one kind of the tree."""
    return [
        Row(f"GET /{name}", None, SIGNED_IN),
        Row(f"POST /{name}", parent, MAKERS, _naming(parent, **draft)),
        Row(f"GET /{name}/{{api_id}}", subject, READERS, linked=WITH_LINK),
        Row(
            f"PUT /{name}/{{api_id}}",
            subject,
            MAKERS,
            _plain(description="new") if "name" in draft else _plain(metadata={}),
        ),
        Row(
            f"PATCH /{name}/{{api_id}}",
            subject,
            MAKERS,
            _plain(description="n") if "name" in draft else _plain(metadata={}),
        ),
        Row(f"DELETE /{name}/{{api_id}}", subject, MAKERS, spends=True),
        Row(f"GET /{name}/{{api_id}}/thumbnail/{{size}}", subject, READERS, linked=WITH_LINK, params={"size": "64"}),
        Row(f"GET /{name}/{{api_id}}/share/link", subject, MAKERS),
        Row(f"POST /{name}/{{api_id}}/share/link", subject, MAKERS, _plain(enabled=False)),
        Row(f"GET /{name}/{{api_id}}/share/user", subject, MAKERS),
        Row(f"POST /{name}/{{api_id}}/share/user", subject, MAKERS, _plain(username="viewer", sharing_enabled=False)),
    ]


def _place(name: str, look: frozenset[str], manage: frozenset[str], role: str, removable: str) -> list[Row]:
    """What workspaces and organizations have in common."""
    one = f"/{name}/{{api_id}}"
    member = _plain(username="stranger", membership_type=role)
    existing = _plain(username=removable, membership_type=role)
    storage = _plain(vendor="GoFigr.io", params=None)
    return [
        Row(f"GET /{name}", None, SIGNED_IN),
        Row(f"POST /{name}", None, UNSCOPED, _plain(name="new")),
        Row(f"GET {one}", name, look),
        Row(f"PUT {one}", name, manage, _plain(description="new")),
        Row(f"PATCH {one}", name, manage, _plain(description="new")),
        Row(f"DELETE {one}", name, manage, spends=True),
        Row(f"GET {one}/log", name, look),
        Row(f"GET {one}/invitations", name, manage),
        Row(f"GET {one}/members", name, look),
        Row(f"POST {one}/members/add", name, manage, member, spends=True),
        Row(f"POST {one}/members/change", name, manage, existing),
        Row(f"POST {one}/members/remove", name, manage, existing, spends=True),
        Row(f"GET {one}/storage", name, manage),
        Row(f"POST {one}/storage", name, manage, storage),
        Row(f"POST {one}/storage/test", name, manage, storage),
    ]


def _invitations(kind: str, manage: frozenset[str], role: str, inside: frozenset[str]) -> list[Row]:
    one, subject, where = "/invitations/{kind}/{token_or_id}", f"{kind}_invitation", {"kind": kind}
    draft = _naming(kind, email="new@example.org", membership_type=role)
    joins = UNSCOPED - inside  # who has the token may come in, that is what it is for; who is in already may not
    return [
        Row(f"POST /invitations/{kind}", kind, manage, draft),
        Row(f"GET {one}", subject, manage, params=where),
        Row(f"DELETE {one}", subject, manage, params=where, spends=True),
        Row(
            "POST /invitations/{kind}/{token}/accept",
            f"{subject}_token",
            joins,
            _plain(),
            params=where,
            spends=True,
            is_secret=True,
            refusals=frozenset({400, 403}),
        ),
    ]


def _log(name: str, who: frozenset[str]) -> Row:
    return Row(f"GET /{name}/{{api_id}}/log/{{log_id}}", name, who, params={"log_id": f"<{name}_log>"})


def _asking(what: str, body: Body, yes: frozenset[int] = NOBODY_ELSE) -> Row:
    return Row(f"POST /deep_insight/{what}", "revision", READERS, body, linked=WITH_LINK_SIGNED_IN, yes=yes)


ROWS: list[Row] = [
    # system and accounts
    Row("GET /info", None, EVERYBODY),
    Row("POST /.gofigr/ticket", None, SIGNED_IN),
    Row("GET /bootstrap", None, SIGNED_IN),
    Row("POST /short_id_prefix/reserve", None, SIGNED_IN, _plain()),
    Row("GET /user", None, SIGNED_IN),
    Row("GET /user/{username}", "username", PERSONAL),
    Row("PUT /user/{username}", "username", PERSONAL, lambda name, _: {"username": name, "first_name": "A"}),
    Row("PATCH /user/{username}", "username", PERSONAL, lambda name, _: {"username": name, "first_name": "A"}),
    Row("GET /api_key", None, SIGNED_IN),
    Row("POST /api_key", None, PERSONS, _plain(name="new")),
    Row("GET /api_key/{key_id}", "key", PERSONAL),
    Row("DELETE /api_key/{key_id}", "key", frozenset({"owner"}), spends=True),
    # places
    *_place("workspace", MEMBERS, MANAGERS, "viewer", "viewer"),
    Row("GET /workspace/{api_id}/recent", "workspace", MEMBERS),
    Row("GET /workspace/{api_id}/overview", "workspace", MEMBERS),
    Row("GET /workspace/{api_id}/dashboard", "workspace", MEMBERS),
    _log("workspace", MEMBERS),
    _log("organization", ORG),
    _log("analysis", MEMBERS),
    *_place("organization", ORG, ORG_ADMINS, "workspace_viewer", "org_viewer"),
    *_invitations("workspace", MANAGERS, "viewer", DIRECT),
    *_invitations("organization", ORG_ADMINS, "workspace_viewer", ORG),
    # the tree
    *_crud("analysis", "analysis", "workspace", {"name": "new"}),
    Row("GET /analysis/{api_id}/log", "analysis", MEMBERS),
    *_crud("figure", "figure", "analysis", {"name": "new"}),
    *_crud("revision", "revision", "figure", {"metadata": {}, "data": [DATA]}),
    Row("POST /revision/auto-assign", "analysis", MAKERS, _naming("analysis", metadata={"title": "t"}, data=[])),
    Row(
        "POST /revision/{api_id}/derive",
        "revision",
        MAKERS,
        lambda _, place: {"figure": place["figure"], "metadata": {}},
    ),
    Row("POST /revision/{api_id}/append_data", "revision", MAKERS, _plain(data=[DATA])),
    Row("GET /revision/{api_id}/data_lineage", "revision", READERS, linked=WITH_LINK),
    Row("GET /revision/{api_id}/bundle", "revision", READERS, linked=WITH_LINK),
    *_crud("asset", "asset", "workspace", {"name": "new"}),
    Row("POST /asset/find_by_name", None, SIGNED_IN, _plain(name="asset")),
    *_crud("asset_revision", "asset_revision", "asset", {"metadata": {}, "data": [DATA]}),
    Row("POST /asset_revision/find_by_hash", None, SIGNED_IN, _plain(digest="0" * 64, hash_type="blake3")),
    Row(
        "POST /asset_revision/{api_id}/unlink",
        "asset_revision",
        MAKERS,
        lambda _, place: {"figure_revision": place["revision"]},
        spends=True,
    ),
    Row("GET /data/{api_id}", "data", READERS, linked=WITH_LINK),
    Row("GET /data/{api_id}/storage", "data", READERS, linked=WITH_LINK),
    Row("GET /data/{api_id}/rows", "data", READERS, linked=WITH_LINK, yes=NO_TABLE),
    Row("GET /data/{api_id}", "asset_data", READERS, linked=WITH_LINK),
    Row("GET /file/{data_id}/{name}", "data", READERS, linked=WITH_LINK, params={"name": "x.txt"}),
    Row("GET /view/{data_id}", "page", READERS, linked=WITH_LINK),
    *(
        Row("GET /thumb/{kind}/{api_id}/{size}", kind, READERS, linked=WITH_LINK, params={"kind": kind, "size": "64"})
        for kind in ("analysis", "figure", "revision")
    ),
    # the conversation
    Row(
        "GET /comment",
        "revision",
        READERS,
        linked=WITH_LINK_SIGNED_IN,
        query={"target_type": "figure_revision", "target_id": "{id}"},
    ),
    Row(
        "POST /comment",
        "revision",
        READERS,
        _naming("target_id", target_type="figure_revision", content="words"),
        linked=WITH_LINK_SIGNED_IN,
    ),
    Row("GET /comment/{api_id}", "comment", READERS, linked=WITH_LINK_SIGNED_IN),
    Row(
        "PATCH /comment/{api_id}",
        "comment",
        SELF,
        _plain(content="other words"),
        linked=frozenset({"owner", "key_all"}),
    ),
    Row("DELETE /comment/{api_id}", "comment", SELF, spends=True, linked=frozenset({"owner", "key_all"})),
    Row("POST /comment/{api_id}/ai_response", "comment", READERS, _plain(), linked=WITH_LINK_SIGNED_IN),
    Row("POST /reaction", "comment", READERS, _naming("comment", emoji="🎉"), linked=WITH_LINK_SIGNED_IN),
    Row("DELETE /reaction/{api_id}", "reaction", SELF, spends=True, linked=frozenset({"owner", "key_all"})),
    Row("GET /notification", None, SIGNED_IN),
    Row(
        "PATCH /notification/{api_id}",
        "notification",
        SELF,
        _plain(is_read=True),
        linked=frozenset({"owner", "key_all"}),
    ),
    # stories, search, insight
    Row("GET /story", "workspace", MEMBERS, query={"workspace": "{id}"}),
    Row("POST /story", "workspace", MAKERS, _naming("workspace", title="new", slides=[])),
    Row("GET /story/{api_id}", "story", MEMBERS),
    Row("PUT /story/{api_id}", "story", MAKERS, _plain(title="new")),
    Row("PATCH /story/{api_id}", "story", MAKERS, _plain(title="new")),
    Row("DELETE /story/{api_id}", "story", MAKERS, spends=True),
    Row("GET /story/{api_id}/export", "story", MEMBERS, query={"format": "md"}),
    Row("GET /search", None, SIGNED_IN, query={"q": "figure"}),
    Row(
        "POST /story/generate",
        "workspace",
        MAKERS,
        lambda api_id, place: {"workspace": api_id, "figures": [place["figure"]], "audience": "all"},
    ),
    Row(
        "POST /story/{api_id}/generate_slide",
        "story",
        MAKERS,
        lambda _, place: {"figure_revision": place["revision"]},
    ),
    Row("POST /search/image", None, SIGNED_IN, _plain(data=base64.b64encode(PIXEL).decode())),
    Row(
        "GET /deep_insight/availability",
        "revision",
        READERS,
        linked=WITH_LINK_SIGNED_IN,
        query={"figure_revision": "{id}"},
    ),
    _asking("query", _naming("figure_revision", query="why?", stream=False)),
    _asking("preview", _naming("figure_revision", query="why?")),
    _asking("compare", lambda api_id, _: {"revisions": [api_id, api_id], "stream": False}),
    _asking("extract_code", _naming("figure_revision"), yes=NO_CODE),
    Row(
        "POST /deep_insight/text_query",
        "workspace",
        MEMBERS,
        _naming("workspace", query="why?", stream=False),
    ),
    Row("GET /ai_usage", "workspace", MEMBERS, query={"workspace": "{id}"}),
    Row(
        "GET /events",
        "revision",
        READERS,
        linked=WITH_LINK_SIGNED_IN,
        query={"target_type": "figure_revision", "target_id": "{id}"},
        is_endless=True,
    ),
    # work
    Row("GET /task", None, SIGNED_IN),
    Row("GET /task/{api_id}", "task", MANAGERS),
    Row("POST /task/{api_id}/cancel", "task", MANAGERS, _plain()),
    Row("POST /upload", "workspace", MAKERS, _naming("workspace", git={"url": "https://127.0.0.1/x.git"})),
    Row("POST /git/check", None, SIGNED_IN, _plain(url="https://127.0.0.1/x.git")),
    Row("POST /ssh_key", None, PERSONS, _plain(name="new")),
    Row("GET /ssh_key", None, UNSCOPED),
    Row("DELETE /ssh_key/{api_id}", "ssh_key", frozenset({"owner"}), spends=True),
    # the mailbox between a page and a kernel
    Row("POST /metadata", None, SIGNED_IN, _plain()),
    Row("GET /metadata/{token}", "proxy_token", PERSONAL),
    Row("DELETE /metadata/{token}", "proxy_token", PERSONAL, spends=True),
]

# Asked by nobody in particular: they are how one becomes somebody. Their own tests say what they refuse.
ENTRANCES = frozenset(
    {
        "POST /api/token",
        "POST /api/token/refresh",
        "POST /api/password_reset",
        "GET /.gofigr/hello",
        "GET /.gofigr/enter",
        "POST /.gofigr/enter",
        "POST /metadata/{token}",  # anyone with the token, from any origin
        # A site's own key opens these, a signed address, or one that nobody can guess; see tests/server/cdn.
        "POST /api/sdk/assets/upload",
        "GET /api/sdk/assets/folders",
        "POST /api/sdk/assets/folders",
        "PUT /cdn/upload/{token}",
        "PATCH /cdn/upload/{token}",
        "GET /cdn/sites/{slug}/{path}",
    }
)
