"""Deep Insight under a card in a real JupyterLab: asked of a real server, answered by its record or by a slow model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.notebook import Notebook
from tests.browser.site import LATER, SIGNED_IN, write_notebook
from tests.browser.test_card import _contrasts
from tests.browser.test_thread import LOAD, SHOW, hindrances
from tests.server.insight.model import Model, answering, model
from tests.server.insight.published import CODE, spring

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Asking:
    """A notebook with one card, its pane, and the revision that they are about."""

    def __init__(self, notebook: Notebook, revision: str) -> None:
        self.notebook = notebook
        self.page: Page = notebook.page
        self.revision = revision
        self.pane: Locator = self.page.locator(".gofigr-insight")
        self.box: Locator = self.pane.get_by_role("textbox", name="Ask about this figure")
        self.standing: Locator = self.pane.locator(".gofigr-standing")

    def open(self) -> None:
        """Click on the card's button, and wait for the word who answers."""
        self.notebook.card().get_by_role("button", name="Ask Deep Insight").click()
        expect(self.box).to_be_focused(timeout=30_000)
        expect(self.standing).not_to_be_empty(timeout=30_000)

    def ask(self, question: str) -> Locator:
        self.box.fill(question)
        self.box.press("Enter")
        return self.turn(question)

    def turn(self, question: str) -> Locator:
        """A question with its answer."""
        return self.pane.locator(".gofigr-turn", has=self.page.locator(".gofigr-question", has_text=question)).last

    def answered(self, question: str) -> Locator:
        """The same, once the answer is whole."""
        turn = self.turn(question)
        expect(turn).to_have_attribute("data-state", "done", timeout=30_000)
        return turn

    def suggestion(self, question: str) -> Locator:
        return self.pane.get_by_role("group", name="Suggested questions").get_by_role("button", name=question)


@pytest.fixture
def asking(page, lab, server, request) -> Iterator[Callable[..., Asking]]:
    """Opens a notebook with a card of a figure's last revision, and runs it."""

    def open_(*cells: str, run: bool = True, revision: str = "") -> Asking:
        shown, name = revision or spring(server, request.node.name), f"{request.node.originalname}.ipynb"
        write_notebook(lab.root / name, LOAD.format(url=server.url, revision=shown), *(cells or (SHOW,)), kernel=SIGNED_IN)
        notebook = Notebook(page, lab, name)
        if run:
            notebook.run_all()
        return Asking(notebook, shown)

    yield open_
    lab.shut_kernels()


@pytest.fixture
def slow() -> Iterator[Model]:
    with model() as made:
        yield made


@pytest.mark.parametrize("lab", ["lab", "notebook"], indirect=True)
def test_a_figure_answers_from_its_record(asking, server, lab, pictures):
    name = f"Bent {lab.app}"
    spring(server, name)
    at = asking(revision=spring(server, name, slope=3.0, code=CODE + "\nplt.grid()"))
    at.open()
    expect(at.standing).to_have_text("Answered from the figure's record, on the server.")
    at.ask("What is the slope?")
    first = at.answered("What is the slope?")
    expect(first.locator(".gofigr-answer")).to_contain_text("slope 3")
    expect(first.locator(".gofigr-by")).to_have_text("machine · computed from the record")
    expect(at.pane.locator("[aria-live=polite]")).to_contain_text("slope 3")
    first.get_by_role("button", name="Show table Spring").click()
    expect(first.locator(".gofigr-shown th")).to_have_text(["Length (mm)", "Force (N)"])
    expect(first.locator(".gofigr-shown tbody tr").last).to_have_text("310")
    at.box.focus()
    expect(at.box).to_be_focused()
    at.ask("And in which unit?")
    expect(at.answered("And in which unit?").locator(".gofigr-answer")).to_contain_text("mm")
    at.notebook.screenshot(pictures / f"insight-light-{lab.app}.png")

    at.suggestion("Which code made this?").click()
    code = at.answered("Which code made this?")
    expect(code.locator("pre")).to_contain_text("plt.grid()")
    code.get_by_role("button", name="Copy the code").click()
    expect(code.get_by_role("status")).to_have_text("Copied")
    expect(code.locator(".gofigr-copied svg")).to_be_visible()
    assert "plt.grid()" in at.page.evaluate("navigator.clipboard.readText()")

    at.suggestion("What changed since revision 1?").click()
    changed = at.answered("What changed since revision 1?")
    changed.get_by_text("All differences, as they were computed").click()
    expect(changed.locator("dt")).to_have_text(["Code", "Plotted data", "Picture"])
    expect(changed.locator("dd").filter(has_text="greatest 7 → 10")).to_be_visible()
    chip = changed.get_by_role("button", name="Show code").first
    chip.click()
    expect(changed.locator(".gofigr-shown pre")).to_contain_text("plt.grid()")
    at.notebook.screenshot(pictures / f"insight-changes-{lab.app}.png")
    at.page.keyboard.press("Escape")
    expect(changed.locator(".gofigr-shown pre")).to_have_count(0)
    expect(chip).to_be_focused()

    at.ask("Which packages?")
    with at.page.context.expect_page() as opened:
        at.answered("Which packages?").get_by_role("button", name="Open record").first.click()
    opened.value.wait_for_url(f"{server.url}/revision/{at.revision}**", timeout=30_000)
    expect(opened.value.locator("h1")).to_be_visible()
    opened.value.close()

    assert _contrasts(at.page) >= 4.5
    at.notebook.theme("Dark")
    at.notebook.screenshot(pictures / f"insight-dark-{lab.app}.png")
    assert _contrasts(at.page) >= 4.5
    at.notebook.narrow(360)
    at.page.wait_for_timeout(300)
    at.box.scroll_into_view_if_needed()
    at.notebook.screenshot(pictures / f"insight-narrow-{lab.app}.png")
    assert at.pane.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    assert not [error for error in at.notebook.errors if "blob:" in error]


