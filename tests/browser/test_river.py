"""One line in the first cell, in a real JupyterLab: every figure gets a card that tells the truth, until cards are off."""

from __future__ import annotations

import pytest

from tests.browser.notebook import Notebook
from tests.browser.site import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext gofigr_jupyter"
PLOT = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(5, 2))
ax.plot([3, 1, 2])
ax.set_title("Petal length")
"""
WITHOUT_CARD = """
%config GoFigr.card = 'off'
%config GoFigr.formats = []
fig, ax = plt.subplots(figsize=(5, 2))
ax.plot([1, 2, 1])
"""


def test_a_figure_is_published_and_its_page_opens_and_cards_can_be_switched_off(page, sites, pictures):
    site = sites("lab")
    write_notebook(site.root / "river.ipynb", LOAD, PLOT, WITHOUT_CARD)
    notebook = Notebook(page, site, "river.ipynb")
    notebook.run_all()
    card = notebook.card()
    assert card.locator(".gofigr-name").inner_text() == "Petal length"
    card.locator(".gofigr-said", has_text="Published").wait_for(timeout=30_000)
    card.locator(".gofigr-facts", has_text="Revision 1").wait_for()
    drawn = page.locator(".jp-OutputArea-output img")
    picture = drawn.first.bounding_box()
    assert picture["y"] < card.bounding_box()["y"]  # beneath its figure
    page.locator('.gofigr-card[data-state="complete"]').wait_for(timeout=60_000)
    card.get_by_role("button", name="Downloads").click()
    notebook.screenshot(pictures / "river-card.png")

    card.get_by_role("button", name="Comments").click()
    box = page.get_by_role("textbox", name="Write a comment")
    box.fill("Is this *sepal*?")
    box.press("Control+Enter")
    page.locator(".gofigr-entry", has_text="Is this sepal?").get_by_role("button", name="Reply", exact=True).wait_for()
    notebook.screenshot(pictures / "river-thread.png")

    card.get_by_role("button", name="Ask Deep Insight").click()
    page.locator(".gofigr-standing", has_text="Answered from the figure's record, on this computer.").wait_for()
    page.get_by_role("button", name="Which code made this?").click()
    page.locator(".gofigr-turn pre", has_text="ax.plot([3, 1, 2])").wait_for()
    page.get_by_role("button", name="Describe this figure").click()
    page.locator(".gofigr-turn[data-state=done] .gofigr-answer", has_text="Petal length").wait_for()
    notebook.screenshot(pictures / "river-insight.png")

    with page.context.expect_page() as tab:
        card.get_by_role("link").click()
    tab.value.get_by_role("heading", name="Petal length").first.wait_for()
    assert "token" not in tab.value.url
    assert "ticket" not in tab.value.url
    tab.value.screenshot(path=pictures / "river-page.png")

    for label, suffix in (("SVG", "svg"), ("PNG with watermark", "png")):
        with page.context.expect_event("download") as got:
            card.get_by_role("button", name=f"Download Petal length as {label}").first.click()
        assert got.value.suggested_filename.endswith(suffix)
    assert (drawn.count(), notebook.cards().count()) == (2, 1)
    site.shut_kernels()
