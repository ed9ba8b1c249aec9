"""The card in real JupyterLab and Notebook: what people see, click, type and save."""

from __future__ import annotations

import json
import time

import pytest

from tests.browser.notebook import Notebook
from tests.browser.site import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETUP = """
import threading, time
from IPython.display import display
from gofigr_jupyter.records import Download
from gofigr_jupyter.widgets.card import Card, CardState
WEB = "{web}"
asked, pace = [], [0.0]
def answer(request):
    asked.append(request)
    time.sleep(pace[0])
    if request["ask"] == "download":
        return dict(url=f"{{WEB}}/file/" + request["name"].replace(" ", "_"))
    return dict(url=f"{{WEB}}/ticket/once") if request["ask"] == "open" else dict()
forms = (Download("png", "d0", 80_213), Download("svg", "d1", 34_000), Download("png", "d2", 83_100, True))
def show(compact=False, **state):
    card = Card(CardState(**dict(dict(name="Petal length", state="complete", link=f"{{WEB}}/r/aB3xY9",
                short_id="aB3xY9", revision_number=3, size_bytes=412_000, downloads=forms), **state)), compact, answer)
    handle = display(card.bundle(), raw=True, display_id=True)
    return card, handle
"""
STATES = """
show(masked=2, missing=dict(pdf="No fonts were found"))
show(state="saved"); show(state="uploading"); show(state="published"); show(unchanged=True); show(True)
show(state="waiting", problem="The server did not answer.", advice="It is tried again by itself; nothing is lost.")
show(state="failed", problem="The workspace is gone.", advice="Choose another.");
"""
NASTY = """
bad = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'
show(name=bad, state="failed", problem=bad, advice=bad, link="javascript:window.hit=1", short_id=bad, missing={bad: bad})
show(name=bad, link="http://x/" + bad.replace(" ", ""));
"""


@pytest.fixture
def opened(page, site, web, request):
    """Opens a notebook of the set-up and the given cells, and runs them."""

    def open_(*cells: str, run: bool = True) -> Notebook:
        name = f"{request.node.originalname}-{site.app}.ipynb"
        write_notebook(site.root / name, SETUP.format(web=web.url), *cells)
        web.asked.clear()
        notebook = Notebook(page, site, name)
        if run:
            notebook.run_all()
        return notebook

    yield open_
    site.shut_kernels()


def test_states_are_said_in_words_and_read_well_in_light_and_dark(opened, site, pictures):
    notebook = opened(STATES)
    notebook.card(7)
    said = [notebook.card(n).locator(".gofigr-said").inner_text() for n in range(8)]
    assert said == [
        "Published", "Saved on this machine", "Uploading", "Published, more formats on the way",
        "Unchanged, already published", "Published", "Saved on this machine, waiting to upload", "Not published",
    ]  # fmt: skip
    first = notebook.card(0)
    assert first.locator(".gofigr-name").inner_text() == "Petal length"
    assert first.locator(".gofigr-facts").inner_text() == "Revision 3 · Published · 412 KB · 2 secrets masked"
    assert notebook.card(5).get_by_role("button").count() == 1  # the compact one: copy link, nothing more
    assert "Choose another." in notebook.card(7).inner_text()
    first.get_by_role("button", name="Downloads").click()
    for theme in ("Light", "Dark"):
        notebook.theme(theme)
        first.scroll_into_view_if_needed()
        notebook.screenshot(pictures / f"{site.app}-{theme.lower()}.png")
        assert _contrasts(notebook.page) >= 4.5
    notebook.narrow()
    notebook.page.wait_for_timeout(300)
    notebook.card(0).scroll_into_view_if_needed()
    notebook.screenshot(pictures / f"{site.app}-narrow.png")
    assert notebook.cards().evaluate_all("cards => cards.every(c => c.scrollWidth <= c.clientWidth + 1)")


def test_the_link_opens_with_a_ticket_even_while_a_cell_runs(opened, web):
    notebook = opened("show();", "time.sleep(100)", run=False)
    notebook.start_all()
    link = notebook.card().get_by_role("link")
    assert link.get_attribute("href") == f"{web.url}/r/aB3xY9"
    with notebook.page.context.expect_page() as tab:
        link.click()
    tab.value.wait_for_url("**/ticket/once", timeout=5000)
    assert web.asked[0] == "/ticket/once"
    assert tab.value.evaluate("window.opener") is None
    assert notebook.page.locator(".jp-InputArea-prompt", has_text="[*]").count() == 1  # it does still run


def test_without_an_answer_the_plain_link_has_to_do(opened, web):
    deaf = "from gofigr_jupyter.widgets.live import PAGES\nassert PAGES.ready(30)\n"
    notebook = opened("show();", deaf + "PAGES._widget.on_msg(PAGES._hear, remove=True)")
    start = time.monotonic()
    with notebook.page.context.expect_page() as tab:
        notebook.card().get_by_role("link").click()
    tab.value.wait_for_url("**/r/aB3xY9")
    assert time.monotonic() - start > 1.5


def test_a_slow_answer_is_waited_for(opened, web):
    notebook = opened("pace[0] = 4; show();")
    with notebook.page.context.expect_page() as tab:
        notebook.card().get_by_role("link").click()
    tab.value.wait_for_url("**/ticket/once")
    assert web.asked[0] == "/ticket/once"