def moving(page: Page) -> list[str]:
    """The animations that run in the cards."""
    script = "document.getAnimations().filter(one => one.effect.target.closest('.gofigr-card')).map(one => one.animationName)"
    return page.evaluate(script)


@pytest.mark.parametrize("lab", ["lab", LATER], indirect=True)
def test_a_slow_model_is_asked_after_consent_and_can_be_stopped(asking, server, slow, lab, pictures):
    with answering(server, slow.settings(is_local=False)):
        at = asking()
        at.open()
        host = f"0.0.0.0:{slow.server_port}"
        expect(at.standing).to_have_text(f"Sends the record of this figure to {host}, model small.")
        turn = at.ask("What is the slope?")
        consent = turn.get_by_role("group", name="What would leave this machine")
        expect(consent).to_contain_text(host, timeout=30_000)
        expect(consent).to_be_focused()
        consent.locator("summary").click()
        expect(consent.locator("pre")).to_contain_text("What is the slope?")
        expect(consent.get_by_role("button", name="Agree and ask")).to_be_in_viewport(ratio=1)
        consent.get_by_role("button", name="Not now").click()
        expect(at.pane.locator(".gofigr-turn")).to_have_count(0)
        expect(at.box).to_have_value("What is the slope?")
        expect(at.box).to_be_focused()
        assert slow.asked == []

        at.box.press("Control+Enter")
        turn.get_by_role("button", name="Agree and ask").click(timeout=30_000)
        slow.say("It rises by **2 N per", " mm**, and the p-value is 0.0312")
        answer = turn.locator(".gofigr-answer")
        expect(answer).to_contain_text("0.0312", timeout=30_000)
        expect(answer.locator("strong")).to_have_text("2 N per mm")
        expect(answer).to_have_attribute("aria-busy", "true")
        at.notebook.screenshot(pictures / f"insight-answering-{lab.app}.png")
        assert moving(at.page) == ["gofigr-wait"]
        at.page.emulate_media(reduced_motion="reduce")
        assert moving(at.page) == []
        slow.end()
        expect(at.answered("What is the slope?").locator(".gofigr-by")).to_have_text("machine · small")
        expect(answer).to_contain_text("Not in the record: 0.0312.")

        second = at.ask("Tell me more")
        slow.say("There is much to")
        expect(second.locator(".gofigr-answer")).to_contain_text("There is much to", timeout=30_000)
        at.pane.get_by_role("button", name="Stop").click()
        expect(second).to_have_attribute("data-state", "stopped")
        expect(second.locator(".gofigr-by")).to_have_text("machine · small · stopped")
        expect(second.locator(".gofigr-answer")).to_contain_text("There is much to")
        while not slow.hung_up.wait(0.02):
            slow.say(" say")
        expect(at.box).to_be_focused()


@pytest.mark.parametrize("lab", ["lab", LATER], indirect=True)
def test_nothing_hinders_assistive_technology(asking, server, slow, lab, pictures):
    name = f"Heard {lab.app}"
    spring(server, name)
    at = asking(revision=spring(server, name, slope=3.0, code=CODE + "\nplt.grid()"))
    at.open()
    at.ask("What is the slope?")
    at.answered("What is the slope?").get_by_role("button", name="Show table Spring").click()
    at.suggestion("What changed since revision 1?").click()
    changed = at.answered("What changed since revision 1?")
    changed.get_by_text("All differences, as they were computed").click()
    changed.get_by_role("button", name="Show code").first.click()
    expect(at.pane.locator(".gofigr-shown :is(table, pre)")).to_have_count(2)
    with answering(server, slow.settings(is_local=False)):
        turn = at.ask("Why?")
        turn.get_by_role("group", name="What would leave this machine").locator("summary").click(timeout=30_000)
        for theme in ("Light", "Dark"):
            at.notebook.theme(theme)
            assert hindrances(at.page) == []
            at.notebook.screenshot(pictures / f"insight-consent-{lab.app}-{theme.lower()}.png")
        turn.get_by_role("button", name="Agree and ask").click()
        slow.say("It is a **spring**")
        expect(turn.locator("strong")).to_have_text("spring", timeout=30_000)
        for theme in ("Light", "Dark"):
            at.notebook.theme(theme)
            assert hindrances(at.page) == []
        slow.end()
        expect(turn).to_have_attribute("data-state", "done", timeout=30_000)
    at.page.evaluate("document.querySelector('.gofigr-insight').append(document.createElement('img'))")
    assert any(one.startswith("image-alt") for one in hindrances(at.page))  # it does look


