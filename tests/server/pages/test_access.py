"""Who may see which page, and what the others are told; short links; static files; a base path."""

from __future__ import annotations

import dataclasses
import uuid

import pytest

from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.pages import assets
from tests.server.conftest import ORIGIN, TOKEN, Client, TestClient, make_revision, text
from tests.server.pages.conftest import House


def paths(rooms: dict[str, str]) -> list[str]:
    """Every sort of page."""
    kinds = {
        "workspace": "workspace",
        "analysis": "receptor",
        "figure": "figure",
        "revision": "revision",
        "r": "short_id",
    }
    return [f"/{kind}/{rooms[room]}" for kind, room in kinds.items()]


def test_nobody_is_told_how_to_get_in_and_nothing_else(house: House) -> None:
    bodies = set()
    for path in ["/", *paths(house.rooms), f"/figure/{uuid.uuid4()}", "/r/nothing"]:
        answer = house.anonymous.get(path)
        assert answer.status_code == 403
        assert "gofigr-jupyter open" in answer.text
        assert "Dose" not in answer.text
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        bodies.add(answer.text)
    assert len(bodies) == 1  # what exists and what doesn't look alike


def test_another_user_may_not_see_and_is_told_who_they_are(house: House) -> None:
    for path in paths(house.rooms):
        answer = house.other.get(path)
        assert answer.status_code == 403
        assert "eve" in answer.text
        assert "Dose" not in answer.text
    assert "Dose" not in house.other.get("/", params={"q": "dose"}).text
    assert house.other.get("/").status_code == 200


def test_credentials_that_are_no_good_get_a_page(client_of) -> None:
    answer = client_of("Token nonsense").get("/")
    assert answer.status_code == 401
    assert "gofigr-jupyter open" in answer.text


def test_short_links_and_ids_lead_to_the_revision(house: House) -> None:
    for link in (house.rooms["short_id"], house.rooms["revision"]):
        answer = house.me.get(f"/r/{link}")
        assert answer.status_code == 302
        assert answer.headers["location"] == f"/revision/{house.rooms['revision']}"


@pytest.mark.parametrize("link", ["aB3dE6gH1", "0b54ff1c-5a4f-4bb0-9f0c-3f1b6c0f7d11", "%00", "%ff", "a b", "<script>", "x" * 3000])
def test_a_link_that_is_not_here_may_be_on_its_way(me: Client, link: str) -> None:
    answer = me.get(f"/r/{link}")
    assert answer.status_code == 404
    assert "still be on its way" in answer.text
    assert "gofigr-jupyter status" in answer.text


def test_what_does_not_exist_has_a_page(me: Client) -> None:
    for kind in ("workspace", "analysis", "figure", "revision"):
        answer = me.get(f"/{kind}/{uuid.uuid4()}")
        assert answer.status_code == 404
        assert "nothing at this address" in answer.text


def test_head_is_answered_and_nothing_changes_state(house: House) -> None:
    assert house.me.head("/").status_code == 200
    for path in ["/", *paths(house.rooms)]:
        assert house.me.post(path).status_code == 405


def test_static_files_are_kept_for_ever_and_need_nobody(anonymous: Client) -> None:
    for asset in assets.BY_NAME.values():
        answer = anonymous.get(f"/static/{asset.address}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == asset.media_type
    for path in ("/static/style.css", "/static/..%2Froutes.py", "/static/%2e%2e"):
        assert anonymous.get(path).status_code == 404


def test_behind_a_proxy_every_link_has_the_base_path(config: ServerConfig) -> None:
    app = create_app(dataclasses.replace(config, base_path="/user/ada/proxy/51234"))
    with TestClient(app, base_url=ORIGIN, headers={"authorization": f"Token {TOKEN}"}) as client:
        revision = make_revision(client, text("x"))
        page = client.get("/").text + client.get(f"/revision/{revision['api_id']}").text
        moved = client.get(f"/r/{revision['api_id']}", follow_redirects=False).headers["location"]
    app.state.store.close()
    assert moved.startswith("/user/ada/proxy/51234/revision/")
    assert 'href="/user/ada/proxy/51234/' in page
    for attribute in ('href="/', 'src="/', 'action="/'):
        assert page.count(attribute) == page.count(f"{attribute}user/ada/proxy/51234/")


def test_a_server_with_accounts_offers_to_sign_in_and_out(config: ServerConfig) -> None:
    app = create_app(dataclasses.replace(config, embedded=True))
    app.state.config = dataclasses.replace(config, embedded=False)
    with TestClient(app, base_url=ORIGIN) as client:
        page = client.get("/analysis/abc?x=1").text
        assert "/.gofigr/login?next=/analysis/abc" in page
        assert "Sign out" not in page
        assert "Sign out" in client.get("/", headers={"authorization": f"Token {TOKEN}"}).text
    app.state.store.close()
