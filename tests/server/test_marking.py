"""Downloads carry the link to their revision; the API and the pages give the bytes as they were stored."""

from __future__ import annotations

import base64

import pytest

from gofigr_jupyter.embedding.files import marks_of
from tests.embedding.test_files import FILES
from tests.server.conftest import (
    API,
    ORIGIN,
    Client,
    found,
    image,
    make_asset_revision,
    make_figure,
    make_revision,
    text,
)


@pytest.mark.parametrize("kind", FILES)
def test_a_downloaded_picture_carries_its_link(me: Client, kind: str) -> None:
    figure = make_figure(me, "Dose & <response>")
    made = make_revision(me, image(FILES[kind], kind), figure=figure["api_id"], short_id="aB3dE9x1Z")
    api_id = made["data"][0]["api_id"]
    answer = me.get(f"/file/{api_id}/figure.{kind}")
    assert answer.status_code == 200
    assert answer.content != FILES[kind]
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-disposition"].startswith("attachment")
    [mark] = marks_of(answer.content)
    name = made["short_id"] or made["api_id"]
    assert (mark.link, mark.revision, mark.figure) == (f"{ORIGIN}/r/{name}", made["api_id"], figure["name"])
    # What is stored stays as shown.
    stored = found(me.get(f"{API}/data/{api_id}/"))
    assert base64.b64decode(stored["data"]) == FILES[kind]
    if kind in {"png", "jpeg", "gif", "webp"}:
        assert me.get(f"/file/{api_id}/x.{kind}?inline=1").content == FILES[kind]


def test_what_bears_the_mark_of_its_revision_is_sent_as_it_is(me: Client) -> None:
    made = make_revision(me, image(FILES["svg"], "svg"))
    once = me.get(f"/file/{made['data'][0]['api_id']}/x.svg").content
    me.post(f"{API}/revision/{made['api_id']}/append_data/", json={"data": [image(once, "svg")]})
    api_id = found(me.get(f"{API}/revision/{made['api_id']}/"))["data"][1]["api_id"]
    assert me.get(f"/file/{api_id}/x.svg").content == once


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n" + bytes(40), FILES["png"][:-9], b"%PDF-1.4"]
)
def test_damaged_pictures_are_sent_as_they_are(me: Client, content: bytes) -> None:
    made = make_revision(me, image(content, "png"))
    assert me.get(f"/file/{made['data'][0]['api_id']}/x.png").content == content


def test_only_pictures_of_figures_are_marked(me: Client) -> None:
    made = make_revision(me, text(FILES["png"]), image(FILES["svg"], "html"))
    for item, content in zip(made["data"], (FILES["png"], FILES["svg"]), strict=True):
        assert me.get(f"/file/{item['api_id']}/x").content == content
    asset = make_asset_revision(me, image(FILES["png"]))
    assert me.get(f"/file/{asset['data'][0]['api_id']}/x.png").content == FILES["png"]


def test_a_revision_is_found_by_its_short_id_by_those_who_may_see_it(
    me: Client, other: Client, anonymous: Client
) -> None:
    prefix = me.post(f"{API}/short_id_prefix/reserve/", json={}).json()["prefix"]
    made = make_revision(me, image(FILES["png"]), short_id=f"{prefix}0")
    assert made["short_id"] == f"{prefix}0"
    assert found(me.get(f"{API}/revision/{prefix}0/"))["api_id"] == made["api_id"]
    assert other.get(f"{API}/revision/{prefix}0/").status_code == 403
    assert anonymous.get(f"{API}/revision/{prefix}0/").status_code in {401, 403}
    assert me.get(f"{API}/revision/{prefix}1/").status_code == 404
