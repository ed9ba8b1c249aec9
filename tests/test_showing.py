"""Files on the web as HTML and Markdown; that no name is markup is shown in tests/client/test_cdn_asset.py."""

from __future__ import annotations

import pytest

from gofigr_jupyter import showing


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dose-response_2026.png", "dose response 2026"),
        ("Übersicht.v2.jpeg", "Übersicht.v2"),
        ("README", "README"),
        ("--.png", "--.png"),
    ],
)
def test_a_name_in_words(name: str, words: str) -> None:
    assert showing.alt_of(name) == words


def test_a_look_goes_into_the_address() -> None:
    look = {"w": "400", "f": "webp"}
    assert showing.address("https://c.example.org/a.png", look) == "https://c.example.org/a.png?w=400&f=webp"
    assert showing.address("https://c.example.org/a.png?v=1", look) == "https://c.example.org/a.png?v=1&w=400&f=webp"
    shown = showing.html("https://c.example.org/a.png", "a", "image/png", look)
    assert 'src="https://c.example.org/a.png?w=400&amp;f=webp"' in shown
    assert 'width="400" style="max-width:100%;height:auto"' in shown
