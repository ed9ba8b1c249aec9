"""Organizations: their members of all roles, workspaces in and out, and what remains when they end."""

from common import Tree, World, can_see, eventually, forbidden, picture, refused, run, same, seen_by

ROLES = ("org_admin", "workspace_admin", "workspace_creator", "workspace_viewer")


def rows(place):
    """Who is a member, as what."""
    return sorted((one.username, one.membership_type) for one in place.get_members())


def made_and_changed(world: World) -> None:
    """Anybody makes one and is its admin; list and detail are one representation."""
    gf = world.ada
    org = gf.Organization(name="Observatory", description="", email="office@example.org").create()
    assert (org.description, org.allow_per_workspace_storage_settings, list(org.workspaces)) == ("", False, [])
    assert rows(org) == [("ada", "org_admin")]
    same(next(one for one in gf.organizations if one.api_id == org.api_id), org)
    same(seen_by(gf, org), org)
    assert org.api_id not in {one.api_id for one in world.bob.organizations}
    org.name, org.logo, org.allow_per_workspace_storage_settings = "Observatories", picture(), True
    org.save()
    got = seen_by(gf, org)
    same(got, org)
    assert (got.name, got.logo, got.logo_image.size) == ("Observatories", picture(), (40, 30))
    assert all(one.action for one in org.get_logs())
    theirs = world.bob.Organization(api_id=org.api_id, name="mine")
    for attempt in (theirs.fetch, theirs.save, theirs.get_members, theirs.get_storage_info, theirs.get_logs):
        with forbidden():
            attempt()
    with forbidden():
        theirs.set_storage_info("GoFigr.io", None)
    with forbidden():
        theirs.delete(delete=True)
    with forbidden():
        world.bob.Workspace(name="sneaked in", organization=theirs).create()
    org.delete(delete=True)
    assert org.api_id not in {one.api_id for one in gf.organizations}


def members_of_all_roles(world: World) -> None:
    """Each role can be given, changed and taken, by admins alone."""
    org = world.ada.Organization(name="roles").create()
    for role in ROLES:
        assert org.add_member("bob", role).membership_type == role
        assert rows(org) == [("ada", "org_admin"), ("bob", role)]
        assert seen_by(world.bob, org).name == "roles"
        assert org.api_id in {one.api_id for one in world.bob.organizations}
        for other in ROLES:
            org.change_membership("bob", other)
            assert rows(org) == [("ada", "org_admin"), ("bob", other)]
        assert org.remove_member("bob").username == "bob"
        eventually(lambda: not can_see(world.bob, org))
    for level in ("owner", "viewer", "emperor"):
        with refused():
            org.add_member("bob", level)
    with refused():
        org.add_member("no such user", "workspace_viewer")
    assert rows(org) == [("ada", "org_admin")]
    for role in ROLES[1:]:
        org.add_member("bob", role)
        theirs = world.bob.Organization(api_id=org.api_id).fetch()
        with forbidden():
            theirs.change_membership("bob", "org_admin")
        with forbidden():
            theirs.add_member("cyd", "workspace_viewer")
        with forbidden():
            theirs.delete(delete=True)
        theirs.name = "taken over"
        with forbidden():
            theirs.save()
        org.remove_member("bob")
    org.add_member("bob", "org_admin")
    theirs = world.bob.Organization(api_id=org.api_id).fetch()
    theirs.add_member("cyd", "workspace_viewer")
    theirs.name = "led by two"
    theirs.save()
    assert seen_by(world.cyd, org).name == "led by two"
    org.delete(delete=True)


def what_a_creator_sees(world: World) -> None:
    """A workspace_creator reads everything in it as the owner does, makes workspaces in it, and is no direct member."""
    org = world.ada.Organization(name="creators").create()
    tree = Tree(world.ada, "in the org", organization=org)
    assert tree.workspace.organization.api_id == org.api_id
    assert [one.api_id for one in seen_by(world.ada, org).workspaces] == [tree.workspace.api_id]
    assert not can_see(world.bob, tree.workspace)
    org.add_member("bob", "workspace_creator")
    same(seen_by(world.ada, org), seen_by(world.bob, org))
    for thing in tree.everything():
        same(seen_by(world.ada, thing), seen_by(world.bob, thing))
    assert rows(tree.workspace) == [("ada", "owner")]
    assert tree.workspace.api_id in {one.api_id for one in world.bob.workspaces}
    assert len(world.bob.Workspace(api_id=tree.workspace.api_id).get_logs()) > 0
    own = Tree(world.bob, "made by a creator", organization=world.bob.Organization(api_id=org.api_id))
    assert rows(own.workspace) == [("bob", "owner")]
    same(seen_by(world.ada, own.revision), seen_by(world.bob, own.revision))
    eventually(lambda: len(seen_by(world.ada, org).workspaces) == 2)
    more = world.ada.Analysis(name="by the org's admin", workspace=own.workspace).create()
    more.delete(delete=True)
    with forbidden():
        world.bob.Workspace(api_id=tree.workspace.api_id).delete(delete=True)
    org.remove_member("bob")
    eventually(lambda: not any(can_see(world.bob, one) for one in tree.everything()))
    assert can_see(world.bob, own.workspace)
    assert not can_see(world.bob, org)
    org.delete(delete=True)
    assert seen_by(world.bob, own.workspace).organization is None
    assert seen_by(world.ada, tree.workspace).organization is None


def in_and_out(world: World) -> None:
    """A workspace, the primary one too, goes into an organization and out of it; the access goes with it."""
    gf = world.ada
    org = gf.Organization(name="in and out").create()
    org.add_member("bob", "workspace_viewer")
    for workspace in (Tree(gf, "wandering").workspace, gf.primary_workspace):
        workspace.fetch()
        assert not can_see(world.bob, workspace)
        workspace.organization = org
        workspace.save()
        eventually(lambda one=workspace: one.api_id in {w.api_id for w in seen_by(gf, org).workspaces})
        same(seen_by(gf, workspace), seen_by(world.bob, workspace))
        theirs = seen_by(world.bob, workspace)
        with forbidden():
            theirs.save()
        workspace.organization = None
        workspace.save()
        assert seen_by(gf, workspace).organization is None
        eventually(lambda: len(seen_by(gf, org).workspaces) == 0)
        eventually(lambda one=workspace: not can_see(world.bob, one))
    assert gf.primary_workspace.workspace_type == "primary"
    lone = world.cyd.Workspace(name="alone").create()
    lone.organization = world.cyd.Organization(api_id=org.api_id)
    for patch in (False, True):
        with forbidden():
            lone.save(patch=patch)
    org.delete(delete=True)


def admin_of_all_in_it(world: World) -> None:
    """An org_admin rules the workspaces of other members, and can end the organization while there are some."""
    org = world.ada.Organization(name="ruled").create()
    org.add_member("bob", "workspace_creator")
    tree = Tree(world.bob, "of bob", organization=world.bob.Organization(api_id=org.api_id))
    doomed = world.bob.Workspace(name="doomed", organization=world.bob.Organization(api_id=org.api_id)).create()
    mine = seen_by(world.ada, tree.analysis)
    mine.description = "changed by the admin"
    mine.save()
    assert seen_by(world.bob, tree.analysis).updated_by == "ada"
    world.ada.Workspace(api_id=doomed.api_id).delete(delete=True)
    with refused():
        seen_by(world.bob, doomed)
    org.delete(delete=True)
    assert seen_by(world.bob, tree.workspace).organization is None
    assert not can_see(world.ada, tree.workspace)


run(made_and_changed, members_of_all_roles, what_a_creator_sees, in_and_out, admin_of_all_in_it)
