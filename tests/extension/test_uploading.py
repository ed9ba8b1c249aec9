"""%gofigr upload and publish(cdn=True): in a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.extension.conftest import Notebook
from tests.fakes.fig1 import EXPIRED, KEY, FakeFig1, fake_fig1, refuse
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


def test_publish_puts_the_picture_on_the_cdn_too(notebook: Notebook, fake: FakeFig1) -> None:
    ran, parcels = notebook.run(
        "from gofigr_jupyter import publish\nfig, ax = plt.subplots(); ax.plot([1, 3])\n"
        "p = publish(fig, name='On the CDN', cdn='figs'); plt.close(fig)\nasset = p.asset()\nprint(asset.url(width=400))"
    )
    ((key, (kind, content)),) = fake.files.items()
    assert key.startswith("sites/abc/figs/on-the-cdn-")
    assert kind == "image/png"
    assert [item.data for item in parcels[0].capture.displayed] == [content], "the picture of the revision"
    assert f"{fake.base}/cdn/{key}?w=400" in ran.text
    notebook.run("p = publish(fig, name='On the CDN', cdn='figs'); print(p.asset().key)")
    assert len(fake.orders) == 1, "it is there already"


def test_publishing_is_not_hurt(notebook: Notebook) -> None:
    notebook.kernel.run("import os; os.environ['FIG1_URL'] = 'https://fig1.example.org'")
    ran, parcels = notebook.run(
        "fig, ax = plt.subplots(); ax.plot([4, 1]); p = publish(fig, name='No key', cdn=True); plt.close(fig)\n"
        "try:\n    p.asset()\nexcept Exception as error:\n    print(type(error).__name__)"
    )
    assert [one.target.figure.name for one in parcels] == ["No key"]
    assert "ConfigurationError" in ran.text
    assert "published, but not put on the CDN: There is no key" in ran.text
    notebook.kernel.run("del os.environ['FIG1_URL']")
    ran, _ = notebook.run("publish(fig).asset()", check=False)
    assert "Nobody asked for it" in (ran.error or "")
