"""What a page says while a cell runs touches nothing that the cell is drawing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.extension.conftest import Notebook

# Subshells hear pages while a cell runs; ipykernel has them since version 7.
DRAWN = """
from gofigr_jupyter.widgets.live import PAGES
PAGES.is_heard = False
fig, ax = plt.subplots()
for _ in range(500):
    if PAGES.is_heard:
        break
    time.sleep(.02)
time.sleep(2)
ax.plot([1, 2, 4])
print(PAGES.is_heard, plt.fignum_exists(fig.number))
"""


LIVE = "__import__('gofigr_jupyter.widgets.live', fromlist=['x']).PAGES"
TARGETS = "__import__('comm').get_comm_manager().targets['jupyter.widget.control'].__qualname__"


class Page:
    """A second client of the kernel, with a subshell of its own for what it says."""

    def __init__(self, client: Any) -> None:
        self.client = client
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.control_channel.send(client.session.msg("create_subshell_request"))
        self.subshell = client.get_control_msg(timeout=30)["content"]["subshell_id"]

    def say(self, kind: str, comm: str, data: dict[str, Any], **more: Any) -> None:
        message = self.client.session.msg(kind, {"comm_id": comm, "data": data, **more}, metadata={"version": "1.0.0"})
        message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)

    def hello(self, comm: str) -> None:
        """A word on the line that all cards share."""
        self.say("comm_msg", comm, {"method": "custom", "content": {"ask": "hello"}})

    def close(self) -> None:
        self.client.control_channel.send(
            self.client.session.msg("delete_subshell_request", {"subshell_id": self.subshell})
        )
        self.client.get_control_msg(timeout=30)
        self.client.stop_channels()


@pytest.fixture
def page(notebook: Notebook) -> Iterator[Page]:
    made = Page(notebook.kernel.manager.blocking_client())
    yield made
    made.close()


@pytest.fixture
def comm(notebook: Notebook) -> str:
    """The id of the line that all cards share."""
    notebook.run("plt.plot([1, 2])")
    assert notebook.kernel.value(f"{LIVE}.ready(20)") is True
    return notebook.kernel.value(f"{LIVE}._widget.comm.comm_id")


def drawn_while(notebook: Notebook, page: Page, comm: str, *, first: Callable[[], None] | None = None) -> None:
    """One figure, drawn by a cell in whose midst a page speaks, is shown and kept once."""
    is_done = threading.Event()

    def speak() -> None:
        if not is_done.wait(1) and first is not None:
            first()
        while not is_done.is_set():
            page.hello(comm)
            is_done.wait(1)

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        ran, parcels = notebook.run(DRAWN)
    finally:
        is_done.set()
        speaker.join()
    assert ran.text.split() == ["True", "True"]
    assert len(ran.figures) == len(parcels) == 1


@pytest.mark.slow
def test_a_page_that_speaks_does_not_end_the_cell(notebook: Notebook, page: Page, comm: str) -> None:
    drawn_while(notebook, page, comm)


@pytest.mark.slow
def test_a_page_that_is_drawn_anew_does_not_end_the_cell(notebook: Notebook, page: Page, comm: str) -> None:
    def asks_for_all() -> None:
        page.say("comm_open", "control", {}, target_name="jupyter.widget.control")
        page.say("comm_msg", "control", {"method": "request_states"})

    drawn_while(notebook, page, comm, first=asks_for_all)


def test_unloaded_nothing_of_it_is_left(notebook: Notebook, comm: str) -> None:
    assert "Control.quieten" in notebook.kernel.value(TARGETS)
    notebook.run("%unload_ext gofigr_jupyter")
    assert notebook.kernel.value(TARGETS) == "Widget.handle_control_comm_opened"
    notebook.run("%load_ext gofigr_jupyter")
