"""PostgreSQL, for teams: how the operator's address becomes an engine, and what it needs to behave as SQLite does.

In: a URL with, perhaps, a password, which is never said again. Out: an engine. The driver is loaded only here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from gofigr_jupyter.errors import ConfigurationError

NAMES = ("postgresql", "postgres", "postgresql+psycopg")
DRIVER = "postgresql+psycopg"
MARK = "postgresql"  # a file in a data folder whose rows are not in it
QUEUE = 0x60F1_6A11  # the number of the lock at which writers queue; any, but always the same
SECONDS = 10  # for a connection
NUL, INSTEAD = "\0", "\ufffd"  # PostgreSQL has no texts with NUL; in JSON it keeps them, but no query may ask for one
MISSING = "PostgreSQL needs a driver: pip install 'gofigr-jupyter[teams]'"
APART = "The rows of {} lie in PostgreSQL. Stop the server, copy them with pg_dump, and then the folder."
ELSEWHERE = "The rows of {} lie in PostgreSQL: set GOFIGR_JUPYTER_DATABASE to its address."


def address(told: str) -> URL:
    """The operator's address, understood; raises ConfigurationError, which does not repeat it."""
    try:
        url = make_url(told)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in NAMES:
        raise ConfigurationError("The database's address is like postgresql://user:password@host:5432/name.")
    return url.set(drivername=DRIVER)


def engine(url: URL) -> Engine:
    """Connections to a server; raises ConfigurationError where there is no driver."""
    try:
        made = create_engine(
            url,
            hide_parameters=True,  # errors would quote what people publish into the log
            pool_pre_ping=True,
            pool_size=8,
            max_overflow=40,
            connect_args={"connect_timeout": SECONDS, "options": "-c timezone=UTC"},
        )
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def require_answer(made: Engine) -> None:
    """Raises ConfigurationError, with the server's reason, when the database does not let us in."""
    try:
        made.connect().close()
    except OperationalError as error:
        raise ConfigurationError(f"The database cannot be used: {error.orig}") from error


def has_mark(folder: Path) -> bool:
    """Whether a data folder's rows lie in PostgreSQL."""
    return (folder / MARK).exists()


def set_mark(folder: Path) -> None:
    """Note that they do, so that nobody who forgets the address begins anew with an empty database."""
    (folder / MARK).touch(mode=0o600)


def _prepare(connection: Any, _record: Any) -> None:
    from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415 - only where there is a PostgreSQL

    class Dumper(StrDumperUnknown):
        """Texts of people as they are, but for the one character that the database cannot keep."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace(NUL, INSTEAD) if NUL in obj else obj)

    connection.adapters.register_dumper(str, Dumper)


def _begin(connection: Connection) -> None:
    """Writers queue, those of other processes too: what a writer has read stays true until it has written."""
    if connection.get_execution_options().get("writing", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({QUEUE})")
