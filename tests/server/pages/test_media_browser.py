"""The media library in a real Chromium: files come by drag and drop, are copied, changed, played with and deleted."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.notebook import launch
from tests.server.cdn.files import FILES, picture
from tests.server.pages.conftest import House, cookie
from tests.server.shelf import Library

pytestmark = pytest.mark.browser

DROPPED = """(files) => {
  const moved = new DataTransfer();
  for (const [name, type, content] of files) {
    const bytes = typeof content === "number" ? new Uint8Array(content) : Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    moved.items.add(new File([bytes], name, { type }));
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: moved, bubbles: true, cancelable: true });
    document.querySelector("main").dispatchEvent(event);
  }
}"""
HOSTILE = "<img src=x onerror=document.title='ran'>.md"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for this module."""
    with launch(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def library(house: House) -> Library:
    """Eve's, who has nothing else."""
    return Library(house.other)


@pytest.fixture
def context(house: House, browser: Browser) -> Iterator[BrowserContext]:
    """Her browser."""
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        context.add_cookies([cookie(house.other, house.url)])
        yield context


class Visit:
    """A window on the library, and what its console complained about beside answers that refuse."""

    def __init__(self, house: House, context: BrowserContext, library: Library) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.goto(f"{house.url}/workspace/{library.workspace}/media")

    def _heard(self, message) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def drop(self, *files: tuple[str, str, bytes | int]) -> None:
        """Let real files fall onto the page; a number stands for as many bytes."""
        told = [
            [name, kind, content if isinstance(content, int) else base64.b64encode(content).decode()]
            for name, kind, content in files
        ]
        self.page.evaluate(DROPPED, told)

    def copies(self, name: str, form: str, text: str) -> None:
        """A card's button puts this into the clipboard."""
        group = self.page.get_by_role("group", name=f"Copy {name} as")
        group.get_by_role("button", name=form).click()
        self.page.wait_for_function("async (text) => await navigator.clipboard.readText() === text", arg=text)


def test_files_are_dropped_sent_and_shown(
    house: House, context: BrowserContext, library: Library, tmp_path: Path
) -> None:
    visit = Visit(house, context, library)
    page, status = visit.page, visit.page.locator("#progress")
    film = page.evaluate_handle("document.body")  # the page is never loaded again
    visit.drop(
        ("a plot.png", "image/png", picture("PNG", (400, 300))),
        (HOSTILE, "", FILES["md"][1]),
        ("program.exe", "application/octet-stream", b"MZ"),
        ("large.png", "image/png", (10 << 20) + 1),
        ("false.png", "image/png", FILES["pdf"][1]),
    )
    expect(status).to_have_text("2 of 5 files added, 3 failed")
    failed = page.locator("#coming li")
    assert sorted(failed.locator(".why").all_inner_texts()) == [
        "File exceeds maximum size of 10MB",
        "File type not supported",
        "File type not supported",
    ]
    expect(page.locator(".file")).to_have_count(2)
    expect(page.locator("#count")).to_have_text("2 files")
    expect(page.get_by_role("img", name="a plot")).to_have_js_property("naturalWidth", 320)
    for _ in range(3):
        failed.first.get_by_role("button").press("Enter")
    expect(page.locator("#coming")).to_be_hidden()
    expect(status).to_have_text("2 of 2 files added")
    file = library.file("a-plot")
    visit.copies("a-plot.png", "URL", file["cdn_url"])
    visit.copies("a-plot.png", "Markdown", file["markdown"])
    visit.copies("a-plot.png", "HTML", file["html"])

    page.get_by_label("Name of a new folder").fill("figures")
    page.get_by_label("Name of a new folder").press("Enter")
    page.get_by_role("navigation", name="Folders").get_by_role("link", name="figures", exact=True).wait_for()
    assert film.evaluate("one => one === document.body")
    page.get_by_role("link", name="figures", exact=True).click()
    tree = tmp_path / "2026"
    (tree / "may").mkdir(parents=True)
    (tree / ".DS_Store").write_bytes(b"x")
    (tree / "one.md").write_bytes(FILES["md"][1])
    (tree / "may" / "two.png").write_bytes(FILES["png"][1])
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(tree)
    expect(status).to_have_text("2 of 2 files added")
    page.get_by_role("link", name="2026").click()
    expect(page.locator(".file h3")).to_have_text(["one.md"])
    steps = page.get_by_role("navigation", name="Breadcrumb").get_by_role("listitem")
    expect(steps).to_have_text(["All figures", "eve's primary workspace", "Media", "figures", "2026"])
    assert library.file("two")["folder"] == "/figures/2026/may"

    held: list[Route] = []
    page.route(re.compile("/cdn/upload/"), lambda route: held.append(route))  # noqa: PLW0108 - it must be a function
    with page.expect_request(re.compile("/cdn/upload/")):
        visit.drop(*((f"never{number}.png", "image/png", FILES["png"][1]) for number in range(5)))
    expect(status).to_have_text("0 of 5 files added, 5 on the way")
    for number in (4, 0, 1, 2, 3):  # the last waits its turn
        page.get_by_role("button", name=f"Cancel never{number}.png").click()
    expect(page.locator("#coming li")).to_have_count(0)
    expect(status).to_have_text("")
    assert library.files(q="never") == []
    page.unroute_all()
    page.route(re.compile("/cdn/upload/"), lambda route: route.abort(), times=1)
    visit.drop(("broken.png", "image/png", FILES["png"][1]))
    expect(page.locator("#coming .why")).to_have_text("The line broke while the file was sent.")
    page.get_by_role("button", name="Try again broken.png").click()
    page.get_by_role("link", name="broken.png").wait_for()
    expect(status).to_have_text("1 of 1 file added")
    assert page.title() != "ran"
    assert visit.complaints == []


def test_an_upload_goes_on_where_the_line_broke(house: House, context: BrowserContext, library: Library) -> None:
    visit = Visit(house, context, library)
    asked: list[tuple[str, str | None, bytes | None]] = []

    def answer(route: Route) -> None:
        request = route.request
        asked.append((request.method, request.headers.get("upload-offset"), request.post_data_buffer))
        if request.method == "PUT":
            route.abort()
        elif request.method == "HEAD":
            route.fulfill(status=204, headers={"Upload-Offset": "4"})
        else:
            route.fulfill(status=200, json={"success": True})

    visit.page.route(re.compile("/cdn/upload/"), answer)
    visit.drop(("long.md", "text/markdown", b"0123456789"))
    expect(visit.page.locator("#progress")).to_have_text("1 of 1 file added")
    assert [one[0] for one in asked] == ["PUT", "HEAD", "PATCH"]
    assert asked[2][1:] == ("4", b"456789")


def test_a_picture_is_played_with_and_deleted(house: House, context: BrowserContext, library: Library) -> None:
    library.put("photo.png", content=picture("PNG", (600, 400)))
    visit = Visit(house, context, library)
    page = visit.page
    page.get_by_role("link", name="photo.png").click()
    expect(page.locator("#was-pixels")).to_have_text("600 × 400")
    expect(page.locator("#is-pixels")).to_have_text("600 × 400")
    page.locator("[name=w]").fill("100")
    page.locator("[name=h]").fill("100")
    page.locator("[name=fit]").select_option("cover")
    page.locator("[name=f]").select_option("webp")
    page.locator("[name=dpr]").select_option("2")
    expect(page.locator("#is-pixels")).to_have_text("200 × 200")
    expect(page.locator("#is-format")).to_have_text("WebP")
    expect(page.locator("#is-size")).to_contain_text(" B (")
    file = library.file("photo")
    address = f"{file['cdn_url']}?w=100&h=100&fit=cover&f=webp&dpr=2"
    assert page.locator("#as-url").text_content() == address
    page.get_by_role("button", name="Copy Markdown").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"![photo]({address})"
    page.locator("[name=w]").fill("1e9")
    expect(page.get_by_role("alert")).to_have_text("w must be a whole number from 1 to 10000.")
    expect(page.get_by_role("button", name="Copy Markdown")).to_have_count(0)
    page.get_by_role("button", name="Begin again").click()
    expect(page.locator("#as-url")).to_have_text(file["cdn_url"])
    expect(page.get_by_role("alert")).to_be_hidden()
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete photo.png").click()
    page.wait_for_url("**/media")
    assert library.files(q="photo") == []
    assert visit.complaints == []


def test_the_library_is_legible_fits_a_phone_and_is_for_everybody(
    house: House, context: BrowserContext, library: Library
) -> None:
    library.put("sample.png", folder="papers")
    for kind in ("png", "mp3", "webm", "pdf"):
        library.put(f"sample.{kind}")
    visit = Visit(house, context, library)
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    visit.drop(("program with a long name that goes on and on.exe", "", b"MZ"))
    expect(page.locator("#coming .why")).to_have_text("File type not supported")
    page.locator("#keys summary").click()
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("#fresh-key code")).to_contain_text("fig1_sdk_")
    paths = [page.url, *(f"{house.url}/media/{library.file(f'sample.{kind}')['api_id']}" for kind in ("png", "webm"))]
    for path in paths:
        if page.url != path:
            page.goto(path)
            page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert _violations(page, {}) == [], path
        page.emulate_media(color_scheme="dark")
        assert _violations(page, {"runOnly": ["color-contrast"]}) == [], path
        page.emulate_media(color_scheme="light")
    assert visit.complaints == []


def _violations(page: Page, options: dict[str, Any]) -> list[tuple[str, str]]:
    """What axe-core finds, and at what."""
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]
