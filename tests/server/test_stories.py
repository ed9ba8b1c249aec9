"""Stories: slides about figures, who may read and write them, and the files that come of them."""

from __future__ import annotations

import base64
import io
import re
import uuid
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image

from gofigr_jupyter.embedding.files import marks_of
from gofigr_jupyter.schema.base import Page, strict_mode
from gofigr_jupyter.schema.stories import Story
from gofigr_jupyter.server import telling
from gofigr_jupyter.server.insight.desk import Desk
from gofigr_jupyter.server.insight.settings import InsightSettings
from tests.server.conftest import API, Client, created, found, image, make_revision
from tests.server.counting import statements
from tests.server.crowd import make_workspace
from tests.server.people import People
from tests.server.talking import Scene, link, scene, share
from tests.test_markdown import HOSTILE, Reader

GONE = str(uuid.uuid4())


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def team_off(app: FastAPI) -> FastAPI:
    """The same server with Deep Insight switched off."""
    app.state.desk = Desk.of(app.state.store, InsightSettings(engine="off"))
    telling.register(app.state.tasks, app.state.desk)
    return app


@pytest.fixture
def owner(people: People) -> Client:
    return people("owner")


@pytest.fixture
def viewer(people: People) -> Client:
    return people("viewer")


def tell(client: Client, here: Scene, **fields: Any) -> dict[str, Any]:
    """A new story."""
    fields.setdefault("title", "Growth of yeast")
    return created(client.post(f"{API}/story/", json={"workspace": here.workspace} | fields))


def slide(**fields: Any) -> dict[str, Any]:
    return {"title": "", "body": "", "figure_revision": None, "notes": None} | fields


# ---------------------------------------------------------------- making, reading, changing


def test_a_story_comes_back_as_it_was_told(owner: Client, viewer: Client, here: Scene) -> None:
    slides = [slide(title="One", body="**x**", figure_revision=here.revision, notes="say hello"), slide(title="Two")]
    made = tell(owner, here, audience="experts", description="d", slides=slides)
    assert made["slides"] == slides
    assert (made["title"], made["audience"], made["description"]) == ("Growth of yeast", "experts", "d")
    assert (made["workspace"], made["created_by"], made["updated_by"]) == (here.workspace, "owner", None)
    assert found(viewer.get(f"{API}/story/{made['api_id']}/")) == made
    with strict_mode():
        Story.model_validate(made)


def test_what_is_absent_stays(owner: Client, here: Scene) -> None:
    made = tell(owner, here, audience="experts", slides=[slide(title="One")])
    url = f"{API}/story/{made['api_id']}/"
    changed = found(owner.patch(url, json={"title": "Another"}))
    assert (changed["title"], changed["audience"], changed["slides"]) == ("Another", "experts", made["slides"])
    assert changed["updated_by"] == "owner"
    changed = found(owner.put(url, json={"slides": [], "title": None, "api_id": GONE, "created_by": "eve"}))
    assert (changed["title"], changed["slides"], changed["created_by"]) == ("Another", [], "owner")
    assert owner.delete(url).status_code == 204
    assert owner.get(url).status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"title": None}, 400, "title"),
        ({"title": " "}, 400, "title"),
        ({"title": "x" * 4_001}, 400, "title"),
        ({"workspace": None}, 400, "workspace"),
        ({"workspace": GONE}, 404, "detail"),
        ({"slides": [{}] * 201}, 400, "slides"),
        ({"slides": [{"body": 7}]}, 400, "slides"),
        ({"slides": [{"body": "x" * 100_001}]}, 400, "slides"),
        ({"slides": {}}, 400, "slides"),
        ({"slides": [{"figure_revision": GONE}]}, 404, "detail"),
        ({"slides": [{"figure_revision": "nothing"}]}, 404, "detail"),
    ],
)
def test_what_is_no_story(owner: Client, here: Scene, change: dict[str, Any], status: int, field: str) -> None:
    refused = owner.post(f"{API}/story/", json={"workspace": here.workspace, "title": "t"} | change)
    assert (refused.status_code, list(refused.json())) == (status, [field])
    assert found(owner.get(f"{API}/story/", params={"workspace": here.workspace}))["results"] == []


