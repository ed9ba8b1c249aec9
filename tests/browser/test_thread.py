"""The thread under a card in a real JupyterLab: two people talk through a real server, and nothing that is typed is lost."""

from __future__ import annotations

import ast
import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.notebook import Notebook
from tests.browser.site import LATER, SIGNED_IN, write_notebook
from tests.browser.test_card import _contrasts
from tests.capture.dots import red
from tests.server.table import Table, about
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = """
%load_ext gofigr_jupyter
import threading, time
from gofigr_jupyter.extension import answers, current
from gofigr_jupyter.widgets.card import Card, CardState
from gofigr_jupyter.widgets.live import PAGES
session, revision = current.of_shell(get_ipython())[0].session, "{revision}"
def show(answer=None):
    state = dict(name="Petal length", state="complete", link="{url}/r/x", short_id="aB3xY9", revision_number=3)
    card = Card(CardState(**state), False, answer or (lambda asked: answers.answer(session, revision, asked)))
    return card, display(card.bundle(), raw=True, display_id=True)
"""
SHOW = "card, handle = show()"


class Talk:
    """A notebook with one card, its thread, and the revision that they are about."""

    def __init__(self, notebook: Notebook, revision: str) -> None:
        self.notebook = notebook
        self.page: Page = notebook.page
        self.revision = revision
        self.thread: Locator = self.page.locator(".gofigr-thread")
        self.box: Locator = self.thread.get_by_role("textbox", name="Write a comment")

    def open(self) -> None:
        """Click on the card's button, and wait for the comments."""
        self.notebook.card().get_by_role("button", name="Comments").click()
        expect(self.box).to_be_focused(timeout=30_000)

    def say(self, text: str) -> Locator:
        self.box.fill(text)
        self.box.press("Control+Enter")
        return self.entry(text)

    def entry(self, text: str) -> Locator:
        """What one comment says, with what can be done about it."""
        return self.thread.locator(".gofigr-said", has=self.page.locator(".gofigr-body", has_text=text)).last

    def settled(self, text: str) -> Locator:
        """The same, once the server has it."""
        entry = self.entry(text)
        expect(entry.get_by_role("button", name="Reply", exact=True)).to_be_visible(timeout=20_000)
        return entry


def kernel_value(page: Page, expression: str) -> Any:
    """What an expression is in the kernel of the page's notebook."""
    told = page.evaluate(
        """value => jupyterapp.shell.currentWidget.sessionContext.session.kernel
          .requestExecute({code: "", user_expressions: {value}}).done
          .then(reply => reply.content.user_expressions.value.data["text/plain"])""",
        expression,
    )
    return ast.literal_eval(told)


@pytest.fixture
def talk(page, lab, server, request) -> Iterator[Callable[..., Talk]]:
    """Opens a notebook with a card of a new revision, and runs it."""

    def open_(*cells: str, run: bool = True) -> Talk:
        revision, name = server.revision(request.node.name), f"{request.node.originalname}.ipynb"
        write_notebook(lab.root / name, LOAD.format(url=server.url, revision=revision), *(cells or (SHOW,)), kernel=SIGNED_IN)
        notebook = Notebook(page, lab, name)
        if run:
            notebook.run_all()
        return Talk(notebook, revision)

    yield open_
    lab.shut_kernels()


