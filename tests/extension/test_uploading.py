"""%gofigr upload and publish(cdn=True): in a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gofigr_jupyter import GoFigr, Settings
from gofigr_jupyter.extension import front
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.errands import errands
from gofigr_jupyter.records import CdnWish, Missing
from gofigr_jupyter.settings import load_cdn_account
from tests.extension.conftest import Notebook, parked_worker
from tests.fakes.fig1 import EXPIRED, KEY, FakeFig1, fake_fig1, refuse
from tests.kernels import live_kernel
from tests.test_media import FILES

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def fake(notebook: Notebook) -> Iterator[FakeFig1]:
    """A CDN that the notebook knows by the environment, set after the extension was loaded."""
    with fake_fig1() as fake:
        notebook.kernel.run(f"import os; os.environ.update(FIG1_API_KEY={KEY!r}, FIG1_URL={fake.base!r})")
        yield fake
        notebook.kernel.run("del os.environ['FIG1_API_KEY'], os.environ['FIG1_URL']")


def shown(notebook: Notebook, code: str) -> tuple[str, str]:
    """What a cell shows as HTML, and what it prints; it publishes nothing."""
    ran, parcels = notebook.run(code)
    assert parcels == []
    return "\n".join(one["data"].get("text/html", "") for one in ran.shown), ran.text


def test_upload_shows_a_card_for_each_file(notebook: Notebook, fake: FakeFig1, tmp_path: Path) -> None:
    (tmp_path / "a plot.png").write_bytes(FILES["a.png"][1])
    (tmp_path / "<b>talk.pdf").mkdir()
    (tmp_path / "wrong.gif").write_bytes(FILES["a.png"][1])
    fake.fail("put", refuse(400, EXPIRED))
    html, _ = shown(notebook, f"%gofigr upload '{tmp_path}/a plot.png' '{tmp_path}/<b>talk.pdf' {tmp_path}/wrong.gif --folder figs")
    address = f"{fake.base}/cdn/sites/abc/figs/a%20plot.png"
    assert html.count(f">{address}</code>") == 1
    assert f"![a plot.png]({address})" in html
    assert "w=192&amp;h=144&amp;fit=contain" in html
    assert "<b>talk" not in html
    assert "by its bytes it is image/png" in html
    assert list(fake.files) == ["sites/abc/figs/a plot.png"]
    assert KEY not in html


@pytest.mark.parametrize(
    ("line", "told"),
    [("", "Which file?"), ("a.png --folder", "--folder needs a name"), ("--size 5", "--size is unknown"), ("a.png --folder ../b", "is no folder")],
)
def test_what_cannot_be_meant(notebook: Notebook, fake: FakeFig1, line: str, told: str) -> None:
    html, text = shown(notebook, f"%gofigr upload {line}")
    assert told in text
    assert html == ""


def test_without_a_key_for_another_service(notebook: Notebook) -> None:
    notebook.kernel.run("import os; os.environ['FIG1_URL'] = 'https://fig1.example.org'")
    told = shown(notebook, "%gofigr upload a.png")[1]
    notebook.kernel.run("del os.environ['FIG1_URL']")
    assert "GoFigr: There is no key for the CDN: set FIG1_API_KEY" in told
    assert "gofigr-jupyter fig1-key add" in told


def test_a_newcomer_needs_neither_key_nor_server(notebook: Notebook, tmp_path: Path) -> None:
    """The README's first lines on this, to the letter, in a home where there is nothing."""
    lines = README.partition("### Pictures on a CDN")[2].partition("```python\n")[2].partition("```")[0].split()
    assert " ".join(lines) == "%load_ext gofigr_jupyter %gofigr upload plot.png --folder figs"
    (tmp_path / "plot.png").write_bytes(FILES["a.png"][1])
    notebook.kernel.run(f"%cd -q {tmp_path}")
    html, _ = shown(notebook, "%gofigr upload plot.png --folder figs")
    (address,) = set(re.findall(r"http://127\.0\.0\.1:\d+/cdn/sites/\w+/figs/plot\.png(?=<)", html))
    assert httpx.get(address).content == FILES["a.png"][1]
    assert "fig1_sdk_" not in html


# ---------------------------------------------------------------- publish(cdn=...)


def test_a_parcel_carries_the_wish(notebook: Notebook, fake: FakeFig1) -> None:
    ran, parcels = notebook.run(
        "from gofigr_jupyter import publish\nfig, ax = plt.subplots(); ax.plot([1, 3])\n"
        "p = publish(fig, name='On the CDN', cdn='figs'); plt.close(fig); print(p.cdn.reason)"
    )
    (parcel,) = parcels
    assert isinstance(parcel.cdn, CdnWish)
    assert (parcel.cdn.folder, parcel.cdn.title) == ("figs", "On the CDN")
    kept = load_cdn_account(notebook.home, parcel.cdn.account)
    assert (kept.fig1_url, kept.fig1_api_key) == (fake.base, KEY)
    assert "it goes out when its cell has ended" in ran.text
    assert notebook.run("print(p.cdn.reason)")[0].text.strip() == "it is on its way"
    assert fake.asked == [], "the kernel itself sends nothing"


