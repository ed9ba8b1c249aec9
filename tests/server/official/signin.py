"""Signing in by password and by key, who one is, and what the configuration tool asks."""

import time
from copy import copy

import requests
from common import World, forbidden, refused, run
from gofigr import GoFigr
from PIL import Image


def by_password(world: World) -> None:
    """A name and a password; then tokens that are renewed unseen, and a sign-in anew when the refresh token is gone."""
    gf = world.sign_in("ada")
    assert gf.heartbeat().status_code == 200
    assert gf.user_info().username == "ada"
    with refused():
        GoFigr(username="ada", password="wrong horse", url=world.url)
    with refused():
        GoFigr(username="nobody-at-all", password="wrong horse", url=world.url)
    gf._access_token = "stale"
    assert gf.user_info().username == "ada"
    gf._access_token, gf._refresh_token = "stale", "stale"
    assert gf.user_info().username == "ada"
    late = GoFigr(username="ada", password="correct horse", url=world.url, authenticate=False)
    with refused():
        late.user_info()
    late.authenticate()
    assert late.user_info().username == "ada"


def for_longer_than_a_token(world: World) -> None:
    """A session goes on over several seconds; on a server of one-second tokens each request needs a new one."""
    gf = world.sign_in("ada")
    for _ in range(3):
        time.sleep(1.1)
        assert gf.user_info().username == "ada"


def by_key(world: World) -> None:
    """A key says who it belongs to; an unknown one is refused at once, without a word about tokens."""
    key = world.ada.create_api_key("for programs")
    program = world.program(key.token)
    assert program.username == "ada"
    assert program.primary_workspace.api_id == world.ada.primary_workspace.api_id
    with refused():
        world.program("ab" * 33)
    world.ada.revoke_api_key(key)
    answer = requests.get(f"{world.url}/api/v1.4.1/user", headers={"Authorization": f"Token {key.token}"}, timeout=30)
    assert answer.status_code in {401, 403}
    assert answer.json().get("code") != "token_not_valid"


def own_record(world: World) -> None:
    """One's own record can be changed but for what makes one who one is; nobody else's can."""
    me = world.ada.user_info()
    assert me == world.ada.user_info("ada")
    me.first_name, me.last_name = "Ada", "L."
    me.user_profile = {"ui_data": {"columns": [1, {"deep": None}]}}
    me.avatar = Image.new("RGB", (8, 8), "red")
    saved = world.ada.update_user_info(me)
    assert saved == world.ada.user_info() == world.ada.user_info("ada")
    assert (saved.first_name, saved.last_name) == ("Ada", "L.")
    assert saved.user_profile["ui_data"] == {"columns": [1, {"deep": None}]}
    assert saved.avatar.size == (8, 8)
    saved.user_profile = {"ui_data": {}}
    assert world.ada.update_user_info(saved).user_profile["ui_data"] == {}
    rise = copy(saved)
    rise.is_staff, rise.is_active, rise.date_joined = True, False, None
    after = world.ada.update_user_info(rise)
    assert (after.is_staff, after.is_active, after.date_joined) == (False, True, me.date_joined)
    other = copy(saved)
    other.username = "bob"
    with forbidden():
        world.ada.update_user_info(other, username="ada")
    with forbidden():
        world.ada.update_user_info(world.bob.user_info())
    with forbidden():
        world.ada.update_user_info(saved, username="bob")


def primary_workspace(world: World) -> None:
    """Each user has exactly one, owned; it can be described but neither made nor turned into another kind."""
    primary = world.ada.primary_workspace.fetch()
    assert [(one.username, one.membership_type) for one in primary.get_members()] == [("ada", "owner")]
    assert sum(one.workspace_type == "primary" for one in world.ada.workspaces) == 1
    assert primary.api_id != world.bob.primary_workspace.api_id
    with refused():
        world.ada.Workspace(name="another", workspace_type="primary").create()
    with refused():
        world.ada.Workspace(name="another", workspace_type="tertiary").create()
    name = primary.name
    primary.name, primary.workspace_type = "mine", "secondary"
    with refused():
        primary.save()
    primary.fetch()
    assert (primary.name, primary.workspace_type) == (name, "primary")
    primary.description = "primary, described"
    primary.save()
    assert world.ada.Workspace(api_id=primary.api_id).fetch() == primary


def by_name_or_id(world: World) -> None:
    """Workspaces, analyses and figures are found by name and by id, and made when asked for."""
    import gofigr

    gf = world.ada
    made = gf.find_workspace("found by name")
    assert gf.find_workspace("found by name").api_id == made.api_id
    assert gf.find_workspace(made.api_id).fetch().name == "found by name"
    assert gf.find_workspace(gofigr.ApiId(made.api_id)).fetch() == made.fetch()
    assert gf.find_workspace(gofigr.FindByName("found by name")).api_id == made.api_id
    with refused():
        gf.find_workspace(gofigr.FindByName("never seen", create=False))
    assert gf.find_workspace(None).api_id == gf.primary_workspace.api_id
    analysis = gf.find_analysis(made, "by name")
    nested = next(one for one in gf.workspaces if one.api_id == made.api_id)
    assert gf.find_analysis(nested, gofigr.FindByName("by name", create=True)).api_id == analysis.api_id
    figure = gf.find_figure(analysis, "by name")
    inner = made.fetch().analyses[0]
    assert inner.figures is None
    assert gf.find_figure(inner, gofigr.FindByName("by name", create=True)).api_id == figure.api_id
    assert gf.find_figure(analysis, figure.api_id).fetch().name == "by name"
    assert len(gf.Analysis(api_id=analysis.api_id).fetch().figures) == 1


def what_the_tools_ask(world: World) -> None:
    """`gfconfig` asks another version of the API, without credentials; the publisher asks for a prefix and about AI."""
    answer = requests.get(f"{world.url}/api/v1.4/info/", timeout=30)
    assert answer.status_code == 200
    assert isinstance(answer.json(), dict)
    assert world.ada.server_info().get("ai_enabled") is False
    drawn = {world.ada.reserve_short_id_prefix() for _ in range(3)}
    assert len(drawn) == 3
    assert all(len(one) == 8 and one.isalnum() for one in drawn)
    with forbidden():
        world.nobody.user_info()


run(by_password, for_longer_than_a_token, by_key, own_record, primary_workspace, by_name_or_id, what_the_tools_ask)
