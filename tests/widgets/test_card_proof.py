"""The card and the proof: a button while the figure is on the server, and what came of it among the facts."""

from __future__ import annotations

from dataclasses import replace

from gofigr_jupyter.records import State
from gofigr_jupyter.widgets.card import Card, CardState, card_html, face

DONE = CardState("Petal length", State.COMPLETE, link="http://127.0.0.1:41235/r/aB3xY9")
SAID = "Reproduced: identical pixels, 22 Nov 2026"


def test_only_what_is_on_the_server_can_be_made_again() -> None:
    assert face(DONE, compact=False)["verify"] is True
    assert "verify" not in face(replace(DONE, state=State.UPLOADING), compact=False)
    assert "verify" not in face(DONE, compact=True)


def test_what_came_of_it_is_told() -> None:
    told = replace(DONE, proof=SAID)
    assert SAID in face(told, compact=False)["facts"]
    assert SAID in card_html(told, compact=False)
    assert SAID not in card_html(DONE, compact=False)


def test_nothing_that_is_told_becomes_markup() -> None:
    html = card_html(replace(DONE, proof='"><script>alert(1)</script>' * 20), compact=False)
    assert "<script" not in html
    assert len(html.encode()) <= 1500


def test_a_click_reaches_the_kernel() -> None:
    asked: list[dict[str, object]] = []

    def answer(request: dict[str, object]) -> dict[str, object]:
        asked.append(request)
        return {}

    card = Card(DONE, compact=False, on_request=answer)
    try:
        assert card._answer({"ask": "verify"}) == {}
        assert asked == [{"ask": "verify"}]
    finally:
        card.close()
