"""From a click to a page: a one-time address, a session cookie, and never a token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest

from gofigr_jupyter.local import local_server
from gofigr_jupyter.opening import GoFigr, open_url
from gofigr_jupyter.settings import Settings
from tests.fakes.server import FakeGoFigr


@pytest.fixture
def served(home: Path) -> Iterator[Settings]:
    """Settings whose embedded server is stopped after the test."""
    yield Settings(home=home)
    for process in psutil.process_iter(["cmdline", "environ"]):
        if "gofigr_jupyter.server" in (process.info["cmdline"] or []) and (process.info["environ"] or {}).get(
            "GOFIGR_JUPYTER_HOME"
        ) == str(home):
            process.kill()
            process.wait(5)


@pytest.mark.slow
def test_a_click_opens_a_page_once(served: Settings) -> None:
    url = open_url(served, "/")  # starts the server
    server = local_server(served.home)
    assert server.token not in url
    ticket = parse_qs(urlsplit(url).query)["ticket"][0]
    with httpx.Client(base_url=server.url) as browser:
        assert browser.get("/").status_code in {401, 403}
        assert browser.get(url).status_code == 200, "looking is harmless: link previews use up nothing"
        entered = browser.post("/.gofigr/enter", data={"ticket": ticket, "next": "/"}, headers={"Origin": server.url})
        assert entered.status_code == 303
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        page = browser.get("/")
        assert page.status_code == 200
        assert server.token not in page.text
    with httpx.Client(base_url=server.url) as other:
        again = other.post("/.gofigr/enter", data={"ticket": ticket, "next": "/"}, headers={"Origin": server.url})
        assert again.status_code >= 400


def test_gofigrs_own_pages_are_plain_links() -> None:
    settings = Settings(url="https://api.gofigr.io", api_key="k")
    assert open_url(settings, "/r/x") == "https://app.gofigr.io/r/x"


@pytest.mark.slow
def test_a_server_that_has_to_move_is_found_and_the_stranger_learns_nothing(served: Settings) -> None:
    server = local_server(served.home)
    with FakeGoFigr(port=server.port, token="another") as stranger, GoFigr(settings=served) as gf:
        assert gf.info().server == "gofigr_jupyter"
        assert gf.url != server.url
        assert all(line.startswith("GET /.gofigr/hello?nonce=") for line in stranger.requests)
