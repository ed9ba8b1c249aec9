"""The card in real JupyterLab and Notebook: what people see, click, type and save."""

from __future__ import annotations

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


BOTH = pytest.mark.parametrize("site", ["lab", "notebook"], indirect=True)


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


def test_states_are_said_in_words_that_read_well_and_people_text_is_never_markup(opened, site, pictures):
    notebook = opened(STATES, NASTY)
    notebook.card(9)
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
    assert notebook.page.locator(".gofigr-card img, .gofigr-card script").count() == 0
    assert notebook.page.evaluate("window.hit") is None
    assert not [error for error in notebook.errors if "blob:" in error]
    assert notebook.page.locator("a[href^=javascript]").count() == 0


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


def test_the_picture_on_a_cdn_is_a_link_and_an_address_to_copy(opened, web, pictures):
    notebook = opened('show(cdn=f"{WEB}/cdn/sites/abc/growth.png"); show(cdn_waits="The server has trouble (503)");')
    waiting, card = notebook.card(1), notebook.card()
    assert card.get_by_role("link").all_inner_texts() == ["aB3xY9", "CDN"]
    assert waiting.get_by_role("link").all_inner_texts() == ["aB3xY9"]
    assert "Not on the CDN yet: The server has trouble (503)" in waiting.inner_text()
    card.get_by_role("button", name="Downloads").click()
    card.get_by_role("button", name="Copy CDN address").click()
    card.get_by_role("status").filter(has_text="Address copied").wait_for(state="attached")
    assert notebook.page.evaluate("navigator.clipboard.readText()") == f"{web.url}/cdn/sites/abc/growth.png"
    notebook.screenshot(pictures / "cdn.png")


DEAF = "from gofigr_jupyter.widgets.live import PAGES; PAGES._widget.on_msg(PAGES._hear, remove=True)"


@BOTH
def test_keys_and_clicks_reach_everything(opened, web):
    notebook = opened("show();")
    card, page = notebook.card(), notebook.page
    assert card.get_by_role("group", name="Download").is_hidden()
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
    downloads_come(notebook)
    assert web.asked == ["/file/Petal_length.svg", "/file/Petal_length_(watermark).png"]

    notebook.execute("pace[0] = 3")  # longer than a click waits for a kernel that says nothing
    with page.context.expect_page() as tab:
        card.get_by_role("link").click()
    tab.value.wait_for_url("**/ticket/once")
    assert web.asked[2:] == ["/ticket/once"]

    notebook.execute(DEAF)  # now the plain link has to do
    start = time.monotonic()
    with page.context.expect_page() as tab:
        card.get_by_role("link").click()
    tab.value.wait_for_url("**/r/aB3xY9")
    assert time.monotonic() - start > 1.5


def downloads_come(notebook: Notebook) -> None:
    """With the watermark and without, and no blank tab stays behind."""
    card = notebook.card()
    assert card.get_by_role("group", name="Download").inner_text().split("\n") == [
        "PNG80 KB", "SVG34 KB", "PNG with watermark83 KB",
    ]  # fmt: skip
    tabs = []
    for label, name in (("SVG,", "Petal_length.svg"), ("PNG with watermark", "Petal_length_(watermark).png")):
        with notebook.page.context.expect_page() as tab, notebook.page.context.expect_event("download") as got:
            card.get_by_role("button", name=f"Download Petal length as {label}").click()
        assert got.value.suggested_filename == name
        tabs.append(tab.value)
    for one in tabs:
        if not one.is_closed():
            one.wait_for_event("close", timeout=10_000)


RETRY = """
def retry(request):
    card.update(CardState(name='Petal length', state='uploading'))
    card._on_request = answer
    return {}
card._on_request = retry
def later():
    card.update(CardState(name='Petal length', revision_number=4, downloads=forms))
    handle.update(card.bundle(), raw=True)
"""


def test_a_failed_figure_is_tried_again_and_what_is_open_stays_open_when_it_is_drawn_anew(opened):
    notebook = opened("card, handle = show(state='failed', problem='The workspace is gone.')", RETRY)
    notebook.card().get_by_role("button", name="Try again").click()
    notebook.card().locator(".gofigr-said", has_text="Uploading").wait_for()
    assert notebook.card().get_by_role("button", name="Try again").count() == 0

    notebook.execute("card.update(CardState(name='Petal length', revision_number=3, downloads=forms))")
    card = notebook.card()
    card.get_by_role("button", name="Downloads").click()
    with notebook.page.context.expect_event("download"):
        card.get_by_role("button", name="Download Petal length as SVG").click()
    notebook.page.evaluate("document.querySelector('.gofigr-card').dataset.before = 'yes'")
    notebook.execute("threading.Thread(target=later).start()")
    notebook.page.locator(".gofigr-card:not([data-before]) .gofigr-facts", has_text="Revision 4").wait_for()
    assert notebook.card().get_by_role("group", name="Download").is_visible()
    assert notebook.cards().count() == 1


@BOTH
def test_a_saved_card_comes_back_and_is_html_without_the_extension_or_its_kernel(opened, site, pictures):
    notebook = opened("show(masked=2);", "from gofigr_jupyter.widgets import live")
    notebook.card()
    notebook.save()
    assert "token" not in (site.root / _saved_name(notebook)).read_text().lower()
    notebook.reload()
    notebook.card().get_by_role("button", name="Downloads").click()
    assert notebook.card().get_by_role("group", name="Download").is_visible()
    saved = notebook.page.locator(".jp-OutputArea-output", has_text="Petal length · Revision 3 · Published")
    notebook.execute("live.close()")
    saved.wait_for()
    assert notebook.cards().count() == 0

    site.shut_kernels()
    notebook.reload()
    saved.wait_for()
    assert saved.get_by_role("link").get_attribute("href").endswith("/r/aB3xY9")
    assert "412 KB · 2 secrets masked" in saved.inner_text()
    assert notebook.cards().count() == 0
    for theme in ("Light", "Dark"):
        notebook.theme(theme)
        notebook.screenshot(pictures / f"{site.app}-saved-{theme.lower()}.png")


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
