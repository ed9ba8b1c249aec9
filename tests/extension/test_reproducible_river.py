"""Reproducible functions on a real server: published by a notebook, fetched from there, called and explored again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gofigr_jupyter import GoFigr, Rebuilt, Settings, clean_room
from gofigr_jupyter.client.figures import Revision
from tests.kernels import LiveKernel, live_kernel
from tests.proof.test_river import published

pytestmark = pytest.mark.slow

SETUP = """
import pandas as pd
import matplotlib.pyplot as plt
from gofigr_jupyter import SliderParam, clean_room, get_gofigr, reproducible
from gofigr_jupyter.extension import explorer as _explorer
"""
FUNCTION = """
table = pd.DataFrame({"dose": [1, 2, 4], "response": [.1, .5, .9]})

@reproducible
def curve(table, power: int = SliderParam(2, min=1, max=9), note="first"):
    fig = plt.figure()
    plt.plot(table["dose"], table["response"] ** power)
    plt.title("Dose response")
    plt.xlabel(note)
    publish(fig, metadata={"power": power}, dataframes={"table": table.head(1)})

curve(table, power=3)
"""
FETCHED = """
gf = get_gofigr()
figure = gf.find_figure("Dose response", analysis="river")
again = clean_room(gf.revisions.get(figure.revisions[0]))
"""
LAST = "[*_explorer._explorers.values()][-1][-1][1]"


@pytest.fixture
def lab(tmp_path: Path) -> Any:
    """A kernel that has published a figure of a reproducible function; a client of its server."""
    home = tmp_path / "home"
    home.mkdir()
    with live_kernel(home, JPY_SESSION_NAME=str(tmp_path / "river.ipynb")) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP)
        kernel.run(FUNCTION, cell_id="function")
        published(home)
        with GoFigr(settings=Settings(home=home)) as gf:
            yield kernel, gf, home


def revisions(gf: GoFigr, home: Path) -> list[Revision]:
    """What has come of the figure, once everything is on the server."""
    published(home)
    found = [gf.revisions.get(one) for one in gf.find_figure("Dose response", analysis="river").revisions]
    for one in found:
        assert all(piece.bytes() for piece in one.data if piece.is_clean_room)
    return found


def rooms(gf: GoFigr, home: Path) -> list[Rebuilt]:
    """The functions that made them."""
    return [clean_room(one) for one in revisions(gf, home)]


def explored(kernel: LiveKernel, value: str, words: str) -> None:
    """Set the slider of the last panel, and wait for what it says."""
    kernel.run(f"{LAST}._controls._inputs['power'].value = {value}")
    for _ in range(100):
        if words in kernel.value(f"{LAST}._controls._said.value"):
            return
        kernel.run("import time; time.sleep(.1)")
    raise AssertionError(kernel.value(f"{LAST}._controls._said.value"))


def test_published_fetched_called_and_explored(lab: tuple[LiveKernel, GoFigr, Path]) -> None:
    kernel, gf, home = lab
    (first,) = revisions(gf, home)
    assert first.is_clean_room is True
    assert first.metadata["power"] == 3
    marked = {(one.name, one.type) for one in first.data if one.is_clean_room}
    assert marked == {("Clean Room Source", "code"), ("Clean Room Manifest", "text"), ("table", "dataframe")}
    assert len([one for one in first.data if one.name == "table"]) == 2  # and the one that was sent along
    room = clean_room(first)
    assert (room.name, room.changed_packages) == ("curve", {})
    pd.testing.assert_frame_equal(
        room.parameters.pop("table"), pd.DataFrame({"dose": [1, 2, 4], "response": [0.1, 0.5, 0.9]})
    )
    assert {name: value for name, value in room.parameters.items() if name != "table"} == {"power": 3, "note": "first"}

    kernel.run(FETCHED)
    ran = kernel.run("again(power=4)", cell_id="again")
    assert len(ran.figures) == len(ran.cards) == 1
    assert [one.parameters["power"] for one in rooms(gf, home)] == [3, 4]

    ran = kernel.run("again.explore(size=1)", check=False)
    assert "has no argument size; it has: table, power, note" in (ran.error or "")
    ran = kernel.run("type(again)(again._room, trusted=False).explore()", check=False)
    assert "was written by somebody else" in (ran.error or "")
    assert ran.shown == []

    ran = kernel.run("again.explore(power=5, note='explored')", cell_id="explore")
    panel = next(one for one in ran.cards if "application/vnd.jupyter.widget-view+json" in one["data"])
    assert panel["data"]["text/plain"] == "curve · power 5 · note explored · table 3 × 2"
    assert len(ran.figures) == 1
    slider = f"{LAST}._controls._inputs['power']"
    assert kernel.value(f"[{slider}.min, {slider}.max]") == [1, 9]
    explored(kernel, "6", "Kept as a revision")
    found = rooms(gf, home)
    assert [one.parameters["power"] for one in found] == [3, 4, 5, 6]
    assert found[-1].parameters["note"] == "explored"
    assert found[-1].source == room.source
