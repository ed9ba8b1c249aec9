"""What a page says while a cell runs touches nothing that the cell is drawing."""

from __future__ import annotations

import threading
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


def speak(client: Any, comm: str, subshell: str) -> None:
    """One message of a page to the line that all cards share."""
    data = {"method": "custom", "content": {"ask": "hello"}}
    message = client.session.msg("comm_msg", {"comm_id": comm, "data": data})
    message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)


@pytest.fixture
def page(notebook: Notebook) -> Any:
    """A client of the same kernel, and a subshell for its messages."""
    client = notebook.kernel.manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.control_channel.send(client.session.msg("create_subshell_request"))
    subshell = client.get_control_msg(timeout=30)["content"]["subshell_id"]
    yield client, subshell
    client.control_channel.send(client.session.msg("delete_subshell_request", {"subshell_id": subshell}))
    client.get_control_msg(timeout=30)
    client.stop_channels()


@pytest.mark.slow
def test_a_page_that_speaks_does_not_end_the_cell(notebook: Notebook, page: tuple[Any, str]) -> None:
    client, subshell = page
    notebook.run("plt.plot([1, 2])")
    ready = "__import__('gofigr_jupyter.widgets.live', fromlist=['x']).PAGES.ready(20)"
    assert notebook.kernel.value(ready) is True
    comm = notebook.kernel.value("__import__('gofigr_jupyter.widgets.live', fromlist=['x']).PAGES._widget.comm.comm_id")
    timer = threading.Timer(1, speak, (client, comm, subshell))
    timer.start()
    ran, parcels = notebook.run(DRAWN)
    timer.join()
    assert ran.text.split() == ["True", "True"]
    assert len(ran.figures) == len(parcels) == 1
