"""The index over `texts`: FTS5 where SQLite has it, else `tsvector` with PostgreSQL; made, mended and asked here alone.

In: a connection at the start, the words of a search. Out: a table of matches with their rank. SQLite's index follows
the rows by triggers; both can be made anew from the rows at any time.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CTE, Connection, Float, Integer, String, Text, bindparam, text, update

from gofigr_jupyter.server.store.tables import Indexed
from gofigr_jupyter.server.wording import tokens

log = logging.getLogger(__name__)
COLUMNS = ("name", "title", "description", "words", "parts")
WEIGHTS = (1000.0, 100.0, 20.0, 1.0, 0.5)  # of the columns, for bm25; they count less the more often a word occurs
GRADES = "AABCD"  # of the columns, for PostgreSQL
GRADED = "{0.05, 0.1, 0.4, 1.0}"  # what the grades D, C, B and A count
INDEX = "texts_index"
MISSING = (
    "The SQLite of this Python has no FTS5. Searching works without an index: slower, by parts of words in names and "
    "texts alone, not in code and documents."
)
_LISTED = ", ".join(COLUMNS)
_NEW, _OLD = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("new", "old"))
_ADD = f"INSERT INTO {INDEX}(rowid, {_LISTED}) VALUES (new.id, {_NEW});"  # noqa: S608 - our own names
_DROP = f"INSERT INTO {INDEX}({INDEX}, rowid, {_LISTED}) VALUES ('delete', old.id, {_OLD});"  # noqa: S608
TRIGGERS = {
    "texts_inserted": f"AFTER INSERT ON texts BEGIN {_ADD} END",
    "texts_deleted": f"AFTER DELETE ON texts BEGIN {_DROP} END",
    "texts_updated": f"AFTER UPDATE ON texts BEGIN {_DROP} {_ADD} END",
}
TABLE = (
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5({_LISTED}, content='texts', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2')"
)
POSTGRES = "CREATE INDEX IF NOT EXISTS ix_texts_document ON texts USING gin (document)"
RANK = f"-bm25({INDEX}, {', '.join(map(str, WEIGHTS))})"
AT_A_TIME = 500
# What PostgreSQL takes in one row's index: the bytes of words with 6 a place at most, the number of the last place, and
# the letters of a word, up to four bytes each.
MOST_IN_DOCUMENT, OF_A_PLACE, LAST_PLACE, LONGEST_WORD = 1_000_000, 6, 16_383, 500


# ---------------------------------------------------------------- making and mending


def standing(connection: Connection) -> bool | None:
    """Whether there is an index to search in; None where `mend` has something to do first."""
    if connection.dialect.name != "sqlite":
        found = connection.execute(text("SELECT to_regclass('ix_texts_document')")).scalar()
        return True if found else None
    there = _there(connection)
    if not _can(connection):
        if there & TRIGGERS.keys():
            return None
        log.warning(MISSING)
        return False
    return True if there == {INDEX, *TRIGGERS} else None


def mend(connection: Connection) -> bool:
    """Make of the index what is missing; whether there is one then."""
    if connection.dialect.name != "sqlite":
        return _mend_postgres(connection)
    there, can = _there(connection), _can(connection)
    for name in there & TRIGGERS.keys():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    if not can:
        log.warning(MISSING)
        return False  # an index that another SQLite made stays as it is until that one mends it
    if INDEX not in there:
        connection.exec_driver_sql(TABLE)
    connection.exec_driver_sql(f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')")  # noqa: S608 - our own name
    for name, does in TRIGGERS.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {does}")
    return True


def _there(connection: Connection) -> set[str]:
    rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE 'texts%'")
    return {row[0] for row in rows} & {INDEX, *TRIGGERS}


def _can(connection: Connection) -> bool:
    return bool(connection.exec_driver_sql("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").first())


def _mend_postgres(connection: Connection) -> bool:
    table: Any = Indexed.__table__
    columns = [table.c[name] for name in ("id", *COLUMNS)]
    while rows := connection.execute(
        table.select().with_only_columns(*columns).where(table.c.document.is_(None)).limit(AT_A_TIME)
    ).all():
        for row in rows:
            values = {"document": document(row._asdict())}
            connection.execute(update(table).where(table.c.id == row.id).values(values))
    connection.execute(text(POSTGRES))
    return True


def document(row: Mapping[str, str]) -> str:
    """A row's texts as PostgreSQL's index takes them: words with their places and grades, what is too much left out.

    Its own parser would take `np.mean` for the name of a host, and would know other words than the rest of us.
    """
    written: list[str] = []
    place, room = 0, MOST_IN_DOCUMENT
    for name, grade in zip(COLUMNS, GRADES, strict=True):
        for word in tokens(row[name]):
            place, kept = place + 1, _lexeme(word)
            room -= len(kept.encode()) + OF_A_PLACE
            if room < 0:
                return " ".join(written)
            written.append(f"{kept}:{min(place, LAST_PLACE)}{grade}")
        place += 1  # no phrase goes on from one text to the next
    return " ".join(written)


def _lexeme(word: str) -> str:
    return f"'{word[:LONGEST_WORD]}'"  # of letters and digits alone, so that nothing in it ends it


# ---------------------------------------------------------------- asking


def asked(word: str, *, is_last: bool, sqlite: bool) -> str | None:
    """What somebody typed as a word, in the index's own language; None for mere signs. The last may go on."""
    found = tokens(word)
    if not found:
        return None
    if sqlite:
        return f'"{" ".join(found)}"' + ("*" if is_last else "")
    return " <-> ".join(map(_lexeme, found)) + (":*" if is_last else "")


def any_of(words: Sequence[str], *, sqlite: bool, go_on: bool = False) -> str:
    """Any of some words, the last of which may go on, or all."""
    wanted = [asked(one, is_last=go_on or one is words[-1], sqlite=sqlite) for one in words]
    return (" OR " if sqlite else " | ").join(f"({one})" for one in wanted if one)


def matches(name: str, wanted: str, *, sqlite: bool) -> CTE:
    """What of `texts` matches: whose words they are (`kind`, `key`), and their rank: the larger, the better.

    Everything asked is a bound value. The rows are fetched once here, as they are looked through for each kind.
    """
    if sqlite:
        query = (
            f"SELECT id, kind, key, {RANK} AS rank FROM {INDEX} "  # noqa: S608 - our own names
            f"CROSS JOIN texts ON texts.id = {INDEX}.rowid WHERE {INDEX} MATCH :wanted"  # in this order
        )
    else:
        query = (
            f"SELECT id, kind, key, CAST(ts_rank('{GRADED}', document, CAST(:wanted AS tsquery)) "  # noqa: S608
            "AS double precision) AS rank "
            "FROM texts WHERE document @@ CAST(:wanted AS tsquery)"
        )
    asking = text(query.replace(":wanted", f":{name}")).bindparams(bindparam(name, wanted, String))
    # On its own: bm25 cannot be computed within what is grouped.
    return asking.columns(id=Integer, kind=Text, key=Text, rank=Float).cte(f"of_{name}").prefix_with("MATERIALIZED")


