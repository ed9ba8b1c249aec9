"""A reproducible function in a real JupyterLab: move a control, the figure follows, and its state is published."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gofigr_jupyter import GoFigr, Rebuilt, Settings, clean_room
from gofigr_jupyter.errors import NotFound
from tests.browser.notebook import WAIT, Notebook
from tests.browser.site import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext gofigr_jupyter\nimport os; print(os.environ['GOFIGR_JUPYTER_HOME'])"
FUNCTION = """
from datetime import date
from typing import Annotated, Literal

import matplotlib.pyplot as plt
import pandas as pd
from gofigr_jupyter import SliderParam, reproducible

table = pd.DataFrame({"dose": [1, 2, 4, 8], "response": [0.1, 0.35, 0.6, 0.9]})

@reproducible(interactive=True)
def response(
    table,
    power: int = SliderParam(2, min=1, max=5),
    opacity: Annotated[float, (0, 1)] = 0.8,
    scale: Literal["linear", "log"] = "linear",
    grid: bool = True,
    note: str = "second round",
    measured: date = date(2026, 3, 1),
):
    print("mean", round((table["response"] ** power).mean(), 3))
    plt.figure(figsize=(5, 2.6))
    plt.plot(table["dose"], table["response"] ** power, marker="o", alpha=opacity)
    plt.yscale(scale)
    plt.grid(grid)
    plt.title("Dose response")
    plt.xlabel(f"{note}, {measured:%d %b %Y}")
"""
PATIENCE = 120_000  # ms; server and worker start with the first figure
PANEL = ".gofigr-controls"
PICTURE = ".jp-OutputArea-output img"


@pytest.fixture
def opened(page, sites) -> Callable[..., Notebook]:
    """Opens a notebook of these cells in JupyterLab and runs them."""

    def open_(name: str, *cells: str) -> Notebook:
        site = sites("lab")
        write_notebook(site.root / name, LOAD, *cells)
        notebook = Notebook(page, site, name)
        notebook.run_all()
        page.locator(PANEL).first.wait_for(timeout=WAIT)
        page.locator(PICTURE).first.wait_for(timeout=WAIT)
        return notebook

    yield open_
    sites("lab").shut_kernels()


def drawn_anew(notebook: Notebook, before: str) -> str:
    """Wait for another picture in the place of the first; its bytes, as the page has them."""
    notebook.page.wait_for_function(
        "([place, before]) => { const now = document.querySelector(place)?.src; return now && now !== before; }",
        arg=[PICTURE, before],
        timeout=WAIT,
    )
    return picture(notebook)


def picture(notebook: Notebook) -> str:
    return notebook.page.locator(PICTURE).first.get_attribute("src") or ""


def said(notebook: Notebook, words: str) -> None:
    """Wait until the panel says so."""
    notebook.page.locator(".gofigr-controls-said", has_text=words).wait_for(timeout=WAIT)


def revisions(notebook: Notebook, analysis: str, count: int) -> list[Rebuilt]:
    """The functions of the figure's revisions, once there are so many."""
    home = Path(notebook.page.locator(".jp-OutputArea-output pre").first.inner_text().strip())
    deadline = time.monotonic() + 120
    with GoFigr(settings=Settings(home=home)) as gf:
        while True:
            try:
                found = gf.find_figure("Dose response", analysis=analysis).revisions
            except NotFound:
                found = []
            if len(found) >= count:
                return [clean_room(gf.revisions.get(one)) for one in found]
            assert time.monotonic() < deadline, found
            time.sleep(0.3)


def test_a_slider_moves_the_figure_and_where_it_rests_is_a_revision(opened, pictures):
    notebook = opened("explored.ipynb", FUNCTION, "response(table)")
    page, panel, card = notebook.page, notebook.page.locator(PANEL), notebook.card()
    card.locator(".gofigr-facts", has_text="Revision 1").wait_for(timeout=PATIENCE)
    for label in ("power", "opacity", "scale", "grid", "note", "measured"):
        assert panel.get_by_text(label, exact=True).first.is_visible(), label
    assert "table 4 × 2" in panel.inner_text()
    assert "mean 0.326" in panel.inner_text()
    assert panel.bounding_box()["y"] < page.locator(PICTURE).bounding_box()["y"] < card.bounding_box()["y"]
    first = picture(notebook)
    notebook.screenshot(pictures / "controls-first.png")

    panel.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    second = drawn_anew(notebook, first)
    panel.get_by_text("mean 0.247").wait_for()
    card.locator(".gofigr-facts", has_text="Revision 2").wait_for(timeout=PATIENCE)
    said(notebook, "Kept as a revision")
    panel.get_by_role("checkbox").uncheck()
    panel.get_by_role("combobox").select_option("log")
    drawn_anew(notebook, second)
    card.locator(".gofigr-facts", has_text="Revision 3").wait_for(timeout=PATIENCE)
    assert (page.locator(PICTURE).count(), notebook.cards().count()) == (1, 1)
    look(notebook, pictures)

    third = picture(notebook)
    panel.get_by_role("button", name="Reset").click()
    assert drawn_anew(notebook, third) == first
    rooms = revisions(notebook, "explored", 3)
    assert [one.parameters["power"] for one in rooms[:3]] == [2, 3, 3]
    assert [one.parameters["scale"] for one in rooms[:3]] == ["linear", "linear", "log"]
    assert [one.parameters["grid"] for one in rooms[:3]] == [True, True, False]
    assert rooms[2].parameters["table"].shape == (4, 2)
    assert notebook.errors == []
    with page.context.expect_page() as tab:
        card.get_by_role("link").click()
    tab.value.get_by_role("heading", name="Made by response(table, power").wait_for(timeout=WAIT)
    tab.value.screenshot(path=pictures / "controls-page.png", full_page=True)


def look(notebook: Notebook, pictures: Path) -> None:
    """The panel in every dress: nothing of it is cut off."""
    panel = notebook.page.locator(PANEL)
    for theme in ("Dark", "Light"):
        notebook.theme(theme)
        notebook.screenshot(pictures / f"controls-{theme.lower()}.png")
    notebook.narrow()
    notebook.page.wait_for_timeout(300)
    panel.scroll_into_view_if_needed()
    notebook.screenshot(pictures / "controls-narrow.png")
    assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth + 1")
    notebook.narrow(1100)


def test_with_publishing_off_the_button_publishes_what_is_seen(opened, pictures):
    notebook = opened("pressed.ipynb", "%gofigr off", FUNCTION, "response(table)")
    page, panel = notebook.page, notebook.page.locator(PANEL)
    said(notebook, "Nothing is published before you say so")
    assert notebook.cards().count() == 0
    first = picture(notebook)
    panel.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    drawn_anew(notebook, first)
    page.keyboard.press("End")
    page.wait_for_timeout(2500)  # longer than the rest that would be published
    panel.get_by_role("button", name="Publish").click()
    said(notebook, "Kept as a revision: http")
    notebook.screenshot(pictures / "controls-pressed.png")
    assert (panel.get_by_role("link").get_attribute("href") or "no link") in panel.inner_text()
    panel.get_by_role("button", name="Publish").click()
    said(notebook, "This is published already")
    assert [one.parameters["power"] for one in revisions(notebook, "pressed", 1)] == [5]
    assert notebook.errors == []
