"""PostgreSQL: whose rows lie where, what it could stumble over, and how it searches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.config import DATABASE_VARIABLE, ServerConfig
from gofigr_jupyter.server.store import events, search, tree, work
from gofigr_jupyter.server.store import postgres as dialect
from gofigr_jupyter.server.store.backup import back_up
from gofigr_jupyter.server.store.database import FILE_NAME
from gofigr_jupyter.server.store.fsck import check
from gofigr_jupyter.server.store.people import now, user_named
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.search import PLACES, Question
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Comment, Figure, Revision, User, Workspace
from tests.server.databases import Start
from tests.server.postgres import PostgreSQL

SECRET = "hunter2secret"


@pytest.fixture
def config(started_with_postgres: Start, tmp_path: Path) -> Iterator[ServerConfig]:
    """A server that was never used."""
    with started_with_postgres.copied(tmp_path / "data") as config:
        yield config


@pytest.fixture
def store(config: ServerConfig) -> Iterator[Store]:
    store = Store.in_folder(config.data_dir, config.database)
    yield store
    store.close()


def figure(store: Store, **fields: Any) -> str:
    """A figure in the local user's workspace; its id."""
    with store.writing() as db:
        place = db.query(Workspace).one()
        analysis = tree.create_analysis(db, place, {"id": tree.new_id(), "name": "trial"}, "ada")
        return tree.create_figure(db, analysis, {"id": tree.new_id(), "name": "f"} | fields, "ada").id


def found(store: Store, *wanted: str) -> list[str]:
    """The ids of figures that have all of these words."""
    with store.reading() as db:
        places = tuple(db.scalars(select(Workspace.id)))
        asked = Question(wanted, tuple(PLACES), Reach(db.query(User).one().id, places))
        return [one.id for one in search.by_words(db, asked, after=None, limit=100)]


# ---------------------------------------------------------------- the address


@pytest.mark.parametrize(
    "told",
    [
        f"mysql://ada:{SECRET}@db/figures",
        f"postgresql://ada:{SECRET}@db:{SECRET}/figures",
        f"postgresql+psycopg2://ada:{SECRET}@db/figures",
        f"sqlite:///{SECRET}",
        SECRET,
    ],
)
def test_an_address_that_is_none_is_not_repeated(told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="postgresql://user") as caught:
        Store.in_folder(tmp_path / "data", told)
    assert SECRET not in str(caught.value)


