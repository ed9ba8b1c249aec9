"""The tree over the wire: what is made, changed, moved and deleted, and what its ancestors show of it."""

from __future__ import annotations

import base64
import time
import uuid

import pytest
from blake3 import blake3
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gofigr_jupyter.server.store import find, tree
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


def test_lists_leave_children_out_and_full_forms_have_them(me: Client) -> None:
    revision = make_revision(me, text("1234567"))
    figure = read(me, "figure", revision["figure"])
    analysis = read(me, "analysis", figure["analysis"])
    workspace = read(me, "workspace", analysis["workspace"])
    assert [one["api_id"] for one in workspace["analyses"]] == [analysis["api_id"]]
    assert workspace["analyses"][0]["figures"] is None
    assert [one["api_id"] for one in analysis["figures"]] == [figure["api_id"]]
    assert analysis["figures"][0]["revisions"] is None
    assert [one["api_id"] for one in figure["revisions"]] == [revision["api_id"]]
    assert figure["revisions"][0]["data"] is None
    assert workspace["assets"] == []
    assert found(me.get(f"{API}/workspace/"))[0]["analyses"] is None
    assert found(me.get("/api/v1.3/workspace/"))[0]["analyses"][0]["name"] == "analysis"


def test_every_answer_about_an_object_has_the_same_keys_and_nulls(me: Client) -> None:
    made = make_revision(me, text("x"), metadata={"a": [1, None]}, is_clean_room=True)
    seen = read(me, "revision", made["api_id"])
    put = found(me.put(f"{API}/revision/{made['api_id']}/", json={"data": []}))
    assert seen == made
    changing = {"updated_by", "updated_on"}
    assert {k: v for k, v in put.items() if k not in changing} == {k: v for k, v in made.items() if k not in changing}
    for kind in ("analysis", "figure"):
        one = make_analysis(me) if kind == "analysis" else make_figure(me)
        assert read(me, kind, one["api_id"]) == one


def test_what_a_client_says_of_read_only_fields_is_ignored(me: Client) -> None:
    made = created(
        me.post(
            f"{API}/analysis/",
            json={"name": "a", "workspace": workspace_of(me)["api_id"], "size_bytes": 123, "created_by": "eve"},
        )
    )
    assert (made["size_bytes"], made["created_by"]) == (0, workspace_of(me)["created_by"])
    put = found(me.put(f"{API}/analysis/{made['api_id']}/", json=made | {"size_bytes": 99, "name": "b"}))
    assert (put["size_bytes"], put["name"]) == (0, "b")


def test_sizes_count_raw_bytes_up_to_the_workspace(me: Client) -> None:
    figure = make_figure(me)
    one = make_revision(me, text("1234567"), figure=figure["api_id"])
    two = make_revision(me, text("abcd"), text(""), figure=figure["api_id"])
    assert (one["size_bytes"], two["size_bytes"]) == (7, 4)
    assert read(me, "figure", figure["api_id"])["size_bytes"] == 11
    assert read(me, "analysis", figure["analysis"])["size_bytes"] == 11
    assert workspace_of(me)["size_bytes"] == 11
    assert me.delete(f"{API}/revision/{one['api_id']}/").status_code == 204
    assert workspace_of(me)["size_bytes"] == 4


def test_times_travel_up_exactly(me: Client) -> None:
    revision = make_revision(me)
    figure = read(me, "figure", revision["figure"])
    above = [figure, read(me, "analysis", figure["analysis"]), workspace_of(me)]
    assert {one["child_updated_on"] for one in above} == {revision["created_on"]}
    assert revision["updated_on"] is None
    time.sleep(0.01)
    put = found(me.patch(f"{API}/revision/{revision['api_id']}/", json={"metadata": {"b": 1}}))
    assert put["updated_on"] > revision["created_on"]
    figure = read(me, "figure", revision["figure"])
    assert figure["child_updated_on"] == put["updated_on"] == workspace_of(me)["child_updated_on"]
    assert figure["updated_on"] is None
    assert "." in put["updated_on"]
    assert put["updated_on"].endswith("+00:00")


