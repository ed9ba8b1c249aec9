"""Documents found by what they mean: a real static model of a few words, over a real server; and none where none is set."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from model2vec import StaticModel
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server import chores
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import EMBEDDINGS_VARIABLE, ServerConfig, embeddings
from gofigr_jupyter.server.documents import nearness
from gofigr_jupyter.server.documents.meaning import Meaning
from gofigr_jupyter.server.insight.desk import Desk
from gofigr_jupyter.server.insight.settings import InsightSettings
from gofigr_jupyter.server.store import cdn, find
from tests.server.cdn.conftest import Program, program
from tests.server.cdn.conftest import program_of as program_of  # noqa: PLC0414 - a fixture
from tests.server.cdn.test_documents import cited
from tests.server.conftest import (
    API,
    Client,
    Maker,
    created,
    found,
    make_asset,
    make_asset_revision,
    make_figure,
    make_revision,
    text,
)
from tests.server.counting import statements
from tests.server.documents import pdf
from tests.server.processes import Server
from tests.server.test_documents import file
from tests.server.test_insight import ask
from tests.server.test_search import hits

__all__ = ["program"]

ALIKE = ["heart cardiac pulse", "rhythm beats frequency", "microbes yeast bacteria", "incubated shaken flasks", "salary wages payroll"]
CARDIAC = "Cardiac frequency of patients was recorded overnight."
PAYROLL = "Wages are paid on Fridays."
PULSE = "How quick was the pulse rhythm?"
SALARY = "Tell about the salary."


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of a few hundred words; those of a line above lie near each other."""
    return saved(tmp_path_factory.mktemp("model") / "static", 1)


