"""Stored tables as plain values, for pages, downloads and whoever else asks what a figure shows.

In: where a Parquet file's bytes lie. Out: some of its rows, or a file of CSV. A hostile file costs a child process.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from gofigr_jupyter.server import child
from gofigr_jupyter.server.child import Unreadable
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import DataItem
from gofigr_jupyter.server.tables import profile
from gofigr_jupyter.server.tables.profile import Profile

ROLE = "series"
MOST_BYTES = 64 << 20
PAGE_ROWS = 100
HEAD_ROWS = 50
_SEARCHED = 2_000  # rows in which a series is looked for
SECONDS = 20.0
_DECODER = "gofigr_jupyter.server.tables.decoder"
_PROFILER = "gofigr_jupyter.server.tables.profiler"
_PROFILE = 3  # its form: another number for another one
_at_once = threading.BoundedSemaphore(2)


class Stored(NamedTuple):
    """Where a table's bytes lie."""

    hash: str
    size_bytes: int
    chunks: Sequence[str]
    bucket_id: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a column; `type` is in a reader's words, the others are empty where nothing was said."""

    name: str
    label: str = ""
    unit: str = ""
    role: str = ""
    type: str = "text"

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.type.endswith("number")


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table from `offset` on, and how many there are in all.

    A cell is a number, a text, true, false or None; times are text. Long texts are cut.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    offset: int
    total: int
    more_columns: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """What stands over each column, but for its unit: its label, with its name where others have the same."""
        words = [one.label or one.name for one in self.columns]
        return tuple(
            f"{word} [{one.name}]" if one.label and words.count(word) > 1 else word
            for one, word in zip(self.columns, words, strict=True)
        )


def is_table(item: Item | DataItem) -> bool:
    """Whether a data object can be read here."""
    return item.type == "dataframe" and item.meta.get("format") == "parquet"


def is_plotted(item: Item) -> bool:
    """Whether a data object is a table of plotted values."""
    return item.meta.get("role") == ROLE and is_table(item)


def plotted(items: Iterable[Item]) -> list[Item]:
    """The tables of plotted values among a revision's data objects."""
    return [item for item in items if is_plotted(item)]


def rows(store: Store, table: Stored, offset: int = 0, limit: int = PAGE_ROWS) -> Rows:
    """Some rows. Raises Unreadable."""
    if offset == 0 and limit == PAGE_ROWS:
        found = heads(store, [table])[0]
    else:
        found = _rows_of(next(iter(_decoded(store, [table], offset, limit)), b""))
    if found is None:
        raise Unreadable("The file cannot be read.")
    return found


def head(store: Store, table: Stored, series: str = "") -> Rows:
    """The first rows, of one series where it is named and found early; `total` counts what fits. Raises Unreadable."""
    found = rows(store, table)
    at = next((n for n, one in enumerate(found.columns) if one.role == "series"), None) if series else None
    if at is not None:
        found = rows(store, table, limit=_SEARCHED)
        fits = tuple(one for one in found.rows if one[at] == series)
        beyond = max(0, found.total - len(found.rows))
        found = replace(found, rows=fits, total=len(fits) + beyond) if fits else found
    return replace(found, rows=found.rows[:HEAD_ROWS])


def heads(store: Store, tables: Sequence[Stored]) -> list[Rows | None]:
    """The first rows of each table, from the cache where they are known; None where they cannot be had."""
    kept = {one.hash: store.cache.get(_key(one)) for one in tables}
    missing = list({one.hash: one for one in tables if kept[one.hash] is None}.values())
    if missing:
        with suppress(Unreadable):
            for one, head in zip(missing, _decoded(store, missing, 0, PAGE_ROWS), strict=False):
                kept[one.hash] = head
                store.cache.put(_key(one), head)
    return [_rows_of(kept[one.hash]) for one in tables]