@pytest.mark.parametrize("lab", ["lab", "notebook"], indirect=True)
def test_two_people_talk(talk, server, pictures, lab):
    at, ann = talk(), server.as_user("ann")
    at.open()
    assert "Nobody has said anything yet." in at.thread.inner_text()
    at.say("The outlier is **batch 3**, see `doses.csv`, @ann.")
    mine = at.settled("The outlier is")
    expect(mine.locator("strong")).to_have_text("batch 3")
    expect(mine.locator(".gofigr-mention")).to_have_text("@ann")
    (said,) = server.gf.comments.list(about(at.revision))

    at.box.blur()
    at.box.press_sequentially("I am about to say")  # from now on the box stays where it is
    ann.comments.create(about(at.revision), "It was measured *twice*.", parent=said)
    theirs = at.settled("It was measured")
    expect(at.box).to_be_focused()
    expect(at.box).to_have_value("I am about to say")
    at.thread.get_by_role("button", name="1 new comment").click()
    expect(mine).to_be_in_viewport(ratio=1)
    expect(theirs).to_be_in_viewport(ratio=1)
    expect(theirs.locator("xpath=../..")).to_have_class("gofigr-entries gofigr-replies")
    expect(theirs.get_by_role("button", name="Edit")).to_have_count(0)
    expect(at.thread.locator("[aria-live=polite]")).to_have_text("New comment by ann")
    expect(at.notebook.card().get_by_role("button", name="Comments (2)")).to_be_visible()

    theirs.get_by_role("button", name="React").click()
    theirs.get_by_role("group", name="Reactions").get_by_role("button", name="🎉").click()
    chip = theirs.locator(".gofigr-chip")
    expect(chip).to_have_text("🎉1")
    expect(chip).to_have_attribute("aria-pressed", "true")
    ann.reactions.create(ann.comments.list(about(at.revision))[1], "🎉")
    expect(chip).to_have_text("🎉2")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")

    theirs.get_by_role("button", name="Reply", exact=True).click()
    answer = theirs.get_by_role("textbox", name="Reply to ann")
    expect(answer).to_be_focused()
    answer.fill("Then both are in.")
    answer.press("Control+Enter")
    at.settled("Then both are in.")

    mine.get_by_role("button", name="Edit").click()
    edited = mine.get_by_role("textbox", name="Change your comment")
    expect(edited).to_have_value("The outlier is **batch 3**, see `doses.csv`, @ann.")
    edited.fill("The outlier is **batch 4**.")
    edited.press("Control+Enter")
    mine = at.settled("batch 4")
    expect(mine.locator(".gofigr-marked")).to_have_text("edited")
    at.notebook.screenshot(pictures / f"thread-light-{lab.app}.png")
    at.notebook.theme("Dark")
    at.notebook.screenshot(pictures / f"thread-dark-{lab.app}.png")
    assert _contrasts(at.page) >= 4.5
    at.notebook.theme("Light")
    assert _contrasts(at.page) >= 4.5
    at.notebook.narrow(360)
    at.page.wait_for_timeout(300)
    at.box.scroll_into_view_if_needed()
    at.notebook.screenshot(pictures / f"thread-narrow-{lab.app}.png")
    assert at.thread.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    at.notebook.narrow(1100)

    mine.get_by_role("button", name="Delete").click()
    expect(mine.get_by_role("button", name="Keep it")).to_be_focused()
    mine.locator(".gofigr-asking").get_by_role("button", name="Delete").click()
    expect(at.thread.locator(".gofigr-faint")).to_have_text("This comment was deleted.")
    assert [(one.is_deleted, one.content) for one in server.gf.comments.list(about(at.revision))] == [
        (True, ""), (False, "It was measured *twice*."), (False, "Then both are in."),
    ]  # fmt: skip
    expect(at.box).to_have_value("I am about to say")
    assert not [error for error in at.notebook.errors if "blob:" in error]


REFUSED = """
def refuse(asked):
    return {"problem": "You may not do this"} if asked.get("do") == "say" and not free else answers.answer(session, revision, asked)
free = []
card, handle = show(refuse)
"""


def test_what_fails_keeps_its_text_and_can_be_tried_again(talk, server, pictures):
    at = talk(REFUSED)
    at.open()
    at.say("not lost")
    failed = at.entry("not lost")
    expect(failed.locator(".gofigr-unsent")).to_contain_text("Not sent: You may not do this.", timeout=30_000)
    at.notebook.screenshot(pictures / "thread-not-sent.png")
    at.say("better said")
    at.entry("better said").get_by_role("button", name="Change").click(timeout=30_000)
    expect(at.box).to_have_value("better said")
    expect(at.thread.locator(".gofigr-entry")).to_have_count(1)
    at.notebook.execute("free.append(1)")
    failed.get_by_role("button", name="Try again").click()
    at.settled("not lost")
    expect(at.thread.locator(".gofigr-unsent:visible")).to_have_count(0)
    assert [one.content for one in server.gf.comments.list(about(at.revision))] == ["not lost"]


def hindrances(page: Page) -> list[str]:
    """What axe-core finds in the cards that hinders somebody seriously."""
    found = Axe().run(page, context=".gofigr-card").response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("lab", ["lab", LATER], indirect=True)
