"""The database: opens it, brings its schema up to date, and hands out transactions.

SQLite embedded (rollback journal, synchronous=FULL, one process), PostgreSQL for teams that want it. In both, writers
queue: at a lock of ours, and then in the database (BEGIN IMMEDIATE, an advisory lock), so that no reader ever has to
become a writer half-way, and nobody's change is lost; and a reader sees the rows of one moment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.orm import Session

from gofigr_jupyter.errors import ConfigurationError, GoFigrError
from gofigr_jupyter.server.store import postgres, wordindex, words
from gofigr_jupyter.server.store.bell import RUNG, Bell
from gofigr_jupyter.server.store.tables import Base

# The newest migration; a test holds it against the files. With it a start knows without Alembic that nothing is to do.
HEAD = "r0004"
FILE_NAME = "gofigr.sqlite"
MIGRATIONS = Path(__file__).with_name("migrations")

INDEXED = "indexed"  # what a transaction says of itself: whether there is an index of words

Transaction = Session


class Database:
    """Transactions on one database."""

    def __init__(self, engine: Engine) -> None:
        self.bell = Bell()
        self.has_index = False  # until `upgrade` has looked
        self.version = 0  # another one after each change that was made through this object
        self._sqlite = engine.dialect.name == "sqlite"
        self._engine = engine
        # SQLite's readers see one moment anyway; PostgreSQL's have to ask for it.
        self._reading_engine = engine if self._sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._writing_engine = engine.execution_options(writing=True)
        self._writer = threading.Lock()  # who waits here holds no connection meanwhile

    @classmethod
    def in_folder(cls, folder: Path, url: str | None = None) -> Database:
        """The database of a data folder: in it, made at first use, or at the address of a PostgreSQL.

        Raises ConfigurationError where the folder's rows are in the other of the two.
        """
        path = folder / FILE_NAME
        if url is None:
            if postgres.has_mark(folder):
                raise ConfigurationError(postgres.ELSEWHERE.format(folder))
            path.touch(mode=0o600)
            return cls(_sqlite_engine(path))
        if path.exists():
            raise ConfigurationError(f"The rows of {folder} lie in it already: another database needs another folder.")
        engine = postgres.engine(postgres.address(url))
        postgres.require_answer(engine)
        postgres.set_mark(folder)
        return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A consistent view; what is changed in it is not kept."""
        with Session(self._reading_engine, autoflush=False, info=self._told()) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """All or nothing; on disk when the block has ended."""
        made = Session(self._writing_engine, expire_on_commit=False, info=self._told())
        with self._writer:
            try:
                with made as session, session.begin():
                    event.listen(session, "after_flush", words.follow)
                    yield session
            finally:
                self.version += 1
        self.bell.ring(session.info.get(RUNG, ()))

    def upgrade(self) -> None:
        """Bring the schema and the index of words up to date: a few queries when they are."""
        with self._engine.connect() as connection:
            standing = wordindex.standing(connection) if _version(connection) == HEAD else None
            if standing is not None:
                self.has_index = standing
                return
        with (
            self._writing_engine.connect() as connection,
            _unchecked(connection, sqlite=self._sqlite),
            connection.begin(),
        ):
            if (version := _version(connection)) is None:
                _create(connection)
            elif version != HEAD:
                migrate(connection)
            self.has_index = wordindex.mend(connection)

    def is_current(self) -> bool:
        """Whether the schema is of this version."""
        with self._engine.connect() as connection:
            return _version(connection) == HEAD

    def _told(self) -> dict[Any, Any]:
        return {INDEXED: self.has_index}

    def close(self) -> None:
        """Close all connections, and end all waiting."""
        self.bell.close()
        self._engine.dispose()


def file_in(folder: Path) -> Path:
    """The file with a data folder's rows, to copy or examine it; raises ConfigurationError where there is none."""
    if postgres.has_mark(folder):
        raise ConfigurationError(postgres.APART.format(folder))
    path = folder / FILE_NAME
    if not path.is_file():
        raise ConfigurationError(f"There is no server's data in {folder}.")
    return path


def _sqlite_engine(path: Path) -> Engine:
    # Errors would quote what people publish into the log.
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True, pool_size=8, max_overflow=40)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def _unchecked(connection: Connection, *, sqlite: bool) -> Iterator[None]:
    """Without foreign keys on SQLite: a table that is rebuilt there would take all with it that refers to it."""
    raw = connection.connection.dbapi_connection if sqlite else None
    if raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys = OFF")  # outside a transaction, or it does nothing
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, in the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - slow to import, and hardly ever needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise GoFigrError("The database cannot be brought up to date: some rows refer to rows that are not there")


def _create(connection: Connection) -> None:
    """The first start, when somebody waits: the same tables without the migrations (a test compares the two)."""
    Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "before the first"


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # Python's module would begin transactions by its own rules
    for pragma in (
        "busy_timeout = 30000",
        "foreign_keys = ON",
        "journal_mode = DELETE",
        "synchronous = FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
