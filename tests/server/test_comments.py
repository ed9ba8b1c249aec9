"""Comments: who may speak and read, threads, edits, tombstones, mentions, anchors, replies of machines."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest
from fastapi import FastAPI

from gofigr_jupyter.schema.base import Page, strict_mode
from gofigr_jupyter.schema.comments import Comment
from gofigr_jupyter.server import replies
from gofigr_jupyter.server.insight.desk import Desk
from gofigr_jupyter.server.insight.settings import InsightSettings
from gofigr_jupyter.server.store import tables, work
from tests.server.conftest import API, Client, found, make_figure, make_revision
from tests.server.counting import statements
from tests.server.crowd import make_organization, make_workspace
from tests.server.people import People
from tests.server.talking import KINDS, Scene, heard, link, named, post, say, scene, share

GONE = str(uuid.uuid4())


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def place(here: Scene) -> dict[str, str]:
    return here.place("figure_revision")


@pytest.fixture
def owner(people: People) -> Client:
    return people("owner")


@pytest.fixture
def viewer(people: People) -> Client:
    return people("viewer")


# ---------------------------------------------------------------- saying and hearing


def test_a_comment_comes_back_as_it_was_made(owner: Client, viewer: Client, place: dict[str, str]) -> None:
    found(owner.put(f"{API}/user/owner/", json={"username": "owner", "first_name": "Ada", "last_name": "L."}))
    made = say(owner, place, "**Well** done")
    assert made | place == made
    assert made["author"] == {"username": "owner", "first_name": "Ada", "last_name": "L."}
    assert (made["content"], made["content_html"]) == ("**Well** done", "<p><strong>Well</strong> done</p>\n")
    assert (made["parent"], made["anchor"], made["mentions"], made["reactions"]) == (None, None, [], [])
    assert (made["is_ai"], made["is_edited"], made["is_deleted"], made["updated_on"]) == (False, False, False, None)
    assert found(viewer.get(f"{API}/comment/{made['api_id']}/")) == made
    assert heard(viewer, place) == {"results": [made], "next": None}
    with strict_mode():
        Page[Comment].model_validate(heard(viewer, place))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_object_has_comments_of_its_own(owner: Client, here: Scene, kind: str) -> None:
    made = {one: say(owner, here.place(one), one) for one in KINDS}
    assert [one["content"] for one in heard(owner, here.place(kind))["results"]] == [kind]
    assert found(owner.get(f"{API}/comment/{made[kind]['api_id']}/"))["target_type"] == kind


def test_replies_say_what_they_reply_to(owner: Client, viewer: Client, place: dict[str, str]) -> None:
    first = say(owner, place, "first")
    reply = say(viewer, place, "reply", parent=first["api_id"])
    again = say(owner, place, "again", parent=reply["api_id"])
    listed = heard(owner, place)["results"]
    assert [(one["content"], one["parent"]) for one in listed] == [
        ("first", None),
        ("reply", first["api_id"]),
        ("again", again["parent"]),
    ]
    assert again["parent"] == reply["api_id"]


def test_a_reply_stays_with_what_it_replies_to(owner: Client, here: Scene) -> None:
    elsewhere = say(owner, here.place("figure"))
    refused = post(owner, here.place("figure_revision"), parent=elsewhere["api_id"])
    assert (refused.status_code, list(refused.json())) == (400, ["parent"])
    assert post(owner, here.place("figure"), parent=GONE).status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"content": ""}, 400, "content"),
        ({"content": " \n\t"}, 400, "content"),
        ({"content": "x" * 20_001}, 400, "content"),
        ({"content": None}, 400, "content"),
        ({"content": 7}, 400, "content"),
        ({"content": "a\0b"}, 400, "content"),
        ({"target_type": "workspace"}, 400, "target_type"),
        ({"target_type": "analysis"}, 400, "target_type"),
        ({"target_id": None}, 400, "target_id"),
        ({"target_id": GONE}, 404, "detail"),
        ({"target_id": "no id"}, 404, "detail"),
        ({"client_id": "no uuid"}, 400, "client_id"),
        ({"anchor": {"u": 0.5, "v": 1.5}}, 400, "anchor"),
        ({"anchor": {"u": 0.5}}, 400, "anchor"),
        ({"anchor": {"x": 1}}, 400, "anchor"),
        ({"anchor": {"x": 1, "y": 2, "z": 3}}, 400, "anchor"),
        ({"anchor": {"x": 1, "y": 2, "axes": -1}}, 400, "anchor"),
        ({"anchor": {"x": 1, "y": 2, "series": 7}}, 400, "anchor"),
        ({"anchor": [1, 2]}, 400, "anchor"),
    ],
)
def test_what_cannot_be_said(
    owner: Client, place: dict[str, str], change: dict[str, Any], status: int, field: str
) -> None:
    refused = owner.post(f"{API}/comment/", json=place | {"content": "well"} | change)
    assert (refused.status_code, list(refused.json())) == (status, [field])
    assert heard(owner, place)["results"] == []


def test_the_longest_comment(owner: Client, place: dict[str, str]) -> None:
    assert say(owner, place, "é" * 20_000)["content"] == "é" * 20_000


@pytest.mark.parametrize(
    "anchor",
    [
        {"axes": 0, "x": 1.5, "y": -2e300},
        {"axes": 3, "x": 1.5, "y": 2.0, "series": "control"},
        {"u": 0.25, "v": 1.0},
    ],
)
def test_anchors(owner: Client, place: dict[str, str], anchor: dict[str, Any]) -> None:
    for made in (say(owner, place, anchor=anchor), heard(owner, place)["results"][0]):
        assert {name: value for name, value in made["anchor"].items() if value is not None} == anchor


def test_an_anchor_without_axes_means_the_first(owner: Client, place: dict[str, str]) -> None:
    assert say(owner, place, anchor={"x": 1, "y": 2})["anchor"]["axes"] == 0


# ---------------------------------------------------------------- on earlier revisions


def points(client: Client, place: dict[str, str], **query: Any) -> list[str]:
    """What was said of points of the data on the revisions before this one."""
    return [one["content"] for one in heard(client, place, earlier="true", **query)["results"]]


def test_points_of_the_data_are_found_again_on_later_revisions(owner: Client, viewer: Client, here: Scene) -> None:
    places = [here.place("figure_revision")]
    for _ in range(2):
        made = make_revision(owner, figure=here.figure)
        places.append({"target_type": "figure_revision", "target_id": made["api_id"]})
    at = {"axes": 1, "x": 2.5, "y": 0}
    first = say(owner, places[0], "a point", anchor=at)
    say(owner, places[0], "a place in the picture", anchor={"u": 0.5, "v": 0.5})
    say(owner, places[0], "the whole")
    say(viewer, places[1], "another point", anchor=at, parent=None)
    say(viewer, places[2], "the same, later", anchor=at)
    gone = say(owner, places[0], "to be deleted", anchor=at)
    say(owner, places[0], "reply", parent=gone["api_id"])
    owner.delete(f"{API}/comment/{gone['api_id']}/")
    elsewhere = make_revision(owner, figure=make_figure(owner, analysis=here.analysis)["api_id"])
    say(owner, {"target_type": "figure_revision", "target_id": elsewhere["api_id"]}, "another figure", anchor=at)
    assert [points(owner, place) for place in places] == [[], ["a point"], ["a point", "another point"]]
    assert points(viewer, places[2]) == ["a point", "another point"]
    (one,) = heard(owner, places[1], earlier="true")["results"]
    assert one == first
    page = heard(owner, places[2], earlier="true", limit=1)
    assert points(owner, places[2], limit=1, cursor=page["next"]) == ["another point"]


def test_who_sees_one_revision_learns_nothing_of_the_others(owner: Client, here: Scene, people: People) -> None:
    later = make_revision(owner, figure=here.figure)["api_id"]
    place = {"target_type": "figure_revision", "target_id": later}
    say(owner, here.place("figure_revision"), "inside", anchor={"x": 1, "y": 2})
    guest = people("guest")
    share(owner, "revision", later, "guest")
    assert points(guest, place) == []
    share(owner, "figure", here.figure, "guest")
    assert points(guest, place) == ["inside"]


def test_many_earlier_revisions_take_as_many_queries_as_one(app: FastAPI, owner: Client, here: Scene) -> None:
    counts = []
    say(owner, here.place("figure_revision"), anchor={"x": 1, "y": 2})
    for _ in range(2):
        place = {"target_type": "figure_revision", "target_id": make_revision(owner, figure=here.figure)["api_id"]}
        with statements(app) as sent:
            points(owner, place)
        counts.append(len(sent))
        for _ in range(4):
            made = make_revision(owner, figure=here.figure)["api_id"]
            say(owner, {"target_type": "figure_revision", "target_id": made}, anchor={"x": 1, "y": 2})
    assert counts[0] == counts[1] > 0


def test_only_revisions_of_figures_have_earlier_ones(owner: Client, here: Scene) -> None:
    for kind in ("figure", "asset", "asset_revision"):
        refused = owner.get(f"{API}/comment/", params=here.place(kind) | {"earlier": "true"})
        assert (refused.status_code, list(refused.json())) == (400, ["earlier"])


# ---------------------------------------------------------------- pages


def cursor(*key: Any) -> str:
    """What somebody may make of a cursor."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def test_pages(owner: Client, viewer: Client, place: dict[str, str]) -> None:
    said = [say(owner, place, str(n))["content"] for n in range(7)]
    seen, cursor = [], None
    for _ in range(4):
        page = heard(viewer, place, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["content"] for one in page["results"]]
        cursor = page["next"]
        say(owner, place, "meanwhile")
    assert seen == [*said, "meanwhile"]
    assert cursor is not None  # of what was said meanwhile