def test_nothing_hinders_assistive_technology(talk, server, lab, pictures):
    at = talk()
    ann = server.as_user("ann").comments
    first = ann.create(about(at.revision), "# Head\n\n- `code`, [link](https://example.org), @ann\n\n> quoted\n\n| a | b |\n|-|-|\n| 1 | 2 |")
    ann.create(about(at.revision), "Here", parent=first, anchor={"x": 1.0, "y": 2.0})
    server.gf.reactions.create(first, "🎉")
    gone = server.gf.comments.create(about(at.revision), "gone")
    ann.create(about(at.revision), "why?", parent=gone)
    server.gf.comments.delete(gone.api_id)
    at.open()
    mine = at.say("Mine")
    at.settled("Mine")
    for theme in ("Light", "Dark"):
        at.notebook.theme(theme)
        mine.get_by_role("button", name="React").click()
        assert hindrances(at.page) == []
        at.page.keyboard.press("Escape")
        mine.get_by_role("button", name="Edit").click()
        assert hindrances(at.page) == []
        at.page.keyboard.press("Escape")
        at.box.fill("Hello @a")
        at.box.press("n")
        at.thread.get_by_role("option").first.wait_for()
        assert hindrances(at.page) == []
        at.page.keyboard.press("Escape")
        at.thread.get_by_role("button", name="Preview").click()
        at.thread.get_by_role("region", name="Preview").locator("p").wait_for()
        assert hindrances(at.page) == []
        at.page.keyboard.press("Escape")
        at.notebook.screenshot(pictures / f"thread-{lab.app}-{theme.lower()}.png")
    at.page.evaluate("document.querySelector('.gofigr-thread').append(document.createElement('img'))")
    assert any(one.startswith("image-alt") for one in hindrances(at.page))  # it does look


def test_what_is_written_is_completed_and_can_be_seen_first(talk, server, pictures):
    server.as_user("ann")
    server.as_user("annabel")
    at = talk()
    at.open()
    at.box.press_sequentially("Ask @AN")
    people = at.thread.get_by_role("option")
    expect(people).to_have_text(["ann", "annabel"])
    at.notebook.screenshot(pictures / "thread-names.png")
    at.page.keyboard.press("ArrowDown")
    expect(people.nth(1)).to_have_attribute("aria-selected", "true")
    at.page.keyboard.press("Enter")
    expect(at.box).to_have_value("Ask @annabel ")
    expect(people).to_have_count(0)
    at.box.press_sequentially("or @a")
    expect(people.first).to_be_visible()
    at.page.keyboard.press("Escape")
    expect(at.thread.get_by_role("listbox")).to_have_count(0)
    at.box.press("Control+Enter")
    expect(at.settled("Ask").locator(".gofigr-mention")).to_have_text("@annabel")

    assert at.thread.get_by_role("button", name="Preview").is_disabled()
    at.box.fill("**Bold**, @ann and <img src=x onerror='window.hit=1'>\n\n- one\n- two")
    at.thread.get_by_role("button", name="Preview").click()
    preview = at.thread.get_by_role("region", name="Preview")
    expect(preview.locator("strong")).to_have_text("Bold")
    expect(preview.locator(".gofigr-mention")).to_have_text("@ann")
    expect(preview.locator("li")).to_have_text(["one", "two"])
    expect(at.box).to_be_hidden()
    at.notebook.screenshot(pictures / "thread-preview.png")
    at.page.keyboard.press("Escape")
    expect(at.box).to_be_focused()
    expect(preview).to_be_hidden()
    at.thread.get_by_role("button", name="Preview").click()
    expect(preview.locator("strong")).to_be_visible()
    at.page.keyboard.press("Control+Enter")
    at.settled("Bold")
    expect(at.box).to_have_value("")
    assert at.page.evaluate("window.hit") is None


