"""One server, six versions of the API: each with the shapes of its time, and the newest untouched by the older ones."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.schema.golden import assert_shape
from tests.server.conftest import (
    API,
    Client,
    created,
    found,
    make_asset_revision,
    make_revision,
    read,
    text,
    workspace_of,
)

VERSIONS = ("v1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.4.1")
ON_BEHALF = frozenset({"created_on_behalf", "created_on_behalf_name", "created_on_behalf_email"})
OF_MACHINES = frozenset({"ai_title", "ai_description"})
MISSING = {
    "v1": ON_BEHALF | OF_MACHINES,
    "v1.1": ON_BEHALF | OF_MACHINES,
    "v1.2": ON_BEHALF | OF_MACHINES,
    "v1.3": OF_MACHINES,
    "v1.4": frozenset(),
    "v1.4.1": frozenset(),
}
CHILDREN = {
    "workspace": ("analyses", "assets"),
    "analysis": ("figures",),
    "figure": ("revisions",),
    "revision": ("data", "assets"),
    "asset": ("revisions",),
    "asset_revision": ("data", "figure_revisions"),
}


@dataclass
class House:
    """One object of each kind, by kind."""

    client: Client
    ids: dict[str, str]

    def read(self, version: str, kind: str, query: str = "") -> Any:
        """One object as a version shows it."""
        return found(self.client.get(f"/api/{version}/{kind}/{self.ids[kind]}/{query}"))

    def all(self, version: str, query: str = "") -> Iterator[tuple[str, Any]]:
        """Each object as a version shows it."""
        for kind in self.ids:
            yield kind, self.read(version, kind, query)


@pytest.fixture
def house(me: Client) -> House:
    """A revision with data that was made from an asset's, and all that is above."""
    version = make_asset_revision(me, text("of an asset"))
    links = [{"asset_revision": version["api_id"], "use_type": "indirect"}]
    revision = make_revision(me, text("of a figure", data=[{"analyses": [1]}]), assets=links, metadata={"data": [1]})
    ids = {
        "workspace": workspace_of(me)["api_id"],
        "analysis": read(me, "figure", revision["figure"])["analysis"],
        "figure": revision["figure"],
        "revision": revision["api_id"],
        "asset": version["asset"],
        "asset_revision": version["api_id"],
    }
    return House(me, ids)


@pytest.mark.parametrize("version", VERSIONS)
def test_fields_that_are_newer_are_left_out_everywhere(house: House, version: str) -> None:
    for kind, seen in house.all(version):
        full = house.read("v1.4.1", kind)
        assert full.keys() - seen.keys() == MISSING[version] & full.keys()
        for name in set(CHILDREN[kind]) & seen.keys() if version != "v1" else ():
            for child, newest in zip(seen[name], full[name], strict=True):
                assert newest.keys() - child.keys() == MISSING[version] & newest.keys()
        if kind in {"revision", "asset_revision"}:
            assert seen["metadata"] == full["metadata"]
    (listed,) = found(house.client.get(f"/api/{version}/figure/"))
    assert listed["revisions"] is None
    assert not listed.keys() & MISSING[version]


def test_v1_names_children_by_their_ids(house: House) -> None:
    data = {kind: house.read(API.rpartition("/")[2], kind)["data"][0]["api_id"] for kind in ("revision", "asset_revision")}
    expected = {
        "workspace": [[house.ids["analysis"]], [house.ids["asset"]]],
        "analysis": [[house.ids["figure"]]],
        "figure": [[house.ids["revision"]]],
        "revision": [[data["revision"]], [house.ids["asset_revision"]]],
        "asset": [[house.ids["asset_revision"]]],
        "asset_revision": [[data["asset_revision"]], [house.ids["revision"]]],
    }
    for kind, seen in house.all("v1"):
        assert [seen[name] for name in CHILDREN[kind]] == expected[kind]
    (listed,) = found(house.client.get("/api/v1/workspace/"))
    assert [listed[name] for name in CHILDREN["workspace"]] == expected["workspace"]


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_later_ones_have_children_as_objects(house: House, version: str) -> None:
    for kind, seen in house.all(version):
        for name in CHILDREN[kind]:
            assert all(isinstance(child, dict) for child in seen[name])
            assert seen[name]
    assert house.read(version, "figure")["revisions"][0]["data"] is None


def test_v1_1_has_bytes_in_the_revision_and_later_ones_have_them_apart(house: House) -> None:
    for kind, content in (("revision", "of a figure"), ("asset_revision", "of an asset")):
        for version in VERSIONS[1:]:
            (item,) = house.read(version, kind)["data"]
            inline = base64.b64encode(content.encode()).decode()
            assert item["data"] == (inline if version == "v1.1" else None)
            whole = found(house.client.get(f"/api/{version}/data/{item['api_id']}/"))
            assert whole["data"] == inline
            assert item | {"data": inline} == whole


@pytest.mark.parametrize("version", VERSIONS)
def test_every_verb_answers_alike(house: House, version: str) -> None:
    body = {"figure": house.ids["figure"], "data": [text("bytes")], "metadata": {"a": 1}}
    made = created(house.client.post(f"/api/{version}/revision/", json=body))
    path = f"/api/{version}/revision/{made['api_id']}/"
    assert found(house.client.get(path)) == made
    put = found(house.client.put(path, json={"metadata": {"a": 1}}))
    assert put | {"updated_on": None, "updated_by": None} == made
    more = found(house.client.post(f"{path}append_data/", json={"data": [text("more", local_id="1")]}))
    assert more.keys() == made.keys()
    assert len(more["data"]) == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_lists_of_workspaces_are_full_up_to_v1_3(house: House, version: str) -> None:
    (listed,) = found(house.client.get(f"/api/{version}/workspace/"))
    if version in {"v1.4", "v1.4.1"}:
        assert_shape("workspace_nested", listed)
        assert (listed["analyses"], listed["assets"]) == (None, None)
    else:
        assert listed == house.read(version, "workspace")


@pytest.mark.parametrize("version", VERSIONS)
def test_shallow_is_without_children(house: House, version: str) -> None:
    for kind, seen in house.all(version, "?shallow=true"):
        full = house.read(version, kind)
        assert seen == full | dict.fromkeys(CHILDREN[kind])
    (listed,) = found(house.client.get(f"/api/{version}/workspace/?shallow=true"))
    assert (listed["analyses"], listed["assets"]) == (None, None)
    assert house.client.get(f"/api/{version}/figure/{house.ids['figure']}/?shallow=perhaps").status_code == 400


@pytest.mark.parametrize("version", VERSIONS)
def test_recents_are_there_in_every_version(house: House, version: str) -> None:
    recent = found(house.client.get(f"/api/{version}/workspace/{house.ids['workspace']}/recent/"))
    assert [len(recent[name]) for name in ("analyses", "figures", "assets")] == [1, 1, 1]


@pytest.mark.parametrize("version", ["v1.5", "v1.10.2", "v1.4.1.9"])
def test_versions_to_come_are_the_newest(house: House, version: str) -> None:
    for kind, seen in house.all(version):
        assert seen == house.read("v1.4.1", kind)


@pytest.mark.parametrize("version", ["v2", "v1.x", "1.4", "v1.", "v1..4", "v01", "v1." + "9" * 5000, "v1.٤", "V1"])
def test_unknown_ones_are_told_the_known_ones(house: House, version: str) -> None:
    refused = house.client.get(f"/api/{version}/workspace/")
    assert refused.status_code == 404
    assert all(known in refused.json()["detail"] for known in VERSIONS)
