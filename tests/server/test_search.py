"""Search: by words, of all that one may see and of nothing else; and by a picture that somebody has in hand."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.schema.base import Page
from gofigr_jupyter.schema.search import Hit, ImageHit
from gofigr_jupyter.server import chores, policy
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.policy import Act
from gofigr_jupyter.server.snippets import snippet
from gofigr_jupyter.server.store import audience, search, targets, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, Figure, Revision
from tests.server.conftest import API, Client, created, found, image, make_asset_revision, make_revision
from tests.server.counting import statements
from tests.server.crowd import make_workspace
from tests.server.people import People
from tests.server.talking import KINDS, Scene, link, named, say, scene, share
from tests.server.test_stories import png, tell


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def owner(people: People) -> Client:
    return people("owner")


def hits(client: Client, q: str, **query: Any) -> list[dict[str, Any]]:
    """What is found."""
    body = found(client.get(f"{API}/search/", params={"q": q} | query))
    Page[Hit].model_validate(body)
    results: list[dict[str, Any]] = body["results"]
    return results


def rename(client: Client, kind: str, api_id: str, **fields: Any) -> None:
    found(client.patch(f"{API}/{kind}/{api_id}/", json=fields))


def cursor(*key: Any) -> str:
    """What somebody may make of a cursor."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def test_everything_is_found(owner: Client, here: Scene) -> None:
    rename(owner, "analysis", here.analysis, name="Yeast analysis")
    rename(owner, "figure", here.figure, description="growth of yeast")
    rename(owner, "asset", here.asset, name="yeast.csv")
    tell(owner, here, title="A story", slides=[{"title": "t", "body": "all about yeast"}])
    for kind in KINDS:
        say(owner, here.place(kind), f"yeast on {kind}")
    results = hits(owner, "yeast")
    assert sorted(one["type"] for one in results) == ["analysis", "asset", *["comment"] * 4, "figure", "story"]
    assert [one["score"] for one in results] == sorted((one["score"] for one in results), reverse=True)
    by_type = {one["type"]: one for one in results}
    assert by_type["analysis"]["object"]["name"] == "Yeast analysis"
    assert by_type["analysis"]["snippet"] == "<mark>Yeast</mark> analysis"
    assert by_type["figure"]["object"]["api_id"] == here.figure
    assert by_type["figure"]["path"] == {"workspace": here.workspace, "analysis": here.analysis, "figure": here.figure}
    assert by_type["asset"]["path"] == {"workspace": here.workspace, "analysis": None, "figure": None}
    assert by_type["story"]["snippet"] == "t all about <mark>yeast</mark>"
    assert by_type["story"]["object"]["slides"] is None
    paths = {one["object"]["target_type"]: one["path"] for one in results if one["type"] == "comment"}
    assert paths["figure_revision"] == paths["figure"] == by_type["figure"]["path"]
    assert paths["asset_revision"] == by_type["asset"]["path"]


def test_all_words_are_needed_wherever_they_stand(owner: Client, here: Scene) -> None:
    rename(owner, "figure", here.figure, name="Growth of yeast", description="at 30 degrees")
    assert len(hits(owner, "YEAST degrees")) == 1
    assert hits(owner, "yeast mouse") == []
    assert hits(owner, "yeast yeast") == hits(owner, "yeast")


def test_a_name_counts_more_than_a_description(owner: Client, here: Scene) -> None:
    rename(owner, "analysis", here.analysis, description="yeast")
    rename(owner, "asset", here.asset, name="yeast")
    say(owner, here.place("asset"), "yeast " * 50)
    publish(owner, here, "yeast = yeast + yeast\n" * 50)
    found_types = [one["type"] for one in hits(owner, "yeast")]
    assert (found_types[0], found_types[-1]) == ("asset", "figure"), "in code it counts least"


@pytest.mark.parametrize("text", ["100%", "a_b", "c/d", "back\\slash", "it's", '"quoted"', "Größe", "数据"])
def test_signs_set_words_apart(owner: Client, here: Scene, text: str) -> None:
    rename(owner, "figure", here.figure, name=f"x {text} y")
    assert [one["object"]["name"] for one in hits(owner, text)] == [f"x {text} y"]
    assert hits(owner, "x_z") == hits(owner, "x%z") == hits(owner, "zz*") == []