def test_two_hundred_slides(owner: Client, here: Scene) -> None:
    assert len(tell(owner, here, slides=[{"title": str(n)} for n in range(200)])["slides"]) == 200


def test_lists_have_no_slides(app: FastAPI, people: People, owner: Client, viewer: Client, here: Scene) -> None:
    for n in range(3):
        tell(owner, here, title=str(n), slides=[slide()])
    elsewhere = make_workspace(owner)["api_id"]
    created(owner.post(f"{API}/story/", json={"workspace": elsewhere, "title": "elsewhere"}))
    page = found(viewer.get(f"{API}/story/", params={"workspace": here.workspace, "limit": 2}))
    assert [(one["title"], one["slides"]) for one in page["results"]] == [("0", None), ("1", None)]
    rest = found(viewer.get(f"{API}/story/", params={"limit": 2, "cursor": page["next"]}))
    assert [one["title"] for one in rest["results"]] == ["2"]
    assert [one["title"] for one in found(owner.get(f"{API}/story/"))["results"]] == ["0", "1", "2", "elsewhere"]
    assert viewer.get(f"{API}/story/", params={"workspace": elsewhere}).status_code == 403
    assert viewer.get(f"{API}/story/", params={"workspace": GONE}).status_code == 404
    assert found(people("stranger").get(f"{API}/story/"))["results"] == []
    with strict_mode():
        Page[Story].model_validate(page)
    assert viewer.get(f"{API}/story/", params={"limit": 0}).status_code == 400
    with statements(app) as few:
        viewer.get(f"{API}/story/", params={"limit": 1})
    with statements(app) as many:
        viewer.get(f"{API}/story/", params={"limit": 3})
    assert len(few) == len(many)


# ---------------------------------------------------------------- who may


def test_members_read_and_makers_write(people: People, owner: Client, viewer: Client, here: Scene) -> None:
    url = f"{API}/story/{tell(owner, here)['api_id']}/"
    assert viewer.get(url).status_code == 200
    for body in ({"title": "x"}, {}):
        assert viewer.patch(url, json=body).status_code == 403
    assert viewer.delete(url).status_code == 403
    assert viewer.post(f"{API}/story/", json={"workspace": here.workspace, "title": "t"}).status_code == 403
    for client in (people("stranger"), people.key("owner", make_workspace(owner)["api_id"])):
        assert client.get(url).status_code == 403
        assert client.get(f"{url}export/").status_code == 403
        assert client.put(url, json={"title": "x"}).status_code == 403


def test_nobody_puts_in_what_they_may_not_read(people: People, owner: Client, here: Scene) -> None:
    secret = make_revision(people("stranger"))["api_id"]
    body = {"workspace": here.workspace, "title": "t", "slides": [slide(figure_revision=secret)]}
    assert owner.post(f"{API}/story/", json=body).status_code == 403
    url = f"{API}/story/{tell(owner, here)['api_id']}/"
    assert owner.patch(url, json={"slides": body["slides"]}).status_code == 403
    assert owner.post(f"{url}generate_slide/", json={"figure_revision": secret}).status_code == 403
    share(people("stranger"), "revision", secret, "owner")
    assert found(owner.patch(url, json={"slides": body["slides"]}))["slides"] == body["slides"]
    share(people("stranger"), "revision", secret, "owner", enabled=False)
    kept = [*body["slides"], slide(title="more")]
    assert found(owner.patch(url, json={"slides": kept}))["slides"] == kept


def test_a_story_moves_where_its_writer_may_write(people: People, owner: Client, here: Scene) -> None:
    url = f"{API}/story/{tell(owner, here)['api_id']}/"
    theirs = make_workspace(people("stranger"))["api_id"]
    assert owner.patch(url, json={"workspace": theirs}).status_code == 403
    mine = make_workspace(owner)["api_id"]
    assert found(owner.patch(url, json={"workspace": mine}))["workspace"] == mine


