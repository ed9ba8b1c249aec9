"""Assets: files that are known are not sent again; what was made from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from blake3 import blake3

from gofigr_jupyter.client.assets import hash_of
from gofigr_jupyter.client.figures import Figure
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import text
from gofigr_jupyter.errors import NotFound
from gofigr_jupyter.schema.figures import LinkDraft


def test_sync_sends_each_content_once(gf: GoFigr, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" * 1000)
    home = gf.primary_workspace
    sent: list[tuple[int, int | None]] = []
    first = gf.assets.sync(path, home, progress=lambda done, total: sent.append((done, total)))
    assert sent[-1][0] == sent[-1][1]
    again = gf.assets.sync(path, home, progress=lambda *_: pytest.fail("it was sent twice"))
    assert again.api_id == first.api_id
    assert first.data[0].bytes() == path.read_bytes()
    path.write_bytes(b"other")
    second = gf.assets.sync(path, home)
    assert second.asset == first.asset
    asset = gf.assets.get(str(first.asset))
    assert (asset.name, [one.revision_index for one in asset.revisions]) == ("table.csv", [0, 1])
    assert [one.name for one in home.refresh().assets] == ["table.csv"]
    assert home.assets[0].revisions[1].data[0].bytes() == b"other"
    assert hash_of(path) == blake3(b"other").hexdigest()


def test_found_by_name_and_by_hash(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    home = gf.primary_workspace
    scoped = gf.assets.create(name="a.csv", workspace=home, analysis=figure.analysis)
    assert [one.api_id for one in gf.assets.find_by_name("a.csv")] == [scoped.api_id]
    assert [one.api_id for one in gf.assets.find_by_name("a.csv", figure.analysis)] == [scoped.api_id]
    assert gf.assets.find_by_name("A.csv") == []
    revision = gf.asset_revisions.create(asset=scoped, data=[text("content")], metadata={"k": 1})
    digest = blake3(b"content").hexdigest()
    assert [one.api_id for one in gf.asset_revisions.find_by_hash(digest)] == [revision.api_id]
    assert gf.asset_revisions.find_by_hash("0" * 64) == []
    assert gf.assets.change(scoped, description="measured").description == "measured"
    scoped.name = "b.csv"
    assert scoped.save().name == "b.csv"
    assert gf.asset_revisions.get(revision).metadata == {"k": 1}
    assert [one.api_id for one in gf.assets.list()] == [scoped.api_id]
    assert scoped.shared_with() == []
    assert gf.assets.thumbnail(scoped) is None
    gf.assets.delete(scoped)
    with pytest.raises(NotFound):
        gf.asset_revisions.get(revision)


def test_links_from_both_ends(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"1")
    source = gf.assets.sync(path, gf.primary_workspace)
    revision = gf.revisions.create(figure=figure, assets=[source])
    assert [(one.asset_revision, one.use_type) for one in revision.assets] == [(source.api_id, "direct")]
    assert [one.figure_revision for one in source.refresh().figure_revisions] == [revision.api_id]
    gf.revisions.change(revision, assets=[LinkDraft(asset_revision=source.api_id, use_type="indirect")])
    assert revision.refresh().assets[0].use_type == "indirect"
    assert gf.asset_revisions.unlink(source, revision).figure_revisions == []
    with pytest.raises(NotFound):
        gf.asset_revisions.unlink(source, revision)
    assert revision.refresh().assets == []