def saved(folder: Path, seed: int) -> Path:
    chance = np.random.default_rng(seed)
    texts = f"{CARDIAC} {PAYROLL} {PULSE} {SALARY} slope treated group shrimp axolotls fed".lower().replace(".", "").replace("?", "")
    words = ["[UNK]", *dict.fromkeys([*texts.split(), *" ".join(ALIKE).split(), *(f"word{n}" for n in range(300))])]
    vectors = chance.normal(size=(len(words), 128)).astype("float32")
    for line in ALIKE:
        first, *others = (words.index(one) for one in line.split())
        for one in others:
            vectors[one] = vectors[first] + 0.3 * vectors[one]
    tokenizer = Tokenizer(models.WordLevel({one: at for at, one in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture
def app(config: ServerConfig, model: Path) -> Iterator[FastAPI]:
    """An embedded server whose operator has named the model."""
    app = create_app(replace(config, embeddings=str(model)))
    yield app
    app.state.tasks.close()
    app.state.darkroom.close()
    app.state.store.close()


@pytest.fixture
def revision(me: Client) -> str:
    return make_revision(me, text("out"), figure=make_figure(me)["api_id"])["api_id"]


def at_leisure(app: FastAPI, going_on: Callable[[], bool] = lambda: True) -> int:
    """What the server does in quiet hours; of how many documents it has found out what they mean."""
    chores.read_texts(app.state.store, going_on)
    return nearness.understand(app.state.store, app.state.meaning, going_on)


def kept(app: FastAPI) -> list[str]:
    return [key for key, _ in app.state.store.cache.listing("meanings")]


# ---------------------------------------------------------------- on sites


def test_a_paper_that_shares_no_word_is_found_and_cited(
    app: FastAPI, me: Client, other: Client, program: Program, revision: str
) -> None:
    program.upload("ward.pdf", "application/pdf", pdf("Table of contents.", CARDIAC))
    program.upload("rules.txt", "text/plain", PAYROLL.encode())
    assert cited(ask(me, revision, PULSE)) == [], "nobody waits for vectors"
    assert at_leisure(app) == 2
    assert at_leisure(app) == 0, "they are kept"
    answer = ask(me, revision, PULSE)
    assert "Cardiac frequency of patients" in answer["answer"]
    [(label, key)] = cited(answer)
    assert label == "ward.pdf, page 2"
    assert key.endswith("/ward.pdf")
    [(label, _)] = cited(ask(me, revision, SALARY))
    assert label == "rules.txt, line 1"
    # What has nothing to do with them, and what the model knows no word of, brings in none.
    for query in ("What were the axolotls fed with?", "Which slope has the treated group?", "Qwertz asdfg?", "What is this?"):
        assert cited(ask(me, revision, query)) == [], query
    # Words count as ever.
    assert [label for label, _ in cited(ask(me, revision, "Which patients were recorded?"))] == ["ward.pdf, page 2"]
    # Who was given the figure alone is told of no document.
    share = {"username": "eve", "sharing_enabled": True}
    found(me.post(f"{API}/revision/{revision}/share/user/", json=share))
    assert cited(ask(other, revision, PULSE)) == []
    # What is deleted is not cited, and its vectors go.
    [hit] = hits(me, "cardiac")
    assert me.delete(f"{API}/asset/{hit['object']['api_id']}/").status_code == 204
    assert cited(ask(me, revision, PULSE)) == []
    assert len(kept(app)) == 2
    at_leisure(app)
    assert len(kept(app)) == 1


def test_without_a_model_words_alone_count(app: FastAPI, me: Client, program: Program, revision: str) -> None:
    program.upload("ward.txt", "text/plain", CARDIAC.encode())
    at_leisure(app)
    app.state.desk = Desk.of(app.state.store, InsightSettings())
    assert cited(ask(me, revision, PULSE)) == []
    assert cited(ask(me, revision, "Which patients were recorded?")) != []


def test_another_workspaces_documents_stay_there(app: FastAPI, me: Client, client_of: Maker, revision: str) -> None:
    elsewhere = created(me.post(f"{API}/workspace/", json={"name": "elsewhere"}))["api_id"]
    with app.state.store.writing() as db:
        _, key = cdn.create_key(db, cdn.site_named(db, find.workspace(db, elsewhere), "default"))
    Program(client_of(), key).upload("secret.txt", "text/plain", CARDIAC.encode())
    assert at_leisure(app) == 1
    assert cited(ask(me, revision, PULSE)) == []


def test_a_hostile_document_is_data(app: FastAPI, me: Client, program: Program, revision: str) -> None:
    hostile = f"{CARDIAC} <script>alert(1)</script> [x](javascript:alert(1))"
    program.upload("ward.md", "text/markdown", hostile.encode())
    program.upload("many.md", "text/markdown", b"a\n\n" * (nearness.MOST_PASSAGES + 10))
    assert at_leisure(app) == 2
    answer = ask(me, revision, PULSE)
    assert [label for label, _ in cited(answer)] == ["ward.md, line 1"]
    assert "<script>" not in answer["answer_html"]


def test_a_request_ends_the_chores(app: FastAPI, program: Program) -> None:
    for number in range(3):
        program.upload(f"{number}.txt", "text/plain", f"{PAYROLL} {number}".encode())
    quiet = iter([True, True, False])
    assert nearness.understand(app.state.store, app.state.meaning, lambda: next(quiet)) == 2
    assert nearness.understand(app.state.store, app.state.meaning, lambda: True) == 1


def test_another_model_makes_its_own(app: FastAPI, me: Client, program: Program, revision: str, tmp_path: Path) -> None:
    program.upload("ward.txt", "text/plain", CARDIAC.encode())
    at_leisure(app)
    before = kept(app)
    app.state.meaning = Meaning.load(str(saved(tmp_path / "other", 2)))
    app.state.desk = Desk.of(app.state.store, InsightSettings(), app.state.meaning)
    assert cited(ask(me, revision, PULSE)) == []
    assert at_leisure(app) == 1
    assert len(kept(app)) == 1
    assert kept(app) != before
    assert cited(ask(me, revision, PULSE)) != []


def test_what_is_broken_in_the_cache_is_made_again(app: FastAPI, me: Client, program: Program, revision: str) -> None:
    program.upload("ward.txt", "text/plain", CARDIAC.encode())
    at_leisure(app)
    [key] = kept(app)
    for broken in (b"", b"x", b"\xff" * 128):
        app.state.store.cache.put(key, broken)
        assert cited(ask(me, revision, PULSE)) == []
    assert [label for label, _ in cited(ask(me, revision, "Which patients were recorded?"))] == ["ward.txt, line 1"]
    assert cited(ask(me, revision, PULSE)) != []


def test_many_documents_take_no_more_statements(app: FastAPI, me: Client, program: Program, revision: str) -> None:
    counts = []
    for more in (1, 5):
        for number in range(more):
            program.upload(f"{more}-{number}.txt", "text/plain", f"{PAYROLL} {more} {number}".encode())
        at_leisure(app)
        ask(me, revision, PULSE)
        with statements(app) as seen:
            ask(me, revision, PULSE)
        counts.append(len(seen))
    assert counts[0] == counts[1]


# ---------------------------------------------------------------- beside a figure


def test_the_passage_that_means_it_is_quoted(me: Client) -> None:
    asset = make_asset(me, "protocol")["api_id"]
    made = make_asset_revision(me, file("protocol.pdf", pdf(PAYROLL, CARDIAC)), asset=asset)
    link = {"asset_revision": made["api_id"], "use_type": "indirect"}
    revision = make_revision(me, text("out"), assets=[link])["api_id"]
    answer = ask(me, revision, PULSE)
    assert "protocol.pdf, page 2, says: “Cardiac frequency" in answer["answer"]
    assert "Wages" not in answer["answer"]
    assert [one["label"] for one in answer["evidence"]] == ["protocol.pdf, page 2"]


# ---------------------------------------------------------------- the model


def test_nearness(model: Path) -> None:
    meaning = Meaning.load(str(model))
    packed = meaning.packed([CARDIAC, PAYROLL, "", "qwertz"])
    assert meaning.count(packed) == 4
    asked = meaning.asked("pulse rhythm")
    assert asked is not None
    near, *others = meaning.nearness(asked, packed)
    assert 0.25 < near < 1
    assert others == [0, 0, 0]
    assert meaning.asked("") is None
    assert meaning.asked("qwertz") is None
    assert meaning.nearness(asked, meaning.packed([])) == []
    assert meaning.key == Meaning.load(str(model)).key


def test_threads_share_a_model(model: Path) -> None:
    meaning = Meaning.load(str(model))
    wanted = meaning.packed([CARDIAC] * 50)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda _: meaning.packed([CARDIAC] * 50), range(100))) == {wanted}


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EMBEDDINGS_VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "model2vec", None)
    assert embeddings() == ""
    monkeypatch.setenv(EMBEDDINGS_VARIABLE, "minishlab/potion-base-8M")
    with pytest.raises(ConfigurationError, match=r"pip install 'gofigr-jupyter\[embeddings\]'"):
        embeddings()


