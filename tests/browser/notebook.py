"""A notebook open in a browser: run it, find its cards, look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.browser.chromium import FLAGS
from tests.browser.site import Site

CARD = ".gofigr-card"
WAIT = 60_000  # ms; a cold start of server, kernel and page on a small machine


@contextmanager
def launch(chromium: str) -> Iterator[Browser]:
    """A Chromium. It runs an event loop in this thread: open it for one test module, not for the session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
        try:
            yield browser
        finally:
            browser.close()


class Notebook:
    """A page that shows one notebook of a Site."""

    def __init__(self, page: Page, site: Site, name: str) -> None:
        self.page = page
        self.site = site
        self.errors: list[str] = []  # uncaught ones, with their stacks; our code runs from blob: addresses
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        site.forget_looks()
        page.goto(site.address(name))
        self._wait_ready()

    def run_all(self, timeout: float = WAIT) -> None:
        """Run every cell, and wait until the kernel has finished with them."""
        self.start_all()
        self.page.wait_for_function(
            """() => { const prompts = [...document.querySelectorAll('.jp-InputArea-prompt')];
                       const said = prompts.map(p => p.textContent.trim());
                       return !said.includes('[*]:') && said.some(text => /\\d/.test(text)); }""",
            timeout=timeout,
        )

    def start_all(self) -> None:
        """Begin to run every cell."""
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def execute(self, code: str) -> None:
        """Let the kernel do something that is no cell of the notebook, and wait for its end."""
        self.page.evaluate(
            "code => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}).done", code
        )

    def cards(self) -> Locator:
        return self.page.locator(CARD)

    def card(self, number: int = 0) -> Locator:
        """A live card, once it is there."""
        card = self.cards().nth(number)
        card.wait_for(timeout=WAIT)
        return card

    def save(self) -> None:
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")

    def reload(self) -> None:
        self.page.reload()
        self._wait_ready()

    def theme(self, theme: Literal["Light", "Dark"]) -> None:
        """Change the colours of the application."""
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", f"JupyterLab {theme}"
        )
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg=str(theme == "Light").lower()
        )
        self.page.wait_for_timeout(300)  # the new style sheet is painted

    def narrow(self, width: int = 420) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})

    def screenshot(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        return path

    def _wait_ready(self) -> None:
        """The kernel is connected, and the notebook has the window to itself."""
        self.page.wait_for_function("() => window.jupyterapp && !!document.querySelector('.jp-Notebook')", timeout=WAIT)
        self.page.wait_for_function(
            """() => { const panel = jupyterapp.shell.currentWidget;
                       const kernel = panel?.sessionContext?.session?.kernel;
                       return panel?.sessionContext?.isReady && /idle|busy/.test(kernel?.status); }""",
            timeout=WAIT,
        )
        if self.site.app == "lab":
            self.page.evaluate("() => jupyterapp.shell.collapseLeft()")
