"""Keys for git, repositories, uploads and the tasks that follow; stories and search."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter.client.figures import Figure
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import code, image
from gofigr_jupyter.errors import APIError, StatusError
from gofigr_jupyter.schema.imports import Task
from gofigr_jupyter.schema.insight import Answer, AnswerDelta
from gofigr_jupyter.schema.stories import Slide, StoryDraft
from tests.client.script import Asked, facing
from tests.server.documents import png, presentation

NOW = "2026-01-01T00:00:00.000000+00:00"


def task(state: str = "queued", progress: float = 0.0, **fields: Any) -> bytes:
    """A task as a server sends it."""
    return json.dumps({"api_id": "t", "kind": "upload", "state": state, "progress": progress, "created_on": NOW, **fields}).encode()


def test_key_pairs(gf: GoFigr) -> None:
    made = gf.ssh_keys.create(name="laptop")
    assert made.public_key.startswith("ssh-ed25519 ")
    assert [one.fingerprint for one in gf.ssh_keys.list()] == [made.fingerprint]
    with pytest.raises(StatusError):
        gf.ssh_keys.create(name="bad", private_key="no key")
    gf.ssh_keys.delete(made)
    assert gf.ssh_keys.list() == []


def test_a_repository_out_of_bounds(gf: GoFigr) -> None:
    checked = gf.git.check("http://127.0.0.1:1/a.git", branch="main")
    assert not checked.accessible
    assert checked.reason


def test_no_tasks_yet(gf: GoFigr) -> None:
    assert gf.tasks.list(state="running", workspace=gf.primary_workspace) == []
    with pytest.raises(StatusError):
        gf.tasks.get("00000000-0000-4000-8000-000000000000")


def test_waiting_for_a_task(tmp_path: Path) -> None:
    answers = [task(), task(), task("running", 0.5, message="half"), task("succeeded", 1.0, result={"figures": 3})]
    scenes = [lambda r, content=content: r.say(200, content) for content in answers]
    moved: list[tuple[str, float]] = []

    def tell(one: Task) -> None:
        moved.append((str(one.state), one.progress))

    with facing(tmp_path, *scenes) as (gf, asked):
        assert gf.tasks.wait("t", 10, progress=tell).result == {"figures": 3}
        assert len(asked) == 4
    assert moved == [("queued", 0.0), ("running", 0.5), ("succeeded", 1.0)]
    with facing(tmp_path, lambda r: r.say(200, task("running"))) as (gf, _), pytest.raises(APIError, match="running"):
        gf.tasks.wait("t", 0.05)
    with facing(tmp_path, lambda r: r.say(200, task("cancelled"))) as (gf, asked):
        assert gf.tasks.cancel("t").state == "cancelled"
        assert asked == ["POST /api/v1.4.1/task/t/cancel/", "GET /api/v1.4.1/task/t/"]


def test_a_file_is_sent_in_pieces_and_again_if_need_be(tmp_path: Path) -> None:
    path = tmp_path / "slides.pptx"
    path.write_bytes(b"P" * 300_000)
    sent: list[tuple[int, int | None]] = []
    forms: list[tuple[str, bytes]] = []

    def take(request: Asked) -> None:
        forms.append((request.headers["Content-Type"], request.body))
        request.say(202, b'{"task": "t"}')

    with facing(tmp_path, lambda r: r.say(429, b"{}"), take, lambda r: r.say(200, task())) as (gf, _):
        started = gf.uploads.file(path, "w", analysis="a", progress=lambda done, total: sent.append((done, total)))
    assert started.state == "queued"
    kind, body = forms[0]
    assert kind.startswith("multipart/form-data; boundary=")
    parts = dict(re.findall(rb'name="(\w+)"(?:; filename="[^"]*")?\r\n(?:Content-Type: [^\r]*\r\n)?\r\n([^\r]*)\r\n', body))
    assert parts == {b"workspace": b"w", b"analysis": b"a", b"file": b"P" * 300_000}
    assert sent[-1] == (300_000, 300_000)
    assert len(sent) > 4


def test_a_repository_to_read(tmp_path: Path) -> None:
    bodies: list[Any] = []

    def take(request: Asked) -> None:
        bodies.append(json.loads(request.body))
        request.say(202, b'{"task": "t"}')

    with facing(tmp_path, take, lambda r: r.say(200, task())) as (gf, asked):
        gf.uploads.git("https://example.org/a.git", "w", branch="main", ssh_key="k")
    assert bodies == [{"workspace": "w", "git": {"url": "https://example.org/a.git", "branch": "main", "ssh_key": "k"}}]
    assert asked == ["POST /api/v1.4.1/upload/", "GET /api/v1.4.1/task/t/"]


def test_a_presentation_finds_its_figures(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    revision = gf.revisions.create(figure=figure, data=[image(png(), format="png")])
    path = tmp_path / "talk.pptx"
    path.write_bytes(presentation([["a.png"]], {"a.png": png()}))
    told: list[str] = []
    started = gf.uploads.file(path, gf.primary_workspace)
    done = gf.tasks.wait(started, 60, progress=lambda now: told.append(str(now.state)))
    assert (done.state, told[-1]) == ("succeeded", "succeeded"), done
    assert [one.api_id for one in gf.tasks.list(workspace=gf.primary_workspace)] == [done.api_id]
    assert done.result["pictures"][0]["revision"] == revision.api_id
    document = gf.asset_revisions.get(done.result["asset_revision"])
    assert [link.figure_revision for link in document.figure_revisions] == [revision.api_id]
    assert document.data[0].bytes() == path.read_bytes()
    with pytest.raises(StatusError):
        gf.uploads.git("file:///etc", gf.primary_workspace)


def test_a_story(gf: GoFigr, figure: Figure) -> None:
    revision = gf.revisions.create(figure=figure, data=[image(png(), format="png")])
    home = gf.primary_workspace
    slides = [Slide(title="One", body="*b*", figure_revision=revision.api_id)]
    story = gf.stories.create(workspace=home, title="Decay", slides=slides, audience="students")
    assert gf.stories.get(story).slides == slides
    assert [(one.title, one.slides) for one in gf.stories.list(home)] == [("Decay", None)]
    assert gf.stories.change(story, title="Decay!").slides == slides
    assert gf.stories.update(story, StoryDraft(slides=[])).slides == []
    assert b"<h1" in gf.stories.export(story)
    assert b"Decay!" in gf.stories.export(story, "md")
    assert gf.stories.generate_slide(story, revision).figure_revision == revision.api_id
    gf.stories.delete(story)
    assert gf.stories.list() == []


def test_what_is_found(gf: GoFigr, figure: Figure) -> None:
    revision = gf.revisions.create(figure=figure, data=[image(png(), format="png")])
    (found,) = gf.search("decay", types=["figure"])
    assert (found.object.model_dump()["api_id"], found.path.figure) == (figure.api_id, figure.api_id)
    assert [hit.type for hit in gf.search("notes", workspace=gf.primary_workspace, page=1)] == ["analysis"]
    assert list(gf.search("growth")) == []
    assert [hit.revision for hit in gf.search.image(png())] == [revision.api_id]


def test_questions_about_a_figure(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"1")
    source = gf.assets.sync(tmp_path / "in.csv", gf.primary_workspace)
    cut = code("a = 1").model_copy(update={"metadata": {"role": "slice"}})
    revision = gf.revisions.create(figure=figure, assets=[source], data=[cut])
    assert [one.asset_revision for one in gf.revisions.data_lineage(revision).inputs] == [source.api_id]
    assert gf.insight.availability(revision).available
    assert gf.insight.usage(gf.primary_workspace).queries == 0
    answer = gf.insight.query(revision, "Which code made this?")
    assert "a = 1" in answer.answer
    assert [one.kind for one in answer.evidence] == ["code"]
    *pieces, last = gf.insight.stream(revision, "Which code?", conversation=answer.conversation)
    assert "".join(one.text for one in pieces if isinstance(one, AnswerDelta)) == answer.answer
    assert isinstance(last, Answer)
    assert last.conversation == answer.conversation
    assert gf.insight.compare(revision, revision).changes.code == []
    assert gf.insight.extract_code(revision).code == "a = 1"
    assert "1 figure" in gf.insight.text_query(gf.primary_workspace, "How many figures?").answer
    assert gf.insight.usage(gf.primary_workspace).queries == 4


def test_stories(tmp_path: Path) -> None:
    story = {"api_id": "s", "workspace": "w", "title": "Decay", "slides": [{"title": "One", "body": "*b*"}]}
    with facing(tmp_path, lambda r: r.say(200, json.dumps(story).encode())) as (gf, asked):
        made = gf.stories.create(workspace="w", title="Decay", slides=[Slide(title="One", body="*b*")])
        assert made.slides == [Slide(title="One", body="*b*")]
        assert gf.stories.get("s").title == "Decay"
    page = json.dumps({"results": [story], "next": None}).encode()
    with facing(tmp_path, lambda r: r.say(200, page)) as (gf, asked):
        assert [one.title for one in gf.stories.list("w")] == ["Decay"]
        assert asked == ["GET /api/v1.4.1/story/?workspace=w"]
    with facing(tmp_path, lambda r: r.say(202, b'{"task": "t", "story": "s"}')) as (gf, _):
        assert gf.stories.generate("w", ["f"], audience="students").story == "s"
    with facing(tmp_path, lambda r: r.say(200, b'{"title": "Two"}')) as (gf, _):
        assert gf.stories.generate_slide("s", "r").title == "Two"
    with facing(tmp_path, lambda r: r.say(200, b"<html>", "text/html")) as (gf, asked):
        assert gf.stories.export("s") == b"<html>"
        assert asked == ["GET /api/v1.4.1/story/s/export/?format=html"]


def test_search(tmp_path: Path) -> None:
    hits = [
        {"type": "figure", "object": {"api_id": "f", "name": "Decay"}, "snippet": "<mark>Decay</mark>", "score": 2},
        {"type": "moon", "object": {"api_id": "m"}},
    ]
    pages = [{"results": hits[:1], "next": "2"}, {"results": hits[1:], "next": None}]
    scenes = [lambda r, content=content: r.say(200, json.dumps(content).encode()) for content in pages]
    with facing(tmp_path, *scenes) as (gf, asked):
        found = list(gf.search("decay", workspace="w", types=["figure", "story"], page=1))
    assert [hit.type for hit in found] == ["figure", "moon"]
    assert found[0].object.model_dump()["name"] == "Decay"
    assert asked[1].endswith("search/?q=decay&workspace=w&type=figure%2Cstory&limit=1&cursor=2")
    image = {"revision": "r", "figure": "f", "distance": 0.1, "thumbnail": "AAAA"}
    with facing(tmp_path, lambda r: r.say(200, json.dumps({"results": [image], "next": None}).encode())) as (gf, _):
        assert gf.search.image(b"a screenshot", limit=3)[0].distance == 0.1