def test_the_same_picture_again_with_a_wish_makes_no_revision(notebook: Notebook) -> None:
    notebook.run("fig, ax = plt.subplots(); ax.plot([2, 9])")
    draw = "p = publish(fig, name='Later', cdn={}); plt.close('all')"
    first = notebook.run(draw.format(False))[1]
    source = notebook.kernel.run("print(p.client_id)").text.strip()
    assert [one.client_id for one in first] == [source]
    notebook.run("_ = 'the source of a cell is part of what makes a revision'")
    cell = "import os\np = publish(fig, name='Twice', cdn=bool(os.environ.get('WISH'))); plt.close('all')"
    (parcel,) = notebook.run(cell)[1]
    notebook.kernel.run("os.environ['WISH'] = '1'")
    assert notebook.run(cell)[1] == [], "it is unchanged"
    notebook.kernel.run("del os.environ['WISH']")
    (errand,) = errands(notebook.home).values()
    assert (errand.client_id, errand.wish.account) == (parcel.client_id, None)
    assert notebook.run("print(p.receipt, p.cdn.reason)")[0].text.strip() == "None it is on its way"
    for path in errands(notebook.home):
        path.unlink()


def test_who_waits_for_it_in_its_own_cell_sends_it_at_once(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "fig, ax = plt.subplots(); ax.plot([7, 7, 1]); p = publish(fig, name='Now', cdn=True)\n"
        "try:\n    p.asset(timeout=0.3)\nexcept Exception as error:\n    print(type(error).__name__, error)"
    )
    assert "OutboxError Not on the CDN within 0.3 s: it is on its way. It is kept and sent later." in ran.text
    assert [one.target.figure.name for one in parcels] == ["Now"], "and not once more when the cell ends"
    assert len([one for one in ran.shown if "gofigr-live" in one["data"].get("text/html", "")]) == 1
    ran, parcels = notebook.run(
        "fig, ax = plt.subplots(); ax.plot([7, 7, 2]); p = publish(fig, name='Then', cdn=True)\n"
        "try:\n    p.wait(timeout=0.1)\nexcept Exception:\n    ax.plot([1, 1])"
    )
    assert len({one.client_id for one in parcels}) == 2, "it is another picture by now"


def test_publishing_is_not_hurt(notebook: Notebook) -> None:
    notebook.kernel.run("import os; os.environ['FIG1_URL'] = 'https://fig1.example.org'")
    ran, parcels = notebook.run(
        "fig, ax = plt.subplots(); ax.plot([4, 1]); p = publish(fig, name='No key', cdn=True); plt.close(fig)\n"
        "try:\n    p.asset()\nexcept Exception as error:\n    print(type(error).__name__)"
    )
    assert [(one.target.figure.name, type(one.cdn)) for one in parcels] == [("No key", Missing)]
    assert "ConfigurationError" in ran.text
    assert "published, but not put on the CDN: There is no key" in ran.text
    notebook.kernel.run("del os.environ['FIG1_URL']")
    ran, _ = notebook.run("publish(fig).asset()", check=False)
    assert "Nobody asked for it" in (ran.error or "")


def test_a_script_wishes_as_notebooks_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    monkeypatch.setattr(front, "_scripts", [])
    monkeypatch.setenv("GOFIGR_JUPYTER_HOME", str(home))
    figure = Figure()
    figure.subplots().plot([1, 4])
    with parked_worker(home):
        first = front.publish(figure, name="Of a script")
        assert isinstance(first.cdn, Missing)
        again = front.publish(figure, name="Of a script", cdn="figs")
        assert again.client_id == first.client_id, "it is unchanged"
        assert [one.wish.folder for one in errands(home, first.client_id).values()] == ["figs"]
        other = front.publish(figure, name="Another", cdn=True)
    parcels = {one.client_id: one for one in map(Outbox(home).peek, Outbox(home).list("new"))}
    assert parcels[other.client_id].cdn == CdnWish(None, "", "Another")
    assert (again.cdn, other.cdn) == (Missing("it is on its way"), Missing("it is on its way"))


@pytest.mark.slow
def test_from_an_empty_home_to_the_web_in_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        ran = kernel.run(
            "import matplotlib.pyplot as plt\nfrom gofigr_jupyter import publish\nplt.plot([1, 5, 2])\n"
            "print(publish(plt.gcf(), name='Growth', cdn='figures/2026').asset().url())",
            timeout=180,
        )
        address = ran.text.strip().splitlines()[-1]
        assert httpx.get(address).content.startswith(b"\x89PNG")
        assert "/figures/2026/growth-" in address
        kernel.run("%gofigr push")
        with GoFigr(settings=Settings(home=home)) as gf:
            figure = gf.find_figure("Growth", analysis=gf.primary_workspace.analyses[0].name)
            (revision,) = gf.figures.get(figure.api_id).revisions
            assert gf.revisions.get(revision.api_id).metadata["cdn"]["address"] == address
