"""The media library's routes: sites, files by folder and name, uploads of people, keys, what is deleted."""

from __future__ import annotations

from typing import Any

import pytest

from gofigr_jupyter.schema.fig1 import EXPIRED, NOT_SUPPORTED
from gofigr_jupyter.server.store import people
from tests.schema.golden import assert_shape, assert_shapes
from tests.server.cdn.conftest import refused
from tests.server.cdn.files import FILES
from tests.server.conftest import API, ORIGIN, created, found, workspace_of
from tests.server.shelf import Library, Town, library, town

__all__ = ["library", "town"]

PNG = FILES["png"][1]


def test_a_site_is_made_once(library: Library) -> None:
    me, body = library.client, {"workspace": library.workspace}
    again = me.post(f"{API}/site/", json=body)
    assert again.status_code == 200
    assert_shape("site", again.json())
    assert library.path.endswith(again.json()["api_id"])
    library.put("a.png")
    (site,) = found(me.get(f"{API}/site/", params=body))
    assert (site["files"], site["size_bytes"]) == (1, len(PNG))
    assert site["cdn_url"].endswith("/")
    assert library.files()[0]["cdn_url"].startswith(site["cdn_url"])
    assert me.post(f"{API}/site/", json=body | {"name": "../x"}).status_code == 400


def test_a_person_uploads_and_sees_the_file(library: Library) -> None:
    key = library.put("Dose response.png", "plots/2026")
    (file,) = library.files()
    assert_shape("site_file", file)
    assert (file["key"], file["name"], file["folder"]) == (key, "Dose-response.png", "/plots/2026")
    assert file["size_bytes"] == len(PNG)
    assert file["markdown"] == f"![Dose response]({file['cdn_url']})"
    assert library.client.get(file["cdn_url"]).content == PNG
    (asset,) = found(library.client.get(f"{API}/asset/"))
    assert (asset["name"], asset["created_by"]) == ("Dose-response.png", workspace_of(library.client)["created_by"])


def test_files_by_folder_and_words(library: Library) -> None:
    for name, folder in (("b.png", ""), ("A.png", "x"), ("c.png", "x/y"), ("d_1%.png", "X"), ("éa.png", "x")):
        library.put(name, folder)
    assert library.names() == ["éa.png", "d_1.png", "c.png", "A.png", "b.png"]
    assert library.names(folder="") == ["b.png"]
    assert library.names(folder="/x") == ["éa.png", "A.png"], "folders that differ by case are two"
    assert library.names(folder="x", order="name") == ["A.png", "éa.png"]
    assert library.names(folder="x", q="C") == ["c.png"], "a search goes down"
    assert library.names(folder="x", q="x") == [], "from where it begins"
    assert library.names(q="Y c") == ["c.png"]
    assert library.names(q="_") == ["d_1.png"]
    assert library.names(q="nothing") == []
    assert library.names(folder="nowhere") == []
    folders = found(library.client.get(f"{library.path}/folder/"))
    assert_shapes("fig1_folder", folders)
    assert sorted(one["path"] for one in folders) == ["/X", "/x", "/x/y"]


@pytest.mark.parametrize("order", ["newest", "name"])
def test_files_come_in_parts(library: Library, order: str) -> None:
    for number in range(5):
        library.put(f"{'aB'[number % 2]}{number}.png")
    seen, query = [], {"limit": "2", "order": order}
    while True:
        part = found(library.client.get(f"{library.path}/file/", params=query))
        assert_shape("page_of_site_files", part)
        seen += [one["name"] for one in part["results"]]
        if part["next"] is None:
            break
        query["cursor"] = part["next"]
    assert seen == library.names(order=order)
    assert len(set(seen)) == 5
    other = {"newest": "name", "name": "newest"}[order]
    assert library.client.get(f"{library.path}/file/", params=query | {"order": other}).status_code == 400


def test_what_shows_a_picture_in_another_look(library: Library) -> None:
    library.put("a.png")
    (file,) = library.files()
    path = f"{library.path}/file/{file['api_id']}/"
    shown = found(library.client.get(path, params={"f": "webp", "w": "20", "other": "x"}))
    assert shown["cdn_url"] == f"{file['cdn_url']}?w=20&f=webp"
    assert "?w=20&amp;f=webp" in shown["html"]
    assert shown["markdown"].endswith("?w=20&f=webp)")
    assert library.client.get(shown["cdn_url"]).headers["content-type"] == "image/webp"
    wrong = library.client.get(path, params={"w": "-1"})
    assert wrong.status_code == 400
    assert wrong.json()["detail"] == refused(library.client.get(file["cdn_url"] + "?w=-1"), 400)
    library.put("a.svg")
    (drawing,) = library.files(q="svg")
    again = found(library.client.get(f"{library.path}/file/{drawing['api_id']}/", params={"w": "20"}))
    assert again["cdn_url"] == drawing["cdn_url"], "only what can be developed is"


