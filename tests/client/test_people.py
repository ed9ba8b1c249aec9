"""Users, keys, organizations, members, invitations, storage and mailboxes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError, ConfigurationError, Forbidden, NotFound, StatusError, Unauthorized
from gofigr_jupyter.schema.organizations import OrganizationDraft
from tests.client.conftest import As


def test_ones_own_record(gf: GoFigr, as_user: As) -> None:
    me = gf.user()
    assert gf.users.get(me.username) == me
    changed = gf.users.change(first_name="Ada", user_profile={"ui_data": {"dark": True, "tour": None}})
    assert (changed.first_name, changed.last_name) == ("Ada", me.last_name)
    assert gf.users.me().user_profile == {"ui_data": {"dark": True, "tour": None}}
    changed.last_name = "Lovelace"
    assert gf.users.change(changed).last_name == "Lovelace"
    eve = as_user("eve")
    with pytest.raises(Forbidden):
        eve.users.change(changed)
    with pytest.raises(ConfigurationError, match="first_name"):
        gf.users.change(first_name="x" * 5000)


def test_keys_are_shown_once_and_open_what_they_say(gf: GoFigr, connect: As) -> None:
    lab = gf.workspaces.create(name="Lab")
    soon = datetime.now(UTC) + timedelta(hours=1)
    key = gf.api_keys.create(name="robot", workspace=lab, expiry=soon)
    assert (key.workspace, key.expiry) == (lab.api_id, soon)
    assert key.token not in repr(key)
    assert gf.api_keys.get(key).token is None
    robot = connect(api_key=key.token)
    assert robot.primary_workspace.name == "Lab"
    with pytest.raises(Forbidden):
        robot.workspaces.get(gf.primary_workspace)
    with pytest.raises(Forbidden):
        robot.api_keys.create(name="another")
    assert [one.name for one in gf.api_keys.list()] == ["robot"]
    gf.api_keys.delete(key)
    with pytest.raises(Unauthorized):
        robot.user()


def test_organizations_and_their_members(gf: GoFigr, as_user: As) -> None:
    eve = as_user("eve")
    institute = gf.organizations.create(name="The Institute", email="it@example.org", description="")
    assert [one.name for one in gf.organizations.list()] == ["The Institute"]
    assert institute.description == ""
    with pytest.raises(Forbidden):
        eve.organizations.get(institute)
    added = gf.organizations.add_member(institute, "eve", "workspace_creator")
    assert (added.username, added.membership_type) == ("eve", "workspace_creator")
    assert len(eve.organizations.members(institute)) == 2
    lab = gf.workspaces.create(name="Lab", organization=institute)
    assert institute.refresh().workspaces == [lab.api_id]
    assert eve.workspaces.get(lab).name == "Lab"
    gf.organizations.change_member(institute, "eve", "workspace_viewer")
    with pytest.raises(Forbidden):
        eve.organizations.add_member(institute, "mallory", "org_admin")
    assert gf.workspaces.leave_organization(lab).organization is None
    gf.workspaces.change(lab, organization=institute)
    gf.organizations.remove_member(institute, "eve")
    assert [one.username for one in gf.organizations.members(institute)] == [gf.user().username]
    assert gf.organizations.change(institute, name="Ours").name == "Ours"
    assert gf.organizations.update(institute, OrganizationDraft(email="x@example.org")).name == "Ours"
    log = gf.organizations.log(institute)
    assert log == [gf.organizations.log_entry(institute, one.api_id) for one in log]
    institute.name = "Saved"
    institute.save()
    assert gf.organizations.get(institute).name == "Saved"
    institute.delete()
    assert gf.workspaces.get(lab).organization is None


def test_members_of_a_workspace(gf: GoFigr, as_user: As) -> None:
    eve = as_user("eve")
    lab = gf.workspaces.create(name="Lab")
    gf.workspaces.add_member(lab, "eve", "viewer")
    with pytest.raises(Forbidden):
        eve.find_analysis("Notes", eve.workspaces.get(lab), create=True)
    assert gf.workspaces.change_member(lab, "eve", "creator").membership_type == "creator"
    assert eve.find_analysis("Notes", eve.workspaces.get(lab), create=True).workspace == lab.api_id
    assert {one.username: one.membership_type for one in eve.workspaces.members(lab)}["eve"] == "creator"
    with pytest.raises(StatusError):
        gf.workspaces.add_member(lab, "eve", "owner")
    with pytest.raises(StatusError):
        gf.workspaces.add_member(lab, "unknown to all", "viewer")
    gf.workspaces.remove_member(lab, "eve")
    with pytest.raises(Forbidden):
        eve.workspaces.get(lab)


def test_invitations(gf: GoFigr, as_user: As) -> None:
    lab, institute = gf.workspaces.create(name="Lab"), gf.organizations.create(name="Institute")
    soon = datetime.now(UTC) + timedelta(hours=1)
    one = gf.invitations.to_workspace(lab, "eve@example.org", "creator", expiry=soon)
    two = gf.invitations.to_organization(institute, "eve@example.org", "workspace_viewer")
    assert one.token
    assert one.token not in repr(one)
    assert [seen.token for seen in gf.workspaces.invitations(lab)] == [None]
    assert gf.invitations.get(one).email == "eve@example.org"
    assert gf.invitations.get(two).organization == institute.api_id
    eve = as_user("eve")
    assert eve.invitations.get(str(two.token), "organization").api_id == two.api_id
    eve.invitations.accept(one.token, "workspace")
    eve.invitations.accept(str(two.token), "organization")
    assert eve.workspaces.get(lab).name == "Lab"
    assert gf.organizations.invitations(institute) == []
    with pytest.raises(NotFound):
        eve.invitations.accept(one.token, "workspace")
    third = gf.invitations.to_workspace(lab, "bob@example.org", "viewer")
    gf.invitations.delete(third)
    assert gf.workspaces.invitations(lab) == []
    with pytest.raises(ConfigurationError, match="workspace or an organization"):
        gf.invitations.get("a token")
    with pytest.raises(ConfigurationError, match="email"):
        gf.invitations.to_workspace(lab, "no address", "viewer")


def test_storage(gf: GoFigr) -> None:
    lab = gf.workspaces.create(name="Lab")
    assert gf.workspaces.storage(lab).vendor == "GoFigr.io"
    with pytest.raises(StatusError):
        gf.workspaces.set_storage(lab, "pigeons", {"loft": 3})
    with pytest.raises(StatusError):
        gf.workspaces.test_storage(lab, "pigeons")
    assert gf.workspaces.set_storage(lab, "GoFigr.io").params is None
    assert gf.organizations.storage(gf.organizations.create(name="Institute")).vendor == "GoFigr.io"


def test_a_mailbox(gf: GoFigr, connect: As) -> None:
    box = gf.metadata.create()
    assert box.token
    assert (box.updated, box.metadata) == (None, None)
    with pytest.raises(APIError, match="mailbox"):
        gf.metadata.wait(box.token, 0.1)
    browser = connect(anonymous=True)
    browser.metadata.post(box.token, {"name": "a.ipynb", "path": None})
    assert gf.metadata.wait(box.token) == {"name": "a.ipynb", "path": None}
    assert gf.metadata.post(box.token, "text") is not None
    assert gf.metadata.get(box.token).metadata == "text"
    with pytest.raises(Forbidden):
        browser.metadata.get(box.token)
    gf.metadata.delete(box.token)
    with pytest.raises(NotFound):
        gf.metadata.get(box.token)


def test_all_at_once(gf: GoFigr) -> None:
    first = gf.bootstrap()
    assert first.user == gf.user()
    assert first.workspaces[0].find_analysis("Notes", create=True).name == "Notes"
    assert first.info.ai_enabled is False


def test_how_much_there_is(gf: GoFigr) -> None:
    gf.find_figure("Decay", "Notes", create=True)
    home = gf.primary_workspace
    assert (gf.workspaces.overview(home).figures, gf.workspaces.overview(home).members) == (1, 1)
    board = gf.workspaces.dashboard(home, activity_limit=1, exclude_deleted=True)
    assert len(board.activity) == 1
    assert board.recent.figures[0].revisions == []
    assert board.workspace.analyses[0].name == "Notes"
    with pytest.raises(StatusError):
        gf.workspaces.dashboard(home, activity_limit=51)


def test_a_forgotten_password(connect: As) -> None:
    assert connect(anonymous=True).reset_password("nobody@example.org") is None
