"""Assets over the wire: kept, found again by name and by their bytes, moved, and nobody else's business."""

from __future__ import annotations

import uuid

import pytest
from blake3 import blake3

from tests.schema.golden import assert_shape, assert_shapes
from tests.server.conftest import (
    API,
    Client,
    Maker,
    created,
    found,
    image,
    make_analysis,
    make_asset,
    make_asset_revision,
    make_revision,
    read,
    scoped_key,
    second_workspace,
    text,
    workspace_of,
)
from tests.server.test_files import png

BYTES = "t,u\n0,1\n"


def by_name(client: Client, name: str, **more: str) -> list[str]:
    """The ids of the assets that a client finds by a name."""
    return [one["api_id"] for one in found(client.post(f"{API}/asset/find_by_name/", json={"name": name} | more))]


def by_bytes(client: Client, content: str, **more: str) -> list[str]:
    """The ids of the asset revisions that a client finds by their bytes."""
    body = {"digest": blake3(content.encode()).hexdigest(), "hash_type": "blake3"} | more
    return [one["api_id"] for one in found(client.post(f"{API}/asset_revision/find_by_hash/", json=body))]


def share(client: Client, kind: str, api_id: str, *, enabled: bool = True) -> None:
    """Open an object to eve, or close it."""
    found(client.post(f"{API}/{kind}/{api_id}/share/user/", json={"username": "eve", "sharing_enabled": enabled}))


def test_assets_and_their_revisions_have_the_shapes_of_the_contract(me: Client) -> None:
    asset = make_asset(me, description="two columns")
    assert_shape("asset_full", read(me, "asset", asset["api_id"]) | {"revisions": []})
    one = make_asset_revision(me, text(BYTES), asset=asset["api_id"], metadata={"path": "waves.csv"})
    two = make_asset_revision(me, text(BYTES + "1,2\n"), asset=asset["api_id"])
    assert [one["revision_index"], two["revision_index"]] == [0, 1]
    assert_shape("asset_revision_full", one)
    seen = read(me, "asset", asset["api_id"])
    assert_shape("asset_full", seen)
    assert_shapes("asset_revision_nested", seen["revisions"], at_least=2)
    assert [entry["api_id"] for entry in seen["revisions"]] == [one["api_id"], two["api_id"]]
    assert_shapes("asset_nested", workspace_of(me)["assets"])
    assert_shapes("asset_nested", found(me.get(f"{API}/asset/")))
    assert_shapes("asset_revision_nested", found(me.get(f"{API}/asset_revision/")), at_least=2)


def test_every_answer_about_an_asset_is_the_same(me: Client) -> None:
    asset = make_asset(me)
    assert read(me, "asset", asset["api_id"]) == asset
    version = make_asset_revision(me, text(BYTES), asset=asset["api_id"], metadata="plain")
    assert read(me, "asset_revision", version["api_id"]) == version
    changing = {"updated_by", "updated_on"}
    for kind, made in (("asset", read(me, "asset", asset["api_id"])), ("asset_revision", version)):
        for method in ("PUT", "PATCH"):
            put = found(me.request(method, f"{API}/{kind}/{made['api_id']}/", json=made))
            assert {k: v for k, v in put.items() if k not in changing} == {
                k: v for k, v in made.items() if k not in changing
            }
            assert read(me, kind, made["api_id"]) == put


def test_new_ones_need_a_name_and_a_place(me: Client) -> None:
    home = workspace_of(me)["api_id"]
    for body, field in (({"name": "a"}, "workspace"), ({"workspace": home}, "name"), ({"name": "", "workspace": home}, "name")):
        refused = me.post(f"{API}/asset/", json=body)
        assert (refused.status_code, list(refused.json())) == (400, [field])
    refused = me.post(f"{API}/asset_revision/", json={"data": []})
    assert (refused.status_code, list(refused.json())) == (400, ["asset"])
    assert me.post(f"{API}/asset/", json={"name": "a", "workspace": str(uuid.uuid4())}).status_code == 404
    assert me.post(f"{API}/asset_revision/", json={"asset": "nonsense"}).status_code == 404
    assert me.patch(f"{API}/asset/{make_asset(me)['api_id']}/", json={"name": ""}).status_code == 400


