"""The official client against our server, unnoticed: with its own virtual environment, in the long tier.

Installing that environment takes longer than all quick tests together, which is why none of this is among them.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from gofigr_jupyter import GoFigr, Settings, clean_room
from tests.kernels import LiveKernel
from tests.server.processes import API, Server, environment
from tests.server.s3 import SeaweedFS
from tests.server.strangers import PASSWORD, TeamServer, plain_environment

VERSION = "2.3.4"
HERE = Path(__file__).parent
EMBEDDED = HERE / "official_session.py"
SESSIONS = sorted(path.stem for path in (HERE / "official").glob("*.py") if path.stem != "common")
BUCKETS = ("gofigr-flextest", "gofigr-flextest2")
# Cells of a notebook: publishing by hand, in the clean room too, and getting files back.
BY_HAND = """
figure = plt.figure()
plt.plot([3, 1])
revision = publish(figure, target=FindByName("By hand", create=True), files=["rain.csv"])
plt.close(figure)

@reproducible
def drawn(factor: int = 2):
    figure = plt.figure()
    plt.plot([1, factor])
    publish(figure, target=FindByName("By hand"))
    plt.close(figure)

drawn()
"""
FETCHED = """
import os
from gofigr.jupyter import download_all
os.mkdir("got")
assert download_all(revision.api_id, "got") == os.path.getsize("rain.csv")
figure = gf.Figure(api_id=revision.figure.api_id).fetch()
assert [one.is_clean_room for one in figure.revisions] == [False, True]
"""

# A script of ours, whose function the official client reads, runs and publishes again.
OURS = """
from datetime import date
from typing import Literal
import matplotlib
matplotlib.use("agg")
import pandas as pd
from gofigr_jupyter import SliderParam, reproducible

@reproducible
def curve(table, heights, power: int = SliderParam(2, min=1, max=5), scale: Literal["linear", "log"] = "linear",
          measured=date(2026, 3, 1), limits=(0, 1)):
    figure = plt.figure()
    # the body alone is stored
    plt.plot(table["dose"], [value ** power for value in range(len(heights))])
    plt.yscale(scale)
    plt.title("Dose response")
    plt.xlabel(str(measured))
    return publish(figure)

table = pd.DataFrame({"dose": [1, 2, 4]})
print(curve(table, pd.Series([0.1, 0.5, 0.9], name="heights"), power=3).wait(200).client_id)
"""

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with the official client and none of our packages; `GOFIGR_OFFICIAL_PYTHON` names a ready one."""
    ready = os.environ.get("GOFIGR_OFFICIAL_PYTHON")
    if ready:
        return ready
    folder = tmp_path_factory.mktemp("official")
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    wanted = [f"gofigr=={VERSION}", "ipykernel", "matplotlib", "pyarrow"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, s3: SeaweedFS) -> Iterator[TeamServer]:
    """A server for people, which can reach buckets."""
    for bucket in BUCKETS:
        s3.make(bucket)
    with TeamServer(tmp_path_factory.mktemp("team"), **s3.environment) as server:
        yield server


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    """A server whose access tokens live for a second."""
    with TeamServer(tmp_path_factory.mktemp("impatient"), impatient=True) as server:
        yield server


