"""Files on the web, as Fig1's reference has it: uploads in two steps, folders, and what is served for ever."""

from __future__ import annotations

import pytest

from tests.server.cdn.conftest import FOLDERS, KEY, UPLOAD, Program, Programs, refused
from tests.server.cdn.files import FILES
from tests.server.conftest import API, ORIGIN, Client, found

EXPIRED = "Upload URL has expired. Request a new one."
UNSUPPORTED = "File type not supported"


@pytest.mark.parametrize("ending", FILES)
def test_a_file_of_each_kind_is_served_as_it_was_put(program: Program, ending: str, anonymous: Client) -> None:
    kind, content = FILES[ending]
    target = program.target(f"product.{ending}", kind, folder="products")
    assert target.keys() == {"uploadUrl", "cdnUrl", "key", "expiresIn"}
    assert target["expiresIn"] == 3600
    assert target["cdnUrl"] == f"{ORIGIN}/cdn/{target['key']}"
    assert target["key"].startswith("sites/")
    assert target["key"].endswith(f"/products/product.{ending}")
    assert anonymous.get(target["cdnUrl"]).status_code == 404, "nothing is there before the file is"
    assert program.folders() == []
    assert program.put(target, content, kind).status_code == 200
    answer = anonymous.get(target["cdnUrl"])
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert [one["path"] for one in program.folders()] == ["/products"]


def test_it_is_an_asset_of_the_workspace(program: Program, me: Client) -> None:
    path = program.upload("notes.md", "text/markdown", b"# The tide tables of Whitby\n")
    assets = found(me.get(f"{API}/asset/"))
    asset = next(one for one in assets if one["name"] == "notes.md")
    version = found(me.get(f"{API}/asset/{asset['api_id']}/"))["revisions"][0]
    full = found(me.get(f"{API}/asset_revision/{version['api_id']}/"))
    assert full["metadata"]["cdn_key"] == path.removeprefix("/cdn/")
    assert full["data"][0]["size_bytes"] == asset["size_bytes"] == len(b"# The tide tables of Whitby\n")
    assert [one["type"] for one in found(me.get(f"{API}/search/?q=Whitby"))["results"]] == ["asset"]
    assert me.delete(f"{API}/asset/{asset['api_id']}/").status_code == 204
    refused(me.get(path), 404)
    again = program.upload("notes.md", "text/markdown", b"other words")
    assert again == path.replace("notes.md", "notes-2.md"), "caches have the old file for a year"


def test_the_same_name_gets_the_next_one_that_is_free(program: Program) -> None:
    kind, content = FILES["jpg"]
    asked = [program.target("image.jpg", kind, folder="a") for _ in range(3)]
    assert [one["key"].rpartition("/")[2] for one in asked] == ["image.jpg", "image-2.jpg", "image-3.jpg"]
    for target in reversed(asked):
        assert program.put(target, content, kind).status_code == 200
        assert program.client.get(target["cdnUrl"]).content == content


def test_a_url_is_good_once(program: Program) -> None:
    kind, content = FILES["png"]
    target = program.target("a.png", kind)
    assert program.put(target, content, kind).status_code == 200
    refused(program.put(target, content, kind), 400, EXPIRED)
    assert program.client.get(target["cdnUrl"]).content == content


def test_who_failed_may_try_again(program: Program) -> None:
    kind, content = FILES["png"]
    target = program.target("a.png", kind)
    refused(program.put(target, b"no picture", kind), 400, UNSUPPORTED)
    assert program.put(target, content, kind).status_code == 200


def test_forged_and_foreign_urls(program: Program, program_of: Programs) -> None:
    kind, content = FILES["png"]
    target = program.target("a.png", kind)
    url = target["uploadUrl"]
    claim, _, signature = url.rpartition("/")[2].partition(".")
    other = program_of("another").target("a.png", kind)["uploadUrl"].rpartition("/")[2].partition(".")
    for token in (f"{claim}.{other[2]}", f"{other[0]}.{signature}", claim, f".{signature}", "x", "x.y", f"{claim}A.{signature}", "%00.%00", "é.é", "a" * 9000):
        refused(program.client.put(f"/cdn/upload/{token}", content=content, headers={"content-type": kind}), 400, EXPIRED)
    refused(program.client.get(target["cdnUrl"]), 404)


def test_keys(program: Program, me: Client, program_of: Programs) -> None:
    body = {"filename": "a.png", "contentType": "image/png"}
    for headers in ({}, {KEY: ""}, {KEY: "fig1_sdk_wrong"}, {KEY: program.key + "x"}, {KEY: "é".encode()}):
        refused(me.post(UPLOAD, json=body, headers=headers), 401)
        refused(me.get(FOLDERS, headers=headers), 401)
        refused(me.post(FOLDERS, json={"name": "a"}, headers=headers), 401)
    refused(me.post(UPLOAD, json=body, headers=[(KEY, program.key), (KEY, program.key)]), 401)
    made = program.client.post(FOLDERS, json={"name": "mine"}, headers={KEY: program.key}).json()["data"]
    stranger = program_of("another")
    assert stranger.folders() == []
    answer = stranger.client.post(FOLDERS, json={"name": "x", "parentId": made["_id"]}, headers={KEY: stranger.key})
    refused(answer, 404)


def test_folders(program: Program) -> None:
    def make(**body: str) -> tuple[int, dict[str, str]]:
        answer = program.client.post(FOLDERS, json=body, headers={KEY: program.key})
        return answer.status_code, answer.json()["data"]

    status, top = make(name="products")
    assert (status, top["name"], top["path"]) == (201, "products", "/products")
    assert top.keys() == {"_id", "name", "path", "createdAt"}
    assert top["createdAt"].endswith("Z")
    assert make(name="products") == (200, top), "a repeat is harmless"
    status, inner = make(name="summer sale", parentId=top["_id"])
    assert (status, inner["path"]) == (201, "/products/summer-sale")
    program.upload("a.png", *FILES["png"], folder="/blog/2024/")
    assert [one["path"] for one in program.folders()] == ["/blog", "/blog/2024", "/products", "/products/summer-sale"]
    for body in ({"name": "x", "parentId": "folder_nowhere"}, {"name": "x", "parentId": inner["_id"] + "x"}):
        refused(program.client.post(FOLDERS, json=body, headers={KEY: program.key}), 404)


def test_other_requests_are_refused_in_the_envelope(program: Program) -> None:
    client, headers = program.client, {KEY: program.key}
    refused(client.get("/api/sdk/nothing"), 404)
    refused(client.get("/cdn/nothing"), 404)
    refused(client.get("/cdn/sites/x/y.png"), 404)
    refused(client.get("/cdn/sites/x/%00.png"), 404)
    refused(client.get(UPLOAD, headers=headers), 405)
    refused(client.delete(FOLDERS, headers=headers), 405)
    refused(client.post("/cdn/upload/x"), 405)
    refused(client.post(UPLOAD, content=b"{", headers=headers | {"content-type": "application/json"}), 400)
    refused(client.post(UPLOAD, content=b"{}", headers=headers | {"content-type": "text/plain"}), 415)
    assert "filename" in refused(client.post(UPLOAD, json={"contentType": "image/png"}, headers=headers), 400)
    refused(client.post(UPLOAD, json=[], headers=headers), 400)
    refused(client.get(FOLDERS, headers=headers | {"host": "evil.example"}), 403)
