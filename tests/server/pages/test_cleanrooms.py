"""The page of a figure that a reproducible function made: the call, the body, how to call it again; from anybody."""

from __future__ import annotations

import ast
import html
import json
import re
from datetime import date
from typing import Any

from tests.server.conftest import Client, image
from tests.server.pages.exhibition import item
from tests.server.pages.rooms import pieces
from tests.server.pages.test_revision import HOSTILE, OUR_ELEMENTS, Seen, page_of, plain


def room(body: str, **facts: Any) -> list[dict[str, Any]]:
    """What another client might send."""
    return [
        item("code", "Clean Room Source", body, language="Python", format="clean_room"),
        item("text", "Clean Room Manifest", json.dumps(facts), format="json", role="manifest"),
    ]


def code_blocks(page: str) -> list[str]:
    """The texts of a page's code."""
    found = re.findall(r"<pre.*?><code>(.*?)</code></pre>", page, flags=re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", one)) for one in found]


def test_the_call_the_body_and_the_way_back(me: Client) -> None:
    page = page_of(me, *pieces(when=date(2026, 3, 1)))
    words = plain(page)
    for fact in (
        "Made by ringdown(signal, decay, scale, grid, levels, when)",
        "It ran with Python 3.",
        "matplotlib 3.",
        "signal Table signal",
        "decay 8.0 0.5 to 20, step 0.5",
        "scale linear linear, log",
        "grid True True, False",
        "levels [0.1, 0.5]",
        "when 2026-03-01 any date",
        "What ringdown() does",
    ):
        assert fact in words, fact
    assert "Clean Room" not in words  # each piece has its place, and no other
    assert "Data and files" not in words
    *_, body, again = code_blocks(page)
    assert body.startswith("# what the oscilloscope saw\nplt.plot(")
    ast.parse(again)
    assert "ringdown(decay=8.0)" in again
    for link in re.findall(r'href="(/(?:table|file)/[^"]+|/api/[^"]+/bundle/)"', page):
        assert me.get(html.unescape(link)).status_code == 200, link


def test_a_table_of_the_same_name_that_was_sent_along_stays_a_file(me: Client) -> None:
    along = item("dataframe", "signal", "t\n1\n2\n", format="csv", role="attachment")
    words = plain(page_of(me, along, *pieces()))
    assert "Data and files signal 6 B" in words
    assert words.count("signal Table signal") == 1


def test_a_function_in_r_is_shown_and_not_called(me: Client) -> None:
    facts = {"language": "R", "language_version": "4.5.1", "function_name": "scatter", "packages": {"ggplot2": "4.0"}}
    parameters = {"size": {"type": "number", "widget": "slider", "value": 2, "min": 1, "max": 5, "step": 1}}
    page = page_of(me, *room("plot(size)", **facts, parameters=parameters))
    words = plain(page)
    assert "Made by scatter(size)" in words
    assert "R 4.5.1, ggplot2 4.0" in words
    assert "size 2 1 to 5, step 1" in words
    assert "Call it again" not in words


def test_what_anybody_wrote_there(me: Client) -> None:
    bad = {"type": HOSTILE, "widget": "slider", "value": HOSTILE, "min": HOSTILE, "choices": [HOSTILE]}
    parameters = {HOSTILE: bad, "x": bad | {"widget": "dropdown", "value": '"><b>'}, "y": 7, "z": {"type": "dataframe"}}
    facts = {
        "function_name": "f",
        "parameters": parameters,
        "packages": {HOSTILE: HOSTILE},
        "language_version": HOSTILE,
    }
    page = page_of(me, *room(f"# </code>{HOSTILE}", **facts))
    seen = Seen()
    seen.feed(page)
    assert seen.elements <= OUR_ELEMENTS
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in {"style", "srcdoc"}]
    assert "\u202e" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
    call = ast.parse(code_blocks(page)[-1]).body[2]
    assert ast.unparse(call) == """f(x='"><b>')"""  # a text, whatever it says
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    for manifest in (
        [],
        {"parameters": []},
        {"parameters": {"a": {"value": deep}}, "function_name": 3, "packages": []},
    ):
        assert page_of(me, image(b"x"), item("code", "Clean Room Source", "x"), item("text", "Clean Room Manifest", json.dumps(manifest)))  # fmt: skip
    many = {f"a{n}": {"type": "integer", "value": n} for n in range(300)}
    assert plain(page_of(me, *room("x", parameters=many, function_name="f"))).count(" a59 59") == 1


def test_without_a_manifest_that_can_be_read_its_pieces_are_files(me: Client) -> None:
    page = page_of(me, item("code", "Clean Room Source", "x = 1"), item("text", "Clean Room Manifest", "{"))
    assert "Made by" not in page
    assert "Clean Room Manifest" in plain(page)
    assert "Clean Room Source" in plain(page)
