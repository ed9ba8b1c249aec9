"""Deep Insight where no engine is configured: access first, then an honest no; lineage and usage are real."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from gofigr_jupyter.schema.base import strict_mode
from gofigr_jupyter.schema.insight import Availability, Lineage, Usage
from gofigr_jupyter.server.store import usage
from gofigr_jupyter.server.store.tables import Insight
from tests.server.conftest import API, Client, created, found, make_revision, text
from tests.server.crowd import make_workspace
from tests.server.people import People
from tests.server.talking import Scene, link, named, scene, share

GONE = str(uuid.uuid4())
NO = {"detail": "no engine is configured", "code": "no_engine"}


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


def question(kind: str, revision: str) -> tuple[str, dict[str, Any]]:
    """Path and body of each kind of question about a revision."""
    body: dict[str, Any] = {"figure_revision": revision}
    if kind == "compare":
        body = {"revisions": [revision, revision]}
    elif kind == "query":
        body |= {"query": "What is this?"}
    return f"{API}/deep_insight/{kind}/", body


@pytest.mark.parametrize("kind", ["query", "compare", "extract_code"])
def test_access_first_then_an_honest_no(people: People, anonymous: Client, here: Scene, kind: str) -> None:
    path, body = question(kind, here.revision)
    refused = people("viewer").post(path, json=body)
    assert (refused.status_code, refused.json()) == (503, NO)
    for client in (anonymous, people("stranger"), people.key("owner", make_workspace(people("owner"))["api_id"])):
        assert client.post(path, json=body).status_code == 403
    assert people("viewer").post(path, json=question(kind, GONE)[1]).status_code == 404
    assert people("viewer").post(path, json={}).status_code == 400
    link(people("owner"), "revision", here.revision)
    assert people("stranger").post(path, json=body).status_code == 503
    assert anonymous.post(path, json=body).status_code == 403


def test_both_revisions_must_be_readable(people: People, here: Scene) -> None:
    secret = make_revision(people("stranger"))["api_id"]
    for pair in ([here.revision, secret], [secret, here.revision]):
        assert people("owner").post(f"{API}/deep_insight/compare/", json={"revisions": pair}).status_code == 403
    for pair in ([], [here.revision], [here.revision] * 3):
        assert people("owner").post(f"{API}/deep_insight/compare/", json={"revisions": pair}).status_code == 400


def test_a_question_without_a_figure(people: People, anonymous: Client, here: Scene) -> None:
    body = {"workspace": here.workspace, "query": "What is all this?"}
    refused = people("viewer").post(f"{API}/deep_insight/text_query/", json=body)
    assert (refused.status_code, refused.json()) == (503, NO)
    for client in (people("stranger"), anonymous):
        assert client.post(f"{API}/deep_insight/text_query/", json=body).status_code == 403
    for query in ("", "x" * 20_001, None):
        refused = people("owner").post(f"{API}/deep_insight/text_query/", json=body | {"query": query})
        assert (refused.status_code, list(refused.json())) == (400, ["query"])


def test_availability(people: People, anonymous: Client, here: Scene) -> None:
    query = {"figure_revision": here.revision}
    body = found(people("viewer").get(f"{API}/deep_insight/availability/", params=query))
    assert (body["available"], body["reason"], body["engine"], body["remaining"]) == (False, "no_engine", None, None)
    with strict_mode():
        Availability.model_validate(body)
    for client in (people("stranger"), anonymous):
        assert client.get(f"{API}/deep_insight/availability/", params=query).status_code == 403
    assert people("viewer").get(f"{API}/deep_insight/availability/").status_code == 400


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
