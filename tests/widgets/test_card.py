"""The card's two faces: the static HTML, and the state of the live widget."""

from __future__ import annotations

import gc
import json
import queue
import re
import subprocess
import sys
import threading
import time
import tracemalloc
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from gofigr_jupyter.errors import ConnectionFailed
from gofigr_jupyter.records import Download, OnCdn, Receipt, State
from gofigr_jupyter.widgets import card as card_module
from gofigr_jupyter.widgets import live
from gofigr_jupyter.widgets.card import HTML_LIMIT, Card, CardState, card_html, card_text, face

LINK = "http://127.0.0.1:41235/r/aB3xY9"
DOWNLOADS = (Download("png", "d-png", 80_213), Download("png", "d-mark", 83_100, is_watermarked=True))
GOOD = CardState(
    name="Petal length", state=State.COMPLETE, link=LINK, short_id="aB3xY9", revision_number=3,
    size_bytes=412_000, masked=2, downloads=DOWNLOADS, missing={"pdf": "no fonts"},
)  # fmt: skip
NASTY = "\"><script>alert(1)</script><img src=x onerror=alert(2)>&'" * 9


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_html_tells_name_revision_state_and_link():
    tags = _Tags(card_html(GOOD, compact=False))
    assert "Petal length · Revision 3 · Published · 127.0.0.1:41235/r/aB3xY9" in tags.text
    assert "412 KB · 2 secrets masked" in tags.text
    assert [a["href"] for tag, a in tags.seen if tag == "a"] == [LINK]
    assert "412 KB" not in card_html(GOOD, compact=True)


def test_the_address_on_a_cdn_is_told():
    there = OnCdn("w", "https://cdn.example.org/sites/abc/a%20b.png", "k", "a b.png", "image/png", 5)
    now = datetime.now(UTC)
    state = CardState.of(Receipt("id", State.COMPLETE, now, figure_name="Growth", link=LINK, cdn=there))
    links = [about["href"] for tag, about in _Tags(card_html(state, compact=True)).seen if tag == "a"]
    assert links == [LINK, there.address]
    assert face(state, compact=False)["cdn"] == there.address
    waits = CardState.of(Receipt("id", State.COMPLETE, now, figure_name="Growth", cdn_waits="it is <away>"))
    assert "Not on the CDN yet: it is &lt;away&gt;" in card_html(waits, compact=False)
    assert "cdn" not in face(waits, compact=False)
    assert "cdn" not in face(CardState("x", cdn="javascript:alert(1)"), compact=False)


def test_html_says_what_failed_and_what_to_do():
    failed = CardState("A", State.FAILED, problem="The workspace is gone.", advice="Choose another.")
    assert "Not published" in card_html(failed, compact=True)
    assert "The workspace is gone. Choose another." in card_html(failed, compact=True)


@pytest.mark.parametrize("compact", [True, False])
def test_html_escapes_whatever_people_write(compact):
    state = CardState(NASTY, "failed", link=f"http://x/{NASTY}", problem=NASTY, missing={NASTY: NASTY})
    for shown in (state, CardState(NASTY, NASTY, link="http://x/\"onclick='x'")):
        tags = _Tags(card_html(shown, compact))
        assert {tag for tag, _ in tags.seen} <= {"div", "b", "br", "small", "a"}
        assert {name for _, attrs in tags.seen for name in attrs} <= {"style", "href", "target", "rel"}


@pytest.mark.parametrize("text", [NASTY, "'" * 500, "é" * 500, "図" * 500, "\U0001f9ea" * 500])
def test_html_stays_small(text):
    state = CardState(text, "failed", link="https://h/" + "&" * 90, revision_number=9**9, problem=text, advice=text)
    assert len(card_html(state, compact=False).encode()) <= HTML_LIMIT


def test_html_needs_no_style_sheet_and_no_script():
    html = card_html(GOOD, compact=False)
    assert "<style" not in html
    assert "<script" not in html
    assert "class=" not in html
    assert 'class="gofigr-live gofigr-key-abc"' in card_html(GOOD, compact=False, key="abc")
    assert "color:" not in html.replace("border-left", "")  # the page's own colours, light or dark


def test_face_is_plain_json_without_empty_entries():
    shown = face(GOOD, compact=False)
    assert json.loads(json.dumps(shown)) == shown
    assert all(shown.values())
    assert shown["downloads"] == [["PNG", "d-png", "80 KB"], ["PNG with watermark", "d-mark", "83 KB"]]
    assert shown["missing"] == ["No PDF: no fonts"]
    assert "link" not in face(CardState("x", link="javascript:alert(1)"), compact=False)
    assert {"facts", "downloads", "missing"}.isdisjoint(face(GOOD, compact=True))


def test_face_shows_problems_only_while_there_are_any():
    assert "problem" not in face(CardState("x", State.COMPLETE, problem="an old one"), compact=False)
    assert face(CardState("x", State.WAITING, problem="No answer."), compact=True)["problem"] == "No answer."


def test_state_of_a_receipt():
    receipt = Receipt("id", State.PUBLISHED, datetime.now(UTC), "Fig", LINK, "aB3", None, 2, 10, DOWNLOADS)
    state = CardState.of(receipt, masked=1)
    assert (state.name, state.state, state.revision_number, state.masked) == ("Fig", "published", 2, 1)
    assert card_text(state) == f"Fig · Revision 2 · Published, more formats on the way · {LINK}"