# ---------------------------------------------------------------- machines


def test_a_story_is_written(app: FastAPI, owner: Client, viewer: Client, here: Scene) -> None:
    body = {"workspace": here.workspace, "figures": [here.figure], "audience": "all"}
    assert viewer.post(f"{API}/story/generate/", json=body).status_code == 403
    assert owner.post(f"{API}/story/generate/", json=body | {"figures": [GONE]}).status_code == 404
    assert owner.post(f"{API}/story/generate/", json=body | {"figures": []}).status_code == 400
    answer = owner.post(f"{API}/story/generate/", json=body)
    assert answer.status_code == 202
    assert app.state.tasks.wait(5)
    task = found(owner.get(f"{API}/task/{answer.json()['task']}/"))
    assert (task["state"], task["error"], task["result"]["slides"]) == ("succeeded", None, 1)
    written = found(owner.get(f"{API}/story/{answer.json()['story']}/"))
    assert (written["title"], written["audience"]) == ("Growth", "all")
    (one,) = written["slides"]
    assert (one["title"], one["figure_revision"]) == ("Growth", here.revision)
    assert "The figure is called Growth" in one["body"]
    assert one["notes"] == "Rests on Figure."


def test_a_story_that_no_machine_writes(team_off: FastAPI, owner: Client, here: Scene) -> None:
    body = {"workspace": here.workspace, "figures": [here.figure]}
    answer = owner.post(f"{API}/story/generate/", json=body)
    assert team_off.state.tasks.wait(5)
    task = found(owner.get(f"{API}/task/{answer.json()['task']}/"))
    assert (task["state"], task["error"]) == ("failed", "no engine is configured")
    assert found(owner.get(f"{API}/story/{answer.json()['story']}/"))["slides"] == []
    url = f"{API}/story/{tell(owner, here)['api_id']}/generate_slide/"
    refused = owner.post(url, json={"figure_revision": here.revision})
    assert (refused.status_code, refused.json()) == (503, {"detail": "no engine is configured", "code": "no_engine"})


def test_no_story_is_written_about_what_its_teller_may_not_read(people: People, owner: Client, here: Scene) -> None:
    secret = make_revision(people("stranger"))["figure"]
    body = {"workspace": here.workspace, "figures": [here.figure, secret]}
    assert owner.post(f"{API}/story/generate/", json=body).status_code == 403


def test_a_slide_is_written(owner: Client, viewer: Client, here: Scene) -> None:
    url = f"{API}/story/{tell(owner, here)['api_id']}/generate_slide/"
    assert viewer.post(url, json={"figure_revision": here.revision}).status_code == 403
    assert owner.post(url, json={"figure_revision": GONE}).status_code == 404
    one = found(owner.post(url, json={"figure_revision": here.revision}))
    assert (one["title"], one["figure_revision"]) == ("Growth", here.revision)
    assert "this is its revision 1" in one["body"]


# ---------------------------------------------------------------- files


def exported(client: Client, story: dict[str, Any], kind: str = "html") -> str:
    """A story's file, which is a download that nobody's browser would run."""
    answer = client.get(f"{API}/story/{story['api_id']}/export/", params={"format": kind})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Growth%20of%20yeast")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    return answer.text


