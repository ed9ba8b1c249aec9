"""A figure's page lists the files it was made from, and says which have changed; to each reader what is theirs to see."""

from __future__ import annotations

from typing import Any

from gofigr_jupyter.server.pages.inputs import MOST_ROWS, inputs_of
from tests.server.conftest import Client, make_asset, make_asset_revision, make_figure, make_revision, text
from tests.server.pages.test_assets import CSV, page, share
from tests.server.pages.test_revision import HOSTILE, OUR_ELEMENTS, Seen, plain

READ: dict[str, Any] = {
    "name": "doses.csv",
    "path": "/home/ada/doses.csv",
    "size": 1200,
    "cell": 3,
    "read_by": "pandas.read_csv",
}


def test_linked_files_and_others(me: Client) -> None:
    asset = make_asset(me, "doses.csv")["api_id"]
    version = make_asset_revision(me, text(CSV), asset=asset)["api_id"]
    link = [{"asset_revision": version, "use_type": "direct"}]
    told = [
        READ | {"asset_revision": version, "digest": "ab"},
        {"name": "https://example.org/a.csv", "path": "https://example.org/a.csv", "size": None, "cell": 4},
        {
            "name": "big.h5",
            "path": "/data/big.h5",
            "size": 3_000_000_000,
            "cell": 4,
            "problem": "it is larger than 100 MB",
        },
        {"name": "old.csv", "path": "/data/old.csv", "size": 7, "changed": True, "problem": "it was changed"},
    ]
    figure = make_figure(me, "Of files")["api_id"]
    revision = make_revision(me, figure=figure, assets=link, metadata={"inputs": told, "inputs_unlisted": 2})["api_id"]
    shown = page(me, f"/revision/{revision}")
    words = plain(shown)
    assert "Made from doses.csv, revision 1" in words
    assert "pandas.read_csv · In [3]" in words
    assert "https://example.org/a.csv In [4]" in words
    assert "big.h5 3.0 GB In [4] it is larger than 100 MB" in words
    assert "old.csv 7 B changed since it was changed" in words
    assert "and 2 files more" in words
    assert words.count("changed since") == 1
    assert shown.count(f'href="/asset_revision/{version}"') == 1
    make_asset_revision(me, text(CSV * 2), asset=asset)
    assert plain(page(me, f"/revision/{revision}")).count("changed since") == 2


def test_who_sees_one_state_alone_hears_nothing_of_newer_ones(me: Client, other: Client) -> None:
    asset = make_asset(me, "doses.csv")["api_id"]
    version = make_asset_revision(me, text(CSV), asset=asset)["api_id"]
    link = [{"asset_revision": version, "use_type": "direct"}]
    revision = make_revision(me, figure=make_figure(me, "Shared")["api_id"], assets=link)["api_id"]
    make_asset_revision(me, text(CSV * 2), asset=asset)
    share(me, "revision", revision)
    share(me, "asset_revision", version)
    assert "doses.csv, revision 1" in plain(page(other, f"/revision/{revision}"))
    assert "changed since" not in plain(page(other, f"/revision/{revision}"))
    assert "changed since" in plain(page(me, f"/revision/{revision}"))


def test_whatever_anybody_wrote_there(me: Client) -> None:
    odd = [7, None, {"name": 3}, {"name": HOSTILE, "path": HOSTILE, "size": "big", "cell": HOSTILE, "problem": HOSTILE}]
    figure = make_figure(me, "Odd files")["api_id"]
    revision = make_revision(me, figure=figure, metadata={"inputs": odd, "inputs_unlisted": "many"})["api_id"]
    seen = Seen()
    seen.feed(page(me, f"/revision/{revision}"))
    assert seen.elements <= OUR_ELEMENTS
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert inputs_of("x", [], {}).rows == inputs_of({"inputs": "x"}, [], {}).rows == ()
    many = inputs_of({"inputs": [READ] * 300}, [], {})
    assert (len(many.rows), many.more) == (MOST_ROWS, 300 - MOST_ROWS)
