"""When something was made and changed, and how its ancestors hear of it: to the microsecond, and not again later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.server.conftest import (
    API,
    Client,
    found,
    image,
    make_analysis,
    make_asset,
    make_asset_revision,
    make_figure,
    make_revision,
    read,
    second_workspace,
    text,
    workspace_of,
)
from tests.server.test_files import png

Chain = list[tuple[str, str]]
KINDS = ("analysis", "figure", "revision", "asset", "asset_revision")
PARENT = {"revision": "figure", "figure": "analysis", "analysis": "workspace", "asset_revision": "asset", "asset": "workspace"}
MAKERS: dict[str, Callable[..., dict[str, Any]]] = {
    "analysis": make_analysis,
    "figure": make_figure,
    "revision": make_revision,
    "asset": make_asset,
    "asset_revision": make_asset_revision,
}
CHANGES = {"revision": {"metadata": {"b": 1}}, "asset_revision": {"metadata": {"b": 1}}}


def above(client: Client, kind: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The ancestors of an object as they are now, nearest first."""
    found_above = []
    while kind in PARENT:
        parent = PARENT[kind]
        row = read(client, parent, row[parent])
        found_above.append(row)
        kind = parent
    return found_above


def clocks(rows: list[dict[str, Any]]) -> set[tuple[str | None, str | None]]:
    """When, and by whom, something below these was last changed."""
    return {(row["child_updated_on"], row["child_updated_by"]) for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_ancestors_have_the_very_moment_of_what_happens_below(me: Client, kind: str) -> None:
    made = MAKERS[kind](me)
    assert (made["updated_on"], made["updated_by"]) == (None, None)
    assert clocks(above(me, kind, made)) == {(made["created_on"], made["created_by"])}
    path = f"{API}/{kind}/{made['api_id']}/"
    changes = CHANGES.get(kind, {"description": "new"})
    moments = [made["created_on"]]
    for method in ("PUT", "PATCH"):
        for query in ("", "?silent=true"):
            changed = found(me.request(method, path + query, json=changes))
            assert clocks(above(me, kind, made)) == {(changed["updated_on"], changed["updated_by"])}
            assert changed["created_on"] == made["created_on"]
            moments.append(changed["updated_on"])
    assert moments == sorted(set(moments))
    ancestors = above(me, kind, made)
    assert all(row["updated_on"] is None for row in ancestors)
    assert me.delete(path).status_code == 204
    (deleted,) = clocks([read(me, "workspace", workspace_of(me)["api_id"])])
    assert deleted[0] > moments[-1]
    for row, parent in zip(ancestors, _kinds_above(kind), strict=True):
        assert clocks([read(me, parent, row["api_id"])]) == {deleted}


def _kinds_above(kind: str) -> list[str]:
    kinds = []
    while kind in PARENT:
        kind = PARENT[kind]
        kinds.append(kind)
    return kinds


@pytest.mark.parametrize("kind", ["analysis", "figure", "asset"])
def test_without_children_nothing_changed_below(me: Client, kind: str) -> None:
    made = MAKERS[kind](me)
    assert (made["child_updated_on"], made["child_updated_by"]) == (None, None)


def test_a_workspace_begins_with_the_moment_of_its_making(me: Client) -> None:
    made = second_workspace(me)
    assert (made["child_updated_on"], made["child_updated_by"]) == (made["created_on"], made["created_by"])


def test_who_changed_it_is_named(me: Client, other: Client) -> None:
    home = workspace_of(me)["api_id"]
    found(me.post(f"{API}/workspace/{home}/members/add/", json={"username": "eve", "membership_type": "creator"}))
    made = make_revision(me, text("x"))
    changed = found(other.patch(f"{API}/revision/{made['api_id']}/", json={"metadata": {"by": "eve"}}))
    assert (changed["created_by"], changed["updated_by"]) == (made["created_by"], "eve")
    assert clocks(above(me, "revision", made)) == {(changed["updated_on"], "eve")}


def test_reading_moves_no_clock(me: Client) -> None:
    version = make_asset_revision(me, image(png(8, 8)))
    links = [{"asset_revision": version["api_id"], "use_type": "direct"}]
    made = make_revision(me, image(png(8, 8)), assets=links)
    rows = [(kind, row) for kind, row in (("revision", made), ("asset_revision", read(me, "asset_revision", version["api_id"])))]
    before = [row for _, row in rows] + [one for kind, row in rows for one in above(me, kind, row)]
    for kind, row in rows:
        found(me.get(f"{API}/{kind}/{row['api_id']}/thumbnail/16"))
        found(me.get(f"{API}/data/{row['data'][0]['api_id']}/"))
    found(me.post(f"{API}/asset_revision/find_by_hash/", json={"digest": version["data"][0]["hash"]}))
    after = [read(me, kind, row["api_id"]) for kind, row in rows] + [one for kind, row in rows for one in above(me, kind, row)]
    assert after == before


def test_a_move_is_heard_of_at_both_ends(me: Client) -> None:
    source, target = make_figure(me), make_figure(me)
    revision = make_revision(me, text("x"), figure=source["api_id"])
    moved = found(me.patch(f"{API}/revision/{revision['api_id']}/", json={"figure": target["api_id"]}))
    assert clocks(above(me, "revision", moved)) == {(moved["updated_on"], moved["updated_by"])}
    left = read(me, "figure", source["api_id"])
    assert revision["created_on"] < left["child_updated_on"] <= moved["updated_on"]


def test_links_change_the_figure_and_not_the_asset(me: Client) -> None:
    version = make_asset_revision(me, text("a"))
    made = make_revision(me, text("x"))
    links = [{"asset_revision": version["api_id"], "use_type": "direct"}]
    found(me.patch(f"{API}/revision/{made['api_id']}/", json={"assets": links}))
    seen = read(me, "asset_revision", version["api_id"])
    assert seen["updated_on"] is None
    assert read(me, "asset", version["asset"])["child_updated_on"] == version["created_on"]
