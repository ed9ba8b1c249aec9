"""A browser, both Jupyter front ends over one folder, and where screenshots go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.notebook import launch
from tests.browser.receiver import receiver
from tests.browser.site import start_site


@pytest.fixture(scope="module")
def browser(chromium):
    with launch(chromium) as running:
        yield running


@pytest.fixture(scope="session")
def sites(tmp_path_factory):
    """Starts a front end at its first use: `sites("lab")`, `sites("notebook")`."""
    root = tmp_path_factory.mktemp("notebooks")
    running = {}

    def site(app: str):
        if app not in running:
            running[app] = start_site(app, root, tmp_path_factory.mktemp(app))
        return running[app]

    yield site
    for started in running.values():
        started.stop()


@pytest.fixture(scope="module", params=["lab", "notebook"])
def site(request, sites):
    return sites(request.param)


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1100, "height": 900}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def web():
    with receiver() as running:
        yield running


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """Where screenshots go; GOFIGR_SCREENSHOTS keeps them."""
    kept = os.environ.get("GOFIGR_SCREENSHOTS")
    return Path(kept) if kept else tmp_path_factory.mktemp("pictures")
