"""The plotted data on the page of a revision: its tables with their first rows, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gofigr_jupyter.server.pages.words import file_name, plain
from gofigr_jupyter.server.store.content import Kept
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.tables import reading
from gofigr_jupyter.server.tables.reading import Rows, Stored

MOST_SHOWN = 12  # tables with their first rows
FIRST_ROWS = 8
LONGEST_CELL = 80


@dataclass(frozen=True, slots=True)
class Plotted:
    """A table on the page of a revision; `head` is None where its rows cannot be shown there."""

    item: Item
    name: str
    csv: str
    parquet: str
    total: int
    head: Rows | None

    @property
    def first(self) -> Sequence[Sequence[str]]:
        """The first rows, in words."""
        return [[cell(one) for one in row] for row in (self.head.rows[:FIRST_ROWS] if self.head else ())]


@dataclass(frozen=True, slots=True)
class Named:
    """A table in a list; `rows` is 0 where nobody has told."""

    item: Item
    name: str
    rows: int


def named(items: Sequence[Item]) -> tuple[Named, ...]:
    """The plotted data of a revision by their names, without opening any."""
    return tuple(Named(one, _name(one), _told_rows(one)) for one in reading.plotted(items))


def plotted(store: Store, items: Sequence[Item], kept: Mapping[str, Kept], stem: str) -> tuple[Plotted, ...]:
    """The plotted data of a revision; to be called after the transaction."""
    found = reading.plotted(items)
    stored = [Stored(one.hash, one.size_bytes, *kept[one.id]) for one in found[:MOST_SHOWN]]
    heads: list[Rows | None] = [*reading.heads(store, stored), *[None] * len(found[MOST_SHOWN:])]
    return tuple(_plotted(item, head, stem) for item, head in zip(found, heads, strict=True))


def _plotted(item: Item, head: Rows | None, stem: str) -> Plotted:
    total = head.total if head else _told_rows(item)
    file = f"{stem}-{item.name or 'table'}"
    return Plotted(item, _name(item), file_name(file, "csv"), file_name(file, "parquet"), total, head)


def _name(item: Item) -> str:
    return plain(item.name, 200) or "Table"


def _told_rows(item: Item) -> int:
    told = item.meta.get("rows")
    return max(told, 0) if isinstance(told, int) and not isinstance(told, bool) else 0


def cell(value: object) -> str:
    """A value as it stands in a table: numbers in full, long texts cut, empty for what is not there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value, LONGEST_CELL) if value is not None else ""
