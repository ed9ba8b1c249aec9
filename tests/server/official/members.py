"""Members of workspaces: who may let in whom, what each level may do, and what ends with it."""

from common import Tree, World, can_see, eventually, forbidden, refused, run, seen_by

LEVELS = ("admin", "creator", "viewer")


def rows(place):
    """Who is a member, as what."""
    return sorted((one.username, one.membership_type) for one in place.get_members())


def let_in_and_out(world: World) -> None:
    """Each level but the owner's can be given, changed and taken; access ends with it."""
    tree = Tree(world.ada, "members")
    workspace = tree.workspace
    assert rows(workspace) == [("ada", "owner")]
    for level in LEVELS:
        added = workspace.add_member("bob", level)
        assert (added.username, added.membership_type) == ("bob", level)
        assert rows(workspace) == [("ada", "owner"), ("bob", level)]
        assert workspace.api_id in {one.api_id for one in world.bob.workspaces}
        assert all(can_see(world.bob, one) for one in tree.everything())
        for other in LEVELS:
            assert workspace.change_membership("bob", other).membership_type == other
            assert rows(workspace) == [("ada", "owner"), ("bob", other)]
        assert workspace.remove_member("bob").username == "bob"
        eventually(lambda: not any(can_see(world.bob, one) for one in tree.everything()))
        assert workspace.api_id not in {one.api_id for one in world.bob.workspaces}
        assert rows(workspace) == [("ada", "owner")]


def what_must_not_be(world: World) -> None:
    """One owner, known levels, known people; and only those who manage decide."""
    workspace = Tree(world.ada, "no members").workspace
    for level in ("owner", "emperor", "org_admin", None):
        with refused():
            workspace.add_member("bob", level)
    with refused():
        workspace.add_member("no such user", "viewer")
    assert rows(workspace) == [("ada", "owner")]
    workspace.add_member("bob", "viewer")
    for name, level in (("bob", "owner"), ("bob", "emperor"), ("ada", "viewer"), ("cyd", "viewer")):
        with refused():
            workspace.change_membership(name, level)
    for name in ("ada", "cyd"):
        with refused():
            workspace.remove_member(name)
    assert rows(workspace) == [("ada", "owner"), ("bob", "viewer")]
    theirs = world.bob.Workspace(api_id=workspace.api_id)
    for level in ("viewer", "creator"):
        workspace.change_membership("bob", level)
        with forbidden():
            theirs.add_member("cyd", "viewer")
        with forbidden():
            theirs.change_membership("bob", "admin")
        with forbidden():
            theirs.remove_member("ada")
    stranger = world.cyd.Workspace(api_id=workspace.api_id)
    for attempt in (stranger.add_member, stranger.change_membership):
        with forbidden():
            attempt("cyd", "admin")
    with forbidden():
        stranger.remove_member("bob")
    assert rows(workspace) == [("ada", "owner"), ("bob", "creator")]


def levels_and_deeds(world: World) -> None:
    """A viewer reads; a creator also writes content; an admin also manages the workspace."""
    tree = Tree(world.ada, "deeds")
    bob = world.bob
    theirs = bob.Workspace(api_id=tree.workspace.api_id)
    tree.workspace.add_member("bob", "viewer")
    for new in (bob.Analysis(name="x", workspace=theirs), bob.Figure(name="x", analysis=tree.analysis)):
        with forbidden():
            new.create()
    with forbidden():
        seen_by(bob, tree.figure).save()
    with forbidden():
        tree_figure = bob.Figure(api_id=tree.figure.api_id)
        tree_figure.delete(delete=True)
    with forbidden():
        bob.Figure(api_id=tree.figure.api_id).share("cyd")
    assert len(theirs.get_logs()) > 0
    assert len(theirs.get_recents().figures) == 1
    tree.workspace.change_membership("bob", "creator")
    more = bob.Analysis(name="by bob", workspace=theirs).create()
    assert more.created_by == "bob"
    more.name = "still by bob"
    more.save()
    figure = bob.Figure(name="by bob", analysis=tree.analysis).create()
    bob.Revision(figure=figure, data=[bob.TextData(name="t", contents="x")]).create()
    bob.Asset(name="by bob", workspace=theirs).create()
    theirs.fetch()
    theirs.name = "taken over"
    with forbidden():
        theirs.save()
    with forbidden():
        theirs.delete(delete=True)
    more.delete(delete=True)
    tree.workspace.change_membership("bob", "admin")
    theirs.name = "renamed by an admin"
    theirs.save()
    assert seen_by(world.ada, tree.workspace).name == "renamed by an admin"
    theirs.add_member("cyd", "viewer")
    theirs.remove_member("cyd")
    theirs.change_membership("bob", "viewer")
    with forbidden():
        theirs.save()
    assert rows(theirs) == [("ada", "owner"), ("bob", "viewer")]


def a_primary_workspace_of_somebody_else(world: World) -> None:
    """Who is let into another's primary workspace sees it listed, and still finds their own."""
    primary = world.ada.primary_workspace
    primary.add_member("bob", "viewer")
    bob = world.sign_in("bob")
    listed = {one.api_id: one.workspace_type for one in bob.workspaces}
    assert listed[primary.api_id] == "primary"
    assert bob.primary_workspace.api_id == world.bob.primary_workspace.api_id != primary.api_id
    primary.remove_member("bob")


run(let_in_and_out, what_must_not_be, levels_and_deeds, a_primary_workspace_of_somebody_else)
