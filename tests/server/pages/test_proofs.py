"""The proof on the pages: the verdict, the button of whoever's machine it is, and the command for everybody else."""

from __future__ import annotations

import base64
import io
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from gofigr_jupyter.proof.recorded import Cell
from gofigr_jupyter.proof.runner import Limits, Setup, run
from tests.server.conftest import API, Client, found, image, make_analysis, make_figure, make_revision, text
from tests.server.pages.test_revision import HOSTILE, plain
from tests.server.processes import Server
from tests.server.team import Team, own
from tests.server.test_files import png

SHORT = {"verdict": "differs", "at": "2026-11-22T04:00:00+00:00", "reason": "12 of 64 pixels differ", "python": "3.11"}
FULL = SHORT | {
    "pictures": [{"type": "image/png", "measure": {"regions": [[1, 2, 5, 8, 12], ["odd"]]}}],
    "changes": {
        "packages": [{"name": "numpy", "was": "2.1", "now": "2.4"}, {"name": "gone", "was": "1", "now": ""}],
        "inputs": ["doses.csv was changed since, and no copy was kept"],
    },
    "hints": ["it asks for the time"],
    "trace": ["Traceback", "ValueError: no"],
}


def revision_with(client: Client, short: Any = SHORT, full: Any = FULL) -> str:
    """The id of a revision with a verdict."""
    pieces = [
        image(png(8, 8), role="displayed"),
        text(json.dumps(full), role="proof", format="json"),
        image(png(9, 9), role="proof"),
    ]
    api_id: str = make_revision(client, *pieces, metadata={"title": "t", "verdict": short})["api_id"]
    return api_id


def test_the_verdict_is_on_the_page(me: Client) -> None:
    page = me.get(f"/revision/{revision_with(me)}").text
    words = plain(page)
    assert "Made again, it differs, 22 Nov 2026" in words
    for fact in ("12 of 64 pixels differ", "numpy 2.1 → 2.4", "gone 1 → not installed", "it asks for the time", "1, 2"):
        assert fact in words
    assert "doses.csv was changed since" in words
    assert "ValueError: no" in page
    assert "4 × 6" in page
    marked = re.search(r'src="(/file/[^"]+difference.png[^"]*)"', page)
    assert marked is not None
    assert me.get(marked[1].replace("&amp;", "&")).headers["content-type"] == "image/png"


def test_the_marked_picture_is_nobody_s_thumbnail(me: Client) -> None:
    api_id = revision_with(me)
    page = me.get(f"/revision/{api_id}").text
    assert page.count("difference.png") == 1
    small = found(me.get(f"{API}/revision/{api_id}/thumbnail/64"))["thumbnail"]
    with Image.open(io.BytesIO(base64.b64decode(small))) as picture:
        assert picture.size == (8, 8)
    attachments = re.search(r'<h2 id="files">.*', page, re.DOTALL)
    assert attachments is None or "Proof" not in attachments[0]


@pytest.mark.parametrize("short", [HOSTILE, {"verdict": HOSTILE}, {"verdict": "differs", "at": HOSTILE, "reason": HOSTILE}, []])
def test_nothing_that_is_written_there_becomes_markup(me: Client, short: Any) -> None:
    full = {"changes": {"packages": [{"name": HOSTILE, "was": HOSTILE}], "inputs": [HOSTILE, 3], "code": {}}, "hints": HOSTILE}
    answer = me.get(f"/revision/{revision_with(me, short, full)}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text


def test_links_to_make_it_again(me: Client) -> None:
    api_id = revision_with(me)
    page = me.get(f"/revision/{api_id}").text
    links = re.findall(r'href="(/api/v1\.4\.1/revision/[^"]+/bundle/[^"]*)"', page)
    assert len(links) == 3
    assert [me.get(link).status_code for link in links] == [200] * 3


def test_a_team_server_shows_the_command_and_runs_nothing(team: Team) -> None:
    browser = team.browser(team.add("ada"))
    workspace = found(browser.get(f"{API}/workspace/"))[0]["api_id"]

    def made(what: str, body: dict[str, Any]) -> str:
        answer = browser.post(f"{API}/{what}/", json=body, headers=own(browser))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["api_id"])

    analysis = made("analysis", {"name": "a", "workspace": workspace})
    figure = made("figure", {"name": "f", "analysis": analysis})
    revision = made("revision", {"figure": figure, "data": [], "metadata": {}})
    page = browser.get(f"/revision/{revision}").text
    assert "gofigr-jupyter verify " in page
    assert 'method="post"' not in page.replace("logout", "").split("<main")[1]
    form = {"form": "0" * 40}
    for path in (f"/revision/{revision}/verify", f"/analysis/{analysis}/verify"):
        assert browser.post(path, data=form, headers=own(browser)).status_code == 403
    assert found(browser.get(f"{API}/task/"))["results"] == []