@pytest.mark.parametrize("sign", ["%", "_", "\\", "💥", '"', "*"])
def test_mere_signs_mean_themselves(owner: Client, here: Scene, sign: str) -> None:
    assert hits(owner, sign) == []
    rename(owner, "figure", here.figure, name=f"x {sign} y")
    assert [one["object"]["name"] for one in hits(owner, sign)] == [f"x {sign} y"]
    assert [one["object"]["name"] for one in hits(owner, f"{sign} y")] == [f"x {sign} y"]


def test_types_and_workspaces(people: People, owner: Client, here: Scene) -> None:
    rename(owner, "figure", here.figure, name="yeast")
    rename(owner, "analysis", here.analysis, name="yeast")
    elsewhere = make_workspace(owner)["api_id"]
    created(owner.post(f"{API}/asset/", json={"name": "yeast", "workspace": elsewhere}))
    assert [one["type"] for one in hits(owner, "yeast", type="figure")] == ["figure"]
    assert [one["type"] for one in hits(owner, "yeast", type="asset, figure")] == ["asset", "figure"]
    assert [one["type"] for one in hits(owner, "yeast", workspace=elsewhere)] == ["asset"]
    assert owner.get(f"{API}/search/", params={"q": "x", "workspace": "nothing"}).status_code == 404
    theirs = make_workspace(people("stranger"))["api_id"]
    assert owner.get(f"{API}/search/", params={"q": "x", "workspace": theirs}).status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "  "}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "a b c d e f g h i"}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"q": "x", "type": "figure,workspace"}, "type"),
        ({"q": "x", "limit": 0}, "limit"),
        ({"q": "x", "limit": 201}, "limit"),
        ({"q": "x", "cursor": "W10"}, "cursor"),
        ({"q": "x", "cursor": "WyJhIiwiYiIsImMiXQ"}, "cursor"),
        ({"q": "x", "cursor": cursor(10**400, "figure", "x")}, "cursor"),
        ({"q": "x", "cursor": cursor(float("inf"), "figure", "x")}, "cursor"),
        ({"q": "x", "cursor": cursor(float("nan"), "figure", "x")}, "cursor"),
        ({"q": "x", "cursor": cursor(1, "figure", "\ud800")}, "cursor"),
    ],
)
def test_what_is_no_search(owner: Client, query: dict[str, Any], field: str) -> None:
    refused = owner.get(f"{API}/search/", params=query)
    assert (refused.status_code, list(refused.json())) == (400, [field])


def test_pages(owner: Client, here: Scene) -> None:
    for n in range(7):
        say(owner, here.place("figure"), "yeast " * (n % 2 + 1) + str(n))
    rename(owner, "figure", here.figure, name="yeast")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = found(owner.get(f"{API}/search/", params={"q": "yeast", "limit": 3} | cursor))
        seen += [one["object"]["api_id"] for one in page["results"]]
        cursor = {"cursor": page["next"]}
    assert page["next"] is None
    assert len(seen) == len(set(seen)) == 8
    assert seen[0] == here.figure


def test_many_hits_take_as_many_queries_as_few(app: FastAPI, owner: Client, here: Scene) -> None:
    def cost() -> int:
        with statements(app) as sent:
            assert hits(owner, "yeast", limit=200)
        return len(sent)

    for kind in KINDS:
        say(owner, here.place(kind), "yeast")
    rename(owner, "figure", here.figure, name="yeast")
    few = cost()
    for kind in KINDS * 3:
        say(owner, here.place(kind), "yeast")
    for n in range(3):
        created(owner.post(f"{API}/figure/", json={"name": f"yeast {n}", "analysis": here.analysis}))
    assert cost() == few


# ---------------------------------------------------------------- code, documents, parts of words


CODE = "import pandas as pd\n\ndoses = pd.read_csv('trial.csv')  # über\nfit = CurveFitter(doses)\nfit.show()\n"


