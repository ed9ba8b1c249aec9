"""Opened for reading: to one user, or to whoever has the link; downward only, never to write, and closed at once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.schema.golden import assert_shape
from tests.server.conftest import (
    API,
    Client,
    Maker,
    created,
    found,
    image,
    make_analysis,
    make_asset_revision,
    make_figure,
    make_revision,
    read,
    scoped_key,
    text,
    workspace_of,
)
from tests.server.test_files import png

KINDS = ("analysis", "figure", "revision", "asset", "asset_revision")
BELOW = {
    "analysis": {"analysis", "figure", "revision"},
    "figure": {"figure", "revision"},
    "revision": {"revision"},
    "asset": {"asset", "asset_revision"},
    "asset_revision": {"asset_revision"},
}


@dataclass
class Hall:
    """One object of each kind, all in one line, with a picture at the end of each line; `data` by kind of revision."""

    ids: dict[str, str]
    data: dict[str, str]


@pytest.fixture
def hall(me: Client) -> Hall:
    """Made by the local user."""
    version = make_asset_revision(me, image(png(8, 8)), text("of an asset"))
    link = {"asset_revision": version["api_id"], "use_type": "direct"}
    revision = make_revision(me, image(png(8, 8)), text("of a figure"), assets=[link], metadata={"a": 1})
    ids = {
        "analysis": read(me, "figure", revision["figure"])["analysis"],
        "figure": revision["figure"],
        "revision": revision["api_id"],
        "asset": version["asset"],
        "asset_revision": version["api_id"],
    }
    return Hall(ids, {"revision": revision["data"][1]["api_id"], "asset_revision": version["data"][1]["api_id"]})


def share(client: Client, kind: str, api_id: str, *, enabled: bool, username: str = "eve") -> int:
    """Share by user; the status."""
    body = {"username": username, "sharing_enabled": enabled}
    answer = client.post(f"{API}/{kind}/{api_id}/share/user/", json=body)
    if answer.status_code == 200:
        assert answer.json() == body
        assert_shape("user_sharing", answer.json() | {"sharing_enabled": True})
    return answer.status_code


def publish(client: Client, kind: str, api_id: str, *, enabled: bool) -> int:
    """Share by link; the status."""
    answer = client.post(f"{API}/{kind}/{api_id}/share/link/", json={"enabled": enabled})
    if answer.status_code == 200:
        assert answer.json() == {"enabled": enabled}
        assert found(client.get(f"{API}/{kind}/{api_id}/share/link")) == {"enabled": enabled}
    return answer.status_code


def readable(client: Client, hall: Hall) -> set[str]:
    """The kinds that a client can read; data and small pictures go with them."""
    kinds = set()
    for kind, api_id in hall.ids.items():
        answer = client.get(f"{API}/{kind}/{api_id}/")
        assert answer.status_code in {200, 403}
        assert client.get(f"{API}/{kind}/{api_id}/thumbnail/16").status_code == answer.status_code
        assert client.get(f"/thumb/{kind}/{api_id}/16").status_code == answer.status_code
        for path in (f"{API}/data/{hall.data[kind]}/", f"/file/{hall.data[kind]}/x.txt") if kind in hall.data else ():
            assert client.get(path).status_code == answer.status_code
        if answer.status_code == 200:
            kinds.add(kind)
    return kinds


@pytest.mark.parametrize("kind", KINDS)
def test_a_user_reads_what_is_shared_and_what_is_in_it(me: Client, other: Client, anonymous: Client, hall: Hall, kind: str) -> None:
    path = f"{API}/{kind}/{hall.ids[kind]}/share/user/"
    assert readable(other, hall) == set()
    assert found(me.get(path)) == []
    assert share(me, kind, hall.ids[kind], enabled=True) == 200
    assert share(me, kind, hall.ids[kind], enabled=True) == 200
    assert readable(other, hall) == BELOW[kind]
    assert readable(anonymous, hall) == set()
    assert found(me.get(path)) == [{"username": "eve", "sharing_enabled": True}]
    for shown in BELOW[kind]:
        assert read(other, shown, hall.ids[shown]) == read(me, shown, hall.ids[shown])
    assert share(me, kind, hall.ids[kind], enabled=False) == 200
    assert share(me, kind, hall.ids[kind], enabled=False) == 200
    assert readable(other, hall) == set()
    assert found(me.get(path)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_the_link_reads_what_is_in_it(me: Client, other: Client, anonymous: Client, hall: Hall, kind: str) -> None:
    assert found(me.get(f"{API}/{kind}/{hall.ids[kind]}/share/link/")) == {"enabled": False}
    assert publish(me, kind, hall.ids[kind], enabled=True) == 200
    assert readable(other, hall) == readable(anonymous, hall) == BELOW[kind]
    assert found(me.get(f"{API}/{kind}/{hall.ids[kind]}/share/user/")) == []
    for shown in BELOW[kind]:
        assert read(anonymous, shown, hall.ids[shown]) == read(me, shown, hall.ids[shown])
    assert publish(me, kind, hall.ids[kind], enabled=False) == 200
    assert readable(other, hall) == readable(anonymous, hall) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_shared_is_not_writable_and_says_not_with_whom(me: Client, other: Client, anonymous: Client, hall: Hall, kind: str) -> None:
    api_id = hall.ids[kind]
    share(me, kind, api_id, enabled=True)
    publish(me, kind, api_id, enabled=True)
    before = read(me, kind, api_id)
    for who in (other, anonymous):
        for method in ("PUT", "PATCH", "DELETE"):
            changed = {"name": "mine", "metadata": "mine", "data": [text("mine")]}
            assert who.request(method, f"{API}/{kind}/{api_id}/", json=changed).status_code == 403
        assert who.get(f"{API}/{kind}/{api_id}/share/user/").status_code == 403
        assert who.get(f"{API}/{kind}/{api_id}/share/link/").status_code == 403
        assert share(who, kind, api_id, enabled=True) == 403
        assert publish(who, kind, api_id, enabled=True) == 403
    assert read(me, kind, api_id) == before
    assert before["api_id"] not in str(found(other.get(f"{API}/{kind}/")))
    assert len(found(other.get(f"{API}/workspace/"))) == 1
    assert other.get(f"{API}/workspace/{workspace_of(me)['api_id']}/").status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_users_and_objects_and_bodies(me: Client, hall: Hall, kind: str) -> None:
    for enabled in (True, False):
        refused = me.post(
            f"{API}/{kind}/{hall.ids[kind]}/share/user/", json={"username": "nobody", "sharing_enabled": enabled}
        )
        assert (refused.status_code, list(refused.json())) == (400, ["username"])
    assert me.post(f"{API}/{kind}/{hall.ids[kind]}/share/user/", json={"username": "eve"}).status_code == 400
    assert me.post(f"{API}/{kind}/{hall.ids[kind]}/share/link/", json={}).status_code == 400
    assert me.get(f"{API}/{kind}/nonsense/share/link/").status_code == 404
    assert me.get(f"{API}/{kind}/nonsense/share/user").status_code == 404


def test_workspaces_are_not_shared_like_that(me: Client) -> None:
    home = workspace_of(me)["api_id"]
    for path in ("share/user/", "share/link/"):
        assert me.get(f"{API}/workspace/{home}/{path}").status_code in {404, 405}
        assert me.post(f"{API}/workspace/{home}/{path}", json={"enabled": True}).status_code in {404, 405}


def test_new_things_in_what_is_shared_are_shared(me: Client, other: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    share(me, "analysis", analysis, enabled=True)
    figure = make_figure(me, analysis=analysis)["api_id"]
    assert read(other, "figure", figure)["name"] == "figure"
    found(me.patch(f"{API}/figure/{figure}/", json={"analysis": make_analysis(me)["api_id"]}))
    assert other.get(f"{API}/figure/{figure}/").status_code == 403  # moved out of it


def test_sharing_leaves_no_trace_in_log_and_clocks(me: Client, other: Client, hall: Hall) -> None:
    home = workspace_of(me)
    log = found(me.get(f"{API}/workspace/{home['api_id']}/log/"))
    share(me, "figure", hall.ids["figure"], enabled=True)
    publish(me, "revision", hall.ids["revision"], enabled=True)
    assert workspace_of(me) == home
    assert found(me.get(f"{API}/workspace/{home['api_id']}/log/")) == log


def test_a_key_for_one_workspace_reads_no_shares_from_outside(me: Client, other: Client, client_of: Maker, hall: Hall) -> None:
    share(me, "figure", hall.ids["figure"], enabled=True)
    publish(me, "asset", hall.ids["asset"], enabled=True)
    scoped = client_of(scoped_key(other, workspace_of(other)["api_id"]))
    assert readable(scoped, hall) == set()
    whole = created(other.post(f"{API}/api_key/", json={"name": "all"}))["token"]
    assert readable(client_of(f"Token {whole}"), hall) == {"figure", "revision", "asset", "asset_revision"}


def test_what_is_shared_goes_away_with_the_object(me: Client, other: Client, hall: Hall) -> None:
    share(me, "figure", hall.ids["figure"], enabled=True)
    me.delete(f"{API}/figure/{hall.ids['figure']}/")
    assert other.get(f"{API}/figure/{hall.ids['figure']}/").status_code == 404
