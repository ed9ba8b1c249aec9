"""Notifications: who is told, what they see, and that nobody else does; e-mails where a server sends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI

from gofigr_jupyter.schema.base import Page, strict_mode
from gofigr_jupyter.schema.comments import Notification
from gofigr_jupyter.server.mail import MailSettings, Post
from tests.server.conftest import API, Client, found
from tests.server.counting import statements
from tests.server.people import People
from tests.server.postbox import Postbox
from tests.server.talking import Scene, link, say, scene, share


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def place(here: Scene) -> dict[str, str]:
    return here.place("figure_revision")


def told(client: Client, **query: Any) -> list[dict[str, Any]]:
    """One's notifications."""
    listed: list[dict[str, Any]] = found(client.get(f"{API}/notification/", params=query))["results"]
    return listed


def test_a_mention_is_told_once(people: People, place: dict[str, str]) -> None:
    owner, viewer = people("owner"), people("viewer")
    made = say(owner, place, "Look, @viewer and @viewer,\n\n**here**: " + "x" * 300)
    (one,) = told(viewer)
    assert one == one | place | {"kind": "mention", "comment": made["api_id"], "is_read": False}
    assert one["author"]["username"] == "owner"
    assert one["excerpt"].startswith("Look, @viewer and @viewer, **here**: xxx")
    assert len(one["excerpt"]) == 200
    with strict_mode():
        Page[Notification].model_validate(found(viewer.get(f"{API}/notification/")))
    assert told(owner) == []


def test_nobody_is_told_of_their_own_words(people: People, place: dict[str, str]) -> None:
    owner = people("owner")
    assert say(owner, place, "@owner")["mentions"] == ["owner"]
    assert told(owner) == []


def test_an_edit_tells_those_who_are_new(people: People, here: Scene) -> None:
    owner, viewer, guest = people("owner"), people("viewer"), people("guest")
    share(owner, "figure", here.figure, "guest")
    made = say(owner, here.place("figure"), "@viewer")
    (first,) = told(viewer)
    url = f"{API}/comment/{made['api_id']}/"
    found(owner.patch(url, json={"content": "@viewer @guest"}))
    assert [one["api_id"] for one in told(viewer)] == [first["api_id"]]
    assert len(told(guest)) == 1
    found(owner.patch(url, json={"content": "@guest"}))
    assert told(viewer) == []


def test_read_and_unread(people: People, place: dict[str, str]) -> None:
    owner, viewer = people("owner"), people("viewer")
    say(owner, place, "@viewer one")
    say(owner, place, "@viewer two")
    newest, oldest = told(viewer)
    assert (newest["excerpt"], oldest["excerpt"]) == ("@viewer two", "@viewer one")
    url = f"{API}/notification/{newest['api_id']}/"
    assert found(viewer.patch(url, json={"is_read": True})) == newest | {"is_read": True}
    assert told(viewer, unread="true") == [oldest]
    assert len(told(viewer, unread="false")) == len(told(viewer)) == 2
    found(viewer.patch(url, json={"is_read": False}))
    assert len(told(viewer, unread="true")) == 2
    for body in ({}, {"is_read": None}, {"is_read": "perhaps"}):
        assert viewer.patch(url, json=body).status_code == 400


def test_notifications_are_ones_own(people: People, anonymous: Client, place: dict[str, str]) -> None:
    owner, viewer = people("owner"), people("viewer")
    say(owner, place, "@viewer")
    url = f"{API}/notification/{told(viewer)[0]['api_id']}/"
    for client in (owner, anonymous):
        assert client.patch(url, json={"is_read": True}).status_code == 403
    assert anonymous.get(f"{API}/notification/").status_code == 403
    assert told(viewer)[0]["is_read"] is False
    assert viewer.patch(f"{API}/notification/nothing/", json={"is_read": True}).status_code == 404


def test_who_may_not_look_any_more_reads_no_excerpt(people: People, here: Scene) -> None:
    owner, guest = people("owner"), people("guest")
    share(owner, "revision", here.revision, "guest")
    say(owner, here.place("figure_revision"), "@guest secret")
    url = f"{API}/notification/{told(guest)[0]['api_id']}/"
    share(owner, "revision", here.revision, "guest", enabled=False)
    assert told(guest) == []
    assert guest.patch(url, json={"is_read": True}).status_code == 403
    link(owner, "analysis", here.analysis)
    assert len(told(guest)) == 1


def test_a_key_for_one_workspace_reads_of_no_other(people: People, here: Scene) -> None:
    people("viewer")
    say(people("owner"), here.place("figure"), "@viewer")
    assert len(told(people.key("viewer", here.workspace))) == 1
    other = next(
        one["api_id"] for one in found(people("viewer").get(f"{API}/workspace/")) if one["api_id"] != here.workspace
    )
    assert told(people.key("viewer", other)) == []


def test_pages_newest_first(people: People, place: dict[str, str]) -> None:
    owner, viewer = people("owner"), people("viewer")
    for n in range(5):
        say(owner, place, f"@viewer {n}")
    first = found(viewer.get(f"{API}/notification/", params={"limit": 3}))
    assert [one["excerpt"][-1] for one in first["results"]] == ["4", "3", "2"]
    rest = found(viewer.get(f"{API}/notification/", params={"limit": 3, "cursor": first["next"]}))
    assert [one["excerpt"][-1] for one in rest["results"]] == ["1", "0"]
    assert rest["next"] is None
    assert viewer.get(f"{API}/notification/", params={"limit": 201}).status_code == 400


def test_many_take_as_many_queries_as_few(app: FastAPI, people: People, here: Scene) -> None:
    owner, viewer = people("owner"), people("viewer")
    say(owner, here.place("figure"), "@viewer")
    say(owner, here.place("asset"), "@viewer")

    def cost() -> int:
        with statements(app) as sent:
            assert told(viewer)
        return len(sent)

    few = cost()
    for kind in ("figure", "asset") * 5:
        say(owner, here.place(kind), "@viewer")
    assert cost() == few


# ---------------------------------------------------------------- e-mail


@pytest.fixture
def postbox(app: FastAPI) -> Iterator[Postbox]:
    """The server that the operator has named."""
    with Postbox() as box:
        app.state.post = Post(MailSettings("smtp", "127.0.0.1", box.port, "figures@example.org"))
        yield box


def test_an_e_mail_goes_to_those_who_are_mentioned(app: FastAPI, people: People, here: Scene, postbox: Postbox) -> None:
    app.state.config = replace(app.state.config, public_url="https://figures.example.org")
    owner = people("owner")
    people("stranger")
    found(owner.patch(f"{API}/figure/{here.figure}/", json={"name": "Growth\r\nBcc: all@example.org"}))
    made = say(owner, here.place("figure_revision"), "@viewer @stranger @owner look")
    found(owner.patch(f"{API}/comment/{made['api_id']}/", json={"content": "@viewer look again"}))
    app.state.post._waiting.join()
    to, letter = postbox.next()
    assert postbox.letters.empty()
    assert to == ["viewer@example.org"]
    assert letter["subject"] == "owner mentioned you: Growth Bcc: all@example.org, revision 1"
    assert "bcc" not in letter
    assert letter.get_content().splitlines() == [
        "owner mentioned you in a comment on Growth Bcc: all@example.org, revision 1:",
        "",
        "@viewer @stranger @owner look",
        "",
        f"https://figures.example.org/revision/{here.revision}",
    ]