def piece(content: str | bytes, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    """A data object of any type."""
    raw = content.encode() if isinstance(content, str) else content
    return {"type": kind, "name": "x", "metadata": metadata, "data": base64.b64encode(raw).decode()}


def publish(client: Client, here: Scene, code: str, role: str = "cell") -> None:
    make_revision(client, piece(code, role=role), figure=here.figure)


@pytest.mark.parametrize(
    "q", ["read_csv", "csv", "pd.read_csv", "READ_CSV", "doses", "dos", "fitter", "curvefitter", "uber", "Über", "growth csv"]
)
def test_code_is_found(owner: Client, here: Scene, q: str) -> None:
    publish(owner, here, CODE)
    publish(owner, here, CODE)
    [one] = hits(owner, q, type="figure,comment,story")
    assert (one["type"], one["object"]["api_id"]) == ("figure", here.figure)
    assert "<mark>" in one["snippet"]


def test_what_shows_where_a_word_stands_in_code(owner: Client, here: Scene) -> None:
    publish(owner, here, "<script>\n" * 40 + CODE, "slice")
    [one] = hits(owner, "read_csv")
    assert "pd.<mark>read_csv</mark>(&#x27;trial.csv&#x27;)" in one["snippet"]
    assert "<script>" not in one["snippet"]


def test_more_code_than_is_held_in_memory_is_found_a_little_later(app: FastAPI, owner: Client, here: Scene) -> None:
    filling = "x = 1  # words that are many\n" * 6_500
    parts = [piece(f"number_{n} = zebra{n}\n{filling}", role="cell") for n in range(30)]
    make_revision(owner, *parts, figure=here.figure)
    assert len(hits(owner, "zebra1")) == 1
    assert hits(owner, "zebra29") == []
    assert chores.read_texts(app.state.store, lambda: True) > 0
    assert len(hits(owner, "zebra29")) == 1


def test_other_data_are_not_code(owner: Client, here: Scene) -> None:
    publish(owner, here, "yeast", "history")
    make_revision(owner, piece("yeast", "text"), piece("yeast", "file"), piece("yeast", role=["odd"]), figure=here.figure)
    assert hits(owner, "yeast") == []


def test_code_that_was_replaced_is_not_found(owner: Client, here: Scene) -> None:
    made = make_revision(owner, piece("yeast"), figure=here.figure)
    assert len(hits(owner, "yeast")) == 1
    found(owner.patch(f"{API}/revision/{made['api_id']}/", json={"data": [piece("mouse")]}))
    assert (len(hits(owner, "yeast")), len(hits(owner, "mouse"))) == (0, 1)
    found(owner.post(f"{API}/revision/{made['api_id']}/append_data/", json={"data": [piece("snake")]}))
    assert (len(hits(owner, "mouse")), len(hits(owner, "snake"))) == (1, 1)


def test_documents_of_assets_are_found(owner: Client, here: Scene) -> None:
    large = "word " * 100_000 + "never read"
    parts = [piece("Grow the yeast at 30 degrees", "file"), piece(b"yeast\0mouse", "file"), piece(large, "text")]
    make_asset_revision(owner, *parts, asset=here.asset)
    [one] = hits(owner, "yeast degrees")
    assert (one["type"], one["object"]["api_id"]) == ("asset", here.asset)
    assert one["snippet"] == "Grow the <mark>yeast</mark> at 30 <mark>degrees</mark>"
    assert [one["type"] for one in hits(owner, "word")] == ["asset"]
    assert hits(owner, "mouse") == hits(owner, "never") == []


def test_only_the_last_word_may_go_on(owner: Client, here: Scene) -> None:
    rename(owner, "figure", here.figure, name="Growth", description="of yeast")
    assert len(hits(owner, "growth yea")) == len(hits(owner, "gro")) == 1
    assert hits(owner, "gro yeast") == []


def test_accents_and_capitals_do_not_count(owner: Client, here: Scene) -> None:
    rename(owner, "figure", here.figure, name="Été à Ängelholm")
    for q in ("ete", "ÉTÉ", "angelholm", "ÄNGELHOLM a", "été à äng"):
        assert [one["snippet"].count("<mark>") for one in hits(owner, q)] == [len(q.split())], q


def test_what_no_text_has_as_a_word_is_looked_for_within_names(owner: Client, here: Scene) -> None:
    for n in range(4):
        created(owner.post(f"{API}/figure/", json={"name": f"overdose {n}", "analysis": here.analysis}))
    rename(owner, "figure", here.figure, name="Growth", description="overdose")
    say(owner, here.place("figure"), "overdose")
    seen: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        query = {"q": "dose", "limit": 3} | ({"cursor": page["next"]} if page["next"] else {})
        page = found(owner.get(f"{API}/search/", params=query))
        seen += [one["snippet"] for one in page["results"]]
    assert sorted(seen) == [f"over<mark>dose</mark> {n}" for n in range(4)]
    created(owner.post(f"{API}/figure/", json={"name": "A dose", "analysis": here.analysis}))
    assert [one["object"]["name"] for one in hits(owner, "dose")] == ["A dose"]


def test_nothing_that_is_asked_is_a_mistake(owner: Client, here: Scene) -> None:
    publish(owner, here, CODE)
    odd = ["AND", "OR NOT", "NEAR(a b)", "name:growth", "^growth", "gro*", "-growth", "+", "()", '"', '""', "'", ";--", "{a} : b"]
    odd += ["a" * 200, "\u0301", "\ufb01", "ﬀ 𝔘 ①", "\u200b", "x\ty", "🏳️‍🌈", ":*", "a:*", "!a", "a <-> b", "\\"]
    for q in odd:
        for kinds in ("", "figure", "comment,story"):
            answer = owner.get(f"{API}/search/", params={"q": q, "type": kinds})
            assert answer.status_code == 200, (q, answer.text)
    assert len(hits(owner, "name:growth")) == 0
    assert len(hits(owner, "^growth")) == 1


def test_nobody_finds_code_that_they_may_not_see(people: People, owner: Client, here: Scene) -> None:
    publish(owner, here, CODE)
    make_asset_revision(owner, piece("about yeast", "file"), asset=here.asset)
    guest = people("guest")
    assert hits(guest, "read_csv") == hits(guest, "yeast") == []
    share(owner, "revision", here.revision, "guest")
    assert hits(guest, "read_csv") == []
    theirs = make_revision(guest, piece(CODE))["figure"]
    assert [one["object"]["api_id"] for one in hits(guest, "read_csv")] == [theirs]
    share(owner, "figure", here.figure, "guest")
    share(owner, "asset", here.asset, "guest")
    assert len(hits(guest, "read_csv")) == 2
    assert [one["type"] for one in hits(guest, "yeast")] == ["asset"]


# ---------------------------------------------------------------- who may


def test_nobody_finds_what_they_may_not_see(people: People, anonymous: Client, owner: Client, here: Scene) -> None:
    rename(owner, "figure", here.figure, name="yeast")
    say(owner, here.place("figure"), "yeast")
    tell(owner, here, title="yeast")
    guest = people("guest")
    assert anonymous.get(f"{API}/search/", params={"q": "yeast"}).status_code == 403
    assert hits(guest, "yeast") == []
    link(owner, "figure", here.figure)
    assert hits(guest, "yeast") == []
    share(owner, "figure", here.figure, "guest")
    assert [one["type"] for one in hits(guest, "yeast")] == ["figure", "comment"]
    assert len(hits(people("viewer"), "yeast")) == 3
    assert len(hits(people.key("owner", here.workspace), "yeast")) == 3
    assert hits(people.key("owner", make_workspace(owner)["api_id"]), "yeast") == []
    assert hits(people.key("guest", make_workspace(guest)["api_id"]), "yeast") == []


def test_what_was_deleted_is_not_found(owner: Client, here: Scene) -> None:
    made = say(owner, here.place("figure"), "yeast")
    say(owner, here.place("figure"), "reply", parent=made["api_id"])
    assert owner.delete(f"{API}/comment/{made['api_id']}/").status_code == 204
    assert hits(owner, "yeast") == []


SHARED = [None, "analysis", "figure", "revision", "asset", "asset_revision"]


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("who", ["owner", "viewer", "guest", "key here", "key elsewhere", "guest's key"])
def test_finding_agrees_with_reading(app: FastAPI, people: People, here: Scene, shared: str | None, who: str) -> None:
    """Three ways to the same answer: the gate for one object, for several at once, and the conditions of a search."""
    people("guest")
    if shared:
        share(people("owner"), shared, getattr(here, shared), "guest")
    with app.state.store.reading() as db:
        actor = _actor(db, who, here.workspace)
        kinds = ((Analysis, here.analysis), (Figure, here.figure), (Revision, here.revision))
        kinds += ((Asset, here.asset), (AssetRevision, here.asset_revision))
        rows: list[Any] = [targets.by_ids(db, kind, [api_id])[0] for kind, api_id in kinds]
        allowed = [row for row in rows if policy.allows(db, actor, Act.READ, row)]
        assert policy.readable(db, actor, rows) == allowed
        if actor.scope is None:  # whom one may mention does not depend on the key in their hand
            assert [row for row in rows if audience.among(db, row, [actor.username])] == allowed
        assert _found(db, policy.reach(db, actor)) == {row.id for row in allowed if not isinstance(row, AssetRevision)}


def _actor(db: Transaction, who: str, workspace: str) -> Actor:
    name = {"viewer": "viewer", "guest": "guest", "guest's key": "guest"}.get(who, "owner")
    scope = {"key here": workspace, "key elsewhere": tree.new_id(), "guest's key": tree.new_id()}.get(who)
    return Actor(named(db, name).id, name, "key" if scope else "bearer", scope)


def _found(db: Transaction, reach: search.Reach) -> set[str]:
    from sqlalchemy import select

    queries = [
        select(Analysis.id).where(reach.analyses()),
        select(Figure.id).join(Analysis).where(reach.figures()),
        select(Revision.id).join(Figure).join(Analysis).where(reach.revisions()),
        select(Asset.id).where(reach.assets()),
    ]
    return {api_id for query in queries for api_id in db.scalars(query)}


# ---------------------------------------------------------------- snippets


def test_snippets() -> None:
    assert (
        snippet("<b>yeast</b> & Yeast", ["yeast"]) == "&lt;b&gt;<mark>yeast</mark>&lt;/b&gt; &amp; <mark>Yeast</mark>"
    )
    assert snippet("a" * 300, ["yeast"]) == "a" * 160 + "…"
    long = snippet("word " * 50 + "needle" + " word" * 50, ["needle"])
    assert long.startswith("…")
    assert long.endswith("…")
    assert "<mark>needle</mark>" in long
    assert snippet("yeasts", ["yeast", "yeasts"]) == "<mark>yeasts</mark>"
    assert snippet("a.b", ["."]) == "a<mark>.</mark>b"


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4))
def test_a_snippet_has_no_other_mark_up(text: str, words: list[str]) -> None:
    bare = snippet(text, words).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare
    assert '"' not in bare