def test_a_page_is_not_moved_by_what_is_deleted(owner: Client, place: dict[str, str]) -> None:
    said = [say(owner, place, str(n)) for n in range(4)]
    page = heard(owner, place, limit=2)
    for one in said[:2]:
        assert owner.delete(f"{API}/comment/{one['api_id']}/").status_code == 204
    assert [one["content"] for one in heard(owner, place, cursor=page["next"])["results"]] == ["2", "3"]


def test_the_last_page_says_so(owner: Client, place: dict[str, str]) -> None:
    say(owner, place)
    say(owner, place)
    assert heard(owner, place, limit=2)["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": -1},
        {"limit": "many"},
        {"cursor": "x"},
        {"cursor": "ü"},
        {"cursor": "e30"},
        {"cursor": "W10"},
        {"cursor": "WzEsMl0"},
        {"cursor": "WyJ4IiwieSJd"},
        {"cursor": "x" * 700},
        {"cursor": cursor("0001-01-01T00:00:00+23:59", "x")},
        {"cursor": cursor("2026-01-01T00:00:00", "x")},
        {"cursor": cursor("2026-01-01T00:00:00+00:00", "\ud800")},
        {"cursor": cursor(10**300, "x")},
    ],
)
def test_what_is_no_page(owner: Client, place: dict[str, str], query: dict[str, Any]) -> None:
    refused = owner.get(f"{API}/comment/", params=place | query)
    assert (refused.status_code, list(refused.json())) == (400, list(query))