def test_the_form_belongs_to_the_session(me: Client, anonymous: Client, other: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    figure = make_figure(me, analysis=analysis)["api_id"]
    revision = make_revision(me, figure=figure)["api_id"]
    for client in (me, anonymous, other):  # a token is no session
        assert client.post(f"/revision/{revision}/verify", data={"form": "x"}).status_code == 403


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """An embedded server as a process; its user's program and browser."""
    with Server(tmp_path) as server, server.wait().client() as program:
        ticket = program.post("/.gofigr/ticket").json()["ticket"]
        with httpx.Client(base_url=server.local.url, headers={"origin": server.local.url}, timeout=60) as browser:
            assert browser.post("/.gofigr/enter", data={"ticket": ticket}).status_code == 303
            yield program, browser


def shown_again(code: str) -> bytes:
    """The picture that the code makes, as a notebook would show it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("work", "private"):
            (Path(folder) / name).mkdir()
        setup = Setup(sys.executable, Path(folder) / "work", Path(folder) / "private", formats=("png",))
        return run([Cell(code)], setup, Limits(), lambda _: None).shown[-1]["image/png"]


def wait(program: httpx.Client, task: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while (told := program.get(f"{API}/task/{task}/").json())["state"] in {"queued", "running"}:
        assert time.monotonic() < deadline
        time.sleep(0.3)
    return dict(told)


@pytest.mark.slow
def test_the_button_makes_it_again(running: tuple[httpx.Client, httpx.Client]) -> None:
    program, browser = running
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 4, 2]);"
    pieces = [image(shown_again(code), role="displayed", mime_type="image/png"), text(code, role="slice")]
    analysis = make_analysis(program)["api_id"]
    figure = make_figure(program, analysis=analysis)["api_id"]
    revision = make_revision(program, *pieces, figure=figure)["api_id"]
    for path in (f"/revision/{revision}", f"/analysis/{analysis}"):
        page = browser.get(path).text
        form = re.search(rf'action="({path}/verify)" method="post">\s*<input type="hidden" name="form" value="(\w+)"', page)
        assert form is not None
        assert browser.post(form[1], data={"form": "0" * 40}).status_code == 403
        sent = browser.post(form[1], data={"form": form[2]})
        assert (sent.status_code, sent.headers["location"]) == (303, f"{path}#proof")
        task = re.search(r'data-task="/api/v1.4.1/task/([\w-]+)/"', browser.get(path).text)
        assert task is not None, "it says that it is under way"
        told = wait(program, task[1])
        assert told["state"] == "succeeded", told
        assert told["result"]["verdicts"][revision]["verdict"] == "identical"
    assert "Reproduced: identical" in browser.get(f"/revision/{revision}").text


@pytest.mark.slow
def test_a_task_that_is_cancelled_leaves_nothing_running(running: tuple[httpx.Client, httpx.Client], tmp_path: Path) -> None:
    program, browser = running
    mark = tmp_path / "pid"
    code = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
    pieces = [image(png(8, 8), role="displayed", mime_type="image/png"), text(code, role="slice")]
    revision = make_revision(program, *pieces)["api_id"]
    token = re.search(r'verify" method="post">\s*<input type="hidden" name="form" value="(\w+)"', browser.get(f"/revision/{revision}").text)
    assert token is not None
    browser.post(f"/revision/{revision}/verify", data={"form": token[1]})
    deadline = time.monotonic() + 60
    while not mark.exists() or not mark.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    (task,) = program.get(f"{API}/task/").json()["results"]
    program.post(f"{API}/task/{task['api_id']}/cancel/")
    assert wait(program, task["api_id"])["state"] == "cancelled"
    pid = int(mark.read_text())
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid}").exists()