def test_ids_may_be_minted_by_clients(me: Client) -> None:
    for kind, parent in (
        ("asset", {"name": "a", "workspace": workspace_of(me)["api_id"]}),
        ("asset_revision", {"asset": make_asset(me)["api_id"], "data": [text("x")]}),
    ):
        body = parent | {"client_id": str(uuid.uuid4())}
        assert created(me.post(f"{API}/{kind}/", json=body))["api_id"] == body["client_id"]
        again = me.post(f"{API}/{kind}/", json=body)
        assert (again.status_code, again.json()["api_id"]) == (409, body["client_id"])
        assert me.post(f"{API}/{kind}/", json=parent | {"client_id": "x"}).status_code == 400


def test_a_name_finds_all_that_bear_it_oldest_first(me: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    first, second = make_asset(me, "a"), make_asset(me, "a", analysis=analysis)
    make_asset(me, "A")
    assert by_name(me, "a") == [first["api_id"], second["api_id"]]
    assert by_name(me, "a", analysis=analysis) == [second["api_id"]]
    assert by_name(me, "a", analysis=str(uuid.uuid4())) == []
    assert by_name(me, "aa") == []
    assert me.post(f"{API}/asset/find_by_name/", json={}).status_code == 400


def test_bytes_find_all_revisions_that_have_them_oldest_first(me: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    for_one = make_asset(me, analysis=analysis)["api_id"]
    first = make_asset_revision(me, text("x"), text(BYTES), text(BYTES))["api_id"]
    second = make_asset_revision(me, text(BYTES), asset=for_one)["api_id"]
    make_revision(me, text(BYTES))  # a figure's data is no asset
    assert by_bytes(me, BYTES) == [first, second]
    assert by_bytes(me, BYTES, analysis=analysis) == [second]
    assert by_bytes(me, "y") == []
    upper = {"digest": blake3(BYTES.encode()).hexdigest().upper()}
    assert len(found(me.post(f"{API}/asset_revision/find_by_hash/", json=upper))) == 2
    assert me.post(f"{API}/asset_revision/find_by_hash/", json=upper | {"hash_type": "md5"}).status_code == 400
    me.delete(f"{API}/asset_revision/{first}/")
    me.patch(f"{API}/asset_revision/{second}/", json={"data": [text("new")]})
    assert by_bytes(me, BYTES) == []
    assert by_bytes(me, "new") == [second]


def test_nobody_finds_what_they_may_not_read(me: Client, other: Client, anonymous: Client) -> None:
    version = make_asset_revision(me, text(BYTES))
    assert by_name(other, "waves.csv") == []
    assert by_bytes(other, BYTES) == []
    assert anonymous.post(f"{API}/asset/find_by_name/", json={"name": "waves.csv"}).status_code == 403
    share(me, "asset_revision", version["api_id"])
    assert (by_name(other, "waves.csv"), by_bytes(other, BYTES)) == ([], [version["api_id"]])
    share(me, "asset_revision", version["api_id"], enabled=False)
    share(me, "asset", version["asset"])
    assert (by_name(other, "waves.csv"), by_bytes(other, BYTES)) == ([version["asset"]], [version["api_id"]])
    share(me, "asset", version["asset"], enabled=False)
    found(me.post(f"{API}/asset/{version['asset']}/share/link/", json={"enabled": True}))
    assert (by_name(other, "waves.csv"), by_bytes(other, BYTES)) == ([], [])  # a link is for who has it
    assert read(other, "asset", version["asset"])["name"] == "waves.csv"


def test_a_key_finds_within_its_workspace_only(me: Client, other: Client, client_of: Maker) -> None:
    here = second_workspace(me)["api_id"]
    inside = make_asset(me, "a", workspace=here)["api_id"]
    outside = make_asset_revision(me, text(BYTES), asset=make_asset(me, "a")["api_id"])
    theirs = make_asset_revision(other, text(BYTES))
    found(
        other.post(
            f"{API}/asset_revision/{theirs['api_id']}/share/user/",
            json={"username": workspace_of(me)["created_by"], "sharing_enabled": True},
        )
    )
    key = client_of(scoped_key(me, here))
    assert by_name(key, "a") == [inside]
    assert by_bytes(key, BYTES) == []
    assert [one["api_id"] for one in found(key.get(f"{API}/asset/"))] == [inside]
    assert key.get(f"{API}/asset/{outside['asset']}/").status_code == 403
    assert by_bytes(me, BYTES) == [outside["api_id"], theirs["api_id"]]


def test_an_asset_is_for_an_analysis_of_its_own_workspace(me: Client, other: Client) -> None:
    analysis, foreign = make_analysis(me)["api_id"], make_analysis(other)["api_id"]
    elsewhere = make_analysis(me, workspace=second_workspace(me)["api_id"])["api_id"]
    home = workspace_of(me)["api_id"]
    body = {"name": "a", "workspace": home}
    assert me.post(f"{API}/asset/", json=body | {"analysis": foreign}).status_code == 403
    assert me.post(f"{API}/asset/", json=body | {"analysis": elsewhere}).status_code == 400
    assert me.post(f"{API}/asset/", json=body | {"analysis": str(uuid.uuid4())}).status_code == 404
    made = created(me.post(f"{API}/asset/", json=body | {"analysis": analysis}))
    assert made["analysis"] == analysis
    path = f"{API}/asset/{made['api_id']}/"
    assert me.patch(path, json={"analysis": elsewhere}).status_code == 400
    assert found(me.put(path, json=made))["analysis"] == analysis
    me.delete(f"{API}/analysis/{analysis}/")
    assert read(me, "asset", made["api_id"])["analysis"] is None  # the file outlives it


def test_an_asset_goes_with_its_analysis_and_leaves_it_when_moved_alone(me: Client) -> None:
    second = second_workspace(me)["api_id"]
    analysis = make_analysis(me)["api_id"]
    asset = make_asset(me, analysis=analysis)["api_id"]
    version = make_asset_revision(me, text(BYTES), asset=asset)["api_id"]
    found(me.patch(f"{API}/analysis/{analysis}/", json={"workspace": second}))
    moved = read(me, "asset", asset)
    assert (moved["workspace"], moved["analysis"]) == (second, analysis)
    assert (workspace_of(me)["size_bytes"], read(me, "workspace", second)["size_bytes"]) == (0, len(BYTES))
    log = found(me.get(f"{API}/workspace/{second}/log/"))
    assert {asset, version} <= {line["target_id"] for line in log}
    back = found(me.put(f"{API}/asset/{asset}/", json=moved | {"workspace": workspace_of(me)["api_id"]}))
    assert back["analysis"] is None
    assert (workspace_of(me)["size_bytes"], read(me, "workspace", second)["size_bytes"]) == (len(BYTES), 0)


def test_a_revision_moves_to_another_asset(me: Client, other: Client) -> None:
    source, target = make_asset(me)["api_id"], make_asset(me)["api_id"]
    make_asset_revision(me, asset=target)
    version = make_asset_revision(me, text("abc"), asset=source)["api_id"]
    path = f"{API}/asset_revision/{version}/"
    moved = found(me.patch(path, json={"asset": target}))
    assert (moved["asset"], moved["revision_index"]) == (target, 1)
    assert (read(me, "asset", source)["size_bytes"], read(me, "asset", target)["size_bytes"]) == (0, 3)
    assert me.patch(path, json={"asset": make_asset(other)["api_id"]}).status_code == 403
    assert me.patch(path, json={"asset": "?"}).status_code == 404
    assert read(me, "asset_revision", version) == moved


def test_deleting_an_asset_takes_its_revisions_and_their_links(me: Client) -> None:
    version = make_asset_revision(me, text("abc"))
    revision = make_revision(me, assets=[{"asset_revision": version["api_id"], "use_type": "direct"}])
    item = version["data"][0]["api_id"]
    assert me.delete(f"{API}/asset/{version['asset']}").status_code == 204
    for kind, api_id in (("asset", version["asset"]), ("asset_revision", version["api_id"]), ("data", item)):
        assert me.get(f"{API}/{kind}/{api_id}/").status_code == 404
    assert read(me, "revision", revision["api_id"])["assets"] == []
    assert me.delete(f"{API}/asset/{version['asset']}/").status_code == 404


def test_the_log_of_the_workspace_has_a_line_for_each_change(me: Client) -> None:
    workspace = second_workspace(me)["api_id"]
    asset = make_asset(me, workspace=workspace)["api_id"]
    version = make_asset_revision(me, text("x"), asset=asset)["api_id"]
    me.patch(f"{API}/asset/{asset}/", json={"description": "new"})
    me.patch(f"{API}/asset_revision/{version}/?silent=true", json={"metadata": {"a": 1}})
    by_name(me, "waves.csv")
    me.delete(f"{API}/asset_revision/{version}/")
    log = found(me.get(f"{API}/workspace/{workspace}/log/"))
    assert [(line["action"], line["target_type"]) for line in reversed(log)] == [
        ("create", "workspace"),
        ("create", "asset"),
        ("create", "asset_revision"),
        ("update", "asset"),
        ("delete", "asset_revision"),
    ]
    assert [line["deleted"] for line in reversed(log)] == [False, False, True, False, True]


def test_recent_has_assets_too(me: Client) -> None:
    first, second = make_asset(me, "a")["api_id"], make_asset(me, "b")["api_id"]
    me.patch(f"{API}/asset/{first}/", json={"description": "changed"})
    recent = found(me.get(f"{API}/workspace/{workspace_of(me)['api_id']}/recent/?limit=1"))
    assert_shape("recent", recent | {"analyses": [], "figures": []})
    assert [one["api_id"] for one in recent["assets"]] == [first]
    assert second not in str(recent)


def test_bytes_and_small_pictures_of_assets(me: Client, other: Client) -> None:
    version = make_asset_revision(me, image(png(40, 20)), text(BYTES))
    for kind, api_id in (("asset", version["asset"]), ("asset_revision", version["api_id"])):
        assert found(me.get(f"{API}/{kind}/{api_id}/thumbnail/16"))["thumbnail"]
        assert me.get(f"/thumb/{kind}/{api_id}/16").headers["content-type"] == "image/png"
        assert other.get(f"{API}/{kind}/{api_id}/thumbnail/16").status_code == 403
    assert found(me.get(f"{API}/asset/{make_asset(me)['api_id']}/thumbnail/16")) == {"thumbnail": None}
    item = version["data"][1]["api_id"]
    assert me.get(f"/file/{item}/waves.csv").text == BYTES
    assert other.get(f"/file/{item}/waves.csv").status_code == 403
    assert other.get(f"{API}/data/{item}/").status_code == 403


@pytest.mark.parametrize("kind", ["asset", "asset_revision"])
def test_strangers_change_nothing(me: Client, other: Client, kind: str) -> None:
    version = make_asset_revision(me, text(BYTES))
    api_id = version["asset"] if kind == "asset" else version["api_id"]
    before = read(me, kind, api_id)
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert other.request(method, f"{API}/{kind}/{api_id}/", json={"name": "x", "metadata": "x"}).status_code == 403
    assert other.post(f"{API}/asset_revision/", json={"asset": version["asset"], "data": []}).status_code == 403
    assert other.post(f"{API}/asset/", json={"name": "x", "workspace": workspace_of(me)["api_id"]}).status_code == 403
    assert read(me, kind, api_id) == before
