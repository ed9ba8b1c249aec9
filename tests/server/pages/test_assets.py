"""The pages of assets: their revisions, their files, and those figures made from them that the reader may see."""

from __future__ import annotations

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
    text,
    workspace_of,
)
from tests.server.pages.test_revision import HOSTILE, OUR_ELEMENTS, Seen, plain
from tests.server.test_files import png

CSV = "compound,dose\nsalbutamol,1e-6\n"


def page(client: Client, path: str) -> str:
    """A page that is there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def share(client: Client, kind: str, api_id: str) -> None:
    """Open an object to eve."""
    found(client.post(f"{API}/{kind}/{api_id}/share/user/", json={"username": "eve", "sharing_enabled": True}))


def test_an_asset_shows_its_revisions_newest_first(me: Client) -> None:
    asset = make_asset(me, "doses.csv", description="as weighed")["api_id"]
    assert "no revisions yet" in page(me, f"/asset/{asset}")
    ids = [make_asset_revision(me, text(CSV * n), asset=asset)["api_id"] for n in (1, 2)]
    shown = page(me, f"/asset/{asset}")
    for words in ("doses.csv", "as weighed", "2 revisions", f"{3 * len(CSV)} B"):
        assert words in plain(shown)
    assert shown.index(ids[1]) < shown.index(ids[0])
    assert "doses.csv" in page(me, f"/workspace/{workspace_of(me)['api_id']}")


def test_a_revision_shows_its_files_and_what_was_made_from_it(me: Client) -> None:
    version = make_asset_revision(
        me, text(CSV) | {"name": "doses.csv", "type": "file"}, image(png(8, 8)), metadata={"weighed by": "Grace"}
    )
    link = [{"asset_revision": version["api_id"], "use_type": "direct"}]
    figure = make_figure(me, "Dose and response")["api_id"]
    revision = make_revision(me, text("x"), figure=figure, assets=link)
    shown = plain(page(me, f"/asset_revision/{version['api_id']}"))
    for words in ("Revision 1 of an asset", "salbutamol", "PNG", "Dose and response, revision 1", "weighed by Grace"):
        assert words in shown
    back = page(me, f"/revision/{revision['api_id']}")
    assert "Made from waves.csv, revision 1" in plain(back)
    assert f"/asset_revision/{version['api_id']}" in back


def test_a_reader_from_outside_is_told_of_nothing_else(me: Client, other: Client, anonymous: Client) -> None:
    version = make_asset_revision(me, text(CSV))
    link = [{"asset_revision": version["api_id"], "use_type": "direct"}]
    analysis = make_analysis(me, "Secret project")["api_id"]
    figure = make_figure(me, "Secret figure", analysis=analysis)["api_id"]
    first, revision = make_revision(me, figure=figure), make_revision(me, text("x"), figure=figure, assets=link)
    paths = [f"/asset/{version['asset']}", f"/asset_revision/{version['api_id']}", f"/revision/{revision['api_id']}"]
    for path in paths:
        assert other.get(path).status_code == anonymous.get(path).status_code == 403
    share(me, "asset_revision", version["api_id"])
    shown = page(other, paths[1])
    assert "None that you can see" in shown
    assert "Secret" not in shown
    assert workspace_of(me)["api_id"] not in shown
    assert f"/asset/{version['asset']}" not in shown
    share(me, "revision", revision["api_id"])
    shown = page(other, paths[2])
    assert "Secret project" not in shown
    assert first["api_id"] not in shown
    assert "Made from waves.csv" in plain(shown)  # shared, too
    assert "Secret figure, revision 2" in plain(page(other, paths[1]))


def test_hostile_names_are_words(me: Client) -> None:
    asset = make_asset(me, HOSTILE, description=HOSTILE)["api_id"]
    version = make_asset_revision(me, text(HOSTILE) | {"name": HOSTILE}, asset=asset, metadata={HOSTILE: HOSTILE})
    link = [{"asset_revision": version["api_id"], "use_type": "direct"}]
    revision = make_revision(me, figure=make_figure(me, HOSTILE)["api_id"], assets=link)
    paths = (f"/asset/{asset}", f"/asset_revision/{version['api_id']}", f"/revision/{revision['api_id']}")
    for path in (*paths, f"/workspace/{workspace_of(me)['api_id']}"):
        seen = Seen()
        seen.feed(page(me, path))
        assert seen.elements <= OUR_ELEMENTS
        assert not [name for name, _ in seen.attributes if name.startswith("on")]


@pytest.mark.parametrize("path", ["/asset/nonsense", "/asset_revision/nonsense", "/asset/00000000-0000-4000-8000-000000000000"])
def test_what_is_not_there(me: Client, path: str) -> None:
    assert me.get(path).status_code == 404