@pytest.mark.parametrize("missing", ["target_type", "target_id"])
def test_both_words_for_the_target_are_needed(owner: Client, place: dict[str, str], missing: str) -> None:
    query = {name: value for name, value in place.items() if name != missing}
    refused = owner.get(f"{API}/comment/", params=query)
    assert (refused.status_code, list(refused.json())) == (400, [missing])


def test_many_comments_take_as_many_queries_as_few(
    app: FastAPI, owner: Client, viewer: Client, place: dict[str, str]
) -> None:
    def cost() -> int:
        with statements(app) as sent:
            assert heard(viewer, place, limit=200)["results"]
        return len(sent)

    first = say(owner, place, "one")
    owner.post(f"{API}/reaction/", json={"comment": first["api_id"], "emoji": "👍"})
    few = cost()
    for n in range(10):
        one = say((owner, viewer)[n % 2], place, f"@viewer {n}", parent=first["api_id"])
        owner.post(f"{API}/reaction/", json={"comment": one["api_id"], "emoji": "🎉"})
    assert cost() == few


# ---------------------------------------------------------------- who may


def test_strangers_hear_nothing_and_say_nothing(
    people: People, anonymous: Client, owner: Client, place: dict[str, str]
) -> None:
    made = say(owner, place)
    for stranger in (people("stranger"), anonymous):
        assert stranger.get(f"{API}/comment/", params=place).status_code == 403
        assert stranger.get(f"{API}/comment/{made['api_id']}/").status_code == 403
        assert post(stranger, place).status_code == 403
        assert stranger.patch(f"{API}/comment/{made['api_id']}/", json={"content": "x"}).status_code == 403
        assert stranger.delete(f"{API}/comment/{made['api_id']}/").status_code == 403
        assert stranger.post(f"{API}/comment/{made['api_id']}/ai_response/", json={}).status_code == 403


