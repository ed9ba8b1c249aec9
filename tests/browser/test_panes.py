"""Both panes under one card: the kernel works, goes, comes back; the server goes and comes back; the output is drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.notebook import Notebook
from tests.browser.site import LATER, SIGNED_IN, write_notebook
from tests.browser.test_insight import Asking
from tests.browser.test_thread import LOAD, SHOW, Talk, kernel_value
from tests.server.insight.published import spring
from tests.server.table import about

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOTH = pytest.mark.parametrize("lab", ["lab", LATER], indirect=True)


class Panes:
    """A notebook with one card: what is said below it, and what is asked."""

    def __init__(self, notebook: Notebook, revision: str) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.revision = revision
        self.talk = Talk(notebook, revision)
        self.asking = Asking(notebook, revision)

    def open(self) -> None:
        self.talk.open()
        self.asking.open()

    def begin(self, comment: str) -> None:
        """Open both, ask something, and say something."""
        self.open()
        self.asking.ask("What is the slope?")
        self.asking.answered("What is the slope?")
        self.talk.say(comment)
        self.talk.settled(comment)

    def notices(self, words: str) -> list[Locator]:
        """Of both panes, once they say so."""
        found = [pane.get_by_role("status").filter(has_text=words) for pane in (self.talk.thread, self.asking.pane)]
        for one in found:
            expect(one).to_be_visible(timeout=30_000)
        return found

    def restart(self) -> None:
        self.page.evaluate("() => { jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }")

    def settle(self) -> None:
        """Wait until the kernel is there."""
        self.page.wait_for_function("jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")


@pytest.fixture
def panes(page, lab, server, request) -> Iterator[Callable[..., Panes]]:
    """Opens a notebook with a card of a new revision, and runs it."""

    def open_(*cells: str, run: bool = True) -> Panes:
        revision, name = spring(server, request.node.name), f"{request.node.originalname}.ipynb"
        write_notebook(lab.root / name, LOAD.format(url=server.url, revision=revision), *(cells or (SHOW,)), kernel=SIGNED_IN)
        notebook = Notebook(page, lab, name)
        if run:
            notebook.run_all()
        return Panes(notebook, revision)

    yield open_
    lab.shut_kernels()


@BOTH
def test_they_go_on_while_a_cell_runs(panes, server):
    at = panes(SHOW, "time.sleep(100)", run=False)
    at.notebook.start_all()
    at.open()
    at.asking.ask("What is the slope?")
    expect(at.asking.answered("What is the slope?").locator(".gofigr-answer")).to_contain_text("slope 2")
    at.talk.say("During the run")
    at.talk.settled("During the run")
    server.as_user("ann").comments.create(about(at.revision), "I hear you")
    at.talk.settled("I hear you")
    expect(at.asking.box).to_be_visible()
    assert at.page.locator(".jp-InputArea-prompt", has_text="[*]").count() == 1


@BOTH
def test_the_server_and_the_kernel_go_and_come_back(panes, server, lab, pictures):
    at = panes()
    talk, asking = at.talk, at.asking
    at.begin("first")

    server.stop()
    talk.say("not lost")
    expect(talk.entry("not lost").locator(".gofigr-marked")).to_have_text("waiting to be sent", timeout=30_000)
    talk.say("not wanted")
    talk.entry("not wanted").get_by_role("button", name="Take back").click(timeout=30_000)
    expect(talk.thread.locator(".gofigr-entry")).to_have_count(2)
    failed = asking.ask("Nor is this")
    expect(failed.locator(".gofigr-unsent")).to_contain_text("The server cannot be reached.", timeout=30_000)
    at.notebook.screenshot(pictures / f"panes-without-server-{lab.app}.png")
    server.start()
    failed.get_by_role("button", name="Ask again").click()
    asking.answered("Nor is this")
    talk.settled("not lost")
    expect(talk.thread.locator(".gofigr-notice")).to_be_hidden()

    server.stop()
    talk.say("left behind")
    expect(talk.entry("left behind").locator(".gofigr-marked")).to_have_text("waiting to be sent", timeout=30_000)
    talk.box.press_sequentially("half a comment")
    asking.box.press_sequentially("half a question")
    at.restart()
    for notice in at.notices("The kernel does not answer"):
        assert notice.get_by_role("link", name="Open its page").get_attribute("href").endswith("/r/x")
    first = talk.entry("first")
    expect(first).to_be_visible()
    expect(first.get_by_role("button", name="Reply", exact=True)).to_have_count(0)
    expect(asking.turn("What is the slope?").locator(".gofigr-answer")).to_contain_text("slope 2")
    expect(talk.box).to_have_value("half a comment")
    expect(asking.box).to_have_value("half a question")
    expect(talk.thread.get_by_role("button", name="Comment", exact=True)).to_be_disabled()
    expect(asking.pane.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    at.notebook.screenshot(pictures / f"panes-without-kernel-{lab.app}.png")

    at.settle()
    at.notebook.run_all()  # another session shows what this one has left
    at.notebook.card().get_by_role("button", name="Comments").click()
    expect(talk.entry("left behind").locator(".gofigr-marked")).to_have_text("waiting to be sent", timeout=30_000)
    expect(talk.thread.locator(".gofigr-notice")).to_contain_text("What you write now waits on this machine")
    at.notebook.screenshot(pictures / f"panes-waiting-{lab.app}.png")
    server.start()
    talk.settled("left behind")
    expect(talk.thread.locator(".gofigr-notice")).to_be_hidden()
    assert [one.content for one in server.gf.comments.list(about(at.revision))] == ["first", "not lost", "left behind"]
    asking.open()
    asking.ask("What is the slope?")
    asking.answered("What is the slope?")
    assert not [error for error in at.notebook.errors if "blob:" in error]


AGAIN = """
go = []
def again():
    for number in range(2):
        while len(go) <= number: time.sleep(.05)
        handle.update(card.bundle(), raw=True)
