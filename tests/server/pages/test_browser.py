"""The pages in a real Chromium: nothing is blocked or broken, they fit a phone, they work by keyboard and in the dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.notebook import launch
from tests.server.pages.conftest import House

pytestmark = pytest.mark.browser

# What WCAG asks of text against its background, computed from the painted colours.
CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const over = (top, below) => top.slice(0, 3).map((v, i) => v * (top[3] ?? 1) + below[i] * (1 - (top[3] ?? 1)));
  const ground = e => { const stack = [];
    for (; e; e = e.parentElement) stack.push(parse(getComputedStyle(e).backgroundColor));
    return stack.reverse().reduce((below, c) => over(c, below), [255, 255, 255]); };
  const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('[aria-hidden=true]')) continue;
    const back = ground(e), ink = over(parse(getComputedStyle(e).color), back);
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05), size = parseFloat(getComputedStyle(e).fontSize);
    if (ratio < (size >= 24 ? 3 : 4.5)) poor.push([walker.currentNode.data.trim().slice(0, 40), e.className, ratio]);
  }
  return poor;
}"""
# Headings begin at 1 and never skip a level.
HEADINGS = (
    "() => [...document.querySelectorAll('h1,h2,h3,h4')].filter(h => h.checkVisibility()).map(h => +h.tagName[1])"
)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for this module."""
    with launch(chromium) as browser:
        yield browser


class Visit:
    """A browser window on the house, and what its console complained about."""

    def __init__(self, house: House, context: BrowserContext) -> None:
        self.house = house
        self.context = context
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)

    def _heard(self, message) -> None:
        if message.type in {"error", "warning"} and "GL Driver" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request) -> None:
        if not request.url.startswith((self.house.url, "data:", "blob:")):
            self.complaints.append(f"asked the network for {request.url}")

    def go(self, path: str) -> Page:
        self.page.goto(self.house.url + path)
        self.page.wait_for_load_state("networkidle")
        return self.page


Enter = Callable[..., Visit]


@pytest.fixture
def enter(house: House, browser: Browser) -> Iterator[Enter]:
    """Opens windows, signed in."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1280, height: int = 900, **options) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.add_cookies([house.cookie])
        contexts.append(context)
        return Visit(house, context)

    yield make
    for context in contexts:
        context.close()


def every_page(house: House) -> list[str]:
    rooms = house.rooms
    return [
        "/",
        "/?q=no+such+thing",
        f"/workspace/{rooms['workspace']}",
        f"/analysis/{rooms['receptor']}",
        f"/figure/{rooms['figure']}",
        f"/revision/{rooms['revision']}",
        f"/revision/{rooms['irises']}",
        f"/revision/{rooms['both']}",
        f"/revision/{rooms['function']}",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_whole_legible_and_fit_a_phone(enter: Enter, house: House, scheme: str) -> None:
    visit = enter(width=360, height=740, color_scheme=scheme)
    for path in every_page(house):
        page = visit.go(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert page.evaluate(CONTRAST) == [], path
        levels = page.evaluate(HEADINGS)
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)
        assert page.locator("main").count() == 1
        assert page.locator("img:not([alt])").count() == 0
    ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 150) == (scheme == "dark")
    assert visit.complaints == []


def test_pictures_are_there(enter: Enter, house: House) -> None:
    visit = enter()
    for path in every_page(house)[2:6]:
        page = visit.go(path)
        for picture in page.locator("main img").all():
            picture.scroll_into_view_if_needed()
            page.wait_for_function("image => image.complete", arg=picture.element_handle())
            assert picture.evaluate("image => image.naturalWidth") > 0
    assert visit.complaints == []


def test_an_interactive_figure_draws_itself_in_its_sandbox_without_a_network(enter: Enter, house: House) -> None:
    visit = enter()
    visit.context.route(lambda url: not url.startswith(house.url), lambda route: route.abort())
    page = visit.go(f"/revision/{house.rooms['irises']}")
    frame = page.frame_locator("iframe")
    frame.locator(".plot-container .scatterlayer .point").first.wait_for(timeout=30_000)
    assert frame.locator(".plot-container .scatterlayer .point").count() == 150
    assert (
        frame.locator("body").evaluate("() => { try { return document.cookie + origin } catch { return origin } }")
        == "null"
    )
    assert visit.complaints == []


@pytest.mark.parametrize("script", [True, False])
def test_the_switch_between_picture_and_interactive_needs_no_script(enter: Enter, house: House, script: bool) -> None:
    page = enter(java_script_enabled=script).go(f"/revision/{house.rooms['both']}")
    still, live = page.locator(".still"), page.locator(".live")
    assert (still.is_visible(), live.is_visible()) == (False, True)
    page.get_by_label("Interactive", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    assert (still.is_visible(), live.is_visible()) == (True, False)
    page.get_by_text("Interactive", exact=True).click()
    assert live.is_visible()


def test_everything_can_be_reached_by_keyboard(enter: Enter, house: House) -> None:
    page = enter().go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Dose and response"
    assert page.evaluate("getComputedStyle(document.activeElement.closest('.card')).outlineWidth") == "2px"
    page.keyboard.press("Enter")
    page.wait_for_url("**/figure/*")
    page.go_back()
    page.get_by_role("searchbox").fill("ring")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=ring")
    assert page.locator(".card").count() == 1


def test_copy_buttons_and_the_filter_of_packages(enter: Enter, house: House) -> None:
    visit = enter(permissions=["clipboard-read", "clipboard-write"])
    page = visit.go(f"/revision/{house.rooms['revision']}")
    page.get_by_role("button", name="Copy link").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{house.url}/r/{house.rooms['short_id']}"
    page.locator("[data-copy]").first.click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("import numpy as np\n")
    assert page.locator("[data-copy]").first.text_content() == "Copied"
    page.locator("summary", has_text="Packages").click()
    page.get_by_label("Filter").fill("PLOT")
    assert page.locator("#packages tr:visible").all_inner_texts() == ["matplotlib\t3.11.0\t"]
    assert page.locator("[data-found]").text_content() == "1 of 6"
    assert visit.complaints == []


def test_without_script_nothing_is_offered_that_does_not_work(enter: Enter, house: House) -> None:
    page = enter(java_script_enabled=False).go(f"/revision/{house.rooms['revision']}")
    assert page.locator("main button[type=button]:visible").count() == 0  # those of forms work without, too
    assert page.locator("time").first.text_content().endswith("UTC")
    page.locator("summary", has_text="Packages").click()
    assert page.get_by_label("Filter").is_visible() is False
    assert page.locator("#packages tr:visible").count() == 6


def test_a_signed_out_browser_is_told_how_to_get_in(house: House, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        page.goto(house.url)
        assert page.get_by_role("heading", level=1).text_content() == "One step to your figures"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate("getComputedStyle(document.body).fontFamily") != ""


@pytest.mark.parametrize("script", [True, False])
def test_the_link_of_a_card_lets_a_browser_in(house: House, browser: Browser, script: bool) -> None:
    ticket = house.me.post("/.gofigr/ticket").json()["ticket"]
    link = f"{house.url}/.gofigr/enter?ticket={ticket}&next=/figure/{house.rooms['figure']}"
    with browser.new_context(java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(link)
        if not script:
            page.get_by_role("button", name="Open your figures").click()
        page.wait_for_url(f"**/figure/{house.rooms['figure']}")
        assert ticket not in page.url
    with browser.new_context(java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(link)
        if not script:
            page.get_by_role("button", name="Open your figures").click()
        page.get_by_role("heading", name="This link has expired").wait_for()
        assert page.get_by_text("gofigr-jupyter open").is_visible()
