"""Sharing of analyses, figures, revisions, assets and asset revisions: with a user, and with whoever has the link."""

import requests
from common import Tree, World, can_see, eventually, forbidden, handle, refused, run, same, seen_by


def with_a_user(world: World) -> None:
    """Each object is closed until it is shared, then readable as its owner sees it, and closed again."""
    tree = Tree(world.ada, "shared")
    for thing in (tree.revision, tree.figure, tree.analysis, tree.asset_revision, tree.asset):
        assert not can_see(world.bob, thing)
        assert thing.get_sharing_users() == []
        for _ in range(2):
            given = thing.share("bob")
            assert (given.username, given.sharing_enabled) == ("bob", True)
        assert [(one.username, one.sharing_enabled) for one in thing.get_sharing_users()] == [("bob", True)]
        same(seen_by(world.ada, thing), seen_by(world.bob, thing))
        assert not can_see(world.cyd, thing)
        assert not can_see(world.nobody, thing)
        assert not can_see(world.bob, tree.workspace)
        assert tree.workspace.api_id not in {one.api_id for one in world.bob.workspaces}
        theirs = seen_by(world.bob, thing)
        for patch in (False, True):
            with forbidden():
                theirs.save(patch=patch)
        with forbidden():
            theirs.delete(delete=True)
        with forbidden():
            theirs.get_sharing_users()
        with forbidden():
            theirs.share("cyd")
        with forbidden():
            theirs.unshare("bob")
        for _ in range(2):
            given = thing.unshare("bob")
            assert (given.username, given.sharing_enabled) == ("bob", False)
        assert thing.get_sharing_users() == []
        eventually(lambda thing=thing: not can_see(world.bob, thing))


def with_its_bytes(world: World) -> None:
    """A shared revision comes with its data and thumbnail; what lies above it stays closed."""
    tree = Tree(world.ada, "shared bytes")
    mine = seen_by(world.ada, tree.revision)
    tree.revision.share("bob")
    theirs = seen_by(world.bob, tree.revision)
    assert [one.data for one in theirs.data] == [one.data for one in mine.data]
    assert theirs.get_thumbnail(64).size == mine.get_thumbnail(64).size
    assert not can_see(world.bob, tree.figure)
    assert not can_see(world.bob, tree.analysis)
    tree.revision.unshare("bob")
    with forbidden():
        world.bob.Data(api_id=mine.data[0].api_id).fetch()


def downwards(world: World) -> None:
    """Who may read an analysis may read what is in it."""
    tree = Tree(world.ada, "shared above")
    tree.analysis.share("bob")
    assert all(can_see(world.bob, one) for one in (tree.analysis, tree.figure, tree.revision))
    assert not can_see(world.bob, tree.asset)
    tree.asset.share("bob")
    assert can_see(world.bob, tree.asset_revision)


def with_a_link(world: World) -> None:
    """With the link everybody reads, signed in or not; nobody is listed for it."""
    tree = Tree(world.ada, "linked")
    for thing in (tree.revision, tree.figure, tree.analysis, tree.asset_revision, tree.asset):
        assert thing.get_link_sharing() is False
        thing.set_link_sharing(True)
        assert thing.get_link_sharing() is True
        assert thing.get_sharing_users() == []
        for gf in (world.bob, world.nobody):
            same(seen_by(world.ada, thing), seen_by(gf, thing))
        assert requests.get(thing.app_url, timeout=30).status_code == 200
        theirs = seen_by(world.bob, thing)
        with forbidden():
            theirs.save()
        with forbidden():
            theirs.set_link_sharing(False)
        with forbidden():
            theirs.get_sharing_users()
        thing.set_link_sharing(False)
        eventually(lambda thing=thing: not can_see(world.bob, thing) and not can_see(world.nobody, thing))
        assert requests.get(thing.app_url, timeout=30).status_code in {401, 403}


def by_members(world: World) -> None:
    """Members who write content share it and see with whom; who only reads does not."""
    tree = Tree(world.ada, "shared by members")
    for level in ("viewer", "creator", "admin"):
        tree.workspace.add_member("bob", level)
        for thing in tree.content:
            theirs = handle(world.bob, thing, api_id=thing.api_id)
            if level == "viewer":
                for attempt in (theirs.get_sharing_users, theirs.get_link_sharing):
                    with forbidden():
                        attempt()
                with forbidden():
                    theirs.share("cyd")
                with forbidden():
                    theirs.set_link_sharing(True)
                continue
            theirs.share("cyd")
            theirs.set_link_sharing(True)
            assert [one.username for one in theirs.get_sharing_users()] == ["cyd"]
            theirs.unshare("cyd")
            theirs.set_link_sharing(False)
        tree.workspace.remove_member("bob")


def what_must_not_be(world: World) -> None:
    """Strangers share nothing, nobody is shared with who does not exist, and workspaces are not shared at all."""
    tree = Tree(world.ada, "not shared")
    for thing in tree.content:
        with refused():
            thing.share("no such user")
        with refused():
            thing.unshare("no such user")
        theirs = handle(world.bob, thing, api_id=thing.api_id)
        for attempt in (
            lambda one=theirs: one.share("bob"),
            lambda one=theirs: one.unshare("ada"),
            lambda one=theirs: one.set_link_sharing(True),
            theirs.get_sharing_users,
            theirs.get_link_sharing,
        ):
            with forbidden():
                attempt()
        assert not can_see(world.bob, thing)
    for path, body in (("user", {"username": "bob", "sharing_enabled": True}), ("link", {"enabled": True})):
        for gf in (world.ada, world.bob):
            answer = gf._post(f"workspace/{tree.workspace.api_id}/share/{path}/", json=body, throw_exception=False)
            assert answer.status_code in {404, 405}, answer.text


run(with_a_user, with_its_bytes, downwards, with_a_link, by_members, what_must_not_be)
