"""`size_bytes` is the sum of the raw bytes below, at every level and at once, whatever is made, changed, moved or deleted."""

from __future__ import annotations

import pytest

from tests.server.conftest import (
    API,
    Client,
    found,
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


class Scale:
    """Two workspaces, with two of everything in the first; `weigh` proves all sizes against the data below them."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.home, self.away = workspace_of(client)["api_id"], second_workspace(client)["api_id"]

    def get(self, kind: str, api_id: str) -> dict[str, object]:
        """An object in full."""
        return read(self.client, kind, api_id)

    def patch(self, kind: str, api_id: str, **fields: object) -> None:
        """Change an object."""
        found(self.client.patch(f"{API}/{kind}/{api_id}/", json=fields))

    def delete(self, kind: str, api_id: str) -> None:
        """Delete an object."""
        assert self.client.delete(f"{API}/{kind}/{api_id}/").status_code == 204

    def weigh(self) -> tuple[int, int]:
        """The sizes of both workspaces, after proving each object below them."""
        return self._workspace(self.home), self._workspace(self.away)

    def _workspace(self, api_id: str) -> int:
        return self._sum("workspace", api_id, {"analyses": "analysis", "assets": "asset"})

    def _sum(self, kind: str, api_id: str, children: dict[str, str]) -> int:
        row = self.get(kind, api_id)
        total = 0
        for name, child_kind in children.items():
            for child in row[name]:
                size = self._below(child_kind, child["api_id"])
                assert child["size_bytes"] == size
                total += size
        assert row["size_bytes"] == total, f"{kind} says {row['size_bytes']}, its content is {total}"
        return total

    def _below(self, kind: str, api_id: str) -> int:
        children = {
            "analysis": {"figures": "figure"},
            "figure": {"revisions": "revision"},
            "asset": {"revisions": "asset_revision"},
        }
        if kind in children:
            return self._sum(kind, api_id, children[kind])
        row = self.get(kind, api_id)
        total = sum(item["size_bytes"] for item in row["data"])
        assert row["size_bytes"] == total
        return total


@pytest.fixture
def scale(me: Client) -> Scale:
    """For one test."""
    return Scale(me)


def test_what_is_new_is_empty_whatever_clients_say(me: Client) -> None:
    lie = {"size_bytes": 123}
    for made in (
        make_analysis(me, **lie),
        make_figure(me, **lie),
        make_revision(me, **lie),
        make_asset(me, **lie),
        make_asset_revision(me, **lie),
    ):
        assert made["size_bytes"] == 0
    assert workspace_of(me)["size_bytes"] == 0


def test_figures(me: Client, scale: Scale) -> None:
    one, two = make_figure(me)["api_id"], make_figure(me)["api_id"]
    other_analysis = make_analysis(me, workspace=scale.away)["api_id"]
    first = make_revision(me, text("1234567"), text(b"\x00" * 4), figure=one)["api_id"]
    second = make_revision(me, text("x" * 100), figure=one)["api_id"]
    assert scale.weigh() == (111, 0)
    scale.patch("revision", first, data=[text("12")])
    assert scale.weigh() == (102, 0)
    scale.patch("revision", first, data=[], metadata={"size_bytes": 7})
    assert scale.weigh() == (102, 0)
    found(me.post(f"{API}/revision/{first}/append_data/", json={"data": [text("345"), text("")]}))
    assert scale.weigh() == (105, 0)
    scale.patch("revision", second, figure=two)
    assert scale.weigh() == (105, 0)
    scale.patch("figure", two, analysis=other_analysis)
    assert scale.weigh() == (5, 100)
    scale.patch("analysis", other_analysis, workspace=scale.home)
    assert scale.weigh() == (105, 0)
    scale.patch("analysis", other_analysis, workspace=scale.home)  # where it is already
    assert scale.weigh() == (105, 0)
    scale.delete("revision", first)
    assert scale.weigh() == (100, 0)
    scale.delete("figure", two)
    assert scale.weigh() == (0, 0)
    make_revision(me, text("123"), figure=one)
    scale.delete("analysis", scale.get("figure", one)["analysis"])
    assert scale.weigh() == (0, 0)


def test_assets(me: Client, scale: Scale) -> None:
    one, two = make_asset(me)["api_id"], make_asset(me, workspace=scale.away)["api_id"]
    first = make_asset_revision(me, text("1234567"), asset=one)["api_id"]
    second = make_asset_revision(me, text("x" * 100), asset=one)["api_id"]
    assert scale.weigh() == (107, 0)
    scale.patch("asset_revision", first, data=[text("12"), text("3")])
    assert scale.weigh() == (103, 0)
    scale.patch("asset_revision", second, asset=two)
    assert scale.weigh() == (3, 100)
    scale.patch("asset", one, workspace=scale.away)
    assert scale.weigh() == (0, 103)
    scale.delete("asset_revision", second)
    assert scale.weigh() == (0, 3)
    scale.delete("asset", one)
    assert scale.weigh() == (0, 0)


def test_an_asset_of_an_analysis_counts_in_the_workspace_alone(me: Client, scale: Scale) -> None:
    analysis = make_analysis(me)["api_id"]
    make_asset_revision(me, text("12345"), asset=make_asset(me, analysis=analysis)["api_id"])
    make_revision(me, text("1"), figure=make_figure(me, analysis=analysis)["api_id"])
    assert scale.get("analysis", analysis)["size_bytes"] == 1
    scale.patch("analysis", analysis, workspace=scale.away)
    assert scale.weigh() == (0, 6)
    scale.delete("analysis", analysis)
    assert scale.weigh() == (0, 5)


def test_a_refused_change_changes_no_size(me: Client, other: Client, scale: Scale) -> None:
    revision = make_revision(me, text("12345"))
    foreign = make_figure(other)["api_id"]
    body = {"data": [text("1")], "figure": foreign}
    assert me.patch(f"{API}/revision/{revision['api_id']}/", json=body).status_code == 403
    assert scale.weigh() == (5, 0)


@pytest.mark.parametrize("kind", ["revision", "asset_revision"])
def test_moved_and_changed_at_once(me: Client, scale: Scale, kind: str) -> None:
    if kind == "revision":
        target = make_figure(me, analysis=make_analysis(me, workspace=scale.away)["api_id"])["api_id"]
        made, place = make_revision(me, text("12345")), {"figure": target}
    else:
        target = make_asset(me, workspace=scale.away)["api_id"]
        made, place = make_asset_revision(me, text("12345")), {"asset": target}
    scale.patch(kind, made["api_id"], data=[made["data"][0] | {"data": None}, text("67")], **place)
    assert scale.weigh() == (0, 7)


def test_a_request_has_a_thousand_data_objects_at_most(me: Client, scale: Scale) -> None:
    figure = make_figure(me)["api_id"]
    refused = me.post(f"{API}/revision/", json={"figure": figure, "data": [text("")] * 1001})
    assert (refused.status_code, list(refused.json())) == (400, ["data"])
    assert read(me, "figure", figure)["revisions"] == []
