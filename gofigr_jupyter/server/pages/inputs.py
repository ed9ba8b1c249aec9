"""The files that a revision was made from, as its page lists them: linked assets, and what its metadata tell of others.

In: metadata, which anybody may have written, and the assets that the reader may see. Out: frozen rows. Never looks at a
file: whether one has changed is told by a newer revision of its asset, or was noted when the figure was published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.server.pages.words import plain, size
from gofigr_jupyter.server.store.tables import AssetRevision

MOST_ROWS = 200
_MOST_READ = 10_000
CHANGED = "changed since"


@dataclass(frozen=True, slots=True)
class Row:
    """One file. `version` is the id of the asset revision that holds it, empty when none does; `note` says why."""

    name: str
    version: str = ""
    label: str = ""
    size: str = ""
    read: str = ""
    path: str = ""
    flag: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The rows that a page shows, and how many files more there were."""

    rows: tuple[Row, ...] = ()
    more: int = 0


def inputs_of(meta: Any, sources: Sequence[AssetRevision], newest: Mapping[str, int]) -> Inputs:
    """What is known of a revision's inputs; `newest` is the index of the last revision of each asset."""
    told = list(_told(meta))
    linked = {one.id: one for one in sources}
    rows = [_row(one, linked.pop(_text(one, "asset_revision"), None), newest) for one in told]
    rows = [_row({}, one, newest) for one in linked.values()] + rows
    unlisted = meta.get("inputs_unlisted") if isinstance(meta, Mapping) else 0
    more = max(0, len(rows) - MOST_ROWS) + (unlisted if type(unlisted) is int and unlisted > 0 else 0)
    return Inputs(tuple(rows[:MOST_ROWS]), more)


def _told(meta: Any) -> Iterator[Mapping[str, Any]]:
    listed = meta.get("inputs") if isinstance(meta, Mapping) else None
    for one in listed[:_MOST_READ] if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and (isinstance(one.get("name"), str) or isinstance(one.get("path"), str)):
            yield one


def _row(told: Mapping[str, Any], source: AssetRevision | None, newest: Mapping[str, int]) -> Row:
    count, length = told.get("cell"), told.get("size")
    cell = f"In [{count}]" if type(count) is int else ""
    is_stale = told.get("changed") is True or (
        source is not None and source.revision_index < newest.get(source.asset_id, 0)
    )
    name = plain(_text(told, "name")) or plain(_text(told, "path")) or (plain(source.asset.name) if source else "")
    return Row(
        name=name or "Untitled",
        version=source.id if source else "",
        label=f"revision {source.revision_index + 1}" if source else "",
        size=size(source.size_bytes) if source else size(length) if type(length) is int and length >= 0 else "",
        read=" · ".join(filter(None, [plain(_text(told, "read_by"), 80), cell])),
        path=plain(_text(told, "path"), 500),
        flag=CHANGED if is_stale else "",
        note="" if source else plain(_text(told, "problem"), 300),
    )


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""
