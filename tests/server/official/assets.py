"""Assets as the client syncs them: found by hash and by name, linked to figures, and linked back."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from blake3 import blake3
from common import Tree, World, forbidden, refused, run, same, seen_by
from gofigr import AssetSync


def synced(world: World) -> None:
    """A file is uploaded once; changed, it becomes a new revision of the same asset."""
    gf = world.ada
    workspace = gf.Workspace(name="synced").create()
    sync = AssetSync(gf, workspace_id=workspace.api_id)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{workspace.api_id}.csv"
        path.write_text(f"{uuid4()},mm\n1,80\n2,75\n")
        first = sync.sync_revision(path)
        assert first.is_new_revision
        again = AssetSync(gf, workspace_id=workspace.api_id).sync_revision(path)
        assert not again.is_new_revision
        assert again.api_id == first.api_id
        frame = sync.read_csv(path)
        assert frame["mm"].sum() == 155
        assert list(frame.attrs.values()) == [first.api_id]
        with sync.open(path) as file:
            assert file.read() == path.read_text()
        path.write_text(path.read_text() + "3,60\n")
        changed = sync.sync_revision(path)
        assert changed.is_new_revision
        assert changed.asset.api_id == first.asset.api_id
        content = path.read_bytes()
    asset = gf.Workspace(api_id=workspace.api_id).fetch().assets[0].fetch()
    assert asset.name == f"{workspace.api_id}.csv"
    assert [one.api_id for one in asset.revisions] == [first.api_id, changed.api_id]
    assert [one.revision_index for one in asset.revisions] == [0, 1]
    assert seen_by(gf, changed).data[0].data == content
    assert seen_by(gf, changed).data[0].calculate_hash() == blake3(content).hexdigest()
    bob = AssetSync(world.bob, workspace_id=world.bob.primary_workspace.api_id)
    assert world.bob.AssetRevision.find_by_hash(blake3(content).hexdigest()) == []
    assert bob.gf.Asset.find_by_name(asset.name) == []


def found_by_hash(world: World) -> None:
    """Everywhere one may read, or only in what belongs to one analysis; deleted things never show."""
    gf = world.ada
    tree = Tree(gf, "by hash")
    content = f"by hash {uuid4()}".encode()
    digest = blake3(content).hexdigest()

    def found(gf=gf, **more) -> list[str]:
        return [one.api_id for one in gf.AssetRevision.find_by_hash(digest, **more)]

    assert found() == []
    loose = gf.AssetRevision(asset=tree.asset, data=[gf.FileData(name="x", data=content)]).create()
    scoped_asset = gf.Asset(name="scoped", workspace=tree.workspace, analysis=tree.analysis).create()
    assert scoped_asset.analysis.api_id == tree.analysis.api_id
    scoped = gf.AssetRevision(asset=scoped_asset, data=[gf.FileData(name="x", data=content)]).create()
    assert found() == [loose.api_id, scoped.api_id]
    assert found(analysis=tree.analysis.api_id) == [scoped.api_id]
    other = gf.Analysis(name="other", workspace=tree.workspace).create()
    assert found(analysis=other.api_id) == []
    assert found(world.bob) == []
    loose.share("bob")
    assert found(world.bob) == [loose.api_id]
    assert world.bob.AssetRevision.find_by_hash(digest)[0].asset.api_id == tree.asset.api_id
    scoped.data = [gf.FileData(name="x", data=b"something else")]
    scoped.save()
    assert found() == [loose.api_id]
    loose.delete(delete=True)
    assert found() == []
    with refused():
        gf.AssetRevision.find_by_hash(digest, "md5")


def found_by_name(world: World) -> None:
    """Exactly by name; names may repeat."""
    gf = world.ada
    tree = Tree(gf, "by name")
    name = f"{uuid4()}.csv"
    for analysis in (None, tree.analysis):
        gf.Asset(name=name, workspace=tree.workspace, analysis=analysis).create()
    assert len(gf.Asset.find_by_name(name)) == 2
    inside = gf.Asset.find_by_name(name, analysis=tree.analysis.api_id)
    assert [one.analysis.api_id for one in inside] == [tree.analysis.api_id]
    assert gf.Asset.find_by_name(name.upper()) == gf.Asset.find_by_name(name[:-1]) == []
    assert world.bob.Asset.find_by_name(name) == []
    with TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        path = Path(folder) / name
        path.write_text(f"which of the two? {name}")
        AssetSync(gf, workspace_id=tree.workspace.api_id).sync_revision(path)
        assert any("Multiple assets" in str(one.message) for one in said)
    inside[0].delete(delete=True)
    assert len(gf.Asset.find_by_name(name)) == 1


def links(world: World) -> None:
    """A figure revision names what it was made from; the asset revision answers with the reverse, at once."""
    gf = world.ada
    tree = Tree(gf, "links")
    second = gf.AssetRevision(asset=tree.asset, data=[]).create()

    def link(target, how="direct", revision=None):
        return gf.AssetLinkedToFigure(figure_revision=revision, asset_revision=target, use_type=how)

    def linked(revision) -> list[tuple[str, str]]:
        return [(one.asset_revision.api_id, one.use_type) for one in seen_by(gf, revision).assets]

    def back(target) -> list[str]:
        return [one.figure_revision.api_id for one in seen_by(gf, target).figure_revisions]

    made = gf.Revision(figure=tree.figure, data=[], assets=[link(tree.asset_revision), link(second, "indirect")])
    made.create()
    assert sorted(linked(made)) == sorted([(tree.asset_revision.api_id, "direct"), (second.api_id, "indirect")])
    assert {one.figure_revision.api_id for one in seen_by(gf, made).assets} == {made.api_id}
    assert back(tree.asset_revision) == back(second) == [made.api_id]
    got = seen_by(gf, made)
    got.assets = None
    got.save()
    assert len(linked(made)) == 2
    got.assets = [link(second, "direct", got)]
    got.save(patch=True)
    assert linked(made) == [(second.api_id, "direct")]
    assert back(tree.asset_revision) == []
    echo = seen_by(gf, second)
    echo.metadata = {"echoed": True}
    echo.save()
    assert back(second) == [made.api_id]
    nested = seen_by(gf, tree.figure).revisions[1]
    nested.assets = [link(tree.asset_revision, "indirect", nested)]
    nested.save()
    assert linked(made) == [(tree.asset_revision.api_id, "indirect")]
    same(seen_by(gf, made), seen_by(gf, made))
    got.fetch()
    got.assets = []
    got.save()
    assert linked(made) == back(tree.asset_revision) == []
    got.assets = [link(second)]
    got.save()
    second.delete(delete=True)
    assert linked(made) == []


def links_into_places_of_others(world: World) -> None:
    """A link to what one may not read is refused, and nothing is changed by it."""
    gf = world.ada
    mine, foreign = Tree(gf, "linking"), Tree(world.bob, "foreign assets")

    def link(target):
        return gf.AssetLinkedToFigure(asset_revision=gf.AssetRevision(api_id=target.api_id), use_type="direct")

    revision = seen_by(gf, mine.revision)
    revision.assets = [link(mine.asset_revision)]
    revision.save()
    for patch in (False, True):
        revision.assets = [link(foreign.asset_revision)]
        revision.metadata = {"must": "not stay"}
        with forbidden():
            revision.save(patch=patch)
        got = seen_by(gf, mine.revision)
        assert [one.asset_revision.api_id for one in got.assets] == [mine.asset_revision.api_id]
        assert got.metadata == {"station": 7}
    with forbidden():
        gf.Revision(figure=mine.figure, data=[], assets=[link(foreign.asset_revision)]).create()
    assert len(seen_by(gf, mine.figure).revisions) == 1
    foreign.asset.share("ada")
    revision.save()
    assert [one.asset_revision.api_id for one in seen_by(gf, revision).assets] == [foreign.asset_revision.api_id]


run(synced, found_by_hash, found_by_name, links, links_into_places_of_others)
