"""The thread's side of a card: which cards offer one, what of a comment goes to the page, and the page's code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gofigr_jupyter.records import State
from gofigr_jupyter.schema.comments import Author, Comment, ReactionCount
from gofigr_jupyter.widgets import thread
from gofigr_jupyter.widgets.card import Card, CardState, face

NOW = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)


def comment(**fields: Any) -> Comment:
    known: dict[str, Any] = {
        "api_id": "c", "target_type": "figure_revision", "target_id": "r", "author": Author(username="ann"),
        "content": "*so*", "content_html": "<p><em>so</em></p>", "created_on": NOW,
    }  # fmt: skip
    return Comment(**known | fields)


@pytest.mark.parametrize("state", State)
def test_what_is_published_or_will_be_can_be_talked_about(state: State) -> None:
    assert face(CardState("x", state), compact=False).get("thread", False) is (state != "failed")
    assert "thread" not in face(CardState("x", state), compact=True)


def test_a_comment_is_plain_json_with_nothing_empty() -> None:
    shown = thread.said(comment(), "eve")
    assert shown == {
        "id": "c", "who": "ann", "user": "ann", "at": "2026-05-03T14:05:00+00:00", "html": "<p><em>so</em></p>",
    }  # fmt: skip
    assert json.loads(json.dumps(shown)) == shown


def test_only_the_author_is_given_the_source() -> None:
    mine = thread.said(comment(parent="p", is_edited=True), "ann")
    assert (mine["own"], mine["text"], mine["parent"], mine["edited"]) == (True, "*so*", "p", True)
    answer = thread.said(comment(is_ai=True, ai_status="pending", content_html=""), "ann")
    assert answer["machine"] == "pending"
    assert {"own", "text", "html"}.isdisjoint(answer)  # asked for by the reader, but not what the reader says


@pytest.mark.parametrize(
    ("anchor", "shown"),
    [
        ({"u": 0.25, "v": 0.5}, {"u": 0.25, "v": 0.5}),
        ({"axes": 1, "x": 1.5, "y": -2.0, "series": "<b>"}, {"axes": 1, "x": 1.5, "y": -2.0}),
        ({"of": "another kind", "u": "<b>"}, None),
    ],
)
def test_a_point_is_plain_numbers(anchor: dict[str, Any], shown: dict[str, float] | None) -> None:
    assert thread.said(comment(anchor=anchor), "eve").get("anchor") == shown


def test_names_are_one_line_that_shows_what_it_is() -> None:
    author = Author(username="eve\u202egro.elpmaxe", first_name="Eve\n", last_name="\u2066of the board " + "x" * 200)
    reaction = ReactionCount(emoji="👍\n", count=30, users=["a\u202eb"] * 30, mine=True)
    shown = thread.said(comment(author=author, reactions=[reaction]), "ann")
    assert shown["who"].startswith("Eve of the board xxx")
    assert len(shown["who"]) == 80
    assert shown["user"] == "eve gro.elpmaxe"
    assert shown["reactions"] == [["👍", 30, True, ["a b"] * 12]]


def test_the_card_passes_questions_on_with_its_key() -> None:
    asked: list[dict[str, Any]] = []
    card = Card(CardState("x"), compact=False, on_request=lambda request: asked.append(request) or {})
    assert card._answer({"ask": "thread", "do": "say", "text": "t", "key": "another's"}) == {}
    assert asked == [{"ask": "thread", "do": "say", "text": "t", "key": card.key}]
    assert card._answer({"ask": "thread"}) == {"problem": "Unknown request"}
    card.close()


def test_the_code_goes_to_a_page_that_wants_it() -> None:
    card = Card(CardState("x"), compact=False, on_request=dict)
    code = card._answer({"ask": "thread", "do": "code"})["code"]
    assert "export function weave" in code
    assert ".gofigr-thread" in code
    card.close()