def test_a_machine_replies_when_it_is_asked(talk, server, pictures):
    at = talk()
    at.open()
    at.say("What is shown here?")
    asked = at.settled("What is shown here?")
    asked.get_by_role("button", name="AI reply").click()
    reply = at.thread.locator(".gofigr-replies .gofigr-entry")
    expect(reply.locator(".gofigr-marked")).to_have_text("machine")
    expect(reply.locator(".gofigr-body")).not_to_contain_text("on its way", timeout=30_000)
    at.notebook.screenshot(pictures / "thread-machine.png")
    with server.with_engine(engine="openai", url="https://models.example.invalid/v1", model="large", key="k"):
        asked.get_by_role("button", name="AI reply").click()
        keep = asked.get_by_role("button", name="Do not send")
        expect(keep).to_be_focused(timeout=30_000)
        expect(asked.locator(".gofigr-asking")).to_contain_text("go to models.example.invalid (large)")
        asked.get_by_text("What is sent").click()
        expect(asked.locator("pre")).to_contain_text("What is shown here?")
        at.notebook.screenshot(pictures / "thread-machine-elsewhere.png")
        keep.click()
        expect(reply).to_have_count(1)
        asked.get_by_role("button", name="AI reply").click()
        asked.get_by_role("button", name="Send", exact=True).click()
        expect(reply).to_have_count(2)
        expect(reply.last.locator(".gofigr-body")).to_contain_text("No answer could be given", timeout=30_000)


PICTURE = """
from IPython.display import Image
import base64, io
from PIL import Image as Pixels
buffer = io.BytesIO()
Pixels.new("RGB", (400, 300), "#dde6f0").save(buffer, "PNG")
display(Image(buffer.getvalue()))
"""


