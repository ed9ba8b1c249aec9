"""Uploads, from the request to what stands in the workspace afterwards: repositories, documents, notebooks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from blake3 import blake3
from fastapi import FastAPI

from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.imports import kinds
from gofigr_jupyter.server.store import people as store_people
from gofigr_jupyter.server.store import work
from tests.server.conftest import (
    API,
    Client,
    created,
    found,
    image,
    make_analysis,
    make_figure,
    make_revision,
    read,
    second_workspace,
    workspace_of,
)
from tests.server.documents import cell, notebook, png, presentation, shown, text_document, with_code
from tests.server.git.forge import Forge, Repository, forge
from tests.server.people import People

UPLOAD = f"{API}/upload/"


@pytest.fixture
def config(config: ServerConfig) -> ServerConfig:
    """The operator lets users reach this machine."""
    return replace(config, reachable=frozenset({"127.0.0.1"}))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two notebooks by two people, and things that are none."""
    made = Repository(tmp_path / "repositories")
    made.commit({"growth.ipynb": notebook(cell("plt.title('Growth')", shown(png("red")), cell_id="c1")), "x.py": "1"})
    decay = notebook(cell("y", shown(png("blue")), cell_id="c2"), cell("z", {"text/plain": "7"}))
    made.commit(
        {"deep/decay.ipynb": decay, ".ipynb_checkpoints/decay.ipynb": decay, "broken.ipynb": "{"},
        GIT_AUTHOR_NAME="Grace Hopper",
        GIT_AUTHOR_EMAIL="grace@example.org",
    )
    return made


@pytest.fixture
def server(repository: Repository) -> Iterator[Forge]:
    """It is served."""
    with forge(repository.folder.parent) as made:
        yield made


def ended(app: FastAPI, client: Client, answer: httpx.Response) -> dict[str, Any]:
    """The task of an upload, when it has ended."""
    assert answer.status_code == 202, answer.text
    assert app.state.tasks.wait(30)
    task: dict[str, Any] = found(client.get(f"{API}/task/{answer.json()['task']}/"))
    return task


def result(app: FastAPI, client: Client, answer: httpx.Response) -> dict[str, Any]:
    """What came of it."""
    task = ended(app, client, answer)
    assert (task["state"], task["error"], task["progress"]) == ("succeeded", None, 1.0)
    told: dict[str, Any] = task["result"]
    return told


def from_git(client: Client, url: str, workspace: str | None = None, **fields: Any) -> httpx.Response:
    """Ask for a repository."""
    branch = {"branch": fields.pop("branch")} if "branch" in fields else {}
    body = {"workspace": workspace or workspace_of(client)["api_id"], "git": {"url": url} | branch} | fields
    return client.post(UPLOAD, json=body)


def send(
    client: Client, name: str, content: bytes | str, workspace: str | None = None, **fields: str
) -> httpx.Response:
    """Send a file."""
    fields["workspace"] = workspace or workspace_of(client)["api_id"]
    return client.post(UPLOAD, data=fields, files={"file": (name, content, "application/octet-stream")})


def figures_of(client: Client, analysis: str) -> dict[str, dict[str, Any]]:
    """The figures of an analysis in full, by name."""
    return {one["name"]: read(client, "figure", one["api_id"]) for one in read(client, "analysis", analysis)["figures"]}


def contents(client: Client, revision: dict[str, Any]) -> dict[str, bytes]:
    """The bytes of a revision's data, by type."""
    items = read(client, "revision", revision["api_id"])["data"]
    return {one["type"]: base64.b64decode(read(client, "data", one["api_id"])["data"]) for one in items}


# ---------------------------------------------------------------- repositories


def test_the_figures_of_a_repository(app: FastAPI, me: Client, server: Forge, repository: Repository) -> None:
    told = result(app, me, from_git(me, server.url()))
    assert (told["figures"], told["revisions"], told["unchanged"], told["notebooks"]) == (2, 2, 0, 2)
    assert told["skipped"] == [{"path": "broken.ipynb", "reason": "not a notebook of version 4"}]
    assert read(me, "analysis", told["analysis"])["name"] == "figures"
    figures = figures_of(me, told["analysis"])
    assert sorted(figures) == ["deep/decay: cell c2", "growth: Growth"]
    [revision] = figures["deep/decay: cell c2"]["revisions"]
    assert contents(me, revision) == {"image": png("blue"), "code": b"y"}
    metadata = revision["metadata"]
    assert (metadata["notebook_path"], metadata["cell_id"], metadata["execution_count"]) == (
        "deep/decay.ipynb",
        "c2",
        3,
    )
    assert metadata["git"]["hash"] == told["commit"]
    assert metadata["git"]["branch"] == "main"
    assert metadata["git"]["remote_url"] == server.url()
    for one, author in ((revision, "Grace Hopper"), (figures["deep/decay: cell c2"], "Grace Hopper")):
        assert (one["created_on_behalf"], one["created_on_behalf_name"]) == (True, author)
    # What the first commit of a shallow copy brought may be anybody's; this copy has all commits.
    assert figures["growth: Growth"]["created_on_behalf_email"] == "ada@example.org"


