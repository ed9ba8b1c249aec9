"""Reactions: one emoji, once each, one's own."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi import FastAPI

from gofigr_jupyter.schema.base import strict_mode
from gofigr_jupyter.schema.comments import Reaction
from gofigr_jupyter.server import emojis
from tests.server.conftest import API, Client, created, found
from tests.server.people import People
from tests.server.talking import Scene, heard, say, scene, share

EMOJI = {
    "plain": "👍",
    "skin tone": "👍🏽",
    "joined": "👩‍🔬",
    "joined, with skin tones": "👩🏽‍❤️‍💋‍👨🏿",
    "family": "👨‍👩‍👧‍👦",
    "flag": "🇨🇭",
    "flag of tags": "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "key cap": "1️⃣",
    "text by default": "❤️",
    "sign": "©️",
}
NO_EMOJI = [
    "",
    "a",
    "1",
    "#",
    "👍👍",
    "👍 ",
    ":thumbsup:",
    "👍a",
    "🏽",
    "\u200d",
    "\ufe0f",
    "🇨",
    "<b>",
    "é",
    "👍‍",
    "☭☭",
    "٣",
]


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def place(here: Scene) -> dict[str, str]:
    return here.place("figure")


def react(client: Client, comment: dict[str, Any], emoji: str = "👍") -> dict[str, Any]:
    """A new reaction."""
    return created(client.post(f"{API}/reaction/", json={"comment": comment["api_id"], "emoji": emoji}))


@pytest.mark.parametrize("emoji", EMOJI.values(), ids=EMOJI)
def test_what_is_an_emoji(emoji: str) -> None:
    assert emojis.canonical(emoji) == emoji
    assert emojis.canonical(emoji.replace("\ufe0f", "")) == emoji


@pytest.mark.parametrize("text", NO_EMOJI)
def test_what_is_none(text: str) -> None:
    assert emojis.canonical(text) is None


def test_reactions_are_counted_for_each_reader(people: People, place: dict[str, str]) -> None:
    owner, viewer = people("owner"), people("viewer")
    made = say(owner, place)
    one = react(owner, made, "❤")
    assert one == one | {"comment": made["api_id"], "emoji": "❤️", "user": "owner"}
    with strict_mode():
        Reaction.model_validate(one)
    react(viewer, made, "❤️")
    react(viewer, made, "👩‍🔬")
    both = {"emoji": "❤️", "count": 2, "users": ["owner", "viewer"], "mine": True}
    assert heard(owner, place)["results"][0]["reactions"] == [
        both,
        {"emoji": "👩‍🔬", "count": 1, "users": ["viewer"], "mine": False},
    ]
    assert found(viewer.get(f"{API}/comment/{made['api_id']}/"))["reactions"] == [
        both,
        {"emoji": "👩‍🔬", "count": 1, "users": ["viewer"], "mine": True},
    ]


def test_the_same_again_changes_nothing(people: People, place: dict[str, str]) -> None:
    owner = people("owner")
    made = say(owner, place)
    first = react(owner, made, "❤️")
    for spelling in ("❤️", "❤"):
        again = owner.post(f"{API}/reaction/", json={"comment": made["api_id"], "emoji": spelling})
        assert (again.status_code, again.json()) == (200, first)
    assert heard(owner, place)["results"][0]["reactions"][0]["count"] == 1


def test_what_is_refused(people: People, place: dict[str, str]) -> None:
    owner = people("owner")
    made = say(owner, place)
    for emoji in ("a", "", "👍👍", None, 7, "x" * 65):
        refused = owner.post(f"{API}/reaction/", json={"comment": made["api_id"], "emoji": emoji})
        assert (refused.status_code, list(refused.json())) == (400, ["emoji"])
    for comment in (str(uuid.uuid4()), "no id"):
        assert owner.post(f"{API}/reaction/", json={"comment": comment, "emoji": "👍"}).status_code == 404


def test_only_ones_own_is_taken_back(people: People, place: dict[str, str]) -> None:
    owner, viewer = people("owner"), people("viewer")
    made = say(owner, place)
    url = f"{API}/reaction/{react(viewer, made)['api_id']}/"
    assert owner.delete(url).status_code == 403
    assert viewer.delete(url).status_code == 204
    assert viewer.delete(url).status_code == 404
    assert heard(owner, place)["results"][0]["reactions"] == []


def test_strangers_do_not_react(people: People, anonymous: Client, here: Scene) -> None:
    owner, guest = people("owner"), people("guest")
    made = say(owner, here.place("figure"))
    body = {"comment": made["api_id"], "emoji": "👍"}
    for client in (guest, anonymous):
        assert client.post(f"{API}/reaction/", json=body).status_code == 403
        assert client.post(f"{API}/reaction/", json=body | {"emoji": "a"}).status_code == 403
    share(owner, "figure", here.figure, "guest")
    mine = react(guest, made)
    share(owner, "figure", here.figure, "guest", enabled=False)
    assert guest.delete(f"{API}/reaction/{mine['api_id']}/").status_code == 403


def test_nobody_reacts_to_a_tombstone(people: People, place: dict[str, str]) -> None:
    owner = people("owner")
    made = say(owner, place)
    say(owner, place, parent=made["api_id"])
    owner.delete(f"{API}/comment/{made['api_id']}/")
    refused = owner.post(f"{API}/reaction/", json={"comment": made["api_id"], "emoji": "👍"})
    assert refused.status_code == 404