def test_bundle_has_html_and_text_of_the_present_state():
    card = Card(CardState("Petal length"), compact=False, on_request=dict)
    key = re.search(r"gofigr-key-(\w+)", card.bundle()["text/html"])[1]
    card.update(GOOD)
    bundle = card.bundle()
    assert set(bundle) == {"text/plain", "text/html"}
    assert key in bundle["text/html"]  # an update of the display is the same card
    assert "Revision 3 · Published" in bundle["text/html"]
    card.close()


class _Page:
    """Stands in for a page: says things to the kernel's line, keeps what comes back."""

    def __init__(self) -> None:
        self.pages = live.Pages()
        assert self.pages.ready(20)
        self.heard: queue.Queue[dict] = queue.Queue()
        self.pages._widget.send = self.heard.put

    def say(self, **content):
        self.pages._widget._handle_custom_msg(content, [])

    def ask(self, **content):
        """The answer; for clicks it follows a word that the kernel has heard them."""
        self.say(**content)
        if content["ask"] != "module":
            assert self.heard.get(timeout=60) == {"n": content.get("n"), "heard": True}
        return self.heard.get(timeout=60)


@pytest.fixture
def page(monkeypatch):
    stand_in = _Page()
    monkeypatch.setattr(card_module, "PAGES", stand_in.pages)
    return stand_in


def _shown(page, on_request=dict):
    card = Card(GOOD, compact=False, on_request=on_request)
    ((key, told),) = page.heard.get(timeout=60)["faces"].items()
    assert told == face(GOOD, compact=False)
    return card, key


def test_pages_learn_of_a_card_and_of_its_changes(page):
    card, key = _shown(page)
    card.update(GOOD)
    assert page.heard.empty()  # nothing new, nothing sent
    card.update(CardState("Petal length", State.FAILED, problem="Gone."))
    assert page.heard.get(timeout=60)["faces"][key]["problem"] == "Gone."
    assert page.ask(ask="module")["faces"].keys() == {key}  # as after a reload of the page
    card.close()
    assert page.ask(ask="module")["faces"] == {}
    assert "earlier session" in page.ask(ask="open", key=key, n="1")["answer"]["problem"]


def test_clicks_are_answered_in_another_thread(page):
    where = []

    def answer(request):
        where.append((threading.current_thread(), request))
        return {"url": "http://127.0.0.1:1/once"}

    _, key = _shown(page, answer)
    assert page.ask(ask="open", key=key, n="7") == {"n": "7", "answer": {"url": "http://127.0.0.1:1/once"}}
    assert page.ask(ask="download", key=key, id="d-mark", n="8")["n"] == "8"
    assert [request for _, request in where] == [
        {"ask": "open"},
        {"ask": "download", "id": "d-mark", "name": "Petal length (watermark).png"},
    ]
    assert threading.current_thread() not in {thread for thread, _ in where}


def test_what_cannot_be_answered_says_so(page, caplog):
    def refuse(request):
        if request["ask"] == "open":
            raise ConnectionFailed("the server does not answer")
        raise ZeroDivisionError("secret")

    _, key = _shown(page, refuse)
    assert page.ask(ask="open", key=key)["answer"] == {"problem": "the server does not answer"}
    assert "secret" not in json.dumps(page.ask(ask="retry", key=key))
    assert "no longer" in page.ask(ask="download", key=key, id="somebody else's")["answer"]["problem"]
    assert page.ask(ask="format the disk", key=key)["answer"] == {"problem": "Unknown request"}
    assert "retry" in caplog.text


def test_a_page_gets_the_code_when_it_asks(page):
    told = page.ask(ask="module")["module"]
    assert "export function start" in told
    assert ".gofigr-card" in told


def test_noise_from_the_page_is_ignored(page):
    for content in (None, "open", [], {"ask": 3}, {}, {"ask": "open"}, {"ask": "open", "key": 3}):
        page.pages._widget._handle_custom_msg(content, [])
    assert page.heard.empty()


def test_closing_the_line_leaves_nothing(page):
    card, _ = _shown(page)
    widget = page.pages._widget
    page.pages.close()
    assert widget.comm is None
    card.update(CardState("later"))  # a late receipt opens it again
    assert page.pages.ready(20)


def test_a_line_that_somebody_closed_is_opened_again(page):
    page.pages._widget.close()
    card = Card(GOOD, compact=False, on_request=dict)
    assert page.pages.ready(20)
    card.close()


def test_importing_the_card_imports_no_widget_library():
    heavy = ("anywidget", "ipywidgets", "IPython", "traitlets", "pydantic", "httpx")
    code = f"import sys, gofigr_jupyter.widgets.card; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_one_more_card_is_cheap(page):
    times = []
    for _ in range(30):
        start = time.thread_time()  # of the processor, which others may have as well
        Card(GOOD, compact=False, on_request=dict).bundle()
        times.append(time.thread_time() - start)
    assert sorted(times)[15] < 0.002


def test_two_hundred_cards_stay_small_and_closing_frees_them(page):
    page.pages._widget.send = lambda content: None
    Card(GOOD, compact=False, on_request=dict)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        cards = [Card(GOOD, compact=False, on_request=dict) for _ in range(200)]
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 1_000_000
        for card in cards:
            card.close()
        del card
        cards.clear()
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 100_000
    finally:
        tracemalloc.stop()
