"""Whatever leaves the server as a file carries the link to its revision; what is stored stays as it was shown."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gofigr_jupyter.embedding.files import marks_of
from tests.embedding.test_files import FILES
from tests.server.conftest import (
    API,
    ORIGIN,
    Client,
    created,
    found,
    image,
    make_asset_revision,
    make_figure,
    make_revision,
    text,
    workspace_of,
)

PIECES = (
    ("png", "displayed"),
    ("jpeg", "displayed"),
    ("svg", "displayed"),
    ("pdf", "displayed"),
    ("gif", "displayed"),
    ("png", "picture"),
    ("svg", "picture"),
    ("pdf", "picture"),
    ("png", "watermark"),
    ("webp", "thumbnail"),
    ("png", "proof"),
)


def whole(answer: httpx.Response) -> list[bytes]:
    return [answer.content]


def in_json(answer: httpx.Response) -> list[bytes]:
    return [base64.b64decode(answer.json()["thumbnail"])]


def in_zip(answer: httpx.Response) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return [archive.read(name) for name in archive.namelist() if name.startswith("figure-as-shown")]


def in_slides(answer: httpx.Response) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return [archive.read(name) for name in archive.namelist() if name.startswith("ppt/media/figure")]


def in_page(answer: httpx.Response) -> list[bytes]:
    return [base64.b64decode(one) for one in re.findall(r"data:image/\w+;base64,([^\"]+)", answer.text)]


# Each way on which a picture of a figure leaves the server as a file, and how many pictures come on it.
WAYS: dict[str, tuple[str, Callable[[httpx.Response], list[bytes]], int]] = {
    **{f"the {role} {kind}": (f"/file/{{data[{n}]}}/x.{kind}", whole, 1) for n, (kind, role) in enumerate(PIECES)},
    **{f"a small picture of the {kind}": (f"/thumb/{kind}/{{{kind}}}/32", whole, 1) for kind in ("figure", "revision")},
    "a small picture of the analysis": ("/thumb/analysis/{analysis}/32", whole, 1),
    "a small picture for programs": (f"{API}/revision/{{revision}}/thumbnail/32", in_json, 1),
    "the bundle": (f"{API}/revision/{{revision}}/bundle/", in_zip, 5),
    "a story": (f"{API}/story/{{story}}/export/", in_page, 1),
    "a story's slides": (f"{API}/story/{{story}}/export/?format=pptx", in_slides, 1),
}


@pytest.fixture
def made(me: Client) -> dict[str, Any]:
    """A revision with all kinds of pictures, and the ids of what it is in."""
    figure = make_figure(me, "Dose & <response>")
    pieces = [image(FILES[kind], kind, role=role, is_watermarked=role == "watermark") for kind, role in PIECES]
    revision = make_revision(me, *pieces, figure=figure["api_id"])
    slides = [{"title": "", "body": "", "figure_revision": revision["api_id"], "notes": None}]
    order = {"title": "Talk", "workspace": workspace_of(me)["api_id"], "slides": slides}
    return {
        "data": [one["api_id"] for one in revision["data"]],
        "revision": revision["api_id"],
        "name": revision["short_id"] or revision["api_id"],
        "figure": figure["api_id"],
        "analysis": figure["analysis"],
        "story": created(me.post(f"{API}/story/", json=order))["api_id"],
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_carries_its_link_on_every_way_out(me: Client, made: dict[str, Any], way: str) -> None:
    path, pictures_in, count = WAYS[way]
    answer = me.get(path.format(**made))
    assert answer.status_code == 200
    there = pictures_in(answer)
    assert len(there) == count
    for content in there:
        [mark] = marks_of(content)
        assert (mark.link, mark.revision) == (f"{ORIGIN}/r/{made['name']}", made["revision"])
        assert mark.figure == "Dose & <response>"
    for api_id, (kind, _) in zip(made["data"], PIECES, strict=True):
        stored = base64.b64decode(found(me.get(f"{API}/data/{api_id}/"))["data"])
        assert stored == FILES[kind], "what is stored stays as it was shown"


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