def test_data_comes_back_byte_for_byte(me: Client) -> None:
    content = bytes(range(256)) * 9000  # more than two chunks
    made = make_revision(me, text(content, format="raw", odd={"x": None}), text(b""))
    listed = made["data"]
    assert [one["data"] for one in listed] == [None, None]
    item = found(me.get(f"{API}/data/{listed[0]['api_id']}/"))
    assert base64.b64decode(item["data"]) == content
    assert item["hash"] == listed[0]["hash"] == blake3(content).hexdigest()
    assert item["metadata"] == {"format": "raw", "odd": {"x": None}}
    empty = found(me.get(f"{API}/data/{listed[1]['api_id']}"))
    assert (empty["data"], empty["size_bytes"], empty["hash"]) == ("", 0, blake3(b"").hexdigest())
    assert found(me.get(f"{API}/data/{listed[0]['api_id']}/storage/"))["vendor"] == "GoFigr.io"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_data_objects_cannot_be_changed_by_anybody(me: Client, anonymous: Client, method: str) -> None:
    item = make_revision(me, text("x"))["data"][0]["api_id"]
    assert me.request(method, f"{API}/data/{item}/").status_code == 405
    assert anonymous.request(method, f"{API}/data/{item}/").status_code == 405


def test_a_new_list_of_data_replaces_and_an_empty_one_does_not(me: Client) -> None:
    made = make_revision(me, text("one"), text("two"))
    first = made["data"][0]
    path = f"{API}/revision/{made['api_id']}/"
    put = found(me.put(path, json={"data": [first | {"name": "renamed", "data": None}, text("three")]}))
    assert [one["name"] for one in put["data"]] == ["renamed", "note"]
    assert put["data"][0]["api_id"] == first["api_id"]
    assert put["data"][0]["hash"] == first["hash"]  # no bytes were sent: they stay
    assert put["size_bytes"] == len("onethree")
    assert found(me.put(path, json={"data": []}))["data"] == put["data"]
    assert found(me.patch(path, json={"metadata": "plain"}))["metadata"] == "plain"
    assert found(me.patch(path, json={"metadata": []}))["metadata"] == {}  # how R writes an empty list


def test_appending_twice_adds_once(me: Client) -> None:
    made = make_revision(me, text("one", local_id="1"))
    path = f"{API}/revision/{made['api_id']}/append_data/"
    body = {"data": [text("one", local_id="1"), text("two", local_id="2"), text("free")]}
    once = found(me.post(path, json=body))
    assert [one["size_bytes"] for one in once["data"]] == [3, 3, 4]
    again = found(me.post(path, json={"data": body["data"][:2]}))
    assert again == once  # not even the time of change moves


def test_ids_that_clients_mint(me: Client) -> None:
    figure = make_figure(me)
    minted = str(uuid.uuid4())
    body = {"figure": figure["api_id"], "metadata": {}, "data": [text("x")], "client_id": minted.upper()}
    made = created(me.post(f"{API}/revision/", json=body | {"short_id": "abcdefgh0"}))
    assert (made["api_id"], made["client_id"], made["short_id"]) == (minted, minted, "abcdefgh0")
    again = me.post(f"{API}/revision/", json=body)
    assert (again.status_code, again.json()["api_id"]) == (409, minted)
    assert len(read(me, "figure", figure["api_id"])["revisions"]) == 1
    clash = me.post(f"{API}/revision/", json=body | {"client_id": str(uuid.uuid4()), "short_id": "abcdefgh0"})
    assert clash.status_code == 409
    for kind, parent in (
        ("analysis", {"workspace": workspace_of(me)["api_id"]}),
        ("figure", {"analysis": figure["analysis"]}),
    ):
        own = {"name": "n", "client_id": str(uuid.uuid4())} | parent
        assert created(me.post(f"{API}/{kind}/", json=own))["api_id"] == own["client_id"]
        repeat = me.post(f"{API}/{kind}/", json=own)
        assert (repeat.status_code, repeat.json()["api_id"]) == (409, own["client_id"])
    assert me.post(f"{API}/revision/", json=body | {"client_id": "../../etc"}).status_code == 400


