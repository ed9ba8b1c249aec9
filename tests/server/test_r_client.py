"""Requests shaped as the R client makes them: JSON tokens, two slashes, no last slash, empty lists for empty objects."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gofigr_jupyter.server import tokens
from gofigr_jupyter.server.store import people
from tests.server.team import HERE, PASSWORD, Team

ROOT = f"{HERE}//api"  # what a server address with a last slash comes to
API = f"{ROOT}/v1.4.1"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nnot much of a picture").decode()
Send = Callable[..., Any]


@pytest.fixture
def send(team: Team) -> Send:
    """Sends one request as Ada; a redirect would be an answer like any other."""
    with team.store.writing() as db:
        ada = people.create_user(db, "ada", None)
        client = team.client(f"Bearer {tokens.sign(db, ada, 'access', tokens.ACCESS_LIFE)}")
    client.headers["content-type"] = "application/json"
    client.headers["accept"] = "application/json, text/xml, application/xml, */*"

    def send(method: str, path: str, status: int = 200, body: Any = None) -> Any:
        content = {} if body is None else {"json": body}
        answer: httpx.Response = client.request(method, f"{API}/{path}", **content)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    return send


@pytest.fixture
def figure(send: Send) -> dict[str, Any]:
    """A new figure, found and made in R's order of requests; it says where it lies."""
    primary = next(one for one in send("GET", "workspace/") if one["workspace_type"] == "primary")
    assert send("GET", f"workspace/{primary['api_id']}/members/")[0]["username"] == send("GET", "user/")[0]["username"]
    workspace = send("GET", f"workspace/{primary['api_id']}/")
    assert workspace["analyses"] == []
    body = {"name": "R", "workspace": workspace["api_id"], "description": ""}
    analysis = send("POST", "analysis/", 201, body)
    assert analysis["description"] == ""
    body = {"name": "rain", "analysis": analysis["api_id"], "description": ""}
    figure = send("POST", "figure/", 201, body)
    listed = send("GET", f"analysis/{analysis['api_id']}/")["figures"]
    assert [one["name"] for one in listed] == ["rain"]
    return dict(figure)


def test_tokens_are_asked_for_and_renewed_with_json(team: Team) -> None:
    client = team.client()
    body = {"username": team.add("ada"), "password": PASSWORD}
    first = client.post(f"{ROOT}/token/", json=body).json()
    renewed = client.post(f"{ROOT}/token/refresh/", json={"refresh": first["refresh"]})
    assert renewed.status_code == 200
    for access, status in ((first["access"], 200), (renewed.json()["access"], 200), ("stale", 401)):
        answer = client.get(f"{API}/info/", headers={"authorization": f"Bearer {access}"})
        assert answer.status_code == status
    assert answer.json()["code"] == "token_not_valid"
    assert client.post(f"{ROOT}/token/", json=body | {"password": "wrong horse"}).status_code == 401
    assert client.get(f"{ROOT}/v1.4/info/").status_code == 200


def test_a_figure_is_published_in_two_steps(send: Send, figure: dict[str, Any]) -> None:
    prefix = send("POST", "short_id_prefix/reserve/", 201, {})["prefix"]
    body = {"figure": figure["api_id"], "metadata": [], "data": [], "short_id": f"{prefix}0"}
    made = send("POST", "revision/", 201, body)
    assert (made["metadata"], made["data"], made["revision_index"]) == ({}, [], 0)
    asset = send("POST", "asset/", 201, {"name": "rain.csv", "workspace": _workspace_of(send, figure)})
    item = {"name": "rain.csv", "type": "file", "metadata": {"path": "rain.csv"}, "data": ""}
    source = send("POST", "asset_revision/", 201, {"asset": asset["api_id"], "metadata": [], "data": [item]})
    body = {
        "figure": figure["api_id"],
        "metadata": {"R": "4.4.1"},
        "data": [
            {"name": "figure", "type": "image", "metadata": {"format": "png", "is_watermarked": True}, "data": PNG},
            {"name": "session", "type": "text", "metadata": [], "data": base64.b64encode(b"R 4.4.1").decode()},
        ],
        "assets": [{"asset_revision": source["api_id"], "figure_revision": made["api_id"], "use_type": "indirect"}],
    }
    send("PATCH", f"revision/{made['api_id']}/?silent=true", 200, body)
    got = send("GET", f"revision/{made['api_id']}")
    assert (got["metadata"], got["short_id"], got["is_processing"]) == ({"R": "4.4.1"}, f"{prefix}0", False)
    assert [one["type"] for one in got["data"]] == ["image", "text"]
    first, second = (send("GET", f"data/{one['api_id']}") for one in got["data"])
    assert first["data"] == PNG
    assert second["metadata"] == {}
    assert got["size_bytes"] == first["size_bytes"] + second["size_bytes"]
    link = got["assets"][0]
    reached = send("GET", f"asset_revision/{link['asset_revision']}")
    assert reached["figure_revisions"][0]["figure_revision"] == link["figure_revision"] == made["api_id"]
    assert send("GET", f"asset/{reached['asset']}")["name"] == "rain.csv"
    assert send("GET", f"figure/{got['figure']}")["revisions"][-1]["api_id"] == made["api_id"]
    log = send("GET", f"analysis/{figure['analysis']}/log/")
    assert sorted(one["action"] for one in log) == ["create", "create", "create"]


