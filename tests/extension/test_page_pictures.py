"""A page is asked for pictures only where one listens, and only pictures are taken from it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gofigr_jupyter.extension.page_pictures import answered
from gofigr_jupyter.outbox import drawings
from tests.extension.conftest import Notebook

PNG = b"\x89PNG\r\n\x1a\n..."
URL = "data:image/png;base64," + base64.b64encode(PNG).decode()


@pytest.mark.parametrize("url", ["", None, 7, "data:image/png;base64,%%%", "data:image/svg+xml;base64,AAAA", URL[5:]])
def test_what_is_no_picture_is_not_taken(home: Path, url: object) -> None:
    drawings.ask(home, "a")
    assert not answered(home, "a", url)
    assert drawings.take(home, "a") is None


def test_a_picture_is_taken(home: Path) -> None:
    drawings.ask(home, "a")
    assert answered(home, "a", URL)
    assert drawings.take(home, "a") == PNG


def test_pages_are_asked_only_where_one_listens(notebook: Notebook) -> None:
    folder = notebook.home / "outbox" / "drawings"
    notebook.run("go.Figure(go.Bar(y=[1, 2])).show()")
    assert not folder.exists()
    notebook.run("from gofigr_jupyter.widgets.live import PAGES; PAGES.is_heard = True")
    _, (parcel,) = notebook.run("go.Figure(go.Bar(y=[1, 3])).show(); plt.plot([1]); plt.close()")
    assert [path.name for path in folder.iterdir()] == [f"{parcel.client_id}.asked"]
    notebook.run("plt.plot([1, 4]); plt.show()")
    assert len(list(folder.iterdir())) == 1