def test_revision_numbers_are_never_used_again(me: Client) -> None:
    figure = make_figure(me)["api_id"]
    made = [make_revision(me, figure=figure) for _ in range(3)]
    assert [one["revision_index"] for one in made] == [0, 1, 2]
    me.delete(f"{API}/revision/{made[2]['api_id']}/")
    assert make_revision(me, figure=figure)["revision_index"] == 3
    listed = read(me, "figure", figure)["revisions"]
    assert [one["revision_index"] for one in listed] == [0, 1, 3]


def test_moving_takes_sizes_children_and_log_along(me: Client) -> None:
    second = created(me.post(f"{API}/workspace/", json={"name": "second", "organization": None}))
    revision = make_revision(me, text("12345"))
    analysis = read(me, "figure", revision["figure"])["analysis"]
    moved = found(me.patch(f"{API}/analysis/{analysis}/", json={"workspace": second["api_id"]}))
    assert moved["workspace"] == second["api_id"]
    assert workspace_of(me)["analyses"] == []
    assert workspace_of(me)["size_bytes"] == 0
    target = read(me, "workspace", second["api_id"])
    assert (target["size_bytes"], len(target["analyses"])) == (5, 1)
    log = found(me.get(f"{API}/workspace/{second['api_id']}/log/"))
    assert [line["action"] for line in log].count("create") == 4
    assert [line["action"] for line in log].count("update") == 1


def test_deleting_takes_everything_below(me: Client) -> None:
    revision = make_revision(me, text("x"))
    figure = read(me, "figure", revision["figure"])
    assert me.delete(f"{API}/analysis/{figure['analysis']}").status_code == 204
    for kind, api_id in (
        ("analysis", figure["analysis"]),
        ("figure", figure["api_id"]),
        ("revision", revision["api_id"]),
        ("data", revision["data"][0]["api_id"]),
    ):
        assert me.get(f"{API}/{kind}/{api_id}/").status_code == 404
    assert me.delete(f"{API}/analysis/{figure['analysis']}/").status_code == 404


def test_the_log_has_one_line_for_each_change(me: Client) -> None:
    workspace = created(me.post(f"{API}/workspace/", json={"name": "w"}))["api_id"]
    analysis = make_analysis(me, workspace=workspace)["api_id"]
    figure = make_figure(me, analysis=analysis)["api_id"]
    revision = make_revision(me, figure=figure)["api_id"]
    me.patch(f"{API}/figure/{figure}/", json={"name": "new"})
    me.patch(f"{API}/revision/{revision}/?silent=true", json={"metadata": {}})
    me.put(f"{API}/workspace/{workspace}/", json={"description": ""})
    for path in (f"workspace/{workspace}", f"analysis/{analysis}", f"figure/{figure}", f"revision/{revision}"):
        found(me.get(f"{API}/{path}/"))
    me.delete(f"{API}/figure/{figure}/")
    log = found(me.get(f"{API}/workspace/{workspace}/log/"))
    assert [line["action"] for line in reversed(log)] == ["create"] * 4 + ["update"] * 2 + ["delete"]
    below = found(me.get(f"{API}/analysis/{analysis}/log/"))
    assert [line["action"] for line in below].count("create") == 3
    gone = next(line for line in log if line["action"] == "delete")
    one = found(me.get(f"{API}/workspace/{workspace}/log/{gone['api_id']}/"))
    assert (one["target_id"], one["deleted"], one["deleted_sentinel"]) == (figure, True, "new")
    assert found(me.get(f"{API}/analysis/{analysis}/log/{gone['api_id']}/")) == one
    assert me.get(f"{API}/analysis/{make_analysis(me)['api_id']}/log/{gone['api_id']}/").status_code == 404


def test_recent_is_newest_first_and_limited(me: Client) -> None:
    workspace = workspace_of(me)["api_id"]
    ids = [make_analysis(me, f"a{n}")["api_id"] for n in range(3)]
    me.patch(f"{API}/analysis/{ids[0]}/", json={"description": "changed"})
    recent = found(me.get(f"{API}/workspace/{workspace}/recent/?limit=2"))
    assert [one["api_id"] for one in recent["analyses"]] == [ids[0], ids[2]]
    assert recent["assets"] == []
    assert me.get(f"{API}/workspace/{workspace}/recent/?limit=many").status_code == 400


