"""Imports in a real server process: killed half-way, begun again by the next one, and nothing doubled."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.server.documents import cell, notebook, png, shown
from tests.server.git.forge import Repository, forge
from tests.server.processes import API, Server

pytestmark = pytest.mark.slow
COLOURS = ("red", "blue", "green", "pink", "navy", "teal", "gold", "gray")


@pytest.mark.parametrize("how", ["kill", "terminate"])
def test_the_next_server_goes_on(home: Path, tmp_path: Path, how: str) -> None:
    repository = Repository(tmp_path / "repositories")
    repository.commit(
        {f"{one}.ipynb": notebook(*(cell(str(n), shown(png(one, 8 + n))) for n in range(2))) for one in COLOURS}
    )
    with forge(repository.folder.parent) as served:
        with Server(home, GOFIGR_JUPYTER_REACHABLE="127.0.0.1") as server, server.wait().client() as client:
            workspace = client.get(f"{API}/workspace/").json()[0]["api_id"]
            body = {"workspace": workspace, "git": {"url": served.url()}}
            task = client.post(f"{API}/upload/", json=body).json()["task"]
            deadline = time.monotonic() + 180
            while client.get(f"{API}/figure/").json() == [] and time.monotonic() < deadline:
                time.sleep(0.01)
            if how == "kill":
                server.kill()
            else:
                assert server.terminate() == 0
        assert not list((home / "server" / "git").glob("*")) or how == "kill"
        with Server(home, GOFIGR_JUPYTER_REACHABLE="127.0.0.1") as server, server.wait().client() as client:
            while (told := client.get(f"{API}/task/{task}/").json())["state"] in {"queued", "running"}:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert (told["state"], told["error"]) == ("succeeded", None)
            assert told["result"]["revisions"] + told["result"]["unchanged"] == 16
            assert told["result"]["unchanged"] > 0, "the first server had published some"
            assert len(client.get(f"{API}/figure/").json()) == 16
            assert len(client.get(f"{API}/revision/").json()) == 16
        assert not list((home / "server" / "git").glob("*"))