def test_a_share_lets_one_take_part_until_it_ends(people: People, owner: Client, here: Scene) -> None:
    guest, place = people("guest"), here.place("figure_revision")
    say(owner, place, "first")
    share(owner, "figure", here.figure, "guest")
    made = say(guest, place, "thank you")
    assert [one["content"] for one in heard(guest, place)["results"]] == ["first", "thank you"]
    assert heard(guest, here.place("figure"))["results"] == []
    assert guest.get(f"{API}/comment/", params=here.place("asset")).status_code == 403
    share(owner, "figure", here.figure, "guest", enabled=False)
    assert guest.get(f"{API}/comment/", params=place).status_code == 403
    assert guest.patch(f"{API}/comment/{made['api_id']}/", json={"content": "x"}).status_code == 403
    assert guest.delete(f"{API}/comment/{made['api_id']}/").status_code == 403


def test_a_link_lets_those_take_part_who_have_a_name(
    people: People, owner: Client, anonymous: Client, here: Scene
) -> None:
    place = here.place("figure_revision")
    link(owner, "revision", here.revision)
    assert anonymous.get(f"{API}/revision/{here.revision}/").status_code == 200
    assert anonymous.get(f"{API}/comment/", params=place).status_code == 403
    assert post(anonymous, place).status_code == 403
    say(people("passer-by"), place)


def test_a_key_for_another_workspace_opens_no_conversation(
    people: People, owner: Client, place: dict[str, str]
) -> None:
    made = say(owner, place)
    elsewhere = people.key("owner", make_workspace(owner)["api_id"])
    assert elsewhere.get(f"{API}/comment/", params=place).status_code == 403
    assert elsewhere.patch(f"{API}/comment/{made['api_id']}/", json={"content": "x"}).status_code == 403
    assert post(elsewhere, place).status_code == 403


def test_a_reply_opens_no_other_conversation(people: People, owner: Client, here: Scene) -> None:
    secret = say(people("stranger"), {"target_type": "figure_revision", "target_id": private_revision(people)})
    refused = post(owner, here.place("figure_revision"), parent=secret["api_id"])
    assert refused.status_code == 403


def private_revision(people: People) -> str:
    """A revision of `stranger`."""
    api_id: str = make_revision(people("stranger"))["api_id"]
    return api_id


# ---------------------------------------------------------------- once only


def test_a_repeat_is_answered_with_what_is_there(owner: Client, place: dict[str, str]) -> None:
    client_id = str(uuid.uuid4())
    made = say(owner, place, "once", client_id=client_id.upper())
    assert made["api_id"] == client_id
    again = post(owner, place, "twice", client_id=client_id)
    assert (again.status_code, again.json()) == (409, made)
    assert len(heard(owner, place)["results"]) == 1


def test_a_repeat_shows_nobody_anything_else(people: People, owner: Client, viewer: Client, here: Scene) -> None:
    made = say(owner, here.place("figure"), "of the owner", client_id=str(uuid.uuid4()))
    client_id = made["api_id"]
    for client, kind in ((viewer, "figure"), (owner, "asset")):
        refused = post(client, here.place(kind), client_id=client_id)
        assert refused.status_code == 409
        assert refused.json() == {"detail": "This client_id is taken."}


# ---------------------------------------------------------------- edits and tombstones


def test_only_the_author_edits(people: People, owner: Client, viewer: Client, place: dict[str, str]) -> None:
    made = say(viewer, place, "first")
    url = f"{API}/comment/{made['api_id']}/"
    assert owner.patch(url, json={"content": "x"}).status_code == 403
    changed = found(viewer.patch(url, json={"content": "second"}))
    assert (changed["content"], changed["content_html"], changed["is_edited"]) == ("second", "<p>second</p>\n", True)
    assert changed["updated_on"] > made["created_on"] == changed["created_on"]
    assert found(owner.get(url)) == changed
    for content in ("", "  ", "x" * 20_001, None):
        assert viewer.patch(url, json={"content": content}).status_code == 400
    assert viewer.patch(url, json={}).status_code == 400


