"""What a real server answers, held against the golden files: every representation and form of the contract's section 4."""

from __future__ import annotations

import base64
import fnmatch
from collections.abc import Iterator
from typing import Any

import pytest

from gofigr_jupyter.schema.base import Page
from tests.schema.golden import NAMES, assert_shape, golden
from tests.server.conftest import (
    API,
    Client,
    created,
    found,
    make_asset_revision,
    make_revision,
    read,
    text,
    workspace_of,
)
from tests.server.people import People

Answers = Iterator[tuple[str, Any]]
PNG = golden("data_full").body["data"]


@pytest.fixture
def ada(people: People) -> Client:
    """A person who has a bit of everything."""
    return people("ada")


def test_the_tree(ada: Client) -> None:
    _hold(
        _the_tree(ada),
        "workspace_* analysis_* figure_* *revision_* asset_* data_full data_shallow link thumbnail recent",
    )


def test_people_and_places(ada: Client, people: People) -> None:
    people("grace")
    _hold(_people(ada), "user api_key* member* organization invitation_* *_sharing storage_default")


def test_what_happened(ada: Client) -> None:
    _hold(_the_log(ada), "log_*")


def test_the_server_itself(ada: Client) -> None:
    _hold(_the_system(ada), "info bootstrap short_id_prefix metadata_* detail")


def test_talk(ada: Client, people: People) -> None:
    _hold(_talk(ada, people("grace")), "*comment* reaction notification")


def _hold(answers: Answers, patterns: str) -> None:
    """Each answer has its shape, and every golden file of these names was met."""
    met = set()
    for name, body in answers:
        assert_shape(name, body)
        met.add(name)
    wanted = {name for pattern in patterns.split() for name in fnmatch.filter(NAMES, pattern)}
    assert met >= wanted


def _the_tree(ada: Client) -> Answers:
    home = workspace_of(ada)["api_id"]
    file = make_asset_revision(ada, text("1234567", path="waves.csv"))
    link = {"asset_revision": file["api_id"], "use_type": "indirect"}
    picture = {"type": "image", "name": "figure", "metadata": {"format": "png"}, "data": PNG}
    revision = make_revision(ada, picture, assets=[link])
    yield "revision_full", revision
    yield "asset_revision_full", file
    places = {"workspace": home, "analysis": read(ada, "figure", revision["figure"])["analysis"]}
    places |= {"figure": revision["figure"], "revision": revision["api_id"]}
    places |= {"asset": file["asset"], "asset_revision": file["api_id"]}
    for kind, api_id in places.items():
        yield f"{kind}_full", read(ada, kind, api_id)
        yield from ((f"{kind}_nested", one) for one in found(ada.get(f"{API}/{kind}/")))
        yield f"{kind}_full", found(ada.patch(f"{API}/{kind}/{api_id}/", json={"description": "changed"}))
        if kind != "workspace":
            yield "thumbnail", found(ada.get(f"{API}/{kind}/{api_id}/thumbnail/256"))
    full = read(ada, "revision", revision["api_id"])
    yield from (("data_shallow", item) for item in full["data"])
    yield from (("link", item) for item in full["assets"])
    yield from (("link", item) for item in read(ada, "asset_revision", file["api_id"])["figure_revisions"])
    yield "data_full", read(ada, "data", full["data"][0]["api_id"])
    yield "data_storage_default", found(ada.get(f"{API}/data/{full['data'][0]['api_id']}/storage/"))
    yield "recent", found(ada.get(f"{API}/workspace/{home}/recent/?limit=5"))


def _people(ada: Client) -> Answers:
    yield "user", found(ada.get(f"{API}/user"))[0]
    yield "user", found(ada.get(f"{API}/user/ada"))
    yield "user", found(ada.put(f"{API}/user/ada/", json=golden("user").body | {"avatar": PNG}))
    home = workspace_of(ada)["api_id"]
    key = created(ada.post(f"{API}/api_key/", json={"name": "laptop", "workspace": home}))
    yield "api_key_created", key
    yield "api_key", found(ada.get(f"{API}/api_key/"))[0]
    yield "api_key", found(ada.get(f"{API}/api_key/{key['api_id']}/"))
    institute = created(ada.post(f"{API}/organization/", json={"name": "Institute", "logo": PNG}))
    yield "organization", institute
    yield from (("organization", one) for one in found(ada.get(f"{API}/organization/")))
    places = [
        ("workspace", home, "creator", "admin"),
        ("organization", institute["api_id"], "workspace_viewer", "org_admin"),
    ]
    for kind, api_id, role, higher in places:
        yield f"{kind}_full".replace("organization_full", "organization"), read(ada, kind, api_id)
        yield from _members(ada, f"{API}/{kind}/{api_id}/members/", role, higher)
        yield from _invitations(ada, kind, api_id, role)
        yield "storage_default", found(ada.get(f"{API}/{kind}/{api_id}/storage/"))
    yield from _shares(ada)


