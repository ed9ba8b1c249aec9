"""A browser, both Jupyter front ends over one folder, and where screenshots go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.notebook import launch
from tests.browser.receiver import receiver
from tests.browser.site import LATER, SIGNED_IN, start_site
from tests.server.conftest import started
from tests.server.table import table

__all__ = ["started"]


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
    for one in running.values():
        one.stop()


@pytest.fixture(scope="module", params=["lab", LATER])
def site(request, sites):
    """JupyterLab; and Notebook 7 in the long tier, or where a test names both."""
    return sites(request.param)


@pytest.fixture(scope="module")
def server(started, tmp_path_factory):
    """A server that tests can send away, and let come back."""
    with table(started, tmp_path_factory.mktemp("table")) as made:
        yield made


@pytest.fixture(scope="module")
def lab(request, sites, server, tmp_path_factory):
    """A front end (JupyterLab where the test names none), with a kernel of the kind SIGNED_IN."""
    home = tmp_path_factory.mktemp("signed-in")
    known = {"GF_URL": server.url, "GF_API_KEY": server.key, "GOFIGR_JUPYTER_HOME": str(home)}
    site = sites(getattr(request, "param", "lab"))
    site.add_kernel(SIGNED_IN, known)
    return site


@pytest.fixture(scope="module")
def profile(browser):
    """What pages have in common: the scripts of a front end are loaded and read once, which is a third of its opening."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(profile):
    """A page in which nobody is signed in anywhere."""
    profile.clear_cookies()
    yield profile.new_page()
    for one in profile.pages:
        one.close()


@pytest.fixture(scope="module")
def web():
    with receiver() as running:
        yield running


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """Where screenshots go; GOFIGR_SCREENSHOTS keeps them."""
    kept = os.environ.get("GOFIGR_SCREENSHOTS")
    return Path(kept) if kept else tmp_path_factory.mktemp("pictures")