def test_nobody_says_the_password(postgres: PostgreSQL, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"postgresql://nobody:{SECRET}@/nothing?host={postgres.folder}"
    with pytest.raises(ConfigurationError, match="does not exist") as caught:
        Store.in_folder(tmp_path / "data", url)
    config = ServerConfig(data_dir=tmp_path / "data", port=1, database=url)
    assert SECRET not in f"{caught.value} {caught.value.__cause__} {config} {dialect.address(url)} {caplog.text}"
    assert not dialect.has_mark(tmp_path / "data")


def test_a_folder_stays_with_its_database(config: ServerConfig, started: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=DATABASE_VARIABLE):
        Store.in_folder(config.data_dir)
    assert not (config.data_dir / FILE_NAME).exists()
    with pytest.raises(ConfigurationError, match="another folder"):
        Store.in_folder(started, config.database)
    assert not dialect.has_mark(started)


def test_commands_for_files_say_what_to_do_instead(config: ServerConfig, tmp_path: Path) -> None:
    for command in (lambda: back_up(config.data_dir, tmp_path / "backup"), lambda: check(config.data_dir)):
        with pytest.raises(ConfigurationError, match="pg_dump"):
            command()


def test_accounts_are_made_where_the_server_looks(config: ServerConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, str(config.database))
    accounts.add_user(config.data_dir, "eve", "eve@example.org", "correct horse")
    store = Store.in_folder(config.data_dir, config.database)
    with store.reading() as db:
        assert user_named(db, "eve") is not None
    store.close()


# ---------------------------------------------------------------- what it could stumble over


def test_texts_with_nul(store: Store) -> None:
    """It has no such texts; JSON with one comes back as it was."""
    api_id = figure(store, name="growth\0rate", description="\0")
    hostile = {"role": "a\0b", "\0": ["\\u0000", "\\\0", "c:\\u0000"]}
    with store.writing() as db:
        row = tree.create_revision(db, db.get_one(Figure, api_id), {"id": tree.new_id(), "meta": hostile}, "ada")
        revision_id = row.id
    with store.reading() as db:
        assert db.get_one(Figure, api_id).name == "growth\ufffdrate"
        assert db.get_one(Revision, revision_id).meta == hostile
        assert db.get(Figure, "\0") is None
        assert user_named(db, "a\0b") is None
    assert found(store, "growth", "rate") == [api_id]


def test_more_bytes_than_an_integer_has(store: Store) -> None:
    api_id = figure(store)
    with store.writing() as db:
        row = tree.create_revision(db, db.get_one(Figure, api_id), {"id": tree.new_id()}, "ada")
        row.size_bytes = 5 << 30
    with store.reading() as db:
        assert db.scalar(select(Revision.size_bytes)) == 5 << 30


def test_a_number_larger_than_any_event_has(store: Store) -> None:
    api_id = figure(store)
    with store.reading() as db:
        row = db.get_one(Figure, api_id)
        assert (events.since(db, row, 2**62), events.since(db, row, 0)) == ([], [])


def test_a_reader_sees_one_moment(store: Store) -> None:
    api_id = figure(store, name="before")
    with store.reading() as db:
        assert db.scalar(select(Figure.name)) == "before"
        with store.writing() as other:
            tree.update(other, other.get_one(Figure, api_id), {"name": "after"}, "ada")
        assert db.scalar(select(Figure.name)) == "before"
    with store.reading() as db:
        assert db.scalar(select(Figure.name)) == "after"


def test_two_processes_begin_a_task_once(store: Store, config: ServerConfig) -> None:
    """As two stores with locks of their own; of the same number they would both have made the same."""
    other = Store.in_folder(config.data_dir, config.database)
    with store.writing() as db:
        user_id = db.query(User).one().id
        ids = [tree.new_id() for _ in range(20)]
        for task_id in ids:
            work.create_task(db, task_id, "upload", user_id=user_id, workspace_id=None, request={})
    begun: list[str] = []

    def take(mine: Store) -> None:
        for task_id in ids:
            with mine.writing() as db:
                if work.begin(db, task_id) is not None:
                    begun.append(task_id)

    threads = [threading.Thread(target=take, args=(one,)) for one in (store, other, store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(begun) == sorted(ids)


def test_no_change_of_another_process_is_lost(store: Store, config: ServerConfig) -> None:
    api_id = figure(store, description="")
    other = Store.in_folder(config.data_dir, config.database)

    def add(mine: Store) -> None:
        for _ in range(10):
            with mine.writing() as db:
                row = db.get_one(Figure, api_id)
                row.description = f"{row.description}x"

    threads = [threading.Thread(target=add, args=(one,)) for one in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    with store.reading() as db:
        assert db.get_one(Figure, api_id).description == "x" * 20


# ---------------------------------------------------------------- searching

TEXT = "naïve fit: np.mean(read_csv('Größe.csv')) 数据分析 DataFrame it's 100% 1e-5 x² \\back 'quoted' <b>&|!:* well-known"


FOUND = """naive NAÏVE np.mean mean read_csv csv größe 数据 数据分析 data frame dataf it's 100% 1e-5 x² back quoted "quoted"
'quoted' quot well-known known well- <b> &fit|np !mean mean:* (mean) 'np'<->'mean'""".split()
NOT_FOUND = ["grosse", "ﬁt", "eadframe", "分析", "mean.np", "mean:*AB", "fit|mean", "a' | 'fit", "'", "💥", "\\'", "f" * 5000]


def test_what_is_found_and_what_is_not(store: Store) -> None:
    api_id = figure(store, description=TEXT)
    assert [q for q in FOUND if found(store, q) != [api_id]] == []
    assert [q for q in NOT_FOUND if found(store, q) != []] == []


def test_where_a_word_stands_decides_its_rank(store: Store) -> None:
    ids = {name: figure(store, **{name: "yeast"}) for name in ("ai_description", "description", "ai_title", "name")}
    ranked = found(store, "yeast")
    assert set(ranked[:2]) == {ids["name"], ids["ai_title"]}
    assert ranked[2:] == [ids["description"], ids["ai_description"]]


LONG = (
    " ".join(f"{n:x}" for n in range(40_000)),  # more words, and more places, than it has numbers for
    "a " * 100_000,
    "".join(map(chr, range(0x4E00, 0x4E00 + 20_000))) * 10,  # one word
    " ".join(chr(0x20000 + n % 40_000) + chr(0x20000 + n // 2) for n in range(60_000)),  # the most bytes
)


def test_very_long_texts(store: Store) -> None:
    ids = [figure(store, name="yeast", ai_title=text, description=text, ai_description=text) for text in LONG]
    assert sorted(found(store, "yeast")) == sorted(ids)


def test_what_is_deleted_is_found_no_more(store: Store) -> None:
    api_id = figure(store, name="yeast")
    with store.writing() as db:
        comment = tree.new_id()
        row = Comment(id=comment, author="ada", content="yeast?", mentions=[], figure_id=api_id, created_on=now())
        db.add(row)
    assert sorted(found(store, "yeast")) == sorted([api_id, comment])
    with store.writing() as db:
        tree.remove(db, db.get_one(Figure, api_id), "ada")
    assert found(store, "yeast") == []


def test_an_index_that_was_lost_is_made_anew(store: Store, config: ServerConfig) -> None:
    api_id = figure(store, name="yeast", description="np.mean")
    with store.writing() as db:
        db.execute(text("DROP INDEX ix_texts_document"))
        db.execute(text("UPDATE texts SET document = NULL"))
    assert found(store, "yeast") == []
    again = Store.in_folder(config.data_dir, config.database)
    assert found(again, "yeast", "np.mean") == [api_id]
    again.close()
