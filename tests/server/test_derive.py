"""Revisions that come of others: derived in a clean room, appended to, assigned by their title; and written for others."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest

from tests.schema.golden import assert_shape
from tests.server.conftest import (
    API,
    Client,
    created,
    found,
    make_analysis,
    make_figure,
    make_revision,
    read,
    text,
    workspace_of,
)


def item(kind: str, name: str, content: str, **fields: Any) -> dict[str, Any]:
    """A data object, for a request; each has a `local_id` of its own, as the official client's have."""
    encoded = base64.b64encode(content.encode()).decode()
    metadata = {"local_id": str(uuid.uuid4())}
    return {"type": kind, "name": name, "metadata": metadata, "data": encoded} | fields


def clean_room(code: str = "draw()", manifest: str = "{}") -> list[dict[str, Any]]:
    """What a clean room's revision has."""
    return [
        item("code", "Clean Room Source", code, is_clean_room=True),
        item("text", "Clean Room Manifest", manifest, is_clean_room=True),
        item("dataframe", "frame", "PAR1", is_clean_room=True),
    ]


def contents(client: Client, revision: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and content of each data object."""
    items = [found(client.get(f"{API}/data/{one['api_id']}/")) for one in revision["data"]]
    return [(one["name"], base64.b64decode(one["data"]).decode()) for one in items]


def test_a_derived_revision_has_data_frames_and_clean_room_but_no_pictures(me: Client) -> None:
    source = make_revision(
        me, item("image", "figure", "png"), *clean_room(), item("dataframe", "plain", "a,b"), text("note"),
        is_clean_room=True, metadata={"title": "Sine"},
    )  # fmt: skip
    target = make_figure(me)["api_id"]
    derived = created(me.post(f"{API}/revision/{source['api_id']}/derive/", json={"figure": target}))
    assert_shape("revision_full", derived | {"short_id": "x", "client_id": derived["api_id"], "assets": [], "figure_metadata": {"name": "x"}})
    assert (derived["figure"], derived["metadata"], derived["is_clean_room"]) == (target, {"title": "Sine"}, True)
    assert contents(me, derived) == [
        ("Clean Room Source", "draw()"),
        ("Clean Room Manifest", "{}"),
        ("frame", "PAR1"),
        ("plain", "a,b"),
    ]
    assert not {one["api_id"] for one in derived["data"]} & {one["api_id"] for one in source["data"]}
    assert derived["size_bytes"] == read(me, "figure", target)["size_bytes"] == len("draw(){}PAR1a,b")
    assert read(me, "revision", source["api_id"]) == source
    assert me.delete(f"{API}/revision/{source['api_id']}/").status_code == 204
    assert contents(me, derived)[0] == ("Clean Room Source", "draw()")  # it needs its source no more


def test_metadata_may_be_its_own(me: Client) -> None:
    source = make_revision(me, metadata={"title": "Sine"})
    body = {"figure": source["figure"], "metadata": {"mine": None}}
    derived = created(me.post(f"{API}/revision/{source['api_id']}/derive", json=body))
    assert (derived["metadata"], derived["revision_index"]) == ({"mine": None}, 1)


def test_deriving_needs_the_source_to_read_and_the_figure_to_write(me: Client, other: Client, anonymous: Client) -> None:
    source = make_revision(me, *clean_room())
    theirs, path = make_figure(other)["api_id"], f"{API}/revision/{source['api_id']}/derive/"
    assert other.post(path, json={"figure": theirs}).status_code == 403
    found(me.post(f"{API}/revision/{source['api_id']}/share/user/", json={"username": "eve", "sharing_enabled": True}))
    assert len(created(other.post(path, json={"figure": theirs}))["data"]) == 3
    assert other.post(path, json={"figure": source["figure"]}).status_code == 403
    assert me.post(path, json={"figure": theirs}).status_code == 403
    found(me.post(f"{API}/revision/{source['api_id']}/share/link/", json={"enabled": True}))
    assert anonymous.post(path, json={"figure": theirs}).status_code == 403
    assert me.post(path, json={}).status_code == 400
    for unknown in ("nonsense", str(uuid.uuid4())):
        assert me.post(path, json={"figure": unknown}).status_code == 404
        assert me.post(f"{API}/revision/{unknown}/derive/", json={"figure": source["figure"]}).status_code == 404


def test_what_is_appended_takes_the_place_of_what_was_copied(me: Client) -> None:
    source = make_revision(me, *clean_room())
    derived = created(me.post(f"{API}/revision/{source['api_id']}/derive/", json={"figure": source["figure"]}))
    path = f"{API}/revision/{derived['api_id']}/append_data/"
    body = {
        "data": [
            item("image", "figure", "png"),
            item("text", "Clean Room Manifest", '{"a": 1}', is_clean_room=True),
            item("code", "cell", "Clean Room Source"),
        ]
    }
    once = found(me.post(path, json=body))
    expected = {
        ("Clean Room Source", "draw()"),
        ("Clean Room Manifest", '{"a": 1}'),
        ("frame", "PAR1"),
        ("figure", "png"),
        ("cell", "Clean Room Source"),
    }
    assert set(contents(me, once)) == expected
    assert once["size_bytes"] == sum(len(content) for _, content in expected)
    assert found(me.post(path, json=body)) == once
    assert contents(me, read(me, "revision", source["api_id"]))[1] == ("Clean Room Manifest", "{}")


def test_a_title_finds_its_figure_or_makes_it(me: Client, other: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    known = make_figure(me, "Sine", analysis=analysis)["api_id"]
    make_figure(me, "Sine", analysis=analysis)
    path, body = f"{API}/revision/auto-assign/", {"analysis": analysis, "data": [text("x")], "metadata": {"title": "Sine"}}
    first = created(me.post(path, json=body))
    assert first["figure"] == known
    made = created(me.post(path, json=body | {"metadata": {"title": " Cosine "}}))
    assert made["figure_metadata"] == {"name": "Cosine"}
    again = created(me.post(path, json=body | {"metadata": {"title": "Cosine"}, "short_id": "abcdefgh1"}))
    assert (again["figure"], again["revision_index"], again["short_id"]) == (made["figure"], 1, "abcdefgh1")
    for untitled in ("text", {"title": 5}, {"title": " "}, None):
        named = created(me.post(path, json=body | {"metadata": untitled}))
        assert named["figure_metadata"] == {"name": "Untitled figure"}
    assert len(read(me, "analysis", analysis)["figures"]) == 4
    assert other.post(path, json=body).status_code == 403
    assert me.post(path, json={"data": []}).status_code == 400
    assert me.post(path, json={"analysis": "?", "data": []}).status_code == 404


def test_a_repeated_assignment_makes_nothing(me: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    body = {"analysis": analysis, "metadata": {"title": "Sine"}, "client_id": str(uuid.uuid4()), "data": [text("x")]}
    created(me.post(f"{API}/revision/auto-assign/", json=body))
    again = me.post(f"{API}/revision/auto-assign/", json=body | {"metadata": {"title": "Other"}})
    assert (again.status_code, again.json()["api_id"]) == (409, body["client_id"])
    assert [one["name"] for one in read(me, "analysis", analysis)["figures"]] == ["Sine"]


@pytest.mark.parametrize("kind", ["figure", "revision", "asset", "asset_revision"])
def test_who_really_made_it_is_kept_where_a_service_writes(me: Client, kind: str) -> None:
    home = workspace_of(me)["api_id"]
    parents = {
        "figure": lambda: {"name": "f", "analysis": make_analysis(me)["api_id"]},
        "revision": lambda: {"figure": make_figure(me)["api_id"]},
        "asset": lambda: {"name": "a", "workspace": home},
        "asset_revision": lambda: {"asset": created(me.post(f"{API}/asset/", json={"name": "a", "workspace": home}))["api_id"]},
    }
    names = ("created_on_behalf", "created_on_behalf_name", "created_on_behalf_email")
    plain = created(me.post(f"{API}/{kind}/", json=parents[kind]()))
    assert [plain[name] for name in names] == [False, None, None]
    for_ada = {"created_on_behalf": True, "created_on_behalf_name": "Ada", "created_on_behalf_email": "ada@example.org"}
    made = created(me.post(f"{API}/{kind}/", json=parents[kind]() | for_ada | {"ai_title": "mine", "ai_description": "too"}))
    assert {name: made[name] for name in names} == for_ada
    assert made.get("ai_title") is made.get("ai_description") is None  # what a machine says, no client says
    changed = found(me.patch(f"{API}/{kind}/{made['api_id']}/", json={"created_on_behalf_name": "Ada L."}))
    assert [changed[name] for name in names] == [True, "Ada L.", "ada@example.org"]
    assert read(me, kind, made["api_id"]) == changed


def test_an_unknown_data_object_without_bytes_is_no_empty_one(me: Client) -> None:
    foreign = make_revision(me, text("secret"))["data"][0]
    made = make_revision(me, text("x"))
    refused = me.put(f"{API}/revision/{made['api_id']}/", json={"data": [foreign | {"data": None}]})
    assert (refused.status_code, list(refused.json())) == (400, ["data"])
    assert read(me, "revision", made["api_id"]) == made


@pytest.mark.parametrize("odd", [["x"], {"a": 1}, 5, "", None])
def test_a_local_id_may_be_anything(me: Client, odd: Any) -> None:
    made = make_revision(me, text("one", local_id=odd))
    again = found(me.post(f"{API}/revision/{made['api_id']}/append_data/", json={"data": [text("two", local_id=odd)]}))
    assert [one["size_bytes"] for one in again["data"]] == [3, 3]
