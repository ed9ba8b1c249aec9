"""The schema: what the migrations make is what the tables say, and an up-to-date one costs nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from gofigr_jupyter.server.store import people, postgres
from gofigr_jupyter.server.store.database import FILE_NAME, HEAD, MIGRATIONS, Database, migrate
from gofigr_jupyter.server.store.tables import Base, Member
from gofigr_jupyter.server.store.wordindex import INDEX
from tests.server.databases import POSTGRESQL
from tests.server.postgres import PostgreSQL


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An up-to-date database."""
    server: PostgreSQL | None = request.getfixturevalue("postgres") if request.param == POSTGRESQL else None
    name = server.make() if server else ""
    database = Database.in_folder(tmp_path, server.url(name) if server else None)
    database.upgrade()
    yield database
    database.close()
    if server:
        server.drop(name)


@pytest.fixture
def empty(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Engine]:
    """Another database of the same kind, without any tables."""
    if is_sqlite(database):
        engine = create_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield engine
        engine.dispose()
    else:
        server: PostgreSQL = request.getfixturevalue("postgres")
        name = server.make()
        engine = postgres.engine(postgres.address(server.url(name)))
        yield engine
        engine.dispose()
        server.drop(name)


def is_sqlite(database: Database) -> bool:
    return database._engine.dialect.name == "sqlite"


def schema(engine: Engine) -> dict[str, object]:
    """Everything a database can tell of its tables; the index of words is made apart from them."""
    look = inspect(engine)
    names = [name for name in look.get_table_names() if name != "alembic_version" and not name.startswith(INDEX)]
    of_words = {"ix_texts_document"}
    return {
        name: (
            sorted(({**column, "type": str(column["type"])} for column in look.get_columns(name)), key=str),
            look.get_pk_constraint(name),
            sorted(look.get_foreign_keys(name), key=str),
            sorted((one for one in look.get_indexes(name) if one["name"] not in of_words), key=str),
            sorted(look.get_unique_constraints(name), key=str),
        )
        for name in names
    }


def test_migrations_make_what_a_first_start_makes(database: Database, empty: Engine) -> None:
    with empty.begin() as connection:
        migrate(connection)
    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert schema(database._engine) == schema(empty)


def test_an_older_schema_is_migrated(tmp_path: Path) -> None:
    database = Database.in_folder(tmp_path)
    engine = create_engine(f"sqlite:///{tmp_path / FILE_NAME}")
    with engine.begin() as connection:
        # before the first migration: what a folder looks like that some later one has to start from
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    database.upgrade()
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == HEAD
    engine.dispose()
    database.close()


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


@pytest.mark.sqlite
def test_a_start_without_news_does_not_import_alembic(database: Database, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gofigr_jupyter.server.store.database import Database; "
        f"Database.in_folder(Path({str(tmp_path)!r})).upgrade(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0


@pytest.mark.sqlite
def test_sqlite_is_set_to_lose_nothing(database: Database) -> None:
    with database.reading() as db:
        found = {name: db.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert found == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1}


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as db:
        db.add(Member(workspace_id="nowhere", user_id=1, membership_type="owner", added_on=people.now()))


def test_a_failed_change_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.writing() as db:
            people.create_user(db, "ada")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as db:
        assert people.user_named(db, "ada") is None


def test_writers_queue_and_readers_see_whole_changes(database: Database) -> None:
    def add(number: int) -> None:
        with database.writing() as db:
            value = int(people.fact(db, "count") or 0)
            people.remember(db, "count", str(value + 1))
        with database.reading() as db:
            assert people.fact(db, "count")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as db:
        assert people.fact(db, "count") == "20"
