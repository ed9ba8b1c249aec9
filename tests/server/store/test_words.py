"""The index of words: it says what the rows say, whatever happens to them; and it can be made anew."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import cast, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.schema.stories import Slide
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import comments, content, search, stories, tree, wordindex, words
from gofigr_jupyter.server.store.backup import back_up
from gofigr_jupyter.server.store.database import FILE_NAME
from gofigr_jupyter.server.store.dialect import is_sqlite
from gofigr_jupyter.server.store.fsck import check
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.restore import restore
from gofigr_jupyter.server.store.search import PLACES, Question
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Comment, Figure, Indexed, Story, User, Workspace
from tests.server.counting import statements
from tests.server.store.filling import drop, publish

CODE = "data = read_csv('yeast.csv')\nplt.plot(DataFrame(data))"


def figure(store: Store, name: str = "Growth", code: str | None = None) -> str:
    """A figure, perhaps with a revision that has this code; its id."""
    drafts = [] if code is None else [DataDraft(type="code", data=code.encode(), metadata={"role": "cell"})]
    with store.keeping(drafts) as incoming, store.writing() as db:
        place = db.query(Workspace).one()
        analysis = tree.create_analysis(db, place, {"id": tree.new_id(), "name": "trial"}, "ada")
        row = tree.create_figure(db, analysis, {"id": tree.new_id(), "name": name}, "ada")
        if incoming:
            content.replace(db, tree.create_revision(db, row, {"id": tree.new_id()}, "ada"), incoming)
        return row.id


def found(store: Store, *wanted: str) -> list[tuple[str, str]]:
    """What is found by whoever may see everything."""
    with store.reading() as db:
        places = tuple(db.scalars(text("SELECT id FROM workspaces")))
        asked = Question(wanted, tuple(PLACES), Reach(db.query(User).one().id, places))
        return [(one.type, one.id) for one in search.by_words(db, asked, after=None, limit=100)]


def is_whole(store: Store) -> bool:
    """Whether index and rows say the same: SQLite compares them; in PostgreSQL the index is of the rows themselves."""
    with store.writing() as db:
        if not is_sqlite(db):
            rows = db.query(Indexed).all()
            return all(row.document == db.scalar(select(cast(_texts(row), TSVECTOR))) for row in rows)
        db.execute(text("INSERT INTO texts_index(texts_index, rank) VALUES ('integrity-check', 1)"))
    return True


def _texts(row: Indexed) -> str:
    return wordindex.document({name: getattr(row, name) for name in wordindex.COLUMNS})


def test_the_index_follows_the_rows(store: Store) -> None:
    api_id = figure(store)
    assert found(store, "growth") == [("figure", api_id)]
    with store.writing() as db:
        tree.update(db, db.get_one(Figure, api_id), {"name": "Decay", "description": "of yeast"}, "ada")
    assert found(store, "growth") == []
    assert found(store, "decay", "yeast") == [("figure", api_id)]
    with store.writing() as db:
        tree.remove(db, db.get_one(Figure, api_id), "ada")
    assert found(store, "decay") == []
    assert is_whole(store)


def test_what_has_gone_is_swept(store: Store) -> None:
    kept, gone = figure(store, "kept", CODE), figure(store, "gone", "other()")
    with store.writing() as db:
        tree.remove(db, db.get_one(Figure, gone), "ada")
    store.tidy()
    with store.reading() as db:
        left = {(row.kind, row.key) for row in db.query(Indexed)}
    assert {key for kind, key in left if kind == "figure"} == {kept}
    assert sum(kind == words.DATA for kind, _ in left) == 1
    assert is_whole(store)


def test_a_change_of_something_else_writes_no_words(store: Store) -> None:
    api_id = figure(store)
    app = SimpleNamespace(state=SimpleNamespace(store=store))
    with statements(app) as sent, store.writing() as db:
        tree.update(db, db.get_one(Figure, api_id), {"is_link_shared": True}, "ada")
    assert not any("texts" in one for one in sent)


def test_the_same_code_is_kept_once(store: Store) -> None:
    one, two = figure(store, "one", CODE), figure(store, "two", CODE)
    with store.reading() as db:
        assert db.query(Indexed).filter_by(kind=words.DATA).count() == 1
    assert {api_id for _, api_id in found(store, "read_csv")} == {one, two}
    with store.writing() as db:
        tree.remove(db, db.get_one(Figure, one), "ada")
    store.tidy()
    assert found(store, "read_csv") == [("figure", two)]


def test_words_of_all_kinds(store: Store) -> None:
    api_id = figure(store)
    with store.writing() as db:
        place = db.query(Workspace).one()
        stories.create(db, place.id, {"title": "A story"}, [Slide(title="t", body="yeast")], "ada")
        db.add(
            Comment(id=tree.new_id(), author="ada", content="yeast!", mentions=[], figure_id=api_id, created_on=now())
        )
        tree.create_asset(db, place, {"id": tree.new_id(), "name": "yeast.csv"}, "ada")
        tree.create_analysis(db, place, {"id": tree.new_id(), "name": "All yeast"}, "ada")
    assert sorted(kind for kind, _ in found(store, "yeast")) == ["analysis", "asset", "comment", "story"]
    with store.writing() as db:
        comments.remove(db, db.query(Comment).one())
        stories.change(db, db.query(Story).one(), {}, [], "ada")
    assert sorted(kind for kind, _ in found(store, "yeast")) == ["analysis", "asset"]
    assert is_whole(store)


@pytest.fixture
def without_fts5(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A Python whose SQLite cannot do it: the one thing that no test can have in fact."""
    monkeypatch.setattr(wordindex, "_can", lambda _connection: False)
    return monkeypatch


