"""Where bytes go: the server's own place by default, a bucket of a real S3 server when one is set and works."""

import os

from common import Tree, World, forbidden, refused, run, seen_by

FIRST, SECOND, MISSING = "gofigr-flextest", "gofigr-flextest2", "gofigr-badbucket"


def add(gf, tree: Tree, contents: bytes):
    """A new data object in a new revision; where it lies."""
    revision = gf.Revision(figure=tree.figure, data=[gf.FileData(name="big", data=contents)]).create()
    return seen_by(gf, revision).data[0]


def by_default(world: World) -> None:
    """Vendor GoFigr.io without params; data without a path."""
    tree = Tree(world.ada, "at home")
    for place in (tree.workspace, world.ada.Organization(name="at home").create()):
        assert (place.get_storage_info().vendor, place.get_storage_info().params) == ("GoFigr.io", None)
        same = place.set_storage_info("GoFigr.io", None)
        assert (same.vendor, same.params) == ("GoFigr.io", None)
    where = add(world.ada, tree, b"at home").get_storage_info()
    assert where["vendor"] == "GoFigr.io"
    assert where.get("path") is None


def in_a_bucket(world: World) -> None:
    """New bytes go to the bucket, come back from it unchanged, and stay there when the setting moves on."""
    gf, tree = world.ada, Tree(world.ada, "in a bucket")
    content = os.urandom(2_000_000)
    home = add(gf, tree, b"before")
    params = {"bucket": FIRST, "key": "tests"}
    tried = tree.workspace.test_storage("aws", params)
    assert (tried.vendor, tried.params) == ("aws", params)
    assert tree.workspace.get_storage_info().vendor == "GoFigr.io"
    for vendor in ("aws", "AWS"):
        tree.workspace.set_storage_info(vendor, params)
        now = tree.workspace.get_storage_info()
        assert (now.vendor, now.params) == ("aws", params)
    away = add(gf, tree, content)
    where = away.get_storage_info()
    assert where["vendor"] == "AWS"
    assert where["path"].startswith(f"s3://{FIRST}/tests")
    assert gf.Data(api_id=away.api_id).fetch().data == content
    assert home.get_storage_info()["vendor"] == "GoFigr.io"
    tree.workspace.set_storage_info("aws", {"bucket": SECOND, "key": "other"})
    later = add(gf, tree, b"in the second")
    assert later.get_storage_info()["path"].startswith(f"s3://{SECOND}/other")
    assert away.get_storage_info()["path"].startswith(f"s3://{FIRST}/")
    tree.workspace.set_storage_info("GoFigr.io", None)
    assert add(gf, tree, b"home again").get_storage_info()["vendor"] == "GoFigr.io"
    for one, expected in ((home, b"before"), (away, content), (later, b"in the second")):
        assert gf.Data(api_id=one.api_id).fetch().data == expected
    assert seen_by(gf, tree.revision).get_thumbnail(16).size == (16, 12)


def that_does_not_work(world: World) -> None:
    """A bucket that is not there, settings that mean nothing, people who do not manage: refused, and nothing changes."""
    tree = Tree(world.ada, "broken")
    for vendor, params in (
        ("aws", {"bucket": MISSING, "key": "tests"}),
        ("aws", {}),
        ("aws", None),
        ("aws", {"bucket": "../../etc", "key": "tests"}),
        ("azure", {"bucket": FIRST, "key": "tests"}),
        (None, None),
    ):
        for attempt in (tree.workspace.set_storage_info, tree.workspace.test_storage):
            with refused():
                attempt(vendor, params)
            assert tree.workspace.get_storage_info().vendor == "GoFigr.io"
    theirs = world.bob.Workspace(api_id=tree.workspace.api_id)
    for level in (None, "viewer", "creator"):
        if level is not None:
            tree.workspace.add_member("bob", level)
        for attempt in (theirs.set_storage_info, theirs.test_storage):
            with forbidden():
                attempt("aws", {"bucket": FIRST, "key": "tests"})
        with forbidden():
            theirs.get_storage_info()
        if level is not None:
            tree.workspace.remove_member("bob")


def as_the_organization_says(world: World) -> None:
    """An organization's bucket takes the data of its workspaces, which choose for themselves only where they may."""
    gf = world.ada
    org = gf.Organization(name="storing").create()
    params = {"bucket": SECOND, "key": "org"}
    assert org.test_storage("aws", params).vendor == "aws"
    with refused():
        org.set_storage_info("aws", {"bucket": MISSING, "key": "org"})
    org.set_storage_info("aws", params)
    assert org.get_storage_info().params == params
    tree = Tree(gf, "storing", organization=org)
    assert add(gf, tree, b"as told").get_storage_info()["path"].startswith(f"s3://{SECOND}/org")
    assert tree.workspace.get_storage_info().vendor == "GoFigr.io"
    own = {"bucket": FIRST, "key": "own"}
    with refused():
        tree.workspace.set_storage_info("aws", own)
    org.allow_per_workspace_storage_settings = True
    org.save()
    tree.workspace.set_storage_info("aws", own)
    assert add(gf, tree, b"as chosen").get_storage_info()["path"].startswith(f"s3://{FIRST}/own")
    org.add_member("bob", "workspace_creator")
    theirs = world.bob.Organization(api_id=org.api_id)
    for attempt in (theirs.set_storage_info, theirs.test_storage):
        with forbidden():
            attempt("aws", params)
    with forbidden():
        theirs.get_storage_info()


run(by_default, in_a_bucket, that_does_not_work, as_the_organization_says)