threading.Thread(target=again, daemon=True).start()
"""


def test_what_is_typed_outlives_a_new_drawing_and_answers_a_new_page(panes):
    at = panes(SHOW, AGAIN)
    talk, asking = at.talk, at.asking
    at.open()
    asking.ask("What is the slope?")
    asking.answered("What is the slope?")
    for box, other in ((talk.box, asking.box), (asking.box, talk.box)):
        before = other.input_value()
        box.press_sequentially("half a sent")
        at.page.evaluate("document.querySelector('.gofigr-card').dataset.before = 'yes'")
        at.notebook.execute("go.append(1)")
        at.page.wait_for_function(
            "document.querySelector('.gofigr-card') && !document.querySelector('.gofigr-card').dataset.before"
        )
        expect(box).to_have_value("half a sent")
        expect(box).to_be_focused()
        at.page.keyboard.type("ence")
        expect(box).to_have_value("half a sentence")
        expect(other).to_have_value(before)
        asking.answered("What is the slope?")
    button = at.notebook.card().get_by_role("button", name="Comments")
    button.click()
    expect(talk.thread).to_have_count(0)
    button.click()
    expect(talk.box).to_have_value("half a sentence")
    at.notebook.save()
    at.notebook.reload()
    asking.open()
    asking.answered("What is the slope?")


def test_unloaded_they_are_text(panes, pictures):
    at = panes()
    talk, asking = at.talk, at.asking
    at.begin("Still here")
    talk.box.press_sequentially("and this")
    asking.box.press_sequentially("and that")
    at.notebook.execute("%unload_ext gofigr_jupyter")
    expect(talk.thread.get_by_role("status").filter(has_text="What was said so far stays here")).to_be_visible()
    expect(asking.pane.get_by_role("status").filter(has_text="What was answered so far stays here")).to_be_visible()
    for pane, text, kept in ((talk.thread, "Still here", "and this"), (asking.pane, "slope 2", "and that")):
        expect(pane.get_by_role("button")).to_have_count(0)
        expect(pane.get_by_role("textbox")).to_have_value(kept)
        assert text in pane.inner_text()
    at.notebook.screenshot(pictures / "panes-ended.png")
    threads = kernel_value(at.page, "[one.name for one in __import__('threading').enumerate() if one.name == 'gofigr-thread']")
    assert threads == []
