"""A page to a picture: a Chrome without window opens it, waits until its figure is drawn, and takes a photograph.

In: an HTML page that needs no network. Out: a PNG, or Missing with the reason. For the worker's child process: the
browser stays open for the next page, reaches no network and reads no other file. Knows no plotting library.
"""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
import tempfile
import threading
from collections.abc import Coroutine
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.records import Missing

_START_TIMEOUT = 50.0  # seconds, for a browser on a busy machine
_DRAW_TIMEOUT = 45.0
_SIZE = (900, 640)  # pixels of the window: about what a notebook shows
_MAX_SIDE = 4000
_NOWHERE = "http://127.0.0.1:9"  # a proxy that nothing listens on
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:; frame-src 'self' data: blob:; connect-src data: blob:"
)
# Waits until an expression is true, and one frame more; then measures what is to be photographed.
_WAIT = """
new Promise((resolve, reject) => {
  const end = Date.now() + LIMIT;
  const look = () => {
    let ready = false;
    try { ready = Boolean(READY) } catch (error) { if (Date.now() > end) { reject(error); return } }
    if (!ready && Date.now() > end) { reject(new Error("the figure was not drawn in time")); return }
    if (!ready) { setTimeout(look, 50); return }
    requestAnimationFrame(() => setTimeout(() => {
      const boxes = [...document.querySelectorAll(PLACE)].map((one) => one.getBoundingClientRect());
      const shown = boxes.filter((box) => box.width > 1 && box.height > 1);
      if (!shown.length) { reject(new Error("the page shows nothing")); return }
      const left = Math.min(...shown.map((box) => box.left)), top = Math.min(...shown.map((box) => box.top));
      const right = Math.max(...shown.map((box) => box.right)), foot = Math.max(...shown.map((box) => box.bottom));
      resolve(JSON.stringify([left + scrollX, top + scrollY, right - left, foot - top]));
    }, 100));
  };
  look();
})
"""


def picture(page: bytes, *, ready: str, place: str) -> bytes | Missing:
    """A PNG of what the CSS selector `place` finds, taken when the JavaScript expression `ready` has become true."""
    try:
        return _camera().picture(page, ready, place)
    except ImportError:
        reason = "Kaleido 1, which brings the browser, is not installed (pip install 'gofigr-jupyter[kaleido]')"
    except TimeoutError:
        reason = "the browser took too long"
    except _PageError as error:
        reason = str(error).removeprefix("Error: ")
    except Exception as error:  # noqa: BLE001 -- a browser and its driver below, each with errors of its own
        reason = one_line(f"{type(error).__name__}: {error}", 200) or type(error).__name__
        if type(error).__name__ == "ChromeNotFoundError":
            reason = "no Chrome was found; install Chrome, or run kaleido_get_chrome"
    return Missing(f"no static picture: {reason}")


class _PageError(Exception):
    """The page's own fault; the browser is well."""


class _Camera:
    """A browser, opened at the first picture, on an event loop of its own."""

    def __init__(self) -> None:
        self._driver = importlib.import_module("choreographer")
        self._loop = asyncio.new_event_loop()
        self._browser: Any = None
        threading.Thread(target=self._loop.run_forever, name="chrome", daemon=True).start()

    def picture(self, page: bytes, ready: str, place: str) -> bytes:
        """Open, wait, photograph, close."""
        if self._browser is None:
            self._browser = self._within(self._opened(), _START_TIMEOUT)
        try:
            return bytes(self._within(self._photographed(page, ready, place), _DRAW_TIMEOUT + 15))
        except _PageError:
            raise
        except Exception:
            browser, self._browser = self._browser, None  # take another one next time
            with suppress(Exception):
                self._within(browser.close(), 5.0)
            raise

    async def _opened(self) -> Any:
        browser = self._driver.Browser(headless=True, proxy_server=_NOWHERE)
        await browser.open()
        return browser

    async def _photographed(self, page: bytes, ready: str, place: str) -> bytes:
        with tempfile.TemporaryDirectory(prefix="gofigr-page-") as folder:
            path = Path(folder) / "figure.html"
            path.write_bytes(_guarded(page))
            tab = await self._browser.create_tab(path.as_uri(), *_SIZE, window=True)
            try:
                left, top, width, height = await _measured(tab, ready, place)
                clip = {"x": left, "y": top, "scale": 1}
                clip |= {"width": min(width, _MAX_SIDE), "height": min(height, _MAX_SIDE)}
                answer = await tab.send_command(
                    "Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": True}
                )
                return base64.b64decode(_result(answer)["data"])
            finally:
                with suppress(Exception):
                    await self._browser.close_tab(tab.target_id)

    def _within(self, work: Coroutine[Any, Any, Any], seconds: float) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)


async def _measured(tab: Any, ready: str, place: str) -> list[float]:
    limit = str(int(_DRAW_TIMEOUT * 1000))
    script = _WAIT.replace("LIMIT", limit).replace("READY", ready).replace("PLACE", json.dumps(place))
    await _loaded(tab)
    asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
    answer = _result(await tab.send_command("Runtime.evaluate", asked))
    if "exceptionDetails" in answer:
        told = answer["exceptionDetails"].get("exception", {}).get("description", "the page failed")
        raise _PageError(str(told).splitlines()[0])
    return list(json.loads(answer["result"]["value"]))


async def _loaded(tab: Any) -> None:
    """Wait for the page itself: before, the tab is an empty one, in which nothing would ever be drawn."""
    asked = {"expression": "location.protocol + document.readyState", "returnByValue": True}
    while _result(await tab.send_command("Runtime.evaluate", asked))["result"].get("value") != "file:complete":
        await asyncio.sleep(0.05)


def _result(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise RuntimeError(str(answer["error"].get("message", answer["error"])))
    return dict(answer["result"])


def _guarded(page: bytes) -> bytes:
    """The page with a policy of ours before everything else: whatever it tries, it gets no network and no file."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'.encode()
    start = page.lower().find(b"<head>")
    cut = start + len(b"<head>") if start >= 0 else 0
    return page[:cut] + policy + page[cut:]


@cache
def _camera() -> _Camera:
    return _Camera()