@pytest.mark.parametrize("lab", ["lab", LATER], indirect=True)
def test_a_comment_is_pinned_to_a_point_of_the_picture(talk, server, lab, pictures):
    at = talk(PICTURE)
    at.revision = kernel_value(at.page, "session.cards._cards[-1].client_id")
    at.open()
    at.box.fill("Here")
    at.thread.get_by_role("button", name="Pin", exact=True).click()
    sheet = at.page.get_by_role("application", name="Click on the point")
    expect(sheet).to_be_focused()
    sheet.click(position={"x": 100, "y": 60})
    expect(at.box).to_be_focused()
    at.box.press("Control+Enter")
    mine = at.settled("Here")
    (said,) = server.gf.comments.list(about(at.revision))
    assert (round(said.anchor.u, 2), round(said.anchor.v, 2)) == (0.25, 0.2)
    chip, pins = mine.get_by_role("button", name="Pin 1"), at.page.locator(".gofigr-pin")
    expect(pins).to_have_text(["1"])
    chip.focus()
    expect(pins).to_have_class("gofigr-pin gofigr-lit")
    server.as_user("ann").comments.create(about(at.revision), "And here", anchor={"u": 0.5, "v": 0.9})
    expect(pins).to_have_text(["1", "2"])
    server.as_user("ann").comments.create(about(at.revision), "In numbers", anchor={"x": 1.5, "y": 2.0})
    expect(at.settled("In numbers").get_by_role("button", name="at x = 1.5, y = 2")).to_be_visible()
    at.notebook.screenshot(pictures / f"thread-pins-{lab.app}.png")

    at.box.fill("By keyboard")
    at.thread.get_by_role("button", name="Pin", exact=True).focus()
    for key in ("Enter", "ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        at.page.keyboard.press(key)
    expect(at.thread.get_by_role("button", name="Pinned")).to_be_visible()
    at.box.press("Control+Enter")
    at.settled("By keyboard")
    anchor = server.gf.comments.list(about(at.revision))[-1].anchor
    assert (anchor.u, anchor.v) == (0.52, 0.54)
    at.thread.get_by_role("button", name="Pin", exact=True).click()
    at.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(at.box).to_be_focused()
    at.notebook.card().get_by_role("button", name="Comments (4)").click()
    expect(pins).to_have_count(0)


DOTTED = """
import matplotlib.pyplot as plt
figure, ax = plt.subplots()
ax.semilogx([1, 1000], [0, {top}])
ax.plot([100], [2.0], "s", color="#ff0000", markersize=7, markeredgewidth=0)
ax.set_title("Doses")
plt.show()
"""


def on_card(at: Talk, number: int) -> Locator:
    """The thread under the card with this number, opened."""
    at.page.locator(".gofigr-live").nth(number).get_by_role("button", name="Comments").click()
    thread = at.page.locator(".gofigr-thread").last
    expect(thread.locator(".gofigr-notice")).to_be_hidden(timeout=30_000)
    return thread


def arrived(at: Talk, number: int, server: Table) -> str:
    """The revision of a card, once the server has all of it: axes come last."""
    expect(at.page.locator(".gofigr-live").nth(number)).to_contain_text("Published", timeout=60_000)
    revision = kernel_value(at.page, f"session.cards._cards[{number}].client_id")

    def has_axes() -> bool:
        return any(one.metadata.get("role") == "axes" for one in server.gf.revisions.get(revision).data)

    until(has_axes, 120)  # what is drawn for a revision gives way to everything else
    return revision


def test_a_pin_stays_at_its_point_of_the_data_on_later_revisions(talk, server, pictures):
    at = talk(DOTTED.format(top=3), DOTTED.format(top=9))
    revisions = [arrived(at, number, server) for number in (0, 1)]
    images = at.page.locator(".jp-OutputArea img")
    dots = [red(base64.b64decode(images.nth(n).get_attribute("src").partition(",")[2])) for n in (0, 1)]

    thread = on_card(at, 0)
    box = thread.get_by_role("textbox", name="Write a comment")
    box.fill("Too high?")
    thread.get_by_role("button", name="Pin", exact=True).click()
    sheet = at.page.get_by_role("application", name="Click on the point")
    size = sheet.bounding_box()
    spot = {"x": dots[0][0] * size["width"], "y": dots[0][1] * size["height"]}
    sheet.hover(position=spot)
    expect(sheet.get_by_role("status")).to_contain_text("x = ", timeout=30_000)
    at.notebook.screenshot(pictures / "thread-data-placing.png")
    sheet.click(position=spot)
    box.press("Control+Enter")
    expect(thread.get_by_role("button", name="Pin 1: x = ")).to_be_visible()
    expect(thread.get_by_role("button", name="Reply", exact=True)).to_be_visible(timeout=20_000)
    (said,) = server.gf.comments.list(about(revisions[0]))
    assert (said.anchor.axes, said.anchor.x, said.anchor.y) == (0, pytest.approx(100, rel=0.06), pytest.approx(2.0, abs=0.03))
    until(lambda: pinned_at(at, images.nth(0)) == pytest.approx(dots[0], abs=0.004))
    at.page.locator(".gofigr-live").nth(0).get_by_role("button", name="Comments").click()

    thread = on_card(at, 1)
    expect(thread.locator("summary").first).to_have_text("1 comment on points of earlier revisions")
    expect(at.page.locator(".gofigr-pin")).to_have_text(["1"])
    assert abs(dots[0][1] - dots[1][1]) > 0.2
    until(lambda: pinned_at(at, images.nth(1)) == pytest.approx(dots[1], abs=0.006))
    thread.locator("summary").first.click()
    older = thread.locator(".gofigr-olders .gofigr-said")
    expect(older).to_contain_text("revision 1")
    expect(older).to_contain_text("Too high?")
    expect(older.get_by_role("button", name="Pin 1: x = ")).to_be_visible()
    expect(older.get_by_role("button", name="Reply")).to_have_count(0)
    at.notebook.screenshot(pictures / "thread-data-pins.png")


MOVED = """
import plotly.graph_objects as go
figure = go.Figure(go.Scatter(x=["2024-05-01", "2024-05-03", "2024-05-09"], y=[1, 10, 100], mode="markers"))
figure.update_yaxes(type="log")
figure.update_layout(title="Days", width=600, height=420, paper_bgcolor="#eee")
figure.show()
"""
WHERE = """(() => {
  const gd = document.querySelector(".js-plotly-plot"), box = gd.querySelector(".main-svg").getBoundingClientRect();
  const { xaxis, yaxis } = gd._fullLayout, at = xaxis._offset + xaxis.d2p("2024-05-03"), down = yaxis._offset + yaxis.d2p(10);
  return [at / box.width, down / box.height];
})()"""


@pytest.mark.parametrize("lab", ["notebook"], indirect=True)
def test_a_pin_on_plotly_follows_its_axes(talk, server, lab, pictures):
    at = talk(MOVED)
    expect(at.page.locator(".gofigr-live")).to_contain_text("Published", timeout=60_000)
    revision = kernel_value(at.page, "session.cards._cards[-1].client_id")
    where = at.page.evaluate(WHERE)
    thread = on_card(at, 0)
    box, picture = thread.get_by_role("textbox", name="Write a comment"), at.page.locator(".js-plotly-plot .main-svg").first
    box.fill("The second day")
    thread.get_by_role("button", name="Pin", exact=True).click()
    size = picture.bounding_box()
    sheet = at.page.get_by_role("application", name="Click on the point")
    sheet.click(position={"x": where[0] * size["width"], "y": where[1] * size["height"]})
    box.press("Control+Enter")
    expect(thread.get_by_role("button", name="Pin 1: x = 2024-05-0")).to_be_visible()
    expect(thread.get_by_role("button", name="Reply", exact=True)).to_be_visible(timeout=20_000)
    (said,) = server.gf.comments.list(about(revision))
    day = datetime(2024, 5, 3, tzinfo=UTC).timestamp()
    assert (said.anchor.axes, said.anchor.x, said.anchor.y) == (0, pytest.approx(day, abs=7200), pytest.approx(10, rel=0.05))
    until(lambda: pinned_at(at, picture) == pytest.approx(where, abs=0.006))

    drag = at.page.locator(".js-plotly-plot .nsewdrag").bounding_box()
    left, top = drag["x"], drag["y"]
    at.page.mouse.move(left + 5, top + drag["height"] * 0.2)
    at.page.mouse.down()
    at.page.mouse.move(left + drag["width"] * 0.5, top + drag["height"] * 0.9, steps=5)
    at.page.mouse.up()  # a zoom to what was marked
    until(lambda: at.page.evaluate(WHERE) != where)
    until(lambda: pinned_at(at, picture) == pytest.approx(at.page.evaluate(WHERE), abs=0.006))
    at.notebook.screenshot(pictures / "thread-data-pins-plotly.png")


def pinned_at(at: Talk, picture: Locator) -> tuple[float, float] | None:
    """Where the tip of the only pin is, in fractions of a picture; None while it is drawn anew."""
    pin, box = (one.bounding_box() for one in (at.page.locator(".gofigr-pin"), picture))
    if pin is None or box is None:
        return None
    return (pin["x"] - box["x"]) / box["width"], (pin["y"] + pin["height"] - box["y"]) / box["height"]


HOSTILE = r"""
bad = '''<p onclick="window.hit=1" style="position:fixed" class="jp-Dialog" id="x" data-commandlinker-command="apputils:reset">text</p>
<img src="http://127.0.0.1:9/pixel" onerror="window.hit=1"><script>window.hit=1</script><svg onload="window.hit=1"><a href="javascript:window.hit=1">s</a></svg>
<style>body{display:none}</style><iframe src="javascript:window.hit=1"></iframe><form><input autofocus onfocus="window.hit=1"><button>b</button></form>
<a href="javascript:window.hit=1">j</a> <a href="/lab/api/x" data-x="1">r</a> <a href="https://example.org/?a=1" onclick="window.hit=1">good</a>
<math><mtext><table><mglyph><style><img src=x onerror="window.hit=1"></style></mglyph></table></mtext></math><h1>Head</h1><span class="mention">@ann</span>
<template><img src=x onerror="window.hit=1"></template>''' + "<div>" * 3000 + "deep"
name = "<b>Eve</b>\u202e" + "x" * 500
def answer(asked):
    if asked.get("do") in ("look", "open"):
        said = dict(id="<i>", who=name, user=name, at="never", html=bad, reactions=[["<b>", "9" * 50, True, [name]]])
        PAGES.tell(asked["key"], {"all": [said, dict(said, id="2", parent="2"), dict(said, id="3", parent="4"), dict(said, id="4", parent="3")], "me": {}})
    return {}
card, handle = show(answer)
"""


def test_hostile_text_stays_text(talk):
    asked: list[str] = []
    at = talk(HOSTILE)
    at.page.on("request", lambda request: asked.append(request.url))
    at.open()
    expect(at.thread.locator(".gofigr-entry")).to_have_count(4)
    body = at.thread.locator(".gofigr-body").first
    names = body.evaluate("e => [...e.querySelectorAll('*')].flatMap(one => [...one.attributes].map(a => a.name))")
    assert set(names) <= {"href", "title", "target", "rel", "class"}
    kinds = body.evaluate("e => [...new Set([...e.querySelectorAll('*')].map(one => one.localName))].sort()")
    assert set(kinds) <= {"p", "a", "span"}
    assert body.locator("a").evaluate_all("all => all.map(a => [a.href, a.target, a.rel])") == [
        ["https://example.org/?a=1", "_blank", "noopener noreferrer nofollow ugc"]
    ]
    classes = body.evaluate("e => [...e.querySelectorAll('[class]')].map(one => one.className)")
    assert sorted(set(classes)) == ["gofigr-heading", "gofigr-link", "gofigr-mention"]
    assert "deep" in body.inner_text()
    assert at.thread.locator(".gofigr-who").first.inner_text().startswith("<b>Eve</b>")
    at.page.wait_for_timeout(300)
    assert at.page.evaluate("window.hit") is None
    assert not [url for url in asked if ":9/" in url or "example.org" in url]
    assert at.page.evaluate("getComputedStyle(document.body).display") != "none"


def many(server: Table, revision: str, count: int) -> None:
    """A long conversation, made right in the store."""
    from gofigr_jupyter.server import conversation
    from gofigr_jupyter.server.store import find

    server.as_user("ann")
    with server.app.state.store.writing() as db:
        target = find.FINDERS["figure_revision"](db, revision)
        first = None
        for number in range(count):
            row, _ = conversation.say(db, target, "ann", f"Remark **{number}** about it", parent=first if number % 4 == 3 else None)
            first = row if number % 4 == 0 else first


def test_two_hundred_comments_open_at_their_end(talk, server, pictures):
    at = talk()
    many(server, at.revision, 200)
    at.page.evaluate("""() => {
      const card = document.querySelector('.gofigr-card');
      card.addEventListener('click', () => {
        const start = performance.now();
        const seen = new MutationObserver(() => {
          if (card.querySelectorAll('.gofigr-entry').length < 200) return;
          seen.disconnect();
          requestAnimationFrame(() => setTimeout(() => (window.took = performance.now() - start)));
        });
        seen.observe(card, { childList: true, subtree: true });
      }, { capture: true, once: true });
    }""")
    button = at.notebook.card().get_by_role("button", name="Comments")
    button.hover()
    expect(button).to_have_accessible_name("Comments (200)", timeout=30_000)
    button.click()
    expect(at.thread.locator(".gofigr-entry")).to_have_count(200, timeout=30_000)
    expect(at.entry("Remark 198")).to_be_in_viewport()
    at.page.wait_for_function("window.took")
    print(f"200 comments: {at.page.evaluate('window.took'):.0f} ms from the click to the paint")
    expect(at.box).to_be_visible()
    scroller = at.thread.locator(".gofigr-scroller")
    scroller.evaluate("e => { e.scrollTop = 500 }")
    at.page.wait_for_timeout(200)
    server.as_user("eve").comments.create(about(at.revision), "The newest")
    newer = at.thread.get_by_role("button", name="1 new comment")
    newer.wait_for()
    assert scroller.evaluate("e => e.scrollTop") == 500
    newer.click()
    expect(at.entry("The newest")).to_be_in_viewport()
    at.notebook.narrow(360)
    at.page.wait_for_timeout(300)
    at.box.scroll_into_view_if_needed()
    at.notebook.screenshot(pictures / "thread-narrow.png")
    assert at.thread.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


def test_the_keyboard_is_enough_and_nothing_secret_is_saved(talk, server, lab):
    at = talk()
    card, page = at.notebook.card(), at.page
    card.get_by_role("button", name="Comments").focus()
    page.keyboard.press("Enter")
    expect(at.box).to_be_focused(timeout=30_000)
    page.keyboard.type("dd are two letters")  # and a shortcut of the notebook, outside of boxes
    page.keyboard.press("Control+Enter")
    expect(at.settled("dd are two letters").get_by_role("button", name="AI reply")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "Delete"
    for label in ("Edit", "AI reply", "Reply", "React"):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.textContent") == label
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(at.entry("dd are").locator(".gofigr-chip")).to_have_text("👎1")
    assert page.evaluate("document.activeElement.textContent") == "React"
    at.notebook.save()
    saved = (lab.root / page.evaluate("jupyterapp.shell.currentWidget.context.path")).read_text()
    assert server.key not in saved
    assert "dd are two letters" not in saved
    assert server.key not in page.content()
