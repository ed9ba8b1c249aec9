"""A revision as a bundle over the API: what is in it, for whom, at which cost."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from blake3 import blake3
from fastapi import FastAPI

from gofigr_jupyter.capture.fingerprint import fingerprint
from gofigr_jupyter.embedding.files import marks_of
from tests.server.conftest import (
    API,
    Client,
    created,
    found,
    image,
    make_analysis,
    make_asset,
    make_asset_revision,
    make_figure,
    make_revision,
    second_workspace,
    text,
)
from tests.server.test_files import png
from tests.server.test_queries import statements

SLICE = "\n# In [1]\nimport matplotlib.pyplot as plt\n\n# In [2]\nplt.plot(*open('x.csv'))\n"
CSV = "1,2\n3,4\n"


def unpacked(answer: Any) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def published(client: Client, *, asset: str | None = None, **fields: Any) -> dict[str, Any]:
    """A revision with a slice and an input; linked to an asset if one is given."""
    entry = {
        "name": "x.csv",
        "path": "/home/ada/x.csv",
        "digest": blake3(CSV.encode()).hexdigest(),
        "asset_revision": asset,
    }
    links = [{"asset_revision": asset, "use_type": "direct"}] if asset else []
    data = [image(png(8, 8), role="displayed"), text(SLICE, role="slice"), text("numpy==2.1", role="packages")]
    meta = {"title": "Dose response", "inputs": [entry]}
    return make_revision(client, *data, metadata=meta, assets=links, **fields)


def test_a_bundle_has_it_all(me: Client) -> None:
    version = make_asset_revision(me, text(CSV))
    revision = published(me, asset=version["api_id"])
    answer = me.get(f"{API}/revision/{revision['api_id']}/bundle/")
    files = unpacked(answer)
    assert files["x.csv"] == CSV.encode()
    shown = files["figure-as-shown.png"]
    assert marks_of(shown)[0].revision == revision["api_id"], "with its link, and the same picture else"
    assert fingerprint(shown).pixels == fingerprint(png(8, 8)).pixels
    assert files["packages.txt"] == b"numpy==2.1"
    assert b"plt.plot(*open('x.csv'))" in files["script.py"]
    assert json.loads(files["ro-crate-metadata.json"])["@graph"][1]["name"] == "Dose response"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content == me.get(f"{API}/revision/{revision['api_id']}/bundle/").content


@pytest.mark.parametrize(("part", "kind"), [("script", "text/x-python"), ("notebook", "application/x-ipynb+json")])
def test_one_part_alone(me: Client, part: str, kind: str) -> None:
    revision = published(me)
    answer = me.get(f"{API}/revision/{revision['api_id']}/bundle/?part={part}")
    assert answer.headers["content-type"].startswith(kind)
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "plt.plot" in answer.text
    assert me.get(f"{API}/revision/{revision['api_id']}/bundle/?part=half").status_code == 400


def test_an_input_that_the_reader_may_not_see_is_not_in_it(me: Client, other: Client, people: Any) -> None:
    version = make_asset_revision(me, text(CSV))
    revision = published(me, asset=version["api_id"])
    found(
        me.post(f"{API}/revision/{revision['api_id']}/share/user/", json={"username": "eve", "sharing_enabled": True})
    )
    files = unpacked(other.get(f"{API}/revision/{revision['api_id']}/bundle/"))
    assert "x.csv" not in files
    assert "x.csv is not in this bundle" in files["README.md"].decode()
    assert b"1,2" not in b"".join(files.values())


def test_a_hash_alone_gives_nobody_a_file(me: Client, other: Client) -> None:
    make_asset_revision(me, text(CSV))
    theirs = published(other)
    assert "x.csv" not in unpacked(other.get(f"{API}/revision/{theirs['api_id']}/bundle/"))


def test_a_revision_with_nothing_in_it(me: Client) -> None:
    revision = make_revision(me)
    files = unpacked(me.get(f"{API}/revision/{revision['api_id']}/bundle/"))
    assert b"no code of the session" in files["script.py"]


def test_a_bundle_by_its_short_id(me: Client) -> None:
    prefix = created(me.post(f"{API}/short_id_prefix/reserve/", json={}))["prefix"]
    revision = published(me, short_id=f"{prefix}a")
    assert me.get(f"{API}/revision/{revision['short_id']}/bundle/").status_code == 200


def test_hostile_names_stay_in_the_zip(me: Client) -> None:
    figure = make_figure(me, name="../../etc/passwd\r\nX: y")
    entries = [{"path": path, "name": path} for path in ("../../../x", "/etc/passwd", "..\\..\\x", "C:\\x", "a\x00b")]
    meta = {"title": "<script>", "inputs": entries}
    revision = make_revision(me, text("open('../../../x')", role="slice"), figure=figure["api_id"], metadata=meta)
    answer = me.get(f"{API}/revision/{revision['api_id']}/bundle/")
    assert all(".." not in name and not name.startswith("/") for name in unpacked(answer))
    assert "x-y" not in answer.headers


def test_as_many_statements_for_many_inputs_as_for_few(app: FastAPI, me: Client) -> None:
    def cost(number: int) -> int:
        versions = [make_asset_revision(me, text(f"{n}"), asset=make_asset(me)["api_id"]) for n in range(number)]
        links = [{"asset_revision": one["api_id"], "use_type": "direct"} for one in versions]
        entries = [{"path": f"/p/{n}.csv", "asset_revision": one["api_id"]} for n, one in enumerate(versions)]
        revision = make_revision(me, text("x", role="slice"), metadata={"inputs": entries}, assets=links)
        with statements() as seen:
            assert len(unpacked(me.get(f"{API}/revision/{revision['api_id']}/bundle/"))) == 5 + number
        return len(seen)

    assert cost(1) == cost(5)


def test_another_workspace_s_figure(me: Client, other: Client) -> None:
    place = second_workspace(me)
    analysis = make_analysis(me, workspace=place["api_id"])
    revision = published(me, figure=make_figure(me, analysis=analysis["api_id"])["api_id"])
    assert other.get(f"{API}/revision/{revision['api_id']}/bundle/").status_code == 403