def test_the_same_again_is_nothing_new(app: FastAPI, me: Client, server: Forge, repository: Repository) -> None:
    first = result(app, me, from_git(me, server.url()))
    before = workspace_of(me)["size_bytes"]
    again = result(app, me, from_git(me, server.url()))
    assert (again["figures"], again["revisions"], again["unchanged"]) == (0, 0, 2)
    assert again["analysis"] == first["analysis"]
    assert workspace_of(me)["size_bytes"] == before
    repository.commit({"growth.ipynb": notebook(cell("plt.title('Growth')", shown(png("green")), cell_id="c1"))})
    changed = result(app, me, from_git(me, server.url()))
    assert (changed["figures"], changed["revisions"], changed["unchanged"]) == (0, 1, 1)
    assert len(figures_of(me, first["analysis"])["growth: Growth"]["revisions"]) == 2


def test_another_branch_into_an_analysis_of_ones_choice(
    app: FastAPI, me: Client, server: Forge, repository: Repository
) -> None:
    repository.commit({"new.ipynb": notebook(cell("n", shown(png("pink"))))}, branch="feature/x")
    mine = make_analysis(me, "mine")["api_id"]
    told = result(app, me, from_git(me, server.url(), branch="feature/x", analysis=mine))
    assert (told["analysis"], told["branch"], told["figures"]) == (mine, "feature/x", 3)
    assert "new: cell 1" in figures_of(me, mine)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.2:1/r", "There is no server of that name, or it is one that this server may not reach."),
        ("https://127.0.0.1:1/r", "The host does not answer."),
        ("git@127.0.0.1:r.git", "An address of ssh needs an SSH key."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(app: FastAPI, me: Client, url: str, error: str) -> None:
    task = ended(app, me, from_git(me, url))
    assert (task["state"], task["error"], task["result"]) == ("failed", error, None)


def test_time_has_an_end(app: FastAPI, me: Client, server: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gofigr_jupyter.server.imports.from_git.MOST_SECONDS", -1)
    task = ended(app, me, from_git(me, server.url()))
    assert (task["state"], str(task["error"])[:21]) == ("failed", "This took longer than")


def test_notebooks_that_are_too_large(app: FastAPI, me: Client, server: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gofigr_jupyter.server.imports.from_git.LARGEST", 10)
    told = result(app, me, from_git(me, server.url()))
    assert (told["analysis"], told["figures"], told["notebooks"]) == (None, 0, 0)
    assert {one["reason"] for one in told["skipped"]} == {"too large", "not a notebook of version 4"}


@pytest.mark.sqlite
def test_an_address_with_a_password_is_never_written_down(app: FastAPI, me: Client, config: ServerConfig) -> None:
    answer = from_git(me, "https://ada:s3cr3t@example.org/r")
    assert (answer.status_code, set(answer.json())) == (400, {"git"})
    assert "s3cr3t" not in answer.text
    assert b"s3cr3t" not in (config.data_dir / "gofigr.sqlite").read_bytes()


def test_who_lost_the_right_meanwhile(app: FastAPI, people: People, server: Forge) -> None:
    ada, eve = people("ada"), people("eve")
    place = second_workspace(ada)["api_id"]
    found(ada.post(f"{API}/workspace/{place}/members/add/", json={"username": "eve", "membership_type": "creator"}))
    server.delay = 0.3
    answer = from_git(eve, server.url(), place)
    found(ada.post(f"{API}/workspace/{place}/members/remove/", json={"username": "eve", "membership_type": "creator"}))
    task = ended(app, eve, answer)
    assert (task["state"], task["error"]) == ("failed", "You do not have permission to perform this action.")
    assert read(ada, "workspace", place)["analyses"] == []


def test_a_key_that_was_revoked_meanwhile(app: FastAPI, people: People, server: Forge) -> None:
    ada = people("ada")
    program = people.key("ada")
    server.delay = 0.3
    answer = from_git(program, server.url(), workspace_of(ada)["api_id"])
    [key] = found(ada.get(f"{API}/api_key/"))
    assert ada.delete(f"{API}/api_key/{key['api_id']}/").status_code == 204
    assert ended(app, ada, answer)["state"] == "failed"


def test_cancelling_leaves_what_is_there(app: FastAPI, me: Client, server: Forge) -> None:
    server.delay = 1.0
    answer = from_git(me, server.url())
    found(me.post(f"{API}/task/{answer.json()['task']}/cancel/"))
    assert ended(app, me, answer)["state"] == "cancelled"


# ---------------------------------------------------------------- documents


def test_a_presentation_finds_its_figures(app: FastAPI, me: Client, config: ServerConfig) -> None:
    by_code = make_revision(me, image(png("red")))
    by_picture = make_revision(me, image(png("blue")), image(png("navy")))
    media = {
        "image1.png": with_code(f"http://old.example:1/r/{by_code['api_id']}"),
        "image2.png": png("navy"),
        "image3.png": png("white"),
    }
    content = presentation([["image2.png"], ["image1.png", "image3.png"]], media)
    told = result(app, me, send(me, "Results 2026.pptx", content))
    assert told["pictures"] == [
        {
            "name": name,
            "slides": slides,
            "revision": revision and revision["api_id"],
            "figure": revision and revision["figure"],
            "matched_by": by,
            "linked": revision is not None,
        }
        for name, slides, revision, by in (
            ("image2.png", [1], by_picture, "picture"),
            ("image1.png", [2], by_code, "qr"),
            ("image3.png", [2], None, None),
        )
    ]
    asset = read(me, "asset_revision", told["asset_revision"])
    assert read(me, "asset", told["asset"])["name"] == "Results 2026.pptx"
    assert {one["figure_revision"] for one in asset["figure_revisions"]} == {by_code["api_id"], by_picture["api_id"]}
    [item] = asset["data"]
    assert (item["type"], item["name"], item["size_bytes"]) == ("file", "Results 2026.pptx", len(content))
    assert base64.b64decode(read(me, "data", item["api_id"])["data"]) == content
    assert item["hash"] == blake3(content).hexdigest()
    [link] = read(me, "revision", by_code["api_id"])["assets"]
    assert (link["asset_revision"], link["use_type"]) == (told["asset_revision"], "indirect")
    assert list((config.data_dir / kinds.FOLDER).iterdir()) == []


def test_a_short_link_is_known_too(app: FastAPI, me: Client) -> None:
    prefix = created(me.post(f"{API}/short_id_prefix/reserve/"))["prefix"]
    revision = make_revision(me, image(png()), short_id=f"{prefix}0")
    told = result(app, me, send(me, "a.docx", text_document({"image1.png": with_code(f"https://x/r/{prefix}0")})))
    assert told["pictures"][0]["revision"] == revision["api_id"]


def test_the_same_document_again(app: FastAPI, me: Client) -> None:
    content = text_document({"image1.png": png("red")})
    first = result(app, me, send(me, "a.docx", content))
    revision = make_revision(me, image(png("red")))
    again = result(app, me, send(me, "a.docx", content))
    assert again["unchanged"]
    assert (again["asset"], again["asset_revision"]) == (first["asset"], first["asset_revision"])
    assert again["pictures"][0]["revision"] == revision["api_id"], "figures that came later are found"
    other = result(app, me, send(me, "a.docx", text_document({"image1.png": png("blue")})))
    assert (other["asset"], other["unchanged"]) == (first["asset"], False)
    assert other["asset_revision"] != first["asset_revision"]


def test_figures_of_others_stay_theirs(app: FastAPI, people: People) -> None:
    """Not found by their bytes, not even with the id in a code; what may be read but not changed is not linked."""
    ada, eve = people("ada"), people("eve")
    place = second_workspace(ada)["api_id"]
    analysis = make_analysis(ada, workspace=place)["api_id"]
    hers = make_revision(ada, image(png("red")), figure=make_figure(ada, analysis=analysis)["api_id"])
    content = text_document({"image1.png": png("red"), "image2.png": with_code(f"http://x/r/{hers['api_id']}")})
    told = result(app, eve, send(eve, "a.docx", content))
    assert [one["revision"] for one in told["pictures"]] == [None, None]
    found(ada.post(f"{API}/workspace/{place}/members/add/", json={"username": "eve", "membership_type": "viewer"}))
    told = result(app, eve, send(eve, "a.docx", content))
    assert [(one["revision"], one["linked"]) for one in told["pictures"]] == [(hers["api_id"], False)] * 2
    assert read(ada, "revision", hers["api_id"])["assets"] == []


def test_a_document_for_one_analysis(app: FastAPI, me: Client) -> None:
    analysis = make_analysis(me)["api_id"]
    told = result(app, me, send(me, "a.docx", text_document({}), analysis=analysis))
    assert read(me, "asset", told["asset"])["analysis"] == analysis


def test_a_notebook_that_is_sent(app: FastAPI, me: Client) -> None:
    content = notebook(cell("plt.title('Growth')", shown(png("red"))))
    told = result(app, me, send(me, "C:\\work\\growth.ipynb", content))
    assert (told["figures"], told["revisions"]) == (1, 1)
    assert read(me, "analysis", told["analysis"])["name"] == "growth"
    assert list(figures_of(me, told["analysis"])) == ["growth: Growth"]
    assert result(app, me, send(me, "growth.ipynb", content))["unchanged"] == 1


@pytest.mark.parametrize(("name", "content"), [("a.docx", b"PK\x03\x04 broken"), ("a.ipynb", b'{"cells": 7}')])
def test_damaged_files(app: FastAPI, me: Client, config: ServerConfig, name: str, content: bytes) -> None:
    task = ended(app, me, send(me, name, content))
    assert (task["state"], task["error"]) == (
        "failed",
        "The file cannot be read. It may be damaged, or locked with a password.",
    )
    assert list((config.data_dir / kinds.FOLDER).iterdir()) == []


# ---------------------------------------------------------------- what is refused at once


@pytest.mark.parametrize(
    ("name", "content"), [("a.ppt", b"\xd0\xcf\x11\xe0"), ("a.pptx", b"x"), ("a.zip", text_document({})), ("", b"x")]
)
def test_other_kinds_of_files(me: Client, config: ServerConfig, name: str, content: bytes) -> None:
    answer = send(me, name, content)
    assert (answer.status_code, set(answer.json())) == (400, {"file"})
    assert list((config.data_dir / kinds.FOLDER).iterdir()) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data", 400),
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.docx"\r\n\r\nPK',
            "multipart/form-data; boundary=x",
            400,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="workspace"\r\n\r\nw\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"--x\r\nX: " + b"y" * 5000 + b"\r\n\r\nw\r\n--x--\r\n", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"y" * 5000 + b"\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            400,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="workspace"\r\n\r\n\0\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"x", "text/plain", 415),
    ],
)
def test_forms_that_make_no_sense(me: Client, config: ServerConfig, body: bytes, kind: str, status: int) -> None:
    answer = me.post(UPLOAD, content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert list((config.data_dir / kinds.FOLDER).glob("*")) == []


def test_too_large(client_of: Any, app: FastAPI, me: Client) -> None:
    app.state.config = replace(app.state.config, max_body=1000)
    assert send(me, "a.docx", b"PK\x03\x04" + bytes(2000), "w").status_code == 413


def test_only_who_may_write(app: FastAPI, people: People, anonymous: Client) -> None:
    ada, eve = people("ada"), people("eve")
    place = workspace_of(ada)["api_id"]
    document = text_document({})
    for client in (eve, anonymous, people.key("ada", second_workspace(ada)["api_id"])):
        assert send(client, "a.docx", document, place).status_code == 403
        assert from_git(client, "https://127.0.0.1:1/r", place).status_code == 403
    assert send(eve, "a.docx", document, "nowhere").status_code == 404
    assert from_git(eve, "https://127.0.0.1:1/r", "nowhere").status_code == 404
    elsewhere = make_analysis(ada, workspace=second_workspace(ada)["api_id"])["api_id"]
    assert send(ada, "a.docx", document, analysis=elsewhere).status_code == 400
    assert send(ada, "a.docx", document, analysis="nowhere").status_code == 404
    key = created(ada.post(f"{API}/ssh_key/", json={"name": "k"}))["api_id"]
    body = {"workspace": workspace_of(eve)["api_id"], "git": {"url": "git@127.0.0.1:r", "ssh_key": key}}
    assert eve.post(UPLOAD, json=body).status_code == 403


def test_patience_has_an_end(app: FastAPI, me: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gofigr_jupyter.server.routes.uploads.MOST_WAITING", 0)
    answer = send(me, "a.docx", text_document({}))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


# ---------------------------------------------------------------- servers end and begin


def test_a_new_server_goes_on(app: FastAPI, me: Client, config: ServerConfig) -> None:
    """The file was sent, the server ended before it was read; another file belongs to nothing."""
    app.state.tasks.close()
    answer = send(me, "a.docx", text_document({"image1.png": png()}))
    assert answer.status_code == 202
    kinds.waiting(config.data_dir, "orphan").write_bytes(b"x")
    app.state.store.close()
    again = create_app(config)
    try:
        assert again.state.tasks.wait(30)
        with again.state.store.reading() as db:
            user_id = int(store_people.fact(db, "local_user") or 0)
            [task] = work.tasks(db, limit=10, user_id=user_id)
            assert (task.id, task.state) == (answer.json()["task"], "succeeded")
        assert list((config.data_dir / kinds.FOLDER).iterdir()) == []
    finally:
        again.state.tasks.close()
        again.state.store.close()
