"""`find`, `ask`, `log`, `diff`, `blame` and `show` as people run them, on figures that a real worker published to a real server."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from gofigr_jupyter import spawn
from gofigr_jupyter.cli.app import app
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.embedding.files import marked, marks_of
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.settings import HOME_VARIABLE, Settings
from tests.cli.conftest import command_env
from tests.cli.published import CODE, Lab, lab, stop
from tests.finding.plots import TRANSFORMS, plot

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GF_")]:
            patch.delenv(name)
        for name, value in command_env(home, GOFIGR_JUPYTER_WORKER_IDLE="60", GOFIGR_JUPYTER_SERVER_IDLE="300").items():
            patch.setenv(name, value)
        with lab(home) as found:
            yield found


@pytest.fixture
def run(made: Lab, monkeypatch: pytest.MonkeyPatch):
    """A command in this process: its code, what it printed, and what it complained of."""
    monkeypatch.setenv(HOME_VARIABLE, str(made.home))

    def run(*arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, [str(one) for one in arguments])
        assert done.exit_code == code, (done.output, done.exception)
        assert "\x1b" not in done.output, "no colours and nothing of people's where there is no terminal"
        return done

    return run


def written(tmp_path: Path, content: bytes, name: str = "picture.png") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


# ---------------------------------------------------------------- what is on the server


def test_what_the_worker_drew_carries_the_link(made: Lab) -> None:
    with GoFigr(settings=Settings(home=made.home)) as gf:
        revision = gf.revisions.get(made.ids[0].client_id)
        forms = {str(item.metadata.get("format")): item for item in revision.data if item.type == "image"}
        for item in revision.data:
            if item.metadata.get("role") in {"picture", "watermark", "thumbnail"} and item.metadata["format"] in {
                "svg",
                "pdf",
                "png",
                "webp",
            }:
                [mark] = marks_of(item.bytes())
                assert (mark.link, mark.revision, mark.figure) == (made.ids[0].link, made.ids[0].client_id, "Decay")
        assert {"svg", "pdf", "png", "webp"} <= set(forms)
        [shown] = [item for item in revision.data if item.metadata.get("role") == "displayed"]
        assert shown.bytes() == made.pictures[0], "the stored picture stays as shown"


# ---------------------------------------------------------------- find


def test_find_tells_revision_figure_link_and_why(run, made: Lab, tmp_path: Path) -> None:
    done = run("find", written(tmp_path, made.pictures[1]))
    assert "Decay, revision 2" in done.output
    assert made.ids[1].link in done.output
    assert "it is the same file, it has the same pixels (certain)" in done.output
    [told] = json.loads(run("find", tmp_path / "picture.png", "--json").stdout)["found"]
    assert (told["figure"], told["revision"], told["analysis"], told["confidence"]) == ("Decay", 2, "Trial 7", 1.0)
    assert told["id"] == made.ids[1].client_id


@pytest.mark.parametrize("name", ["dark page", "JPEG, quality 60", "greys", "50 %"])
@pytest.mark.parametrize("offline", [True, False])
def test_find_knows_a_screenshot(run, made: Lab, tmp_path: Path, name: str, offline: bool) -> None:
    path = written(tmp_path, TRANSFORMS[name](made.pictures[2]))
    told = json.loads(run("find", path, "--json", *(["--offline"] if offline else [])).stdout)
    assert told["found"][0]["figure"] == "Decay"
    if not offline:
        assert told["found"][0]["revision"] == 3
    assert told["server"].startswith("not asked" if offline else "asked")


def test_find_reads_the_metadata_of_what_show_saved(run, made: Lab, tmp_path: Path) -> None:
    for name in ("copy.svg", "copy.pdf", "copy.png"):
        run("show", "Decay@1", "--save", tmp_path / name)
        [told] = json.loads(run("find", tmp_path / name, "--json").stdout)["found"]
        assert told["evidence"][0] == "metadata"
        assert (told["revision"], told["id"]) == (1, made.ids[0].client_id)
        assert told["notes"] == []


def test_find_says_so_when_there_is_nothing(run, tmp_path: Path) -> None:
    done = run("find", written(tmp_path, plot(5)), code=1)
    assert "Not found" in done.output
    assert json.loads(run("find", tmp_path / "picture.png", "--json", "--offline", code=1).stdout)["found"] == []


def test_find_of_what_is_no_picture(run, tmp_path: Path) -> None:
    assert "no picture" in run("find", written(tmp_path, b"text", "a.txt"), code=2).output
    assert "There is no file" in run("find", tmp_path / "gone.png", code=2).output


def test_find_opens_no_link_of_strangers(run, tmp_path: Path) -> None:
    mark = Mark("https://elsewhere.example/r/abc", "99999999-1234-4234-8234-123456789abc", "The\x1b[31mirs")
    path = written(tmp_path, marked(plot(3), mark))
    done = run("find", path)
    assert "another server, elsewhere.example" in done.output
    assert "another server" in run("find", path, "--open", code=1).output


def test_find_learns_from_the_server_what_was_not_known_here(run, made: Lab, tmp_path: Path, monkeypatch) -> None:
    index = made.home / "pictures" / "known"
    kept = index.read_bytes()
    index.unlink()
    try:
        done = run("find", written(tmp_path, TRANSFORMS["light page"](made.pictures[3])), "--json")
        assert json.loads(done.stdout)["found"][0]["figure"] == "Doses"
        assert index.exists()
    finally:
        index.write_bytes(kept)


# ---------------------------------------------------------------- names


def test_figures_have_many_names(run, made: Lab) -> None:
    with GoFigr(settings=Settings(home=made.home)) as gf:
        figure = gf.revisions.get(made.ids[0].client_id).figure
    texts = ["Decay", "decay", "Trial 7/Decay", figure, made.ids[2].client_id, made.ids[2].link, "Decay@3"]
    texts += [one.short_id for one in made.ids[2:3] if one.short_id]
    for text in texts:
        assert json.loads(run("show", text, "--json").stdout)["id"] == made.ids[2].client_id
    assert json.loads(run("show", f"{figure}@1", "--json").stdout)["id"] == made.ids[0].client_id


def test_ambiguous_names_are_listed(run) -> None:
    done = run("log", "Doses", code=2)
    assert "Trial 7" in done.output
    assert "Trial 8 [old]" in done.output
    assert "any of 2 figures" in done.output
    run("log", "Trial 8 [old]/Doses")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nothing", "There is no figure"),
        ("Decay@9", "has no revision 9"),
        ("https://elsewhere.example/r/abc", "another server"),
        ("99999999-1234-4234-8234-123456789abc", "There is no figure"),
        ("abcdefgh9", "There is no figure"),
        ("[bold]", "There is no figure '[bold]'"),
    ],
)
def test_what_names_nothing_is_said(run, text: str, said: str) -> None:
    for command in ("log", "show", "blame", "diff"):
        assert said in run(command, text, code=2).output


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Decays", "Did you mean 'Decay'?"),
        ("dose", "Did you mean 'Doses'?"),
        ("decya@2", "Did you mean 'Decay'?"),
        ("trial 7/Decey", "Did you mean 'Trial 7/Decay'"),
        ("Nothing", "There are: 'Decay', 'Doses'. All figures are on the pages: gofigr-jupyter open"),
    ],
)
def test_what_was_perhaps_meant_is_said(run, text: str, advice: str) -> None:
    assert advice in run("show", text, code=2).output


def test_an_analysis_that_there_is_not(run) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        output = run("verify", "--analysis", "trial7", code=2).output
    finally:
        signal.signal(signal.SIGTERM, before)  # the command runs in this process here, and has its own
    assert "There is no analysis 'trial7'." in output
    assert "Did you mean 'Trial 7'" in output


# ---------------------------------------------------------------- log, diff, blame, show


def test_log_tells_what_changed(run, made: Lab) -> None:
    rows = json.loads(run("log", "Decay", "--json").stdout)
    assert [(row["revision"], row["changed"]) for row in rows] == [
        (3, ["code", "picture", "packages", "metadata"]),
        (2, ["code", "picture", "packages", "metadata"]),
        (1, ["first"]),
    ]
    assert rows[0]["link"] == made.ids[2].link
    lines = run("log", "Decay", "--oneline", "-n", "2").output.splitlines()
    assert len(lines) == 3
    assert "changed: code, picture" in lines[0]
    assert "and 1 before" in lines[2]
    told = run("log", "Decay").output
    assert told.index("revision 3") < told.index("revision 2") < told.index("first revision")


def test_diff_shows_code_packages_and_pictures(run, tmp_path: Path) -> None:
    told = run("diff", "Decay", "--picture", tmp_path / "both.png").output
    assert "+plt.grid()" in told
    assert "~ numpy 2.1 → 2.2" in told
    assert "of the pixels differ" in told
    assert "~ batch 1 → 2" in told
    with Image.open(io.BytesIO((tmp_path / "both.png").read_bytes())) as image:
        assert image.size == (3 * 450 + 24, 315)
    told = json.loads(run("diff", "Decay@1", "Decay@2", "--json").stdout)
    assert "+rate = 2" in told["code"]
    assert told["packages"] == {"numpy": ["2.0", "2.1"]}
    assert told["before"]["revision"] == 1
    assert (
        json.loads(run("diff", "Trial 7/Doses", "Trial 8 [old]/Doses", "--json").stdout)["picture"] == "the same file"
    )
    assert "nothing before" in run("diff", "Decay@1", code=2).output


def test_blame_names_the_revision_of_each_line(run) -> None:
    rows = json.loads(run("blame", "Decay", "--json").stdout)
    assert [row["code"] for row in rows] == CODE[2].splitlines()
    assert [row["revision"] for row in rows] == [1, 1, 2, 1, 2, 3]
    assert [row["revision"] for row in json.loads(run("blame", "Decay@2", "--json").stdout)] == [1, 1, 2, 1, 2]
    lines = run("blame", "Decay").output.splitlines()
    assert len(lines) == 6
    assert lines[5].startswith("r3")
    assert lines[5].endswith("6) plt.grid()")


def test_show_tells_all(run, made: Lab) -> None:
    told = run("show", "Decay").output
    for fact in ("Decay, revision 3", made.ids[2].link, "plt.grid()", "displayed", "webp", "1 package", "abababab"):
        assert fact in told, fact
    told = run("show", "Trial 8 [old]/Doses").output
    assert "red[/red]" in told
    assert "\x1b" not in told


def test_show_saves_what_is_there(run, tmp_path: Path) -> None:
    done = run("show", "Decay", "--save", tmp_path / "a.png")
    assert str(tmp_path / "a.png") in done.output
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (450, 315)


# ---------------------------------------------------------------- last: without a server


def test_ask_answers_from_the_record(run, made: Lab) -> None:
    done = run("ask", "Decay@3", "Which", "code", "made", "this?")
    assert "the whole session, from In [1] and In [3]" in done.stdout
    assert "Rests on" in done.stdout
    told = json.loads(run("ask", "Decay@3", "What changed since the previous revision?", "--json").stdout)
    assert "between revision 2 and revision 3" in told["answer"]
    assert "numpy (2.1 → 2.2)" in told["answer"]
    assert told["engine"] == {"name": "facts", "model": None, "is_local": True}
    assert {one["kind"] for one in told["evidence"]} >= {"metadata", "revision"}
    assert "answer_html" not in told


def test_ask_says_what_it_cannot_tell(run) -> None:
    assert "cannot be told from the figure's record" in run("ask", "Decay", "Is that significant?").stdout.replace("\n", " ")


def test_find_works_while_no_server_runs(run, made: Lab, tmp_path: Path) -> None:
    stop(made.home, "worker")
    stop(made.home, "server")
    deadline = time.monotonic() + 20
    while spawn.alive(made.home, "server") and time.monotonic() < deadline:
        time.sleep(0.05)
    path = written(tmp_path, TRANSFORMS["dark page"](made.pictures[0]))
    for options in ([], ["--offline"]):
        done = json.loads(run("find", path, "--json", *options).stdout)
        assert done["found"][0]["figure"] == "Decay"
        assert done["server"].startswith("not asked")
    assert not spawn.alive(made.home, "server"), "it was not needed"