HOSTILE = [
    "<script>window.hit=1</script><img src=http://127.0.0.1:9/pixel onerror=window.hit=1> ",
    "![remote](http://127.0.0.1:9/pixel.png) [j](javascript:window.hit=1) [d](data:text/html,x) [good](https://example.org/) ",
    "<svg onload=window.hit=1><style>body{display:none}</style></svg> \u202egnihtemos ",
    "\n\n# Head\n\n```\n<b>code</b>\n```\n\n" + "[" * 10_000,
]


def test_a_hostile_answer_stays_text(asking, server, slow):
    asked: list[str] = []
    with answering(server, slow.settings(is_local=True)):
        at = asking()
        at.page.on("request", lambda request: asked.append(request.url))
        at.open()
        turn = at.ask("<img src=x onerror=window.hit=1>")
        slow.say(*HOSTILE)
        expect(turn.locator(".gofigr-answer")).to_contain_text("[[[[", timeout=30_000)
        slow.end()
        expect(turn).to_have_attribute("data-state", "done", timeout=30_000)
    body = turn.locator(".gofigr-answer")
    names = body.evaluate("e => [...e.querySelectorAll('*')].flatMap(one => [...one.attributes].map(a => a.name))")
    assert set(names) <= {"href", "title", "target", "rel", "class"}
    assert set(body.locator("a").evaluate_all("all => all.map(a => a.protocol)")) <= {"http:", "https:"}
    assert "\u202e" not in body.inner_text()
    assert turn.locator(".gofigr-question").inner_text() == "<img src=x onerror=window.hit=1>"
    at.page.wait_for_timeout(300)
    assert at.page.evaluate("window.hit") is None
    assert not [url for url in asked if ":9/" in url or "example.org" in url]
    assert at.page.evaluate("getComputedStyle(document.body).display") != "none"


FIRST_WORDS = """() => new Promise((resolve) => {
  const pane = document.querySelector('.gofigr-insight'), before = pane.querySelectorAll('.gofigr-turn').length;
  const start = performance.now();
  new MutationObserver((_, seen) => {
    const turns = pane.querySelectorAll('.gofigr-turn');
    if (turns.length === before || !turns[before].querySelector('.gofigr-answer li, .gofigr-answer strong')) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
  }).observe(pane, { childList: true, subtree: true });
  pane.querySelector('.gofigr-suggestion').click();
})"""


def test_first_words_are_there_soon(asking):
    at = asking()
    at.open()
    expect(at.suggestion("Describe this figure")).to_be_enabled(timeout=30_000)
    took = []
    for number in range(3):
        took.append(at.page.evaluate(FIRST_WORDS))
        expect(at.pane.locator("[data-state=done]")).to_have_count(number + 1, timeout=30_000)
    print(f"first words of an answer: {', '.join(f'{one:.0f}' for one in took)} ms after the click")


def test_the_keyboard_is_enough_and_nothing_is_saved(asking, server, lab):
    at = asking()
    card, page = at.notebook.card(), at.page
    card.get_by_role("button", name="Ask Deep Insight").focus()
    page.keyboard.press("Enter")
    expect(at.box).to_be_focused(timeout=30_000)
    expect(at.suggestion("What is the trend?")).to_be_visible(timeout=30_000)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "What is the trend?"
    page.keyboard.press("Enter")
    at.answered("What is the trend?")
    at.box.focus()
    page.keyboard.type("dd and aa")  # shortcuts of the notebook, outside of boxes
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("what is the slope?")
    page.keyboard.press("Enter")
    at.answered("dd and aa")
    assert page.locator(".jp-Cell.jp-CodeCell").count() == 2
    expect(at.box).to_have_value("")
    page.keyboard.press("Escape")
    expect(at.pane).to_have_count(0)
    expect(card.get_by_role("button", name="Ask Deep Insight")).to_be_focused()
    page.keyboard.press("Enter")
    at.answered("What is the trend?")
    at.notebook.save()
    saved = (lab.root / page.evaluate("jupyterapp.shell.currentWidget.context.path")).read_text()
    assert server.key not in saved
    assert "What is the trend" not in saved
    assert server.key not in page.content()
