"""API keys: what they open, for how long, and that they cannot make more of themselves."""

import time
from datetime import datetime, timedelta

from common import Tree, World, can_see, eventually, forbidden, handle, refused, run, same, seen_by


def told_once(world: World) -> None:
    """The token is in the first answer only; a key is seen, read and revoked by whose it is."""
    gf = world.ada
    key = gf.create_api_key("told once")
    assert key.token
    assert (key.expiry, key.workspace) == (None, None)
    assert {one.api_id: one.token for one in gf.list_api_keys()}[key.api_id] is None
    read = gf.get_api_key(key.api_id)
    assert (read.token, read.name, read.last_used) == (None, "told once", None)
    assert key.fetch_and_preserve_token().token is not None
    program = world.program(key.token)
    assert gf.get_api_key(key.api_id).last_used is not None
    assert key.api_id not in {one.api_id for one in world.bob.list_api_keys()}
    for attempt in (world.bob.get_api_key, world.bob.revoke_api_key):
        with refused():
            attempt(key.api_id)
    with refused():
        program.create_api_key("of a key")
    with refused():
        program.revoke_api_key(key.api_id)
    assert program.heartbeat()
    gf.revoke_api_key(key.api_id)
    with refused():
        program.heartbeat()
    with refused():
        gf.get_api_key(key.api_id)


def as_the_user(world: World) -> None:
    """A key without a scope does what its user does, and no more."""
    key = world.ada.create_api_key("everything")
    program = world.program(key.token)
    tree = Tree(program, "by a program")
    assert tree.revision.created_by == "ada"
    for thing in tree.everything():
        same(seen_by(world.ada, thing), seen_by(program, thing))
    assert {one.api_id for one in program.workspaces} == {one.api_id for one in world.ada.workspaces}
    foreign = Tree(world.bob, "foreign")
    assert not any(can_see(program, one) for one in foreign.everything())


def scoped(world: World) -> None:
    """A key for one workspace sees and touches nothing else."""
    inside, outside = Tree(world.ada, "inside"), Tree(world.ada, "outside")
    key = world.ada.create_api_key("scoped", workspace=inside.workspace)
    assert key.workspace.api_id == inside.workspace.api_id
    program = world.program(key.token)
    assert program.username == "ada"
    assert [one.api_id for one in program.workspaces] == [inside.workspace.api_id]
    assert program.primary_workspace is None
    assert program.find_workspace(None).api_id == inside.workspace.api_id
    assert [one.username for one in program.Workspace(api_id=inside.workspace.api_id).get_members()] == ["ada"]
    for thing in inside.everything():
        mine = seen_by(program, thing)
        same(mine, seen_by(world.ada, thing))
        mine.save()
    program.Figure(name="new", analysis=inside.analysis).create()
    for thing in outside.everything():
        theirs = handle(program, thing, api_id=thing.api_id, name="x")
        for attempt in (theirs.fetch, theirs.save, lambda one=theirs: one.delete(delete=True)):
            with forbidden():
                attempt()
    for new in (
        program.Analysis(name="x", workspace=outside.workspace),
        program.Figure(name="x", analysis=outside.analysis),
        program.Revision(figure=outside.figure, data=[]),
        program.Asset(name="x", workspace=outside.workspace),
        program.Workspace(name="x"),
        program.Organization(name="x"),
    ):
        with forbidden():
            new.create()
    moved = seen_by(program, inside.analysis)
    moved.workspace = program.Workspace(api_id=outside.workspace.api_id)
    with forbidden():
        moved.save()
    digest = seen_by(world.ada, outside.asset_revision).data[0].calculate_hash()
    assert {one.asset.api_id for one in program.AssetRevision.find_by_hash(digest)} == {inside.asset.api_id}
    assert {one.api_id for one in program.Asset.find_by_name("rain.csv")} == {inside.asset.api_id}


def for_whom_it_may_be_made(world: World) -> None:
    """Members of each level make keys for a workspace; nobody else does."""
    tree = Tree(world.ada, "keys to it")
    with refused():
        world.bob.create_api_key("x", workspace=tree.workspace)
    for level in ("viewer", "creator", "admin"):
        tree.workspace.add_member("bob", level)
        program = world.program(world.bob.create_api_key(level, workspace=tree.workspace).token)
        assert can_see(program, tree.figure)
        new = program.Analysis(name="by a key", workspace=tree.workspace)
        if level == "viewer":
            with forbidden():
                new.create()
        else:
            new.create()
        tree.workspace.remove_member("bob")
        eventually(lambda gf=program: not any(can_see(gf, one) for one in tree.everything()))
        assert program.workspaces == []


def for_a_while(world: World) -> None:
    """A key ends at its time; one without an expiry does not."""
    soon = datetime.now() + timedelta(seconds=2)  # noqa: DTZ005 - the client itself adds the zone
    key = world.ada.create_api_key("brief", expiry=soon)
    program = world.program(key.token)
    assert abs((key.expiry - soon.astimezone()).total_seconds()) < 0.01
    assert program.heartbeat()
    time.sleep(2.5)
    for attempt in (program.heartbeat, program.user_info, lambda: program.workspaces):
        with refused():
            attempt()


run(told_once, as_the_user, scoped, for_whom_it_may_be_made, for_a_while)
