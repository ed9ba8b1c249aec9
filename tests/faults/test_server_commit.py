"""Every crash point of the server's first start and of one revision's arrival: there whole, or not there at all."""

from __future__ import annotations

import base64
import os
import shutil
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from blake3 import blake3

from tests.faults.deeds import API, arrive, serving, start_server
from tests.faults.nursery import Nursery
from tests.faults.strace import points, strike
from tests.server.conftest import found, image, make_figure, text, workspace_of

CALLS = "pwrite64,write,writev,fdatasync,fsync,unlink,unlinkat,rename,renameat,renameat2,link,linkat,mkdir,ftruncate"
IS_LONG = bool(os.environ.get("GOFIGR_LONG"))
PICTURE = os.urandom(150_000)


def chosen(source: Nursery, deed: Callable[[], None], log: Path) -> list[tuple[str, int]]:
    """All points in the long tier; else every commit, and some of the many small writes between them."""
    every = points(source, deed, CALLS, log)
    assert {"pwrite64", "fdatasync"} <= {name for name, _ in every}
    return [(name, nth) for name, nth in every if IS_LONG or name != "pwrite64" or nth % 25 == 1]


@pytest.mark.slow
def test_killed_at_every_call_of_the_first_start(source: Nursery, tmp_path: Path) -> None:
    log = tmp_path / "log"
    for number, (name, nth) in enumerate(chosen(source, partial(start_server, tmp_path / "whole"), log)):
        folder = tmp_path / str(number)
        struck = strike(source, partial(start_server, folder), CALLS, f"{name}:signal=KILL:when={nth}", log)
        assert "Traceback" not in struck.said, struck.said
        with serving(folder) as client:
            workspaces = found(client.get(f"{API}/workspace/"))
            assert [one["workspace_type"] for one in workspaces] == ["primary"]
            assert workspace_of(client)["analyses"] == []
            make_figure(client)
        shutil.rmtree(folder)


@pytest.mark.slow
def test_killed_at_every_call_while_a_revision_arrives(source: Nursery, tmp_path: Path) -> None:
    log, before = tmp_path / "log", tmp_path / "before"
    with serving(before) as client:
        figure = make_figure(client)["api_id"]
    api_id = str(uuid.uuid4())
    draft = {"figure": figure, "metadata": {}, "client_id": api_id,
             "data": [image(PICTURE, local_id="1"), text("a note", local_id="2")]}
    shutil.copytree(before, tmp_path / "whole")
    arrived = 0
    for number, (name, nth) in enumerate(chosen(source, partial(arrive, tmp_path / "whole", draft), log)):
        folder = tmp_path / str(number)
        shutil.copytree(before, folder)
        struck = strike(source, partial(arrive, folder, draft), CALLS, f"{name}:signal=KILL:when={nth}", log)
        assert "Traceback" not in struck.said, struck.said
        with serving(folder) as client:
            is_there = client.get(f"{API}/revision/{api_id}/").status_code == 200
            assert is_there or "201" not in struck.said, "answered and lost"
            arrived += is_there
            again = client.post(f"{API}/revision/", json=draft)
            assert again.status_code == (409 if is_there else 201), again.text
            revision = found(client.get(f"{API}/revision/{api_id}/"))
            assert len(found(client.get(f"{API}/figure/{figure}/"))["revisions"]) == 1
            contents = [found(client.get(f"{API}/data/{item['api_id']}/")) for item in revision["data"]]
            assert [base64.b64decode(item["data"]) for item in contents] == [PICTURE, b"a note"]
            assert [item["hash"] for item in revision["data"]] == [
                blake3(data).hexdigest() for data in (PICTURE, b"a note")
            ]
        shutil.rmtree(folder)
    assert arrived < number, "most points lie before the commit"
