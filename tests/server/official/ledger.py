"""What the server keeps account of: sizes, times, the activity log, what is recent, thumbnails."""

import time

from common import Tree, World, eventually, picture, refused, run, seen_by


def sizes(world: World) -> None:
    """Raw bytes, summed up: data, revision, figure and asset, analysis, workspace; what clients claim is ignored."""
    gf = world.ada
    workspace = gf.Workspace(name="sizes", size_bytes=123).create()
    analysis = gf.Analysis(name="a", workspace=workspace, size_bytes=123).create()
    figure = gf.Figure(name="f", analysis=analysis, size_bytes=123).create()
    asset = gf.Asset(name="s", workspace=workspace, size_bytes=123).create()
    chain = [workspace, analysis, figure, asset]
    assert [one.size_bytes for one in chain] == [0, 0, 0, 0]

    def now() -> list[int]:
        return [seen_by(gf, one).size_bytes for one in chain]

    def text(contents: str):
        return gf.TextData(name="t", contents=contents)

    first = gf.Revision(figure=figure, data=[text("1234567")]).create()
    assert first.size_bytes == 7
    second = gf.Revision(figure=figure, data=[text("12"), gf.FileData(name="f", data=b"\0\1\2\3")]).create()
    assert (second.size_bytes, now()) == (6, [13, 13, 13, 0])
    measured = gf.AssetRevision(asset=asset, data=[text("x" * 100)]).create()
    assert now() == [113, 13, 13, 100]
    first.text_data = [text("123")]
    first.size_bytes = 999
    first.save()
    assert (first.size_bytes, now()) == (3, [109, 9, 9, 100])
    figure.size_bytes = 5
    figure.save()
    assert figure.size_bytes == 9
    scoped = gf.Asset(name="scoped", workspace=workspace, analysis=analysis).create()
    gf.AssetRevision(asset=scoped, data=[text("1")]).create()
    assert now() == [110, 9, 9, 100]
    second.delete(delete=True)
    eventually(lambda: now() == [104, 3, 3, 100])
    measured.delete(delete=True)
    eventually(lambda: now() == [4, 3, 3, 0])
    scoped.delete(delete=True)
    eventually(lambda: now() == [3, 3, 3, 0])
    analysis.delete(delete=True)
    assert seen_by(gf, workspace).size_bytes == 0


def times(world: World) -> None:
    """Null until the first change; then each change is told to all above with the very same instant, and reads move nothing."""
    gf = world.ada
    tree = Tree(gf, "times")
    above = [tree.figure, tree.analysis, tree.workspace]
    tree.workspace.add_member("bob", "creator")
    for one in (tree.analysis, tree.figure, tree.asset):
        fresh = seen_by(gf, one)
        assert (fresh.created_by, fresh.updated_by, fresh.updated_on) == ("ada", None, None)
    assert seen_by(gf, tree.workspace).analyses[0].figures is None
    assert seen_by(gf, tree.analysis).figures[0].updated_on is None
    revision = world.bob.Revision(figure=tree.figure, data=[]).create()
    for one in above:
        got = seen_by(gf, one)
        assert (got.child_updated_on, got.child_updated_by) == (revision.created_on, "bob")
        assert got.updated_on is None
    last = revision.created_on
    for _ in range(2):
        time.sleep(0.5)
        revision.metadata = {"changed": True}
        revision.save()
        assert (revision.updated_on - last).total_seconds() >= 0.5
        last = revision.updated_on
    time.sleep(2)
    seen_by(gf, revision).get_thumbnail(32)
    for one in above:
        got = seen_by(gf, one)
        assert (got.child_updated_on, got.child_updated_by) == (last, "bob")
    assert seen_by(gf, revision).updated_on == last
    tree.figure.save()
    assert seen_by(gf, tree.analysis).child_updated_on == tree.figure.updated_on
    assert seen_by(gf, tree.workspace).child_updated_by == "ada"
    revision.delete(delete=True)
    got = [seen_by(gf, one) for one in above]
    assert len({one.child_updated_on for one in got}) == 1
    assert got[0].child_updated_by == "bob"
    assert got[0].child_updated_on > tree.figure.updated_on


def actions(place) -> list[str]:
    """What the log of a place tells, in alphabetical order, each entry fetched by itself."""
    return sorted(one.fetch().action for one in place.get_logs())


