"""What all tests share: a state folder of their own, and a Chromium for those that drive one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from gofigr_jupyter.settings import HOME_VARIABLE
from tests.browser.chromium import find_chromium
from tests.server.insight.summary import pytest_terminal_summary  # noqa: F401 - a hook


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tier is for who asks for it."""
    if not os.environ.get("GOFIGR_LONG"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="the long tier; run with GOFIGR_LONG=1"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files are named by their place, not by their bytes: those may differ from one process to the next."""
    return argname if isinstance(val, bytes) and not (val.isascii() and len(val) < 40) else None


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder for this test alone; no setting of the developer's own reaches it."""
    for name in [name for name in os.environ if name.startswith(("GF_", "FIG1_"))]:
        monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True, scope="session")
def nothing_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Workers and servers that still had something to do, or waited for more, end with the tests."""
    yield
    root = f"{tmp_path_factory.getbasetemp()}{os.sep}"
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(HOME_VARIABLE, "").startswith(root):
                process.kill()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; installs one where there is none, and fails where none can be had."""
    path, tried = find_chromium()
    if path is None:
        pytest.fail("No Chromium could be found or installed; tried: " + "; ".join(tried), pytrace=False)
    return path