# ---------------------------------------------------------------- pictures


def look_for(client: Client, content: bytes, **fields: Any) -> list[dict[str, Any]]:
    """What has this picture."""
    body = found(client.post(f"{API}/search/image/", json={"data": base64.b64encode(content).decode()} | fields))
    Page[ImageHit].model_validate(body)
    results: list[dict[str, Any]] = body["results"]
    return results


@pytest.mark.slow
def test_a_published_picture_is_found_again(people: People, owner: Client, here: Scene) -> None:
    first = make_revision(owner, image(png("green")), figure=here.figure)["api_id"]
    second = make_revision(owner, image(png("green")), image(png("green"), "jpeg"), figure=here.figure)["api_id"]
    make_revision(owner, image(png("red")), figure=here.figure)
    results = look_for(people("viewer"), png("green"))
    assert [one["revision"] for one in results] == [second, first]
    assert {(one["figure"], one["distance"]) for one in results} == {(here.figure, 0.0)}
    assert base64.b64decode(results[0]["thumbnail"]).startswith(b"\x89PNG")
    assert [one["revision"] for one in look_for(owner, png("green"), limit=1)] == [second]
    assert look_for(people("stranger"), png("green")) == look_for(owner, png("blue")) == []
    share(owner, "revision", first, "stranger")
    assert [one["revision"] for one in look_for(people("stranger"), png("green"))] == [first]


def test_what_is_no_picture_search(owner: Client, anonymous: Client) -> None:
    for body in ({}, {"data": None}, {"data": "no base64!"}, {"data": "", "limit": 0}, {"data": "", "limit": 201}):
        assert owner.post(f"{API}/search/image/", json=body).status_code == 400
    assert anonymous.post(f"{API}/search/image/", json={"data": ""}).status_code == 403
    assert look_for(owner, b"") == []