def test_only_the_author_deletes(owner: Client, viewer: Client, place: dict[str, str]) -> None:
    made = say(viewer, place)
    url = f"{API}/comment/{made['api_id']}/"
    assert owner.delete(url).status_code == 403
    assert viewer.delete(url).status_code == 204
    assert viewer.get(url).status_code == 404
    assert viewer.delete(url).status_code == 404
    assert heard(owner, place)["results"] == []


def test_a_comment_with_replies_leaves_a_tombstone(owner: Client, viewer: Client, place: dict[str, str]) -> None:
    made = say(owner, place, "@viewer secret", anchor={"u": 0, "v": 1})
    owner.post(f"{API}/reaction/", json={"comment": made["api_id"], "emoji": "👍"})
    reply = say(viewer, place, "reply", parent=made["api_id"])
    url = f"{API}/comment/{made['api_id']}/"
    assert owner.delete(url).status_code == 204
    left = found(viewer.get(url))
    assert (left["is_deleted"], left["content"], left["content_html"]) == (True, "", "")
    assert (left["mentions"], left["reactions"], left["is_edited"]) == ([], [], False)
    assert [one["api_id"] for one in heard(viewer, place)["results"]] == [made["api_id"], reply["api_id"]]
    assert found(viewer.get(f"{API}/notification/"))["results"] == []
    assert owner.patch(url, json={"content": "back"}).status_code == 404
    assert owner.delete(url).status_code == 404
    assert owner.post(f"{url}ai_response/", json={}).status_code == 404


def test_a_tombstone_goes_with_its_last_reply(owner: Client, place: dict[str, str]) -> None:
    first = say(owner, place, "first")
    second = say(owner, place, "second", parent=first["api_id"])
    third = say(owner, place, "third", parent=second["api_id"])
    for one in (first, second):
        assert owner.delete(f"{API}/comment/{one['api_id']}/").status_code == 204
    assert [one["is_deleted"] for one in heard(owner, place)["results"]] == [True, True, False]
    assert owner.delete(f"{API}/comment/{third['api_id']}/").status_code == 204
    assert heard(owner, place)["results"] == []


def test_comments_go_with_what_they_are_about(owner: Client, here: Scene) -> None:
    made = say(owner, here.place("figure_revision"))
    assert owner.delete(f"{API}/figure/{here.figure}/").status_code == 204
    assert owner.get(f"{API}/comment/{made['api_id']}/").status_code == 404


# ---------------------------------------------------------------- mentions


def test_those_who_can_see_it_are_mentioned(people: People, owner: Client, here: Scene) -> None:
    for name in ("guest", "stranger"):
        people(name)
    share(owner, "analysis", here.analysis, "guest")
    made = say(owner, here.place("figure_revision"), "@viewer @guest @stranger @nobody, `@viewer`")
    assert sorted(made["mentions"]) == ["guest", "viewer"]
    for name in ("viewer", "guest"):
        assert f'<span class="mention">@{name}</span>' in made["content_html"]
    for name in ("stranger", "nobody"):
        assert f'mention">@{name}' not in made["content_html"]
        assert f"@{name}" in made["content_html"]


def test_an_organization_sees_its_workspaces(people: People) -> None:
    boss, colleague = people("org_admin"), people("colleague")
    organization = make_organization(boss)["api_id"]
    found(
        boss.post(
            f"{API}/organization/{organization}/members/add/",
            json={"username": "colleague", "membership_type": "workspace_viewer"},
        )
    )
    workspace = make_workspace(boss, organization=organization)["api_id"]
    analysis = boss.post(f"{API}/analysis/", json={"name": "a", "workspace": workspace}).json()["api_id"]
    figure = boss.post(f"{API}/figure/", json={"name": "f", "analysis": analysis}).json()["api_id"]
    place = {"target_type": "figure", "target_id": figure}
    assert say(boss, place, "@colleague")["mentions"] == ["colleague"]
    assert say(colleague, place, "@org_admin")["mentions"] == ["org_admin"]


def test_a_link_gives_nobodys_name_away(people: People, owner: Client, here: Scene) -> None:
    people("stranger")
    link(owner, "figure", here.figure)
    passer_by = people("passer-by")
    made = say(passer_by, here.place("figure"), "@stranger @passer-by @no-one @viewer")
    assert made["mentions"] == ["viewer"]


