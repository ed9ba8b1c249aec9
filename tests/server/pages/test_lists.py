"""Gallery, workspace, analysis, figure: what stands where, search, paging, and that lists are fast and light."""

from __future__ import annotations

import re
import statistics
import time
import uuid
from datetime import timedelta

from fastapi import FastAPI

from gofigr_jupyter.server.pages import routes
from gofigr_jupyter.server.store import blobs, people
from gofigr_jupyter.server.store.tables import Analysis, DataItem, Figure, Revision
from tests.server.conftest import Client, image, make_analysis, make_figure, make_revision, workspace_of
from tests.server.pages.conftest import House


def names(page: str) -> list[str]:
    """The names on the cards of a page, in order."""
    return re.findall(r'<h[23]><a href="/figure/[^"]+"><bdi>(.*?)</bdi>', page)


def test_the_gallery_shows_the_newest_first_with_thumbnails(house: House) -> None:
    answer = house.me.get("/")
    assert answer.status_code == 200
    page = answer.text
    assert names(page)[:3] == ["Dose and response", "Irises, both ways", "Irises"]
    assert "7 figures" in page
    assert "3 revisions" in page
    assert 'alt="Dose and response, revision 3" loading="lazy"' in page
    assert re.search(r'<img src="/file/[^"]+\.webp\?inline=1&amp;v=[0-9a-f]{12}"', page)
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_what_is_linked_as_a_picture_is_served_as_one(house: House) -> None:
    page = house.me.get("/").text + house.me.get(f"/revision/{house.rooms['revision']}").text
    for path in set(re.findall(r'<img src="(/file/[^"]+)"', page)):
        assert house.me.get(path.replace("&amp;", "&")).headers["content-type"].startswith("image/")


def test_search_is_done_by_the_server_and_every_word_counts(house: House) -> None:
    assert names(house.me.get("/", params={"q": "irises BOTH"}).text) == ["Irises, both ways"]
    assert names(house.me.get("/", params={"q": "climate ring"}).text) == ["Ringdown of the cavity"]
    nothing = house.me.get("/", params={"q": "100%_"}).text
    assert names(nothing) == []
    assert "this word" in nothing
    assert 'value="100%_"' in nothing


def test_an_empty_gallery_says_how_to_begin(me: Client) -> None:
    assert "%load_ext gofigr_jupyter" in me.get("/").text


def test_workspace_and_analysis_show_what_is_in_them(house: House) -> None:
    workspace = house.me.get(f"/workspace/{house.rooms['workspace']}").text
    assert workspace.index("Receptor study") < workspace.index("Climate and signals")
    assert "4 figures" in workspace
    analysis = house.me.get(f"/analysis/{house.rooms['receptor']}").text
    assert set(names(analysis)) == {
        "Dose and response",
        "Irises",
        "Irises, both ways",
        "Knock-out against wild type",
    }
    assert "second round of assays" in analysis
    assert '<span aria-current="page"><bdi>Receptor study</bdi></span>' in analysis


def test_a_figure_shows_its_latest_picture_and_all_revisions(house: House) -> None:
    page = house.me.get(f"/figure/{house.rooms['figure']}").text
    assert re.findall(r"<h3><a[^>]*>Revision (\d)</a>", page) == ["3", "2", "1"]
    assert 'alt="Dose and response, revision 3" width="540" height="345"' in page
    assert "receptor.ipynb" in page
    assert "In [12]" in page
    assert "8c41f0e6" in page
    assert "with changes" in page


def test_a_figure_without_revisions_and_a_revision_without_pictures(me: Client) -> None:
    empty = make_figure(me, "empty")
    assert "no revisions yet" in me.get(f"/figure/{empty['api_id']}").text
    bare = make_revision(me, figure=empty["api_id"], metadata=None)
    assert "still be on its way" in me.get(f"/revision/{bare['api_id']}").text
    assert "No picture yet" in me.get("/").text


def test_pages_of_a_list_follow_one_another(me: Client, monkeypatch: object) -> None:
    analysis = make_analysis(me, "many")
    for number in range(routes.PER_PAGE + 3):
        make_figure(me, f"figure {number}", analysis=analysis["api_id"])
    first, second = me.get("/?q=figure").text, me.get("/?q=figure&page=2").text
    assert len(names(first)) == routes.PER_PAGE
    assert len(names(second)) == 3
    assert 'href="?q=figure&amp;page=2"' in first
    assert 'href="?q=figure&amp;page=1"' in second
    assert names(me.get("/?page=nonsense").text) == names(me.get("/").text)
    assert me.get("/?page=99999999999999999999").status_code == 200
    assert me.get("/?page=77").status_code == 200


def test_lists_of_two_hundred_are_fast_and_read_no_bytes(me: Client, app: FastAPI, monkeypatch) -> None:
    workspace = workspace_of(me)["api_id"]
    analysis = fill(app, workspace, figures=200, revisions=5)
    read = []
    monkeypatch.setattr(blobs.Blobs, "read", lambda self, chunks: read.append(chunks) or iter(()))
    monkeypatch.setattr(routes, "PER_PAGE", 200)
    times = []
    for path in ("/", f"/analysis/{analysis}", f"/workspace/{workspace}") * 4:
        before = time.process_time()  # other tests may keep the machine busy
        page = me.get(path)
        times.append(time.process_time() - before)
        assert len(names(page.text)) == 200
    assert statistics.median(times) < 0.1
    assert read == []


def fill(app: FastAPI, workspace: str, figures: int, revisions: int) -> str:
    """Rows as many figures leave them, without their bytes; the id of the analysis they are in."""
    at, who = people.now(), {"created_by": "me"}
    with app.state.store.writing() as db:
        parent = Analysis(id=str(uuid.uuid4()), workspace_id=workspace, name="many", created_on=at, **who)
        db.add(parent)
        for number in range(figures):
            figure = Figure(
                id=str(uuid.uuid4()), analysis=parent, name=f"f{number}", created_on=at, next_index=revisions, **who
            )
            db.add(figure)
            for index in range(revisions):
                when = at + timedelta(seconds=number * 10 + index)
                revision = Revision(
                    id=str(uuid.uuid4()), figure=figure, revision_index=index, created_on=when, meta={"a": 1}, **who
                )
                db.add(revision)
                for role, kind in (
                    ("displayed", "png"),
                    ("picture", "svg"),
                    ("watermark", "png"),
                    ("thumbnail", "webp"),
                ):
                    meta = {"role": role, "format": kind, "local_id": str(uuid.uuid4())}
                    db.add(DataItem(
                        id=str(uuid.uuid4()), revision=revision, position=0, name="figure", type="image", hash="0" * 64,
                        size_bytes=10, meta=meta, chunks=[],
                    ))  # fmt: skip
        return parent.id


def test_a_large_picture_without_a_thumbnail_is_shrunk_by_the_server(me: Client) -> None:
    revision = make_revision(me, image(b"\x89PNG\r\n\x1a\n" + bytes(500_000), role="displayed"))
    assert f'src="/thumb/revision/{revision["api_id"]}/512"' in me.get("/").text
