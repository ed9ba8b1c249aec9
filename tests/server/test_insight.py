"""Deep Insight over HTTP: who may ask, whole and streamed answers, comparisons, code, quotas; lineage and usage."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image

from gofigr_jupyter.capture.series.table import Column, Table, array
from gofigr_jupyter.capture.series.table import text as words
from gofigr_jupyter.schema.base import strict_mode
from gofigr_jupyter.schema.insight import Answer, Availability, Comparison, ExtractedCode, Lineage, Usage
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.insight.desk import Desk
from gofigr_jupyter.server.insight.settings import InsightSettings
from gofigr_jupyter.server.store import usage
from gofigr_jupyter.server.store.tables import Insight
from tests.schema.golden import assert_shape
from tests.server.conftest import API, Client, created, found, image, make_revision, text
from tests.server.crowd import make_workspace
from tests.server.insight.wire import recorded
from tests.server.people import People
from tests.server.talking import Scene, link, named, scene, share

GONE = str(uuid.uuid4())
NO = {"detail": "no engine is configured", "code": "no_engine"}
FORCE = Column("y", array([1.0, 3.0, 5.0, 7.0]), "Force", "N", "y")
LENGTH = Column("x", array([0, 1, 2, 3]), "Length", "mm", "x")


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def limits() -> dict[str, Any]:
    """What a test says of Deep Insight; see `app`."""
    return {}


@pytest.fixture
def app(config: ServerConfig, limits: dict[str, Any]) -> Iterator[FastAPI]:
    made = create_app(replace(config, insight=InsightSettings(**limits)))
    yield made
    made.state.tasks.close()
    made.state.store.close()


off = pytest.mark.parametrize("limits", [{"engine": "off"}])


def table(*columns: Column, name: str = "Spring") -> dict[str, Any]:
    """A table of plotted data, for a request."""
    packed = Table(name, columns or (LENGTH, FORCE)).packed()
    meta = {"role": "series", "format": "parquet", "rows": packed.rows}
    return {"type": "dataframe", "name": name, "metadata": meta, "data": base64.b64encode(packed.data).decode()}


def code(source: str, role: str = "slice") -> dict[str, Any]:
    return text(f"# In [1]\n{source}", role=role) | {"type": "code", "name": role}


def square(colour: str, spot: tuple[int, int] | None = None) -> bytes:
    """A picture of 40 by 30 pixels, perhaps with one spot."""
    picture, out = Image.new("RGB", (40, 30), colour), io.BytesIO()
    if spot:
        picture.putpixel(spot, (0, 0, 0))
    picture.save(out, "PNG")
    return out.getvalue()


def question(kind: str, revision: str) -> tuple[str, dict[str, Any]]:
    """Path and body of each kind of question about a revision."""
    body: dict[str, Any] = {"figure_revision": revision}
    if kind == "compare":
        body = {"revisions": [revision, revision]}
    elif kind == "query":
        body |= {"query": "What is this?"}
    return f"{API}/deep_insight/{kind}/", body


def ask(client: Client, revision: str, query: str, **fields: Any) -> dict[str, Any]:
    """An answer."""
    body = {"figure_revision": revision, "query": query} | fields
    answer: dict[str, Any] = found(client.post(f"{API}/deep_insight/query/", json=body))
    return answer


def streamed(client: Client, path: str, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """The events of an answer, to its end."""
    answer = client.post(f"{API}/deep_insight/{path}/", json=body | {"stream": True})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [(name, json.loads(data)) for name, data in re.findall(r"event: (.*)\ndata: (.*)\n\n", answer.text)]


# ---------------------------------------------------------------- who may ask


@pytest.mark.parametrize("kind", ["query", "compare", "extract_code"])
def test_who_may_read_may_ask(people: People, anonymous: Client, here: Scene, kind: str) -> None:
    revision = make_revision(people("owner"), code("a = 1"), figure=here.figure)["api_id"]
    path, body = question(kind, revision)
    found(people("viewer").post(path, json=body))
    for client in (anonymous, people("stranger"), people.key("owner", make_workspace(people("owner"))["api_id"])):
        assert client.post(path, json=body).status_code == 403
    assert people("viewer").post(path, json=question(kind, GONE)[1]).status_code == 404
    assert people("viewer").post(path, json={}).status_code == 400
    link(people("owner"), "revision", revision)
    found(people("stranger").post(path, json=body))
    assert anonymous.post(path, json=body).status_code == 403


def test_both_revisions_must_be_readable(people: People, here: Scene) -> None:
    secret = make_revision(people("stranger"))["api_id"]
    for pair in ([here.revision, secret], [secret, here.revision]):
        assert people("owner").post(f"{API}/deep_insight/compare/", json={"revisions": pair}).status_code == 403
    for pair in ([], [here.revision], [here.revision] * 3):
        assert people("owner").post(f"{API}/deep_insight/compare/", json={"revisions": pair}).status_code == 400


@off
@pytest.mark.parametrize("kind", ["query", "compare"])
def test_access_first_then_an_honest_no(people: People, here: Scene, kind: str) -> None:
    path, body = question(kind, here.revision)
    refused = people("viewer").post(path, json=body)
    assert (refused.status_code, refused.json()) == (503, NO)
    assert people("stranger").post(path, json=body).status_code == 403


@off
def test_without_an_engine_none_is_available(people: People, here: Scene) -> None:
    body = found(people("viewer").get(f"{API}/deep_insight/availability/", params={"figure_revision": here.revision}))
    assert (body["available"], body["reason"], body["engine"]) == (False, "no_engine", None)
    asked = people("viewer").post(f"{API}/deep_insight/text_query/", json={"workspace": here.workspace, "query": "?"})
    assert (asked.status_code, asked.json()) == (503, NO)


def test_availability(people: People, anonymous: Client, here: Scene) -> None:
    query = {"figure_revision": here.revision}
    body = found(people("viewer").get(f"{API}/deep_insight/availability/", params=query))
    assert (body["available"], body["reason"], body["remaining"]) == (True, None, None)
    assert body["engine"] == {"name": "facts", "model": None, "is_local": True}
    with strict_mode():
        Availability.model_validate(body)
    for client in (people("stranger"), anonymous):
        assert client.get(f"{API}/deep_insight/availability/", params=query).status_code == 403
    assert people("viewer").get(f"{API}/deep_insight/availability/").status_code == 400


def test_who_sees_that_questions_can_be_asked_finds_the_data_read(app: FastAPI, people: People, here: Scene) -> None:
    made = make_revision(people("owner"), table(), figure=here.figure)
    for revision, known in ((here.revision, 0), (made["api_id"], 1)):
        found(people("viewer").get(f"{API}/deep_insight/availability/", params={"figure_revision": revision}))
        assert len([*app.state.config.data_dir.rglob("*-profile-*")]) == known


# ---------------------------------------------------------------- answers


def test_an_answer_rests_on_the_plotted_data(people: People, here: Scene) -> None:
    made = make_revision(people("owner"), table(), figure=here.figure)
    answer = ask(people("viewer"), made["api_id"], "What is the slope?")
    assert "rises along Length: by 2 N per mm of Length" in answer["answer"]
    assert answer["answer_html"].startswith("<ul>\n<li>Force")
    (evidence,) = answer["evidence"]
    assert (evidence["kind"], evidence["label"]) == ("table", "Spring")
    assert evidence["ref"]["data"] == made["data"][0]["api_id"]
    assert answer["engine"]["name"] == "facts"
    with strict_mode():
        Answer.model_validate(answer)


def test_a_streamed_answer_is_the_same_in_pieces(people: People, here: Scene) -> None:
    made = make_revision(people("owner"), table(), figure=here.figure)["api_id"]
    whole = ask(people("viewer"), made, "What is the range of Force?")
    events = streamed(people("viewer"), "query", {"figure_revision": made, "query": "What is the range of Force?"})
    names = [name for name, _ in events]
    assert (names[0], names[1], names[-1]) == ("start", "delta", "done")
    assert "".join(data["text"] for name, data in events if name == "delta") == whole["answer"]
    assert [data for name, data in events if name == "evidence"] == whole["evidence"]
    last = events[-1][1]
    assert (last["answer"], last["api_id"]) == (whole["answer"], events[0][1]["api_id"])
    Answer.model_validate(last)


def test_a_conversation_goes_on_and_is_ones_own(people: People, here: Scene) -> None:
    two = (Column("series", words(["a", "a", "b", "b"]), role="series"), LENGTH, FORCE)
    made = make_revision(people("owner"), table(*two), figure=here.figure)["api_id"]
    first = ask(people("viewer"), made, "What is the maximum of a?")
    again = ask(people("viewer"), made, "And b?", conversation=first["conversation"])
    assert again["conversation"] == first["conversation"] != again["api_id"]
    assert "of b goes from 5 N" in again["answer"]
    body = {"figure_revision": made, "query": "And b?", "conversation": first["conversation"]}
    assert people("owner").post(f"{API}/deep_insight/query/", json=body).status_code == 404


def test_a_revision_without_anything(people: People, here: Scene) -> None:
    answer = ask(people("viewer"), here.revision, "What is the trend?")
    assert answer["answer"].startswith("The record of this figure says nothing about trends.")
    assert answer["evidence"] == []


@pytest.mark.parametrize("content", [b"PAR1", b"", b"\0" * 5000])
def test_a_table_that_is_none(people: People, here: Scene, content: bytes) -> None:
    broken = table() | {"data": base64.b64encode(content).decode()}
    made = make_revision(people("owner"), broken, table(name="Whole"), figure=here.figure)["api_id"]
    answer = ask(people("viewer"), made, "What does it show?")["answer"]
    assert "The data of Spring are kept, but cannot be read here." in answer
    assert "Whole shows Force (N) against Length (mm)" in answer


# ---------------------------------------------------------------- what changed


def revisions(owner: Client, here: Scene, *, data: bool = True, source: str = "b = 3") -> tuple[str, str]:
    """Two revisions; of the second, code is another, and data with it unless that is not wanted."""
    other = Column("y", array([1.0, 3.0, 5.0, 9.0]), "Force", "N", "y") if data else FORCE
    spot = (3, 4) if data else None
    first = make_revision(
        owner, table(), code("a = 1\nb = 2"), image(square("white"), role="displayed"), figure=here.figure
    )
    second = make_revision(
        owner, table(LENGTH, other), code(f"a = 1\n{source}"), image(square("white", spot), role="displayed"),
        figure=here.figure,
    )
    return first["api_id"], second["api_id"]


def test_what_changed_is_computed(people: People, here: Scene) -> None:
    first, second = revisions(people("owner"), here)
    body = {"revisions": [first, second]}
    answer = found(people("viewer").post(f"{API}/deep_insight/compare/", json=body))
    changes = answer["changes"]
    assert changes["code"] == [{"change": "changed", "before": ["b = 2"], "after": ["b = 3"], "lines": [2, 2]}]
    assert changes["picture"] == {"differing_pixels": 1, "bounding_box": [3, 4, 4, 5]}
    assert (changes["inputs"], changes["packages"]) == ([], [])
    told = {(one["column"], one["what"]): (one["before"], one["after"]) for one in changes["data"]}
    assert told == {("y", "greatest"): (7.0, 9.0), ("y", "mean"): (4.0, 4.5)}
    assert "is the code alone, so the difference in what is shown comes from there" in answer["answer"]
    with strict_mode():
        Comparison.model_validate(answer)
    events = streamed(people("viewer"), "compare", body)
    assert (events[-1][0], events[-1][1]["changes"]) == ("done", changes)


def test_nothing_changed(people: People, here: Scene) -> None:
    _, second = revisions(people("owner"), here)
    body = {"revisions": [second, second]}
    answer = found(people("viewer").post(f"{API}/deep_insight/compare/", json=body))
    assert answer["answer"].startswith("- Nothing that is recorded differs")
    assert answer["changes"]["picture"]["differing_pixels"] == 0


def test_a_question_about_what_changed_compares_with_the_revision_before(people: People, here: Scene) -> None:
    _, second = revisions(people("owner"), here, data=False)
    answer = ask(people("viewer"), second, "What changed since the last revision?")
    assert "the plotted data and the picture are the same" in answer["answer"]
    assert "+ b = 3" in answer["answer"]
    assert {one["kind"] for one in answer["evidence"]} >= {"revision", "code"}
    assert "between revision 2 and revision 3 is the code" in answer["answer"]
    early = ask(people("viewer"), second, "What changed since revision 1?")["answer"]
    assert "differ between revision 1 and revision 3" in early or "differs between revision 1 and revision 3" in early
    assert "No earlier revision of this figure can be seen" in ask(people("viewer"), here.revision, "What changed?")["answer"]


def test_who_may_read_one_revision_is_told_of_no_other(people: People, here: Scene) -> None:
    _, second = revisions(people("owner"), here)
    stranger = people("stranger")
    share(people("owner"), "revision", second, "stranger")
    answer = ask(stranger, second, "What changed since the previous revision?")["answer"]
    assert "No earlier revision of this figure can be seen" in answer


# ---------------------------------------------------------------- code


def test_the_code_that_made_it(people: People, here: Scene) -> None:
    told = {"statements": [{"cell": 1, "first_line": 1, "last_line": 2}, {"cell": 3}, "x"], "of": 9}
    pieces = (code("a = 1\nb = 2"), text(json.dumps(told), role="slice-map", format="json"))
    made = make_revision(people("owner"), *pieces, figure=here.figure, metadata={"inputs": [{"path": "d.csv", "size": 4}]})
    body = found(people("viewer").post(f"{API}/deep_insight/extract_code/", json={"figure_revision": made["api_id"]}))
    with strict_mode():
        ExtractedCode.model_validate(body)
    assert (body["language"], body["code"], body["method"]) == ("python", "a = 1\nb = 2", "slice")
    assert body["statements"] == [{"cell": 1, "lines": [1, 2]}, {"cell": 3, "lines": None}]
    assert [one["path"] for one in body["inputs"]] == ["d.csv"]


def test_no_code_was_recorded(people: People, here: Scene) -> None:
    refused = people("viewer").post(f"{API}/deep_insight/extract_code/", json={"figure_revision": here.revision})
    assert (refused.status_code, refused.json()["code"]) == (404, "no_slice")


# ---------------------------------------------------------------- without a figure


def test_a_question_without_a_figure(people: People, anonymous: Client, here: Scene) -> None:
    body = {"workspace": here.workspace, "query": "How many figures are there?"}
    answer = found(people("viewer").post(f"{API}/deep_insight/text_query/", json=body))
    assert "has 1 analysis, 1 figure, 1 revision" in answer["answer"]
    named_one = found(people("viewer").post(f"{API}/deep_insight/text_query/", json=body | {"query": "Who made Growth?"}))
    assert "was published by owner" in named_one["answer"]
    assert named_one["evidence"][0]["ref"]["revision"] == here.revision
    for client in (people("stranger"), anonymous):
        assert client.post(f"{API}/deep_insight/text_query/", json=body).status_code == 403
    for query in ("", "x" * 20_001, None):
        refused = people("owner").post(f"{API}/deep_insight/text_query/", json=body | {"query": query})
        assert (refused.status_code, list(refused.json())) == (400, ["query"])


# ---------------------------------------------------------------- engines elsewhere


ELSEWHERE = {"url": "https://models.example.org/v1", "model": "m"}


@pytest.mark.parametrize("limits", [{"engine": "openai", "key": "k"} | ELSEWHERE, {"engine": "bedrock"} | ELSEWHERE])
def test_nothing_leaves_without_its_askers_word(people: People, here: Scene) -> None:
    made = make_revision(people("owner"), table(), figure=here.figure)["api_id"]
    viewer, body = people("viewer"), {"figure_revision": made, "query": "What is the slope?"}
    refused = viewer.post(f"{API}/deep_insight/query/", json=body)
    assert (refused.status_code, refused.json()["code"], refused.json()["to"]) == (428, "consent_needed", "models.example.org")
    shown = found(viewer.post(f"{API}/deep_insight/preview/", json=body))
    assert (shown["to"], shown["engine"]["is_local"]) == ("models.example.org", False)
    assert "rises along Length" in shown["text"]
    assert_shape("preview", shown)
    assert found(viewer.get(f"{API}/ai_usage/", params={"workspace": here.workspace}))["queries"] == 0
    asked = {"workspace": here.workspace, "query": "What?"}
    assert viewer.post(f"{API}/deep_insight/text_query/", json=asked).status_code == 428
    assert viewer.post(f"{API}/deep_insight/compare/", json={"revisions": [made, made]}).status_code == 428


@pytest.mark.parametrize("limits", [{"engine": "bedrock", "vision": True} | ELSEWHERE])
def test_that_the_picture_would_leave_is_said(people: People, here: Scene) -> None:
    pixels = random.Random(7).randbytes(3 * 1200 * 900)  # noqa: S311 - noise, which no format makes small
    noise, out = Image.frombytes("RGB", (1200, 900), pixels), io.BytesIO()
    noise.save(out, "PNG")
    made = make_revision(people("owner"), image(out.getvalue(), role="displayed"), figure=here.figure)["api_id"]
    viewer, body = people("viewer"), {"figure_revision": made, "query": "What is the slope?"}
    refused = viewer.post(f"{API}/deep_insight/query/", json=body)
    assert refused.json()["detail"].startswith("The question, its facts and the figure's picture would go to models.example.org")
    shown = found(viewer.post(f"{API}/deep_insight/preview/", json=body))["text"]
    assert "as a PNG of 512 × 384 pixels" in shown
    bare = make_revision(people("owner"), table(), figure=here.figure)["api_id"]
    assert "picture:" not in found(viewer.post(f"{API}/deep_insight/preview/", json=body | {"figure_revision": bare}))["text"]


def test_a_model_that_sees_gets_the_picture(app: FastAPI, people: People, here: Scene) -> None:
    made = make_revision(people("owner"), image(square("white", (3, 4)), role="displayed"), figure=here.figure)["api_id"]
    said = {"choices": [{"delta": {"content": "I see a spot."}, "finish_reason": "stop"}]}
    with recorded(b"data: " + json.dumps(said).encode() + b"\n\n") as (url, asked):
        app.state.desk = Desk.of(app.state.store, InsightSettings("openai", f"{url}/v1", "m", vision=True))
        assert ask(people("viewer"), made, "Describe it")["answer"] == "I see a spot."
    _, picture = asked[0][2]["messages"][-1]["content"]
    sent = Image.open(io.BytesIO(base64.b64decode(picture["image_url"]["url"].partition(",")[2])))
    assert (sent.size, sent.getpixel((3, 4)), sent.getpixel((4, 4))) == ((40, 30), (0, 0, 0), (255, 255, 255))


def test_where_the_engine_is_here_nothing_would_be_sent(people: People, here: Scene) -> None:
    body = {"figure_revision": here.revision, "query": "What is this?"}
    shown = found(people("viewer").post(f"{API}/deep_insight/preview/", json=body))
    assert (shown["to"], shown["text"], shown["engine"]["name"]) == (None, "", "facts")
    assert_shape("preview", shown)


@pytest.mark.parametrize("limits", [{"engine": "openai", "url": "http://127.0.0.1:9/v1", "model": "m"}])
def test_an_engine_that_fails(people: People, here: Scene) -> None:
    body = {"figure_revision": here.revision, "query": "What is this?"}
    refused = people("viewer").post(f"{API}/deep_insight/query/", json=body)
    assert (refused.status_code, refused.json()["code"]) == (502, "engine_failed")
    events = streamed(people("viewer"), "query", body)
    assert [name for name, _ in events] == ["start", "error"]
    assert events[-1][1] == {"detail": "127.0.0.1 cannot be reached, or broke off.", "code": "engine_failed"}


# ---------------------------------------------------------------- quotas


@pytest.mark.parametrize("limits", [{"per_user": 2}, {"per_workspace": 2}])
def test_so_many_questions_in_a_month(people: People, here: Scene, limits: dict[str, Any]) -> None:
    viewer, query = people("viewer"), {"figure_revision": here.revision}
    for remaining in (2, 1):
        body = found(viewer.get(f"{API}/deep_insight/availability/", params=query))
        assert (body["available"], body["remaining"]) == (True, remaining)
        ask(viewer, here.revision, "What is this?")
    refused = viewer.post(f"{API}/deep_insight/query/", json=query | {"query": "And this?"})
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= 31 * 86_400
    body = found(viewer.get(f"{API}/deep_insight/availability/", params=query))
    assert (body["available"], body["reason"], body["resets_on"]) == (False, "rate_limited", refused.json()["resets_on"])
    others = people("owner").post(f"{API}/deep_insight/query/", json=query | {"query": "And I?"})
    assert others.status_code == (200 if "per_user" in limits else 429)
    account = found(viewer.get(f"{API}/ai_usage/", params={"workspace": here.workspace}))
    assert account["queries"] == (3 if "per_user" in limits else 2)
    assert (account["quota"], account["remaining"]) == ((None, None) if "per_user" in limits else (2, 0))


def test_what_was_asked_is_kept(app: FastAPI, people: People, here: Scene) -> None:
    answer = ask(people("viewer"), here.revision, "What is this?")
    with app.state.store.reading() as db:
        row = db.get_one(Insight, answer["api_id"])
        assert (row.kind, row.query, row.answer) == ("query", "What is this?", answer["answer"])
        assert (row.revision_id, row.engine["name"], row.evidence) == (here.revision, "facts", answer["evidence"])


# ---------------------------------------------------------------- lineage


def test_what_a_revision_was_made_from(people: People, anonymous: Client, here: Scene) -> None:
    owner = people("owner")
    version = created(
        owner.post(f"{API}/asset_revision/", json={"asset": here.asset, "data": [text("1,2\n")], "metadata": {}})
    )
    content = version["data"][0]["hash"]
    inputs = [
        {"path": "data/raw.csv", "hash": "ab" * 32, "size_bytes": 12, "use_type": "read"},
        {"path": "data/table.csv", "hash": content},
        {"path": 7},
        "x",
        {"path": "odd", "hash": 7, "size_bytes": True},
    ]
    revision = make_revision(
        owner,
        text("out"),
        figure=here.figure,
        metadata={"inputs": inputs},
        assets=[{"asset_revision": version["api_id"], "use_type": "direct"}],
    )["api_id"]
    body = found(people("viewer").get(f"{API}/revision/{revision}/data_lineage/"))
    with strict_mode():
        Lineage.model_validate(body)
    linked = {
        "asset_revision": version["api_id"],
        "path": "table.csv",
        "hash": content,
        "size_bytes": 4,
        "use_type": "direct",
    }
    nothing = {"asset_revision": None, "size_bytes": None, "use_type": None}
    assert body["inputs"] == [
        linked,
        {"asset_revision": None, **inputs[0]},  # type: ignore[dict-item]
        nothing | {"path": "odd", "hash": None},
    ]
    assert [(one["path"], one["size_bytes"], one["use_type"]) for one in body["outputs"]] == [("note", 3, "text")]
    assert people("stranger").get(f"{API}/revision/{revision}/data_lineage/").status_code == 403
    link(owner, "revision", revision)
    only_the_link = nothing | {"asset_revision": version["api_id"], "path": None, "hash": None, "use_type": "direct"}
    for client in (people("stranger"), anonymous):
        assert found(client.get(f"{API}/revision/{revision}/data_lineage/"))["inputs"][0] == only_the_link
    share(owner, "asset", here.asset, "stranger")
    assert found(people("stranger").get(f"{API}/revision/{revision}/data_lineage/"))["inputs"][0] == linked


@pytest.mark.parametrize(
    "metadata", [None, "text", [], {}, {"inputs": "x"}, {"inputs": None}, {"inputs": {"path": "x"}}]
)
def test_metadata_of_any_form(people: People, here: Scene, metadata: Any) -> None:
    revision = make_revision(people("owner"), figure=here.figure, metadata=metadata)["api_id"]
    assert found(people("owner").get(f"{API}/revision/{revision}/data_lineage/"))["inputs"] == []


# ---------------------------------------------------------------- usage


def test_usage(app: FastAPI, people: People, here: Scene) -> None:
    at = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    with app.state.store.writing() as db:
        for name, when, tokens in (
            ("owner", at, 5),
            ("owner", at - timedelta(days=1), 7),
            ("viewer", at, 1),
            ("viewer", at + timedelta(minutes=1), 100),
            ("viewer", datetime(2026, 11, 30, tzinfo=UTC), 100),
        ):
            row = Insight(id=str(uuid.uuid4()), conversation=GONE, user_id=named(db, name).id, kind="query")
            row.workspace_id, row.created_on, row.query, row.answer = here.workspace, when, "?", "!"
            row.evidence, row.engine, row.input_tokens, row.output_tokens = [], {}, tokens, 2 * tokens
            db.add(row)
    with app.state.store.reading() as db:
        shape = usage.of(db, here.workspace, at)
    assert (shape.queries, shape.input_tokens, shape.output_tokens) == (3, 13, 26)
    assert (shape.period.start.isoformat(), shape.period.end.isoformat()) == (
        "2026-12-01T00:00:00+00:00",
        "2027-01-01T00:00:00+00:00",
    )
    assert shape.by_user == [
        {"username": "owner", "queries": 2, "input_tokens": 12, "output_tokens": 24},
        {"username": "viewer", "queries": 1, "input_tokens": 1, "output_tokens": 2},
    ]
    assert [(one["day"], one["queries"]) for one in shape.by_day] == [("2026-12-30", 1), ("2026-12-31", 2)]


def test_nothing_was_asked_yet(people: People, anonymous: Client, here: Scene) -> None:
    body = found(people("viewer").get(f"{API}/ai_usage/", params={"workspace": here.workspace}))
    with strict_mode():
        Usage.model_validate(body)
    assert set(body["period"]) == {"from", "to"}
    assert (body["queries"], body["quota"], body["remaining"], body["by_user"], body["by_day"]) == (
        0,
        None,
        None,
        [],
        [],
    )
    for client in (people("stranger"), anonymous):
        assert client.get(f"{API}/ai_usage/", params={"workspace": here.workspace}).status_code == 403
    assert people("viewer").get(f"{API}/ai_usage/").status_code == 400


# ---------------------------------------------------------------- rows of a table


def test_rows_are_read_where_a_table_is(people: People, here: Scene) -> None:
    made = make_revision(people("owner"), table(), code("a = 1"), figure=here.figure)["data"]
    plotted, other = (next(one for one in made if one["type"] == kind) for kind in ("dataframe", "code"))
    shown = found(people("viewer").get(f"{API}/data/{plotted['api_id']}/rows/"))
    assert shown == {
        "columns": ["Length (mm)", "Force (N)"], "rows": [[0, 1.0], [1, 3.0], [2, 5.0], [3, 7.0]], "is_cut": False,
    }  # fmt: skip
    assert_shape("table_head", shown)
    assert found(people("viewer").get(f"{API}/data/{plotted['api_id']}/rows/", params={"series": "none"})) == shown
    assert people("viewer").get(f"{API}/data/{other['api_id']}/rows/").json()["code"] == "no_table"
    assert people("stranger").get(f"{API}/data/{plotted['api_id']}/rows/").status_code == 403