@pytest.mark.sqlite
def test_without_fts5_searching_works_and_says_so(
    without_fts5: pytest.MonkeyPatch, config: ServerConfig, caplog: pytest.LogCaptureFixture
) -> None:
    for folder in (config.data_dir, config.data_dir.with_name("new")):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            store = Store.in_folder(folder)
        assert "FTS5" in caplog.text
        store.close()
    store = Store.in_folder(config.data_dir)
    api_id = figure(store, "Overgrowth", CODE)
    assert found(store, "growth") == [("figure", api_id)]
    assert found(store, "read_csv") == []
    store.close()
    without_fts5.undo()
    store = Store.in_folder(config.data_dir)
    assert found(store, "growth") == []
    assert found(store, "read_csv") == found(store, "overg") == [("figure", api_id)]
    assert is_whole(store)
    store.close()


@pytest.mark.sqlite
def test_a_lost_index_is_made_anew(store: Store, config: ServerConfig) -> None:
    api_id = figure(store, "Growth", CODE)
    store.close()
    for damage in ("DROP TABLE texts_index", "DROP TRIGGER texts_updated"):
        with closing(sqlite3.connect(config.data_dir / FILE_NAME)) as db, db:
            db.execute(damage)
        again = Store.in_folder(config.data_dir)
        assert found(again, "growth", "csv") == [("figure", api_id)]
        assert is_whole(again)
        again.close()


@pytest.mark.sqlite
def test_a_backup_brings_the_index_along(store: Store, config: ServerConfig, tmp_path: Path) -> None:
    api_id = figure(store, "Growth", CODE)
    back_up(config.data_dir, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "restored")
    assert check(tmp_path / "restored").is_sound
    there = Store.in_folder(tmp_path / "restored")
    assert found(there, "read_csv") == [("figure", api_id)]
    assert is_whole(there)
    there.close()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"plain", "plain"),
        (b"a\0b", None),
        (b"\xff\xfe\x00", None),
        (b"caf\xe9 au lait", None),
        ("é".encode() * 3, "ééé"),
        ("é".encode() * (words.MOST_BYTES // 2) + b"tail", "é" * (words.MOST_BYTES // 2)),
        (b"a" + "é".encode() * words.MOST_BYTES, "a" + "é" * (words.MOST_BYTES // 2 - 1)),
        (b"", ""),
    ],
)
def test_texts_in_bytes(raw: bytes, expected: str | None) -> None:
    assert words.text_in(raw) == expected


def test_revisions_without_code_have_no_texts(store: Store) -> None:
    drop(store, publish(store, b"a file of a revision"))
    with store.reading() as db:
        assert db.query(Indexed).filter_by(kind=words.DATA).count() == 0
