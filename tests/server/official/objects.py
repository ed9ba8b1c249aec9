"""Things made, changed, moved and deleted; all bytes come back as they were; objects read anew are equal."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
import pandas
from common import Tree, World, forbidden, handle, kind_of, picture, refused, run, same, seen_by
from gofigr import CodeLanguage

AWKWARD = {"a": {"b": None}, "list": [1, 2.5, "ö", "\u2028", True], "": "", "big": 2**53, "metadata": {"data": []}}


def all_kinds(gf, folder: Path):
    """One data object of each sort that the client can make, empty ones among them."""
    path = folder / "notes.bin"
    path.write_bytes(bytes(range(256)) * 50)
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "ß"]})
    flat = gf.TableData(name="flat", format="parquet", dataframe=frame)
    return [
        gf.ImageData(name="figure", format="png", data=picture(), is_watermarked=False),
        gf.ImageData(name="figure", format="png", data=picture(color="red"), is_watermarked=True),
        gf.ImageData(name="figure", format="svg", data=b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        gf.ImageData(name="figure", format="html", data=b"<script>alert(1)</script>"),
        gf.CodeData(name="cell", language=CodeLanguage.PYTHON, contents="plt.plot([1, 2])\n"),
        gf.CodeData(name="script", language=CodeLanguage.R, contents="plot(1:2)"),
        gf.TableData(name="frame", dataframe=frame),
        flat,
        gf.TextData(name="note", contents="naïve ☂"),
        gf.TextData(name="note", contents="", encoding="utf-16"),
        gf.FileData(name="empty", data=b"", path=None),
        gf.FileData.read(str(path)),
        gf.FileData(name="random", data=numpy.random.default_rng(1).bytes(3_000_000)),
    ]


def every_byte_comes_back(world: World) -> None:
    """A revision with everything, downloaded by somebody else's hands; what the client computes itself is right."""
    gf = world.ada
    figure = Tree(gf, "bytes").figure
    with TemporaryDirectory() as folder:
        data = all_kinds(gf, Path(folder))
    revision = gf.Revision(figure=figure, metadata=AWKWARD, data=data).create()
    assert revision.metadata == AWKWARD
    got = gf.Revision(api_id=revision.api_id).fetch()
    assert [(one.type, one.name, one.data) for one in got.data] == [(one.type, one.name, one.data) for one in data]
    assert [one.metadata for one in got.data] == [one.metadata for one in data]
    assert json.dumps(got.metadata) == json.dumps(AWKWARD)
    for one in got.data:
        single = gf.Data(api_id=one.api_id).fetch()
        assert single.size_bytes == len(one.data)
        assert single.hash == (one.calculate_hash() or single.hash)
        assert len(single.hash) == 64
        assert single.is_clean_room is False
        assert single == gf.Data(api_id=one.api_id).fetch()
    assert got.size_bytes == sum(len(one.data) for one in data)
    assert got.table_data[0].dataframe.equals(got.table_data[1].dataframe)
    assert got.image_data[0].image.size == (40, 30)
    assert got.is_processing is False
    assert gf.Revision(api_id=revision.api_id).wait_for_processing().api_id == revision.api_id
    shallow = gf.Revision(api_id=revision.api_id).fetch(fetch_data=False)
    assert all(one.is_shallow for one in shallow.data)
    with refused():
        shallow.save()


def data_that_changes(world: World) -> None:
    """A saved list is the new list: known items stay, new ones come, missing ones go; data have no other door."""
    gf = world.ada
    revision = Tree(gf, "changing").revision
    revision.fetch()
    known = {one.name: one.api_id for one in revision.data}
    revision.text_data = [gf.TextData(name="other", contents="longer than it was")]
    revision.save()
    again = gf.Revision(api_id=revision.api_id).fetch()
    assert sorted(one.name for one in again.data) == ["figure", "other"]
    assert again.image_data[0].api_id == known["figure"]
    with refused():
        gf.Data(api_id=known["note"]).fetch()
    again.text_data[0].contents = "rewritten"
    again.save()
    assert gf.Revision(api_id=revision.api_id).fetch().text_data[0].contents == "rewritten"
    nested = gf.Figure(api_id=revision.figure.api_id).fetch().revisions[0]
    nested.metadata = "a bare string"
    nested.save()
    kept = gf.Revision(api_id=revision.api_id).fetch()
    assert kept.metadata == "a bare string"
    assert len(kept.data) == 2
    for verb in (gf._put, gf._patch):
        for who in (verb, getattr(world.bob, verb.__name__)):
            answer = who(f"data/{kept.data[0].api_id}/", json={}, throw_exception=False)
            assert answer.status_code == 405
    assert world.bob._delete(f"data/{kept.data[0].api_id}/", throw_exception=False).status_code == 405


