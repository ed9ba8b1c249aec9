"""Data folders as older servers left them, one builder a revision of the schema.

Written with SQL and plain files alone: today's classes would write what today's server expects.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from blake3 import blake3
from sqlalchemy import create_engine

from gofigr_jupyter.server.store.database import FILE_NAME, MIGRATIONS

LOCAL_TOKEN = "ab" * 33
KEY = "cd" * 33
COOKIE = "a-cookie-of-long-ago"
PASSWORD = "correct horse"
HASHED = "$argon2id$v=19$m=65536,t=3,p=4$13jIk+SHDY4iePUaZMb4IA$1aDQLA2cKVgLEg+3qwqCqhbf0Bi5xGLg4S/7PSMMgF0"  # of the password above
AT = "2026-03-04 05:06:07.890123"
LATER = "2026-03-05 06:07:08.000001"
NEVER_ENDS = "9999-01-01 00:00:00.000000"
FIGURES, REVISIONS = 5, 50
TABLES_OF_R0001 = (
    "facts users api_keys passes members short_id_prefixes workspaces analyses figures revisions data_items activities"
).split()


def an_id(name: str) -> str:
    """An id that is the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def r0001(folder: Path) -> None:
    """Two people, two workspaces, four analyses, five figures, fifty revisions with pictures, code and large files."""
    folder.mkdir(parents=True, mode=0o700)
    _schema(folder, "r0001")
    with closing(sqlite3.connect(folder / FILE_NAME)) as db, db:
        db.execute("PRAGMA foreign_keys = ON")
        _people(db)
        _places(db)
        _revisions(db, folder)


def r0002(folder: Path) -> None:
    """The same, and what people say about it: a comment and a story."""
    r0001(folder)
    _schema(folder, "r0002")
    flags = {"is_ai": 0, "is_edited": 0, "is_deleted": 0, "mentions": "[]", "created_on": AT}
    with closing(sqlite3.connect(folder / FILE_NAME)) as db, db:
        db.execute("PRAGMA foreign_keys = ON")
        said = {"id": an_id("comment"), "author": "ada", "content": "Rather *steep*", "figure_id": an_id("figure 1")}
        _insert(db, "comments", **said, **flags)
        told = {"title": "A talk", "slides": "[]", "words": "all about steep slopes", "created_by": "ada"}
        _insert(db, "stories", id=an_id("story"), workspace_id=an_id("primary"), created_on=AT, **told)


def r0003(folder: Path) -> None:
    """The same, with the tables for searching."""
    r0002(folder)
    _schema(folder, "r0003")


BUILDERS: dict[str, Callable[[Path], None]] = {"r0001": r0001, "r0002": r0002, "r0003": r0003}