def test_downloads_come_with_and_without_watermark(opened, web):
    notebook = opened("card, handle = show()")
    card = notebook.card()
    assert card.get_by_role("group", name="Download").is_hidden()
    card.get_by_role("button", name="Downloads").click()
    assert card.get_by_role("group", name="Download").inner_text().split("\n") == [
        "PNG80 KB", "SVG34 KB", "PNG with watermark83 KB",
    ]  # fmt: skip
    for label, name in (("SVG,", "Petal_length.svg"), ("PNG with watermark", "Petal_length_(watermark).png")):
        with notebook.page.context.expect_page() as tab, notebook.page.context.expect_event("download") as got:
            card.get_by_role("button", name=f"Download Petal length as {label}").click()
        assert got.value.suggested_filename == name
        for _ in range(100):  # no blank tab stays behind
            if tab.value.is_closed():
                break
            notebook.page.wait_for_timeout(100)
        assert tab.value.is_closed()
    assert web.asked == ["/file/Petal_length.svg", "/file/Petal_length_(watermark).png"]


def test_the_keyboard_reaches_everything(opened):
    notebook = opened("show();")
    card, page = notebook.card(), notebook.page
    card.get_by_role("link").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Copy link"
    page.keyboard.press("Enter")
    card.get_by_role("status").filter(has_text="Link copied").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()").endswith("/r/aB3xY9")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.ariaExpanded") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Download Petal length as PNG, 80 KB"
    assert page.locator(".jp-mod-editMode").count() == 0  # the notebook took none of the keys


def test_a_failed_figure_can_be_tried_again(opened):
    notebook = opened(
        "card, _ = show(state='failed', problem='The workspace is gone.')",
        "def retry(request):\n    card.update(CardState(name='Petal length', state='uploading'))\n    return {}\n"
        "card._on_request = retry",
    )
    notebook.card().get_by_role("button", name="Try again").click()
    notebook.card().locator(".gofigr-said", has_text="Uploading").wait_for()
    assert notebook.card().get_by_role("button", name="Try again").count() == 0


def test_what_is_open_stays_open_when_the_card_is_drawn_anew(opened):
    notebook = opened(
        "card, handle = show()\n"
        "def later():\n"
        "    while not asked: time.sleep(.05)\n"
        "    card.update(CardState(name='Petal length', revision_number=4, downloads=forms))\n"
        "    handle.update(card.bundle(), raw=True)\n"
        "threading.Thread(target=later, daemon=True).start()"
    )
    card = notebook.card()
    card.get_by_role("button", name="Downloads").click()
    with notebook.page.context.expect_event("download"):
        card.get_by_role("button", name="Download Petal length as SVG").click()
    notebook.card().locator(".gofigr-facts", has_text="Revision 4").wait_for()
    notebook.page.wait_for_timeout(500)
    assert notebook.card().get_by_role("group", name="Download").is_visible()
    assert notebook.cards().count() == 1


def test_people_text_is_never_markup(opened):
    notebook = opened(NASTY)
    notebook.card(1)
    assert notebook.page.locator(".gofigr-card img, .gofigr-card script").count() == 0
    assert notebook.page.evaluate("window.hit") is None
    assert not [error for error in notebook.errors if "blob:" in error]
    assert notebook.page.locator("a[href^=javascript]").count() == 0


def test_reloading_the_page_brings_the_card_back(opened):
    notebook = opened("show();")
    notebook.card()
    notebook.save()
    notebook.reload()
    notebook.card().get_by_role("button", name="Downloads").click()
    assert notebook.card().get_by_role("group", name="Download").is_visible()


def test_without_the_extension_the_html_stands_again(opened):
    notebook = opened("card, handle = show()", "from gofigr_jupyter.widgets import live")
    notebook.card()
    notebook.page.evaluate(
        "code => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}).done",
        "live.close()",
    )
    notebook.page.locator(".jp-OutputArea-output", has_text="Petal length · Revision 3 · Published").wait_for()
    assert notebook.cards().count() == 0


def test_a_saved_notebook_without_its_kernel_shows_the_html(opened, site, pictures):
    notebook = opened("show(masked=2);")
    notebook.card()
    notebook.save()
    site.shut_kernels()
    notebook.reload()
    saved = notebook.page.locator(".jp-OutputArea-output", has_text="Petal length · Revision 3 · Published")
    saved.wait_for()
    assert saved.get_by_role("link").get_attribute("href").endswith("/r/aB3xY9")
    assert "412 KB · 2 secrets masked" in saved.inner_text()
    assert notebook.cards().count() == 0
    for theme in ("Light", "Dark"):
        notebook.theme(theme)
        notebook.screenshot(pictures / f"{site.app}-saved-{theme.lower()}.png")
    assert "token" not in json.dumps((site.root / _saved_name(notebook)).read_text()).lower()


def _saved_name(notebook: Notebook) -> str:
    return notebook.page.evaluate("jupyterapp.shell.currentWidget.context.path")


def _contrasts(page) -> float:
    """The smallest contrast (WCAG) between any text of a card and what lies behind it."""
    return page.evaluate(
        """() => {
          const parse = (c) => { const ctx = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
            ctx.fillStyle = c; ctx.fillRect(0, 0, 1, 1); const d = ctx.getImageData(0, 0, 1, 1).data;
            return [d[0], d[1], d[2], d[3] / 255]; };
          const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
          const behind = (e) => { const stack = [];
            for (; e; e = e.parentElement) stack.push(getComputedStyle(e).backgroundColor);
            return stack.reverse().reduce((under, c) => over(raw(c), under), [255, 255, 255]); };
          const raw = (c) => { const n = c.match(/[\\d.]+/g).map(Number);
            return c.startsWith('rgb') ? [n[0], n[1], n[2], n[3] ?? 1] : [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1]; };
          const light = (c) => { const l = c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; };
          const ratios = [];
          for (const e of document.querySelectorAll('.gofigr-card *')) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility()) continue;
            const back = behind(e), front = light(over(raw(getComputedStyle(e).color), back)), base = light(back);
            ratios.push((Math.max(front, base) + .05) / (Math.min(front, base) + .05));
          }
          return Math.min(...ratios);
        }"""
    )
