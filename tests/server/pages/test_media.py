"""The pages of the media library: what they list, for whom, and that no name is markup."""

from __future__ import annotations

import re
from html import unescape

import pytest

from gofigr_jupyter.server.pages import media
from tests.server.cdn.files import picture
from tests.server.conftest import API, found
from tests.server.shelf import Library, Town, library, town

__all__ = ["library", "town"]


def names(page: str) -> list[str]:
    """What the cards of a page are called."""
    return re.findall(r'<h3><a href="/media/[0-9a-f-]{36}"><bdi>([^<]*)</bdi>', page)


def test_media_leads_to_ones_own_library(town: Town, library: Library) -> None:
    library.client.post(f"{API}/workspace/", json={"name": "changed later"})
    answer = library.client.get("/media")
    assert answer.headers["location"] == f"/workspace/{library.workspace}/media"
    assert 'href="/media"' in library.client.get("/").text
    library.put("a.png")
    workspace = library.client.get(f"/workspace/{library.workspace}").text
    assert f"/workspace/{library.workspace}/media" in workspace
    assert "a.png" not in workspace, "of thousands of files a workspace's page would be long"
    assert town.anybody().get("/media").status_code == 403


def test_a_workspace_without_a_site_shows_how_to_begin(town: Town) -> None:
    page = town.person()[2].get("/media", follow_redirects=True).text
    assert "No files yet" in page
    assert 'data-site=""' in page
    assert "Pictures up to 10 MB" in page


def test_files_as_they_are_previewed(library: Library) -> None:
    for kind in ("png", "svg", "mp4", "mp3", "pdf"):
        library.put(f"My file.{kind}")
    page = library.page(order="name")
    assert names(page) == [f"My-file.{kind}" for kind in ("mp3", "mp4", "pdf", "png", "svg")]
    path = "/cdn/" + library.file("png")["key"]
    assert f'src="{path}?w=320&amp;h=240&amp;fit=contain"' in page
    assert f"{path}?w=320&amp;h=240&amp;fit=contain&amp;dpr=2 2x" in page
    assert f'<img src="/cdn/{library.file("svg")["key"]}" alt="My file" loading="lazy"' in page
    assert f'<video src="/cdn/{library.file("mp4")["key"]}" controls preload="none"' in page
    assert "<audio" in page
    assert "media-src 'self'" in library.client.get("/media").headers["content-security-policy"]
    for text in ("cdn_url", "markdown", "html"):
        assert library.file("png")[text] in unescape(page)


def test_a_document_shows_how_it_begins(library: Library) -> None:
    key = library.put("a.md", content=b"# Protocol\n\nStimulate <b>twice</b>.\x1b[31m\n")
    page = library.client.get(f"/media/{library.file('a.md')['api_id']}").text
    assert "Stimulate &lt;b&gt;twice&lt;/b&gt;. [31m" in page
    assert f'href="/cdn/{key}">Open the document' in page
    library.put("empty.pdf")  # has no words
    assert "How it begins" not in library.client.get(f"/media/{library.file('empty')['api_id']}").text


def test_folders_and_their_trail(library: Library) -> None:
    library.put("a.png", folder="plots/2026")
    library.put("b.png")
    assert names(library.page()) == ["b.png"]
    assert "folder=plots" in library.page()
    page = library.page(folder="plots/2026")
    assert names(page) == ["a.png"]
    assert re.findall(r'folder=([^"]*)"><bdi>', page) == ["plots"]
    assert names(library.page(folder="plots", q="a")) == ["a.png"]
    assert names(library.page(q="\0")) == ["b.png"], "nothing that can be seen is no search"
    assert library.client.get(f"/workspace/{library.workspace}/media", params={"site": "\0"}).status_code == 404
    assert "No files in this folder yet" in library.page(folder="plots")
    for folder in ("nowhere", "PLOTS", "../plots", "%00", "\0", "x" * 9000, "plots/2026/<b>"):
        assert library.client.get(f"/workspace/{library.workspace}/media", params={"folder": folder}).status_code == 404


def test_pages_of_files(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PER_PAGE", 2)
    for number in range(3):
        library.put(f"file{number}.txt")
    first = library.page(q="file", order="name")
    assert names(first) == ["file0.txt", "file1.txt"]
    assert 'href="?q=file&amp;order=name&amp;page=2"' in first
    assert names(library.page(q="file", order="name", page=2)) == ["file2.txt"]
    assert "3 files with" in first


def test_no_name_is_markup(library: Library) -> None:
    library.put("<img src=x onerror=alert(1)>.md", folder='"><script>alert(1)<script>')
    library.put("(a)_b_ & 'c'.png")
    for page in (library.page(), library.page(q='"><script>alert(1)</script>'), library.page(order="<b>")):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    file = library.file("png")
    assert "<script>alert" not in library.client.get(f"/media/{file['api_id']}").text
    assert file["markdown"].startswith("![(a) b c](")
    assert "%28a%29" in file["markdown"]


def test_a_file_has_a_page(library: Library) -> None:
    library.put("plot.png", "x", picture("PNG", (40, 30)))
    file = library.file("plot")
    page = library.client.get(f"/media/{file['api_id']}").text
    for text in ("cdn_url", "markdown", "html"):
        assert file[text] in unescape(page)
    assert 'id="play"' in page
    assert f'data-back="/workspace/{library.workspace}/media?folder=x"' in page
    library.put("paper.pdf")
    assert 'id="play"' not in library.client.get(f"/media/{library.file('paper')['api_id']}").text
    library.client.delete(f"{API}/site/{library.site}/file/{file['api_id']}/")
    assert library.client.get(f"/media/{file['api_id']}").status_code == 404


def test_several_sites(library: Library) -> None:
    handbook = Library(library.client, "handbook")
    handbook.put("inside.png", folder="x")
    library.put("usual.png")
    assert names(library.page()) == ["usual.png"]
    assert f"site={handbook.site}" in library.page()
    page = library.page(site=handbook.site, folder="x")
    assert names(page) == ["inside.png"]
    assert "handbook" in page
    file = handbook.file("inside")
    assert f"media?site={handbook.site}&amp;folder=x" in library.client.get(f"/media/{file['api_id']}").text


def test_who_only_looks_is_offered_nothing_else(town: Town, library: Library) -> None:
    library.put("a.png")
    name, _, ada = town.person()
    paths = (f"/workspace/{library.workspace}/media", f"/media/{library.file('a.png')['api_id']}")
    assert [ada.get(path).status_code for path in paths] == [403, 403]
    other = Library(ada)
    assert ada.get(f"/workspace/{other.workspace}/media", params={"site": library.site}).status_code == 404
    member = {"username": name, "membership_type": "viewer"}
    found(library.client.post(f"{API}/workspace/{library.workspace}/members/add/", json=member))
    offers = ('id="drop"', 'id="new-folder"', 'id="keys"', "data-delete")
    assert [one for path in paths for one in offers if one in library.client.get(path).text] == list(offers)
    for path in paths:
        seen = ada.get(path)
        assert seen.status_code == 200
        assert [one for one in offers if one in seen.text] == []