def equal_however_read(world: World) -> None:
    """What creating, saving and fetching answer are equal objects, and so is what another member sees."""
    tree = Tree(world.ada, "equal")
    for thing in tree.everything():
        fresh = seen_by(world.ada, thing)
        if thing not in (tree.revision, tree.asset_revision):
            stale = seen_by(world.ada, thing)
            stale.description = "changed"
            stale.save()
            same(stale, seen_by(world.ada, thing))
        else:
            fresh.metadata = {"changed": True}
            fresh.save()
            assert seen_by(world.ada, thing).metadata == {"changed": True}
    tree.workspace.add_member("bob", "viewer")
    for thing in tree.everything():
        same(seen_by(world.ada, thing), seen_by(world.bob, thing))
    bare = world.ada.Workspace(name="bare").create()
    before = world.ada.Workspace(api_id=bare.api_id).fetch()
    same(bare, before)
    assert bare.description is None
    analysis = bare.analyses.create(world.ada.Analysis(name="first", description=""))
    same(bare.analyses[0], world.ada.Analysis(api_id=analysis.api_id).fetch())
    assert analysis.description == ""
    analysis.save()
    bare.fetch()
    assert set(bare.to_json()) == set(before.to_json()), "a first child must not make fields appear"
    assert [one.api_id for one in bare.analyses] == [analysis.api_id]
    assert bare.analyses[0].figures is None
    bare.analyses[0].fetch()
    same(bare.analyses[0], analysis.fetch())


def partial_and_silent(world: World) -> None:
    """A partial update changes what it names; so does saving something of which only the id is known."""
    gf, tree = world.ada, Tree(world.ada, "partial")
    gf.Analysis(api_id=tree.analysis.api_id, description="only this").save(patch=True)
    got = seen_by(gf, tree.analysis)
    assert (got.name, got.description, got.workspace.api_id) == ("weather", "only this", tree.workspace.api_id)
    gf.Figure(api_id=tree.figure.api_id, name="drizzle").save(patch=True, silent=True)
    got = seen_by(gf, tree.figure)
    assert (got.name, got.description, got.analysis.api_id) == ("drizzle", "by month", tree.analysis.api_id)
    listed = [gf.Workspace, gf.Analysis, gf.Figure, gf.Asset]
    for kind, thing in zip(listed, (tree.workspace, tree.analysis, tree.figure, tree.asset), strict=True):
        assert thing.api_id in {one.api_id for one in kind.list()}
        assert thing.api_id not in {one.api_id for one in kind_of(world.bob, thing).list()}
    assert tree.revision.api_id in {one.api_id for one in gf.Revision.list()}
    assert tree.asset_revision.api_id in {one.api_id for one in gf.AssetRevision.list()}


def moved(world: World) -> None:
    """Things move with all below them, but neither into places of others nor out of them."""
    gf, old, new = world.ada, Tree(world.ada, "old"), Tree(world.ada, "new")
    other = Tree(world.bob, "other")
    second = gf.Analysis(name="second", workspace=old.workspace).create()
    old.figure.analysis = second
    old.figure.save()
    assert len(seen_by(gf, old.analysis).figures) == 0
    assert [one.api_id for one in seen_by(gf, second).figures] == [old.figure.api_id]
    size = seen_by(gf, old.figure).size_bytes
    assert (seen_by(gf, old.analysis).size_bytes, seen_by(gf, second).size_bytes) == (0, size)
    second.fetch()
    second.workspace = new.workspace
    second.save()
    assert {one.name for one in seen_by(gf, new.workspace).analyses} == {"weather", "second"}
    assert {one.name for one in seen_by(gf, old.workspace).analyses} == {"weather"}
    assert seen_by(gf, second).workspace.api_id == new.workspace.api_id
    old.revision.figure = new.figure
    old.revision.save()
    assert len(seen_by(gf, new.figure).revisions) == 2
    old.asset.workspace = new.workspace
    old.asset.save()
    assert len(seen_by(gf, new.workspace).assets) == 2
    assert seen_by(gf, old.workspace).size_bytes == 0
    for patch in (False, True):
        for thing, field, target in (
            (old.analysis, "workspace", other.workspace),
            (new.figure, "analysis", other.analysis),
            (new.revision, "figure", other.figure),
            (new.asset, "workspace", other.workspace),
            (new.asset_revision, "asset", other.asset),
        ):
            there = seen_by(gf, thing)
            setattr(there, field, type(target)(api_id=target.api_id))
            with forbidden():
                there.save(patch=patch)
            assert getattr(seen_by(gf, thing), field).api_id != target.api_id