def test_html_stands_for_itself(owner: Client, viewer: Client, here: Scene) -> None:
    revision = make_revision(owner, image(b"no picture", "svg"), image(png()), figure=here.figure)["api_id"]
    slides = [slide(title="One & all", body="# Peak", figure_revision=revision, notes="*slowly*"), slide(body="end")]
    text = exported(viewer, tell(owner, here, description="About **yeast**", slides=slides))
    assert text.count("<section>") == 2
    assert "<h2>One &amp; all</h2>\n<h1>Peak</h1>" in text
    [encoded] = re.findall(r'src="data:image/png;base64,([^"]*)"', text)
    content = base64.b64decode(encoded)
    assert marks_of(content)[0].revision == revision, "with its link, and the same picture else"
    with Image.open(io.BytesIO(content)) as there, Image.open(io.BytesIO(png())) as stored:
        assert (there.size, there.tobytes()) == (stored.size, stored.tobytes())
    assert "Growth, revision 2</a>" in text
    assert "<summary>Notes</summary><p><em>slowly</em></p>" in text
    assert "<strong>yeast</strong>" in text
    loads = re.findall(r'(?:src|srcset|data|poster|background)="([^"]*)"', text)
    assert all(one.startswith("data:image/") for one in loads)


def test_markdown(owner: Client, here: Scene) -> None:
    slides = [slide(title="*One*\n# two", body="**x**", figure_revision=here.revision, notes="a\nb"), slide()]
    text = exported(owner, tell(owner, here, description="d", slides=slides), "md")
    assert text.startswith("# Growth of yeast\n\nd\n\n## \\*One\\* \\# two\n\n**x**\n\n")
    assert re.search(rf"\[Growth, revision 1\]\(<http://[^>]*/revision/{here.revision}>\)\n\n> a\n> b\n", text)


def test_what_the_reader_may_not_see_is_not_in_the_file(
    people: People, owner: Client, viewer: Client, here: Scene
) -> None:
    stranger = people("stranger")
    secret = make_revision(stranger, image(png("blue")))
    share(stranger, "revision", secret["api_id"], "owner")
    made = tell(owner, here, slides=[slide(figure_revision=secret["api_id"])])
    assert "data:image/png" in exported(owner, made)
    for kind in ("html", "md"):
        text = exported(viewer, made, kind)
        assert "data:image" not in text
        assert secret["api_id"] not in text
        assert "not shared with you" in text
    assert stranger.delete(f"{API}/revision/{secret['api_id']}/").status_code == 204
    assert "it has been deleted" in exported(owner, made)


def test_a_link_lets_the_figure_in(people: People, owner: Client, viewer: Client, here: Scene) -> None:
    theirs = make_revision(people("stranger"), image(png()))["api_id"]
    link(people("stranger"), "revision", theirs)
    assert "data:image/png" in exported(viewer, tell(owner, here, slides=[slide(figure_revision=theirs)]))


def test_hostile_texts_do_nothing_in_the_file(owner: Client, here: Scene) -> None:
    found(owner.patch(f"{API}/figure/{here.figure}/", json={"name": HOSTILE[2]}))
    slides = [slide(title=one, body=one, notes=one, figure_revision=here.revision) for one in HOSTILE[:60]]
    made = tell(owner, here, title="Growth of yeast " + HOSTILE[0], description=HOSTILE[2], slides=slides)
    text = exported(owner, made)
    assert text.count("<script") == text.count("onerror=alert(1)>") == 0
    for section in re.findall(r"<section><h2>(.*?)</h2>(.*?)(?:<figure>|</section>)", text, re.DOTALL):
        assert "<" not in section[0]
        reader = Reader()
        reader.feed(section[1].partition("<details>")[0])


def test_there_is_no_other_kind_of_file(owner: Client, here: Scene) -> None:
    made = tell(owner, here)
    assert owner.get(f"{API}/story/{made['api_id']}/export/", params={"format": "exe"}).status_code == 400


def test_many_slides_take_as_many_queries_as_few(app: FastAPI, owner: Client, here: Scene) -> None:
    def cost(story: dict[str, Any]) -> int:
        with statements(app) as sent:
            exported(owner, story)
        return len(sent)

    revisions = [make_revision(owner, image(png()), figure=here.figure)["api_id"] for _ in range(4)]
    few = cost(tell(owner, here, slides=[slide(figure_revision=revisions[0])]))
    assert cost(tell(owner, here, slides=[slide(figure_revision=one) for one in revisions])) == few