def broken(folder: Path, model: Path, name: str, content: bytes) -> Path:
    """A copy of a model with another file in it."""
    folder.mkdir()
    for one in model.iterdir():
        (folder / one.name).write_bytes(content if one.name == name else one.read_bytes())
    return folder


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"\0" * 100),
        ("tokenizer.json", b"{"),
        ("config.json", b""),
        ("tokenizer.json", json.dumps({"version": "1.0", "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}).encode()),
    ],
)
def test_a_broken_model_is_told_at_the_start(tmp_path: Path, model: Path, name: str, content: bytes, config: ServerConfig) -> None:
    folder = broken(tmp_path / "broken", model, name, content)
    with pytest.raises(ConfigurationError, match=f"{EMBEDDINGS_VARIABLE}={folder} cannot be loaded"):
        create_app(replace(config, embeddings=str(folder)))


def test_a_folder_without_a_model_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a folder with a static model"):
        Meaning.load(str(tmp_path))
    with pytest.raises(ConfigurationError, match="a folder with a static model"):
        Meaning.load(str(tmp_path / "nowhere"))


@pytest.mark.slow
def test_without_the_setting_nothing_is_loaded() -> None:
    code = (
        "import sys, gofigr_jupyter.server.app, gofigr_jupyter.server.run; "
        "heavy = {'model2vec', 'tokenizers', 'huggingface_hub', 'numpy'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_variable_is_read_by_a_server(tmp_path: Path, model: Path) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    with Server(tmp_path / "bad", **{EMBEDDINGS_VARIABLE: str(tmp_path)}) as server:
        assert server.process.wait(60) == 1
        assert "cannot start" in server.log.read_text()
        assert EMBEDDINGS_VARIABLE in server.log.read_text()
    with Server(tmp_path / "good", **{EMBEDDINGS_VARIABLE: str(model)}) as server:
        server.wait()
        assert server.terminate() == 0