def log(world: World) -> None:
    """One entry for each deed on a workspace, an analysis, a figure, a revision; none for looking, saving silently, sharing."""
    gf = world.ada
    workspace = gf.Workspace(name="log").create()
    analysis = gf.Analysis(name="a", workspace=workspace).create()
    figure = gf.Figure(name="f", analysis=analysis).create()
    revision = gf.Revision(figure=figure, data=[gf.TextData(name="t", contents="x")]).create()
    for one in (workspace, analysis, figure):
        one.description = "logged"
        one.save()
        one.description = "silent"
        one.save(silent=True)
        seen_by(gf, one)
    workspace.add_member("bob", "viewer")
    figure.share("cyd")
    gf.AssetRevision.find_by_hash("ab" * 32)
    revision.fetch()
    revision.delete(delete=True)
    assert actions(workspace) == ["create"] * 4 + ["delete"] + ["update"] * 3
    assert actions(analysis) == ["create"] * 3 + ["delete"] + ["update"] * 2
    entries = workspace.get_logs()
    assert [one.timestamp for one in entries] == sorted((one.timestamp for one in entries), reverse=True)
    newest = entries[0].fetch()
    assert (newest.action, newest.target_id, newest.username) == ("delete", revision.api_id, "ada")
    assert newest.deleted is True
    assert newest.deleted_sentinel
    made = next(one.fetch() for one in entries if one.action == "create" and one.target_id == figure.api_id)
    assert (made.target_name, made.analysis_id, made.analysis_name) == ("f", analysis.api_id, "a")
    assert made.target_type == "figure"
    analysis.delete(delete=True)
    assert len(workspace.get_logs()) == 9
    gone = next(one.fetch() for one in workspace.get_logs() if one.target_id == figure.api_id)
    assert gone.deleted is True
    assert gone.deleted_sentinel == "f"
    with refused():
        entries[0].parent = world.ada.primary_workspace
        entries[0].fetch()


def changes_of_all_levels(world: World) -> None:
    """Nine deeds, nine entries: each level made, changed, and two of them deleted."""
    gf = world.ada
    workspace = gf.Workspace(name="nine").create()
    analysis = gf.Analysis(name="a", workspace=workspace).create()
    figure = gf.Figure(name="f", analysis=analysis).create()
    revision = gf.Revision(figure=figure, data=[]).create()
    for one in (revision, figure, analysis):
        one.save(patch=one is figure)
    revision.delete(delete=True)
    figure.delete(delete=True)
    assert actions(workspace) == ["create"] * 4 + ["delete"] * 2 + ["update"] * 3
    assert len(analysis.get_logs()) == 8


def recent(world: World) -> None:
    """Newest first by making or changing, over all analyses, at most as many as asked for."""
    gf = world.ada
    tree = Tree(gf, "recent")
    second = gf.Analysis(name="second", workspace=tree.workspace).create()
    other = gf.Figure(name="other", analysis=second).create()
    bare = gf.Asset(name="without revisions", workspace=tree.workspace).create()

    def names():
        found = tree.workspace.get_recents()
        return [[one.name for one in some] for some in (found.analyses, found.figures, found.assets)]

    assert names() == [["second", "weather"], ["other", "rain"], ["without revisions", "rain.csv"]]
    tree.asset.save()
    tree.figure.save()
    tree.analysis.save()
    assert names() == [["weather", "second"], ["rain", "other"], ["rain.csv", "without revisions"]]
    few = tree.workspace.get_recents(limit=1)
    assert [len(some) for some in few] == [1, 1, 1]
    assert few.figures[0].api_id == tree.figure.api_id
    other.delete(delete=True)
    bare.delete(delete=True)
    assert [len(some) for some in tree.workspace.get_recents()] == [2, 1, 1]


def thumbnails(world: World) -> None:
    """A picture that fits, of the newest revision that has one; nothing where there is none."""
    gf = world.ada
    tree = Tree(gf, "thumbnails")
    wide = gf.ImageData(name="figure", format="png", data=picture(400, 100, "red"))
    gf.Revision(figure=tree.figure, data=[wide]).create()
    gf.Revision(figure=tree.figure, data=[gf.TextData(name="t", contents="no picture")]).create()
    for one in (tree.figure, tree.analysis):
        assert one.get_thumbnail(256).size == (256, 64)
        assert one.get_thumbnail(256).convert("RGB").getpixel((10, 10))[0] > 250
    assert tree.revision.get_thumbnail(20).size == (20, 15)
    for one in (tree.asset, tree.asset_revision, gf.Figure(name="bare", analysis=tree.analysis).create()):
        assert one.get_thumbnail(256) is None
    shown = gf.AssetRevision(asset=tree.asset, data=[gf.ImageData(name="i", format="png", data=picture())]).create()
    assert shown.get_thumbnail(16).size == tree.asset.get_thumbnail(16).size == (16, 12)


run(sizes, times, log, changes_of_all_levels, recent, thumbnails)