def test_a_disabled_account_is_not_mentioned(people: People, owner: Client, here: Scene) -> None:
    people.disable("viewer")
    assert say(owner, here.place("figure"), "@viewer")["mentions"] == []


def test_an_edit_changes_who_is_mentioned(owner: Client, viewer: Client, place: dict[str, str]) -> None:
    made = say(owner, place, "@viewer")
    changed = found(owner.patch(f"{API}/comment/{made['api_id']}/", json={"content": "nobody"}))
    assert changed["mentions"] == []
    assert found(viewer.get(f"{API}/notification/"))["results"] == []


# ---------------------------------------------------------------- machines


def test_a_machine_replies(app: FastAPI, owner: Client, viewer: Client, place: dict[str, str]) -> None:
    question = say(owner, place, "Who published this figure?")
    answer = viewer.post(f"{API}/comment/{question['api_id']}/ai_response/", json={})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["is_ai"], made["ai_status"], made["content"]) == (True, "pending", "")
    assert (made["parent"], made["author"]["username"]) == (question["api_id"], "viewer")
    assert app.state.tasks.wait(5)
    settled = found(owner.get(f"{API}/comment/{made['api_id']}/"))
    assert (settled["ai_status"], settled["ai_error"], settled["is_edited"]) == ("done", None, False)
    assert settled["content"].startswith("Revision 1 was published by owner on 2")
    assert settled["content"].endswith("*Rests on Origin.*")


def test_a_machines_reply_fails_honestly(app: FastAPI, owner: Client, place: dict[str, str]) -> None:
    replies.register(app.state.tasks, Desk.of(app.state.store, InsightSettings(engine="off")))
    question = say(owner, place, "Why?")
    made = owner.post(f"{API}/comment/{question['api_id']}/ai_response/", json={}).json()
    assert app.state.tasks.wait(5)
    settled = found(owner.get(f"{API}/comment/{made['api_id']}/"))
    assert (settled["ai_status"], settled["ai_error"]) == ("failed", "no engine is configured")
    assert (settled["content"], settled["is_edited"]) == ("", False)


def test_a_question_about_a_figure_is_about_its_newest_revision(app: FastAPI, owner: Client, here: Scene) -> None:
    make_revision(owner, figure=here.figure)
    question = say(owner, here.place("figure"), "Describe this")
    made = owner.post(f"{API}/comment/{question['api_id']}/ai_response/", json={}).json()
    assert app.state.tasks.wait(5)
    assert "this is its revision 2" in found(owner.get(f"{API}/comment/{made['api_id']}/"))["content"]


def test_of_files_no_machine_speaks_yet(app: FastAPI, owner: Client, here: Scene) -> None:
    question = say(owner, here.place("asset"), "Describe this")
    made = owner.post(f"{API}/comment/{question['api_id']}/ai_response/", json={}).json()
    assert app.state.tasks.wait(5)
    settled = found(owner.get(f"{API}/comment/{made['api_id']}/"))
    assert (settled["ai_status"], settled["ai_error"]) == ("failed", replies.NO_FIGURE)


def test_nobody_puts_words_into_a_machines_mouth(app: FastAPI, owner: Client, place: dict[str, str]) -> None:
    question = say(owner, place, "Why?")
    made = owner.post(f"{API}/comment/{question['api_id']}/ai_response/", json={}).json()
    assert app.state.tasks.wait(5)
    url = f"{API}/comment/{made['api_id']}/"
    assert owner.patch(url, json={"content": "Because."}).status_code == 403
    assert owner.delete(url).status_code == 204


def test_a_reply_that_a_server_left_is_settled_by_the_next(
    app: FastAPI, people: People, owner: Client, here: Scene
) -> None:
    """The server died when the empty reply and its task were written, and nothing had begun."""
    question = say(owner, here.place("figure"), "Why?")
    store = app.state.store
    with store.writing() as db:
        target = db.get(tables.Figure, here.figure)
        asked = db.get(tables.Comment, question["api_id"])
        row, _ = replies.ask(db, target, asked, "owner", named(db, "owner").id)
    app.state.tasks.recover()
    assert app.state.tasks.wait(5)
    assert found(owner.get(f"{API}/comment/{row.id}/"))["ai_status"] == "done"
    with store.reading() as db:
        assert work.unfinished(db) == []