def profiled(
    store: Store, tables: Sequence[Stored], *, gently: bool = False
) -> list[tuple[Profile | None, Rows | None]]:
    """What each table amounts to, and its first rows, from the cache where they are known; None for what cannot be had.

    One child does both: to start it takes longer than its work. `gently` where nobody waits for it.
    """
    kept = {one.hash: store.cache.get(_profile_key(one)) for one in tables}
    missing = list({one.hash: one for one in tables if kept[one.hash] is None}.values())
    if missing:
        arguments = [str(PAGE_ROWS), *(str(one.size_bytes) for one in missing)]
        with suppress(Unreadable):
            frames = _frames(store, missing, _PROFILER, *arguments, gently=gently)
            for one, (header, blobs) in zip(missing, frames, strict=False):
                kept[one.hash] = json.dumps(header).encode()
                store.cache.put(_profile_key(one), kept[one.hash] or b"")
                if blobs:
                    store.cache.put(_key(one), blobs[0])
    heads_of = heads(store, tables)
    return [(_profile_of(kept[one.hash]), head) for one, head in zip(tables, heads_of, strict=True)]


def _profile_key(table: Stored) -> str:
    return f"tables/{table.hash[:2]}/{table.hash}-profile-{_PROFILE}.json"


def _profile_of(kept: bytes | None) -> Profile | None:
    try:
        return profile.of(json.loads(kept or b"null"))
    except ValueError:
        return None


def as_csv(store: Store, table: Stored) -> IO[bytes]:
    """All rows as CSV, in a file that is gone when it is closed. Raises Unreadable."""
    written = tempfile.TemporaryFile()  # noqa: SIM115 -- the answer reads it
    try:
        for _, blobs in _frames(store, [table], _DECODER, "csv"):
            written.writelines(blobs)
        written.seek(0)
    except BaseException:
        written.close()
        raise
    return written


def _key(table: Stored) -> str:
    return f"tables/{table.hash[:2]}/{table.hash}-{PAGE_ROWS}.json"


def _decoded(store: Store, tables: Sequence[Stored], offset: int, limit: int) -> Iterator[bytes]:
    """Rows of each table as JSON, which holds a problem instead where there is one."""
    arguments = [str(offset), str(limit), *(str(one.size_bytes) for one in tables)]
    for header, blobs in _frames(store, tables, _DECODER, "rows", *arguments):
        yield json.dumps(header | {"offset": offset, "rows": json.loads(blobs[0]) if blobs else []}).encode()


def _rows_of(kept: bytes | None) -> Rows | None:
    """What the child has sent; it may have been taken over by the file."""
    try:
        found = json.loads(kept or b"{}")
        known = asdict(Column("")).keys()
        columns = tuple(Column(**{key: str(one[key]) for key in known if key in one}) for one in found["columns"])
        cells = tuple(map(tuple, found["rows"]))
        return Rows(columns, cells, int(found["offset"]), int(found["total"]), bool(found.get("more_columns")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _frames(
    store: Store, tables: Sequence[Stored], module: str, *arguments: str, gently: bool = False
) -> Iterator[child.Frame]:
    if sum(one.size_bytes for one in tables) > MOST_BYTES:
        raise Unreadable("The file is too large to be shown.")
    at_once = nullcontext() if gently else _at_once  # one reads gently, whoever asks need not wait for it
    with at_once, _in_file(store, tables) as path:
        yield from child.frames(module, path, lambda: None, arguments=arguments, seconds=SECONDS, gently=gently)


@contextmanager
def _in_file(store: Store, tables: Sequence[Stored]) -> Iterator[Path]:
    """The files one after the other."""
    with tempfile.NamedTemporaryFile(prefix="gofigr-tables-") as copy:
        try:
            for one in tables:
                copy.writelines(store.read(one.chunks, one.bucket_id))
        except (DamagedBlob, OutOfReach) as error:
            raise Unreadable("The file's bytes cannot be had.") from error
        copy.flush()
        yield Path(copy.name)