def test_workspaces_and_their_types(me: Client) -> None:
    primary = workspace_of(me)
    for wrong in ({"workspace_type": "primary"}, {"workspace_type": "golden"}, {"name": ""}):
        assert me.post(f"{API}/workspace/", json={"name": "w"} | wrong).status_code == 400
    path = f"{API}/workspace/{primary['api_id']}/"
    assert me.patch(path, json={"workspace_type": "secondary"}).status_code == 400
    assert found(me.put(path, json=primary | {"name": "mine", "organization": None}))["name"] == "mine"
    assert me.delete(path).status_code == 400
    assert found(me.get(f"{path}members/")) == [{"username": primary["created_by"], "membership_type": "owner"}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"figure": 5}',
        b'{"figure": "no", "data": [{"type": "virus"}]}',
        b'{"data": [{"type": "text", "data": "***"}]}',
        b'{"metadata": "\xff"}',
    ],
)
def test_bad_bodies_are_400(me: Client, body: bytes) -> None:
    answer = me.post(f"{API}/revision/", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert isinstance(answer.json(), dict)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(metadata=JSON_VALUES.filter(lambda one: one not in (None, []) and not (isinstance(one, str) and "\0" in one)), name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_metadata_and_names_come_back_key_for_key(me: Client, metadata: object, name: str) -> None:
    figure = make_figure(me, name)
    made = make_revision(me, text("x", odd=metadata), metadata=metadata, figure=figure["api_id"])
    seen = read(me, "revision", made["api_id"])
    assert figure["name"] == seen["figure_metadata"]["name"] == name
    assert seen["metadata"] == metadata
    assert found(me.get(f"{API}/data/{made['data'][0]['api_id']}/"))["metadata"] == {"odd": metadata}


def test_a_short_id_is_given_once(me: Client) -> None:
    made = make_revision(me)
    path = f"{API}/revision/{made['api_id']}/"
    assert found(me.patch(path, json={"short_id": "abcdefgh0"}))["short_id"] == "abcdefgh0"
    assert found(me.patch(path, json={"short_id": "abcdefgh1"}))["short_id"] == "abcdefgh0"
    assert me.patch(f"{API}/revision/{make_revision(me)['api_id']}/", json={"short_id": "abcdefgh0"}).status_code == 409
    assert me.patch(f"{API}/revision/{make_revision(me)['api_id']}/", json={"short_id": "a/b"}).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_nothing_moves_into_what_is_somebody_elses(me: Client, other: Client, method: str) -> None:
    foreign = make_figure(other)
    places = {
        "analysis": {"workspace": workspace_of(other)["api_id"]},
        "figure": {"analysis": foreign["analysis"]},
        "revision": {"figure": foreign["api_id"]},
    }
    mine = make_revision(me, text("x"))
    rows = {"revision": mine, "figure": read(me, "figure", mine["figure"])}
    rows["analysis"] = read(me, "analysis", rows["figure"]["analysis"])
    for kind, place in places.items():
        path = f"{API}/{kind}/{rows[kind]['api_id']}/"
        assert me.request(method, path, json=place | {"name": "moved"}).status_code == 403
        assert me.request(method, path, json=dict.fromkeys(place, "nonsense")).status_code == 404
        assert read(me, kind, rows[kind]["api_id"]) == rows[kind]
    assert read(other, "figure", foreign["api_id"]) == foreign


def test_a_long_list_comes_in_parts_and_whole(app: FastAPI, me: Client, other: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    with app.state.store.writing() as db:
        parent = find.analysis(db, analysis)
        made = [tree.create_figure(db, parent, {"id": tree.new_id(), "name": f"{n}"}, "root").id for n in range(1003)]
    listed = found(me.get(f"{API}/figure/"))
    assert [one["api_id"] for one in listed] == made
    assert listed[0] == read(me, "figure", made[0]) | {"revisions": None}
    assert [one["api_id"] for one in found(me.get("/api/v1/figure/"))] == made
    assert found(other.get(f"{API}/figure/")) == []