def strangers_stay_out(world: World) -> None:
    """Without membership nothing can be read, changed, deleted or added to; with none of it hidden behind a 404."""
    tree = Tree(world.ada, "closed")
    for thing in tree.everything():
        for gf in (world.bob, world.nobody):
            with forbidden():
                seen_by(gf, thing)
        theirs = handle(world.bob, thing, api_id=thing.api_id, name="mine")
        for patch in (False, True):
            with forbidden():
                theirs.save(patch=patch)
        with forbidden():
            theirs.delete(delete=True)
        if thing is not tree.workspace:
            with forbidden():
                theirs.get_thumbnail(64)
    for datum in seen_by(world.ada, tree.revision).data:
        with forbidden():
            world.bob.Data(api_id=datum.api_id).fetch()
        with forbidden():
            world.bob.Data(api_id=datum.api_id).get_storage_info()
    gf = world.bob
    for new in (
        gf.Analysis(name="x", workspace=tree.workspace),
        gf.Figure(name="x", analysis=tree.analysis),
        gf.Revision(figure=tree.figure, data=[]),
        gf.Asset(name="x", workspace=tree.workspace),
        gf.AssetRevision(asset=tree.asset, data=[]),
    ):
        with forbidden():
            new.create()
    for read in (tree.workspace.get_logs, tree.workspace.get_recents, tree.workspace.get_members):
        with forbidden():
            getattr(gf.Workspace(api_id=tree.workspace.api_id), read.__name__)()
    assert gf.Workspace(api_id=tree.workspace.api_id).get_members(unauthorized_error=False) == []


def deleted(world: World) -> None:
    """What is deleted is gone with all below it, once."""
    gf, tree = world.ada, Tree(world.ada, "doomed")
    tree.asset.delete(delete=True)
    with refused():
        seen_by(gf, tree.asset_revision)
    tree.revision.delete(delete=True)
    assert list(seen_by(gf, tree.figure).revisions) == []
    tree.figure.delete(delete=True)
    assert len(seen_by(gf, tree.analysis).figures) == 0
    more = Tree(gf, "doomed as well")
    more.workspace.delete(delete=True)
    for thing in more.everything():
        with refused():
            seen_by(gf, thing)
        with refused():
            thing.delete(delete=True)
    assert more.workspace.api_id not in {one.api_id for one in gf.workspaces}
    with refused():
        gf.primary_workspace.delete(delete=True)
    with refused():
        gf.Revision(api_id="not-an-id").fetch()


def pictures_as_they_are(world: World) -> None:
    """The client opens the picture that the server kept, and takes it anew from where that was opened."""
    gf, tree = world.ada, Tree(world.ada, "pictures")
    data = seen_by(gf, tree.revision).image_data[0]
    assert data.image.tobytes() == type(data)(data=picture(), format="png").image.tobytes()
    sink = io.BytesIO()
    data.image.save(sink, "PNG")
    tree.revision.image_data = [gf.ImageData(name="figure", format="png", data=sink.getvalue())]
    tree.revision.save(silent=True)
    assert seen_by(gf, tree.revision).image_data[0].data == sink.getvalue()


def side_by_side(world: World) -> None:
    """Several programs publish into one figure at a time; each revision gets through, with a number of its own."""
    tree = Tree(world.ada, "side by side")
    programs = [world.program(world.ada.create_api_key(f"program {n}").token) for n in range(4)]

    def publish(gf) -> list[str]:
        data = [gf.ImageData(name="figure", format="png", data=picture()), gf.TextData(name="t", contents="1234567")]
        figure = gf.Figure(api_id=tree.figure.api_id)
        return [gf.Revision(figure=figure, metadata={"n": n}, data=data).create().api_id for n in range(5)]

    with ThreadPoolExecutor(4) as pool:
        made = [one for some in pool.map(publish, programs) for one in some]
    got = seen_by(world.ada, tree.figure)
    assert {one.api_id for one in got.revisions} == {tree.revision.api_id, *made}
    assert [one.revision_index for one in got.revisions] == list(range(21))
    assert got.size_bytes == 21 * seen_by(world.ada, tree.revision).size_bytes


run(
    every_byte_comes_back,
    data_that_changes,
    equal_however_read,
    partial_and_silent,
    moved,
    strangers_stay_out,
    deleted,
    pictures_as_they_are,
    side_by_side,
)
