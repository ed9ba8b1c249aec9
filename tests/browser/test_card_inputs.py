"""Input files in a real JupyterLab: they stay here until the card's button lets them go, and it tells when they change."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gofigr_jupyter import GoFigr, Settings
from tests.browser.notebook import WAIT, Notebook
from tests.browser.site import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # ms; server and worker start with the first figure
LOAD = "%load_ext gofigr_jupyter\nimport os; print(os.environ['GOFIGR_JUPYTER_HOME'])"
ASK = "%config GoFigr.inputs = 'ask'\n%config GoFigr.formats = []"
PLOT = """
import matplotlib.pyplot as plt
import pandas as pd
frame = pd.read_csv("asked.csv")
fig, ax = plt.subplots(figsize=(5, 2))
ax.plot(frame["dose"])
ax.set_title("Doses")
"""


def test_the_button_lets_them_go_and_the_card_tells_when_one_has_changed(page, sites, pictures):
    site = sites("lab")
    file = site.root / "asked.csv"
    file.write_text("dose\n1\n3\n2\n")
    write_notebook(site.root / "asking.ipynb", LOAD, ASK, PLOT)
    notebook = Notebook(page, site, "asking.ipynb")
    notebook.run_all()
    card = notebook.card()
    facts = card.locator(".gofigr-facts")
    facts.filter(has_text="1 input file, not sent").wait_for(timeout=WAIT)
    page.locator('.gofigr-card[data-state="complete"]').wait_for(timeout=PATIENCE)
    home = Path(page.locator(".jp-OutputArea-output pre").first.inner_text().strip())
    assert linked(home) == []
    card.get_by_role("button", name="Downloads").click()
    notebook.screenshot(pictures / "inputs-asked.png")
    button = card.get_by_role("button", name="Send 1 input file")
    button.click()
    card.locator(".gofigr-note", has_text="They go out now").wait_for(timeout=WAIT)
    button.wait_for(state="detached")
    assert "not sent" not in facts.inner_text()
    assert "1 input file" in facts.inner_text()
    deadline = time.monotonic() + 120
    while not linked(home):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert linked(home) == ["asked.csv"]
    while "not sent" in saved(notebook):  # readers without a kernel are told the truth, too
        assert time.monotonic() < deadline
        page.wait_for_timeout(500)

    file.write_text("dose\n1\n3\n5\n8\n")
    changed = facts.filter(has_text="asked.csv has changed since")
    while not changed.count():  # files are looked at again when cells end, every two seconds at the most
        assert time.monotonic() < deadline + 60
        notebook.execute("1")
        page.wait_for_timeout(500)
    notebook.screenshot(pictures / "inputs-changed.png")
    with page.context.expect_page() as tab:
        card.get_by_role("link").click()
    tab.value.get_by_role("link", name="asked.csv, revision 1").wait_for(timeout=WAIT)
    assert notebook.errors == []
    site.shut_kernels()


def linked(home: Path) -> list[str]:
    """The names of the files whose content is linked to the figure's revision."""
    with GoFigr(settings=Settings(home=home)) as gf:
        revision = gf.revisions.get(gf.find_figure("Doses", analysis="asking").revisions[-1])
    return [one["name"] for one in revision.metadata["inputs"] if one.get("asset_revision")]


def saved(notebook: Notebook) -> str:
    """The notebook as it is on disk."""
    notebook.save()
    return (notebook.site.root / "asking.ipynb").read_text(encoding="utf-8")