def test_an_id_that_exists_is_not_given_twice(send: Send, figure: dict[str, Any]) -> None:
    mine = "0f2c6f5e-5f7e-4a41-9c3b-2f6a4d1f7a10"
    body = {"figure": figure["api_id"], "metadata": [], "data": [], "client_id": mine}
    assert send("POST", "revision/", 201, body)["api_id"] == mine
    send("POST", "revision/", 409, body)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_cannot_be_written_may_be_sent_back(send: Send, figure: dict[str, Any], method: str) -> None:
    workspace = _workspace_of(send, figure)
    asset = send("POST", "asset/", 201, {"name": "a", "workspace": workspace, "description": ""})["api_id"]
    things = {
        "workspace": workspace,
        "analysis": figure["analysis"],
        "figure": figure["api_id"],
        "asset": asset,
        "revision": send("POST", "revision/", 201, {"figure": figure["api_id"], "data": []})["api_id"],
        "asset_revision": send("POST", "asset_revision/", 201, {"asset": asset, "data": []})["api_id"],
    }
    claims = {
        "size_bytes": 123,
        "hash": "ab" * 32,
        "_shallow": True,
        "created_by": "eve",
        "updated_by": "eve",
        "child_updated_by": "eve",
        "created_on": "2001-01-01 00:00:00",
        "updated_on": "2001-01-01 00:00:00.5+00:00",
        "child_updated_on": "2001-01-01T00:00:00Z",
        "revision_index": 7,
        "is_processing": True,
        "figure_revisions": [{"figure_revision": "x", "asset_revision": "y", "use_type": "direct"}],
        "api_id": "0f2c6f5e-5f7e-4a41-9c3b-2f6a4d1f7a10",
    }
    for kind, api_id in things.items():
        before = send("GET", f"{kind}/{api_id}")
        saved = send(method, f"{kind}/{api_id}/", 200, before | claims)
        after = send("GET", f"{kind}/{api_id}/")
        assert saved == after
        assert (after["updated_by"], _settled(after)) == ("ada", _settled(before))


def test_everything_answers_without_its_last_slash(send: Send, figure: dict[str, Any]) -> None:
    send("POST", "revision", 201, {"figure": figure["api_id"], "metadata": [], "data": []})
    for path in (
        "workspace",
        f"workspace/{_workspace_of(send, figure)}/recent?limit=3",
        "organization",
        "api_key",
        "user",
        "info",
        f"analysis/{figure['analysis']}/share/link",
        f"analysis/{figure['analysis']}/log",
        f"figure/{figure['api_id']}/thumbnail/64",
    ):
        send("GET", path)
    send("POST", "asset/find_by_name", 200, {"name": "x"})
    send("POST", "asset_revision/find_by_hash", 200, {"digest": "ab" * 32, "hash_type": "blake3"})
    send("DELETE", f"analysis/{figure['analysis']}", 204)
    send("GET", f"figure/{figure['api_id']}", 404)
    send("DELETE", f"analysis/{figure['analysis']}", 404)


def _settled(shape: Any) -> Any:
    """A representation without what every change moves."""
    if isinstance(shape, list):
        return [_settled(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    return {name: _settled(value) for name, value in shape.items() if "updated_" not in name}


def _workspace_of(send: Send, figure: dict[str, Any]) -> str:
    api_id: str = send("GET", f"analysis/{figure['analysis']}/")["workspace"]
    return api_id