def _schema(folder: Path, revision: str) -> None:
    """The tables as the migrations up to this one made them; migrations are never changed once released."""
    engine = create_engine(f"sqlite:///{folder / FILE_NAME}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def _insert(db: sqlite3.Connection, table: str, **values: Any) -> None:
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608 - our own names


def _people(db: sqlite3.Connection) -> None:
    person = {"first_name": "", "last_name": "", "is_active": 1, "is_staff": 0, "date_joined": AT}
    profile = json.dumps({"ui_data": {"theme": "dark", "Ω": [1, None]}})
    _insert(
        db, "users", id=1, username="ada", email="ada@example.org", user_profile=profile, avatar=b"\x89PNG", **person
    )
    _insert(db, "users", id=7, username="bob", password_hash=HASHED, user_profile="{}", **person)
    _insert(db, "facts", name="local_user", value="1")
    _insert(db, "facts", name="signing_key", value="ef" * 32)
    _insert(db, "short_id_prefixes", prefix="Abcdefgh", user_id=1, reserved_on=AT)


def _places(db: sqlite3.Connection) -> None:
    made = {"created_by": "ada", "created_on": AT, "child_updated_by": "ada", "child_updated_on": AT}
    for name, kind in (("primary", "primary"), ("lab", "secondary")):
        _insert(db, "workspaces", id=an_id(name), name=name, workspace_type=kind, **made)
        _insert(db, "members", workspace_id=an_id(name), user_id=1, membership_type="owner", added_on=AT)
    _insert(db, "members", workspace_id=an_id("lab"), user_id=7, membership_type="viewer", added_on=LATER)
    for scope, name in ((None, "all"), (an_id("lab"), "lab only")):
        token = KEY if scope is None else "99" * 33
        digest = hashlib.sha256(token.encode()).hexdigest()
        _insert(db, "api_keys", id=an_id(name), user_id=1, name=name, digest=digest, created=AT, workspace_id=scope)
    digest = hashlib.sha256(COOKIE.encode()).hexdigest()
    _insert(db, "passes", digest=digest, kind="cookie", user_id=1, api_key_id=an_id("all"), expires=NEVER_ENDS)
    for number in range(4):
        place = an_id("lab" if number == 3 else "primary")
        _insert(db, "analyses", id=an_id(f"analysis {number}"), workspace_id=place, name=f"analysis {number}", **made)
        _log(db, place, f"analysis {number}", "create", "analysis")
    _log(db, an_id("primary"), "analysis gone", "delete", "analysis", deleted=1)
    for number in range(FIGURES):  # the last analysis stays empty
        parent = an_id(f"analysis {number % 3}")
        _insert(
            db,
            "figures",
            id=an_id(f"figure {number}"),
            analysis_id=parent,
            name=f"Figure “{number}”",
            next_index=10,
            **made,
        )


def _log(
    db: sqlite3.Connection,
    workspace: str,
    name: str,
    action: str,
    kind: str,
    analysis: str | None = None,
    deleted: int = 0,
) -> None:
    _insert(
        db,
        "activities",
        id=an_id(f"{action} {name}"),
        workspace_id=workspace,
        analysis_id=analysis,
        username="ada",
        timestamp=AT,
        action=action,
        target_type=kind,
        target_id=an_id(name),
        target_name=name,
        deleted=deleted,
    )


def contents(number: int) -> list[bytes]:
    """The bytes of a revision's data objects; some are empty, some longer than a chunk, some the same as others'."""
    chance = random.Random(number)  # noqa: S311 - repeatable
    picture = b"\x89PNG\r\n\x1a\n" + chance.randbytes(2000)
    return [picture, b"plt.show()  # the same in all", chance.randbytes(1_300_000) if number == 49 else b""]


def _revisions(db: sqlite3.Connection, folder: Path) -> None:
    for number in range(REVISIONS):
        figure, pieces = number % FIGURES, contents(number)
        _insert(
            db,
            "revisions",
            id=an_id(f"revision {number}"),
            figure_id=an_id(f"figure {figure}"),
            revision_index=number // FIGURES,
            client_id=an_id(f"revision {number}") if number % 2 else None,
            short_id=f"Abcdefgh{number}" if number % 2 else None,
            metadata=json.dumps({"title": f"№ {number}", "nested": {"deep": [number, 1.5, None]}}),
            size_bytes=sum(map(len, pieces)),
            is_clean_room=0,
            created_by="ada",
            created_on=AT,
            updated_by="bob" if number == 3 else None,
            updated_on=LATER if number == 3 else None,
        )
        _log(db, an_id("primary"), f"revision {number}", "create", "figure_revision", an_id(f"analysis {figure % 3}"))
        for position, content in enumerate(pieces):
            _insert(
                db,
                "data_items",
                id=an_id(f"item {number} {position}"),
                revision_id=an_id(f"revision {number}"),
                position=position,
                name=("figure", "Jupyter Cell", "table.csv")[position],
                type=("image", "code", "file")[position],
                hash=blake3(content).hexdigest(),
                size_bytes=len(content),
                is_clean_room=0,
                metadata=json.dumps({"format": ("png", "jupyter-cell", "csv")[position]}),
                chunks=json.dumps(_kept(folder, content)),
            )


def _kept(folder: Path, content: bytes) -> list[str]:
    """Store bytes as they were stored then: files of at most 1 MiB, each named by its BLAKE3."""
    chunks = []
    for start in range(0, len(content), 1 << 20):
        piece = content[start : start + (1 << 20)]
        digest = blake3(piece).hexdigest()
        path = folder / "blobs" / digest[:2] / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(piece)
        chunks.append(digest)
    return chunks


def rows(folder: Path, table: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """All rows of a table as SQLite has them, in these columns."""
    with closing(sqlite3.connect(f"file:{folder / FILE_NAME}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        found = [dict(row) for row in db.execute(f"SELECT * FROM {table}")]  # noqa: S608 - our own names
    kept = [{name: row[name] for name in columns or row} for row in found]
    return sorted(kept, key=str)


def revision_of(folder: Path) -> str:
    """The schema's revision as the database says."""
    return str(rows(folder, "alembic_version")[0]["version_num"])


def tables(folder: Path) -> dict[str, str]:
    """Every table, index and trigger with the SQL that made it."""
    with closing(sqlite3.connect(f"file:{folder / FILE_NAME}?mode=ro", uri=True)) as db:
        return {name: str(sql) for name, sql in db.execute("SELECT name, sql FROM sqlite_master")}
