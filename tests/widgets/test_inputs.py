"""What a card says of the files that a figure was made from."""

from __future__ import annotations

from gofigr_jupyter.widgets import words
from gofigr_jupyter.widgets.card import Card, CardState, card_html, face


def test_in_words() -> None:
    assert [words.inputs(n, 0) for n in (0, 1, 3)] == ["", "1 input file", "3 input files"]
    assert words.inputs(3, 2) == "3 input files, 2 not sent"
    assert words.inputs(2, 2) == "2 input files, not sent"
    assert words.changed(()) == ""
    assert words.changed(["a.csv"]) == "a.csv has changed since"
    assert words.changed(["a.csv", "b.csv", "c.csv"]) == "a.csv and 2 more have changed since"


def test_a_changed_file_is_said_on_every_card() -> None:
    state = CardState("Doses", inputs=2, asks=1, changed=("a<b>.csv",))
    for compact in (False, True):
        assert "a&lt;b&gt;.csv has changed since" in card_html(state, compact)
        assert "a<b>.csv has changed since" in face(state, compact)["facts"]
    assert "2 input files, 1 not sent" in card_html(state, compact=False)
    assert face(state, compact=False)["asks"] == "Send 1 input file"
    assert "asks" not in face(state, compact=True)
    assert "facts" not in face(CardState("Doses", inputs=2), compact=True)


def test_the_button_asks_the_kernel() -> None:
    asked = []
    card = Card(CardState("Doses", inputs=1, asks=1), False, lambda request: asked.append(request) or {"sent": 1})  # type: ignore[func-returns-value]
    try:
        assert card._answer({"ask": "inputs", "more": "ignored"}) == {"sent": 1}
    finally:
        card.close()
    assert asked == [{"ask": "inputs"}]