def test_what_cannot_be_uploaded_is_refused_before(library: Library) -> None:
    def said(status: int, **order: Any) -> str:
        answer = library.ask(**order)
        assert answer.status_code == status, answer.text
        return answer.json()["detail"]

    assert said(413, filename="a.png", size_bytes=(10 << 20) + 1) == "File exceeds maximum size of 10MB"
    assert said(400, filename="a.exe") == NOT_SUPPORTED
    assert said(400, filename="..png.") == "The name of the file cannot begin with a dot."
    assert created(library.ask("a.png", size_bytes=10 << 20))["expiresIn"] == 3600


def test_a_deleted_file_leaves_its_address_taken(library: Library) -> None:
    key = library.put("a.png")
    (file,) = library.files()
    path = f"{library.path}/file/{file['api_id']}/"
    assert library.client.delete(path).status_code == 204
    assert library.files() == []
    assert library.client.get(file["cdn_url"]).status_code == 404
    assert found(library.client.get(f"{API}/asset/")) == []
    assert library.client.delete(path).status_code == 404
    assert library.put("a.png") == key.replace("a.png", "a-2.png")


def test_a_file_whose_asset_has_more_leaves_the_rest(library: Library) -> None:
    library.put("a.png")
    (asset,) = found(library.client.get(f"{API}/asset/"))
    body = {"asset": asset["api_id"], "metadata": {}, "data": []}
    second = created(library.client.post(f"{API}/asset_revision/", json=body))
    (file,) = library.files()
    assert library.client.delete(f"{library.path}/file/{file['api_id']}/").status_code == 204
    assert [one["api_id"] for one in found(library.client.get(f"{API}/asset_revision/"))] == [second["api_id"]]


def test_who_lost_their_place_puts_nothing_there(town: Town, library: Library) -> None:
    members = f"{API}/workspace/{library.workspace}/members"
    name, key, ada = town.person()
    member = {"username": name, "membership_type": "creator"}
    found(library.client.post(f"{members}/add/", json=member))

    def ticket() -> str:
        return created(ada.post(f"{library.path}/upload/", json={"filename": "a.png", "contentType": ""}))["uploadUrl"]

    kept, late, revoked = ticket(), ticket(), ticket()
    sent = {"content": PNG, "headers": {"content-type": "image/png"}}
    anybody = town.anybody()
    assert anybody.put(kept, **sent).status_code == 200
    (asset,) = found(library.client.get(f"{API}/asset/"))
    assert asset["created_by"] == name
    found(library.client.post(f"{members}/change/", json=member | {"membership_type": "viewer"}))
    refused(anybody.put(late, **sent), 400, EXPIRED)
    found(library.client.post(f"{members}/change/", json=member))
    with town.app.state.store.writing() as db:
        people.delete_key(db, key)
    refused(anybody.put(revoked, **sent), 400, EXPIRED)


def test_keys_of_a_site(town: Town, library: Library) -> None:
    made = created(library.client.post(f"{library.path}/key/", json={}))
    assert_shape("site_key_made", made)
    headers = {"X-Fig1-API-Key": made["key"]}
    assert town.anybody().get("/api/sdk/assets/folders", headers=headers).status_code == 200
    listed = found(library.client.get(f"{library.path}/key/"))
    assert_shapes("site_key", listed)
    assert made["key"] not in str(listed)
    assert made["key"].endswith(listed[0]["ending"])
    assert library.client.delete(f"{library.path}/key/{made['api_id']}/").status_code == 204
    assert town.anybody().get("/api/sdk/assets/folders", headers=headers).status_code == 401
    assert library.client.delete(f"{library.path}/key/{made['api_id']}/").status_code == 404


def test_folders_of_a_site(library: Library) -> None:
    path = f"{library.path}/folder/"
    above = created(library.client.post(path, json={"name": "a"}))
    below = created(library.client.post(path, json={"name": "b", "parentId": above["_id"]}))
    assert below["path"] == "/a/b"
    assert library.client.post(path, json={"name": "a"}).status_code == 200
    for wrong, status in (({"name": "../x"}, 400), ({"name": "c", "parentId": "nowhere"}, 404)):
        assert library.client.post(path, json=wrong).status_code == status


def test_another_site_has_nothing_of_it(library: Library) -> None:
    library.put("a.png")
    (file,) = library.files()
    other = Library(library.client, "second")
    assert other.files() == []
    for ask in (library.client.get, library.client.delete):
        assert ask(f"{other.path}/file/{file['api_id']}/").status_code == 404
    assert file["cdn_url"].startswith(ORIGIN)
