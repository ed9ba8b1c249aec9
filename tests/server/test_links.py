"""What a figure was made from: links between its revisions and those of assets, seen from either side."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.schema.golden import assert_shapes
from tests.server.conftest import API, Client, found, make_asset_revision, make_revision, read, text


def link(asset_revision: dict[str, Any], use_type: str = "direct", **more: str) -> dict[str, str]:
    """A link as clients send it."""
    return {"asset_revision": asset_revision["api_id"], "use_type": use_type} | more


def uses(revision: dict[str, Any]) -> dict[str, str]:
    """What a revision says it was made from."""
    return {one["asset_revision"]: one["use_type"] for one in revision["assets"]}


def test_both_sides_show_a_link_at_once(me: Client) -> None:
    asset = make_asset_revision(me, text("a"))
    minted = str(uuid.uuid4())
    made = make_revision(me, text("x"), client_id=minted, assets=[link(asset, "indirect", figure_revision=minted)])
    assert_shapes("link", made["assets"])
    assert made["assets"] == [{"figure_revision": minted, "asset_revision": asset["api_id"], "use_type": "indirect"}]
    assert read(me, "revision", minted)["assets"] == made["assets"]
    assert read(me, "asset_revision", asset["api_id"])["figure_revisions"] == made["assets"]
    me.delete(f"{API}/revision/{minted}/")
    assert read(me, "asset_revision", asset["api_id"])["figure_revisions"] == []


def test_a_list_replaces_and_absence_does_not(me: Client) -> None:
    one, two = make_asset_revision(me, text("1")), make_asset_revision(me, text("2"))
    made = make_revision(me, text("x"), assets=[link(one)])
    path = f"{API}/revision/{made['api_id']}/"
    for method, body in (("PATCH", {"metadata": {"a": 1}}), ("PUT", {"assets": None}), ("PATCH", {"data": [text("y")]})):
        assert uses(found(me.request(method, path, json=body))) == {one["api_id"]: "direct"}
    both = {one["api_id"]: "indirect", two["api_id"]: "direct"}
    assert uses(found(me.put(path, json={"assets": [link(one, "indirect"), link(two)]}))) == both
    assert uses(found(me.patch(path, json={"assets": [link(two), link(two, "indirect")]}))) == {two["api_id"]: "indirect"}
    cleared = found(me.patch(path, json={"assets": []}))
    assert cleared["assets"] == []
    assert [one["size_bytes"] for one in cleared["data"]] == [1]
    assert read(me, "asset_revision", two["api_id"])["figure_revisions"] == []


def test_what_cannot_be_read_cannot_be_linked_and_nothing_changes(me: Client, other: Client) -> None:
    mine, foreign = make_asset_revision(me, text("1")), make_asset_revision(other, text("2"))
    made = make_revision(me, text("x"), assets=[link(mine)])
    path = f"{API}/revision/{made['api_id']}/"
    for method in ("PUT", "PATCH"):
        refused = me.request(method, path, json={"assets": [link(foreign)], "metadata": {"b": 2}, "data": [text("yy")]})
        assert refused.status_code == 403
    body = {"figure": made["figure"], "data": [text("x")], "metadata": {}, "assets": [link(mine), link(foreign)]}
    assert me.post(f"{API}/revision/", json=body).status_code == 403
    assert read(me, "revision", made["api_id"]) == made
    assert len(read(me, "figure", made["figure"])["revisions"]) == 1
    assert read(other, "asset_revision", foreign["api_id"])["figure_revisions"] == []


@pytest.mark.parametrize("api_id", ["nonsense", "0b54ff1c-5a4f-4bb0-9f0c-3f1b6c0f7d11", "../asset"])
def test_unknown_ones_are_404(me: Client, api_id: str) -> None:
    made = make_revision(me, text("x"))
    refused = me.patch(f"{API}/revision/{made['api_id']}/", json={"assets": [{"asset_revision": api_id}]})
    assert refused.status_code == 404
    assert read(me, "revision", made["api_id"]) == made


@pytest.mark.parametrize("links", ["x", [5], [{}], [{"asset_revision": None}], [{"asset_revision": "a", "use_type": "?"}]])
def test_malformed_ones_are_400(me: Client, links: Any) -> None:
    refused = me.post(f"{API}/revision/", json={"figure": "x", "data": [], "assets": links})
    assert (refused.status_code, list(refused.json())) == (400, ["assets"])


def test_what_is_shared_can_be_linked_and_stays_when_it_is_not_any_more(me: Client, other: Client) -> None:
    theirs = make_asset_revision(other, text("1"))
    mine = read(me, "revision", make_revision(me, text("x"))["api_id"])
    sharing = f"{API}/asset_revision/{theirs['api_id']}/share/user/"
    username = found(me.get(f"{API}/user"))[0]["username"]
    found(other.post(sharing, json={"username": username, "sharing_enabled": True}))
    path = f"{API}/revision/{mine['api_id']}/"
    linked = found(me.patch(path, json={"assets": [link(theirs)]}))
    found(other.post(sharing, json={"username": username, "sharing_enabled": False}))
    assert me.get(f"{API}/asset_revision/{theirs['api_id']}/").status_code == 403
    saved = found(me.put(path, json=linked | {"metadata": {"saved": "again"}}))  # clients send back what they read
    assert saved["assets"] == linked["assets"]
    assert found(me.patch(path, json={"assets": []}))["assets"] == []
    assert me.patch(path, json={"assets": [link(theirs)]}).status_code == 403


def test_unlinking_from_the_other_side(me: Client, other: Client) -> None:
    asset = make_asset_revision(me, text("a"))
    made = make_revision(me, text("x"), assets=[link(asset)])
    path, body = f"{API}/asset_revision/{asset['api_id']}/unlink/", {"figure_revision": made["api_id"]}
    assert other.post(path, json=body).status_code == 403
    assert found(me.post(path, json=body)) == asset
    after = read(me, "revision", made["api_id"])
    assert after["assets"] == []
    assert after["updated_on"] is not None
    for wrong in (made["api_id"], "nonsense", str(uuid.uuid4())):
        assert me.post(path, json={"figure_revision": wrong}).status_code == 404
    assert me.post(path, json={}).status_code == 400
    foreign = make_revision(other, text("x"))
    assert me.post(path, json={"figure_revision": foreign["api_id"]}).status_code == 403