def _members(ada: Client, path: str, role: str, higher: str) -> Answers:
    yield from (("member", one) for one in found(ada.get(path)))
    yield "member", found(ada.post(f"{path}add/", json={"username": "grace", "membership_type": role}))
    yield "member", found(ada.post(f"{path}change/", json={"username": "grace", "membership_type": higher}))
    yield "member_removed", found(ada.post(f"{path}remove/", json={"username": "grace", "membership_type": None}))


def _invitations(ada: Client, kind: str, api_id: str, role: str) -> Answers:
    body = {"email": "grace@example.org", kind: api_id, "membership_type": role, "expiry": "2099-11-22 19:51:52.645392"}
    made = created(ada.post(f"{API}/invitations/{kind}/", json=body))
    yield f"invitation_to_{kind}_created", made
    yield f"invitation_to_{kind}", found(ada.get(f"{API}/invitations/{kind}/{made['api_id']}"))
    yield from ((f"invitation_to_{kind}", one) for one in found(ada.get(f"{API}/{kind}/{api_id}/invitations/")))


def _shares(ada: Client) -> Answers:
    figure = make_revision(ada)["figure"]
    yield "link_sharing", found(ada.get(f"{API}/figure/{figure}/share/link/"))
    yield "link_sharing", found(ada.post(f"{API}/figure/{figure}/share/link/", json={"enabled": True}))
    body = {"username": "grace", "sharing_enabled": True}
    yield "user_sharing", found(ada.post(f"{API}/figure/{figure}/share/user/", json=body))
    yield from (("user_sharing", one) for one in found(ada.get(f"{API}/figure/{figure}/share/user/")))


def _the_log(ada: Client) -> Answers:
    home = workspace_of(ada)["api_id"]
    figure = make_revision(ada)["figure"]
    assert ada.delete(f"{API}/figure/{figure}/").status_code == 204
    for line in found(ada.get(f"{API}/workspace/{home}/log/")):
        one = found(ada.get(f"{API}/workspace/{home}/log/{line['api_id']}/"))
        assert one == line
        yield "log_entry_of_a_deleted" if line["deleted"] else "log_entry", one


def _the_system(ada: Client) -> Answers:
    yield "info", found(ada.get("/api/v1.4/info/"))
    yield "bootstrap", found(ada.get(f"{API}/bootstrap/"))
    yield "short_id_prefix", created(ada.post(f"{API}/short_id_prefix/reserve/", json={}))
    proxy = created(ada.post(f"{API}/metadata/", json={}))
    yield "metadata_proxy_new", proxy
    answered = found(ada.post(f"{API}/metadata/{proxy['token']}", json={"metadata": {"url": "x"}}))
    yield "metadata_proxy_answered", answered
    yield "metadata_proxy_answered", found(ada.get(f"{API}/metadata/{proxy['token']}"))
    refused = ada.get(f"{API}/user", headers={"authorization": "Bearer nonsense"})
    assert refused.status_code == 401
    yield "detail", refused.json()


def _talk(ada: Client, grace: Client) -> Answers:
    revision = make_revision(
        ada, {"type": "image", "name": "x", "metadata": {}, "data": base64.b64encode(b"x").decode()}
    )
    about = {"target_type": "figure_revision", "target_id": revision["api_id"]}
    first = created(ada.post(f"{API}/comment/", json=about | {"content": "Why, @ada?", "anchor": {"u": 0.5, "v": 0}}))
    yield "comment", first
    reply = created(ada.post(f"{API}/comment/", json=about | {"content": "So.", "parent": first["api_id"]}))
    yield "comment", reply
    yield "reaction", created(ada.post(f"{API}/reaction/", json={"comment": first["api_id"], "emoji": "👍"}))
    yield "comment", found(ada.patch(f"{API}/comment/{first['api_id']}/", json={"content": "How?"}))
    page = found(ada.get(f"{API}/comment/", params=about))
    yield "page_of_comments", page
    assert Page[golden("comment").model].model_validate(page).results[0].api_id == first["api_id"]
    assert ada.delete(f"{API}/comment/{first['api_id']}/").status_code == 204
    yield "comment_tombstone", found(ada.get(f"{API}/comment/{first['api_id']}/"))
    told = {"username": "grace", "membership_type": "viewer"}
    found(ada.post(f"{API}/workspace/{workspace_of(ada)['api_id']}/members/add/", json=told))
    yield "comment", created(grace.post(f"{API}/comment/", json=about | {"content": "Look, @ada"}))
    yield from (("notification", one) for one in found(ada.get(f"{API}/notification/"))["results"])
    yield "comment_of_a_machine", created(ada.post(f"{API}/comment/{reply['api_id']}/ai_response/", json={}))