def session(python: str, script: Path, home: Path, *arguments: str) -> list[str]:
    """Run a session; it says `ok` at its end when everything was as its user expects. Gives what it said before."""
    done = subprocess.run(
        [python, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=home,
        env=plain_environment(home),
    )
    *said, last = done.stdout.splitlines() or [""]
    assert (done.returncode, last) == (0, "ok"), done.stderr[-3000:]
    return said


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_session_on_the_embedded_server(official: str, home: Path, slash: str) -> None:
    with Server(home) as server:
        server.wait()
        session(official, EMBEDDED, home, server.local.url + slash, server.local.token)


def test_our_clean_rooms_are_read_run_and_derived_from_there_and_read_again(official: str, home: Path) -> None:
    script = home / "ours.py"
    script.write_text(OURS)
    with Server(home) as server:
        server.wait()
        command = [sys.executable, str(script)]
        env = environment(home, GOFIGR_JUPYTER_WORKER_IDLE="3")
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=home, env=env)
        assert done.returncode == 0, done.stderr
        ours = done.stdout.split()[-1]
        *_, derived = session(official, HERE / "official_reading.py", home, server.local.url, server.local.token, ours)
        with GoFigr(settings=Settings(home=home)) as gf:
            before, after = (clean_room(gf.revisions.get(one)).parameters for one in (ours, derived))
    assert after["table"].equals(before["table"])
    assert after["heights"].equals(before["heights"])
    changed = {name: value for name, value in after.items() if name not in {"table", "heights"}}
    assert changed == {"power": 4, "scale": "log", "measured": date(2026, 4, 2), "limits": (0, 1)}


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_on_a_team_server(official: str, home: Path, team: TeamServer, name: str) -> None:
    session(official, HERE / "official" / f"{name}.py", home, team.url)
    assert team.failures() == ""


@pytest.mark.parametrize("name", ["signin", "objects", "ledger", "sharing"])
def test_tokens_are_renewed_unseen(official: str, home: Path, impatient: TeamServer, name: str) -> None:
    session(official, HERE / "official" / f"{name}.py", home, impatient.url)
    assert impatient.failures() == ""


def test_those_tokens_end_after_a_second(impatient: TeamServer) -> None:
    headers = {"authorization": f"Bearer {impatient.token('ada')}"}
    time.sleep(1.1)
    answer = httpx.get(f"{impatient.url}{API}/user", headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")


def test_figures_of_a_notebook_are_published_by_themselves(official: str, home: Path, team: TeamServer) -> None:
    who = {"GF_URL": team.url, "GF_USERNAME": "ada", "GF_PASSWORD": PASSWORD, "GF_WORKSPACE": "notebooks"}
    notebook = plain_environment(home, **who, JPY_SESSION_NAME=str(home / "rain.ipynb"))
    kernel = LiveKernel(notebook, home, official)
    try:
        kernel.run("%load_ext gofigr\nimport matplotlib.pyplot as plt\n%matplotlib inline")
        (home / "rain.csv").write_text("mm\n80\n75\n")
        kernel.run("frame = gf.read_csv('rain.csv')")
        shown = kernel.run("plt.plot(frame['mm'])\nplt.title('Rain')\nplt.show()")
        kernel.run("plt.plot([2, 1])\nplt.title('Rain')\nplt.show()")
        kernel.run(BY_HAND)
        kernel.run(FETCHED)
    finally:
        kernel.close()
    headers = {"authorization": f"Bearer {team.token('ada')}"}
    with httpx.Client(base_url=team.url + API, headers=headers, timeout=30) as client:
        places = {one["name"]: one["api_id"] for one in client.get("/workspace/").json()}
        workspace = client.get(f"/workspace/{places['notebooks']}/").json()
        assert [one["name"] for one in workspace["analyses"]] == ["rain"]
        analysis = client.get(f"/analysis/{workspace['analyses'][0]['api_id']}/").json()
        assert [one["name"] for one in analysis["figures"]] == ["Rain", "By hand"]
        figure = client.get(f"/figure/{analysis['figures'][0]['api_id']}/").json()
        assert [one["revision_index"] for one in figure["revisions"]] == [0, 1]
        first = client.get(f"/revision/{figure['revisions'][0]['api_id']}/").json()
        data = [client.get(f"/data/{one['api_id']}/").json() for one in first["data"]]
    code = [base64.b64decode(one["data"]) for one in data if one["type"] == "code"]
    assert any(b"plt.title('Rain')" in one for one in code)
    images = [one for one in data if one["type"] == "image" and one["metadata"]["format"] == "png"]
    assert sorted(one["metadata"]["is_watermarked"] for one in images) == [False, True]
    assert {base64.b64decode(one["data"])[:4] for one in images} == {b"\x89PNG"}
    assert len(first["assets"]) == 1
    assert first["short_id"]
    assert shown.figures
    assert (home / "got" / "rain.csv").read_bytes() == (home / "rain.csv").read_bytes()
    assert team.failures() == ""
