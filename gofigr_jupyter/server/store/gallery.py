"""What the pages list: figures with their newest revision, revisions, pictures; never a byte of the data.

In: a transaction and the ids that policy lets the reader see. Out: frozen rows, in the order of the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Analysis, DataItem, Figure, Revision, Workspace

LONGEST_QUERY = 200  # characters of a search; more words would only slow the database down


@dataclass(frozen=True, slots=True)
class Item:
    """A data object without its bytes."""

    id: str
    revision_id: str
    name: str | None
    type: str
    hash: str
    size_bytes: int
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RevisionEntry:
    """A revision in a list, with its pictures; `index` counts from 0."""

    id: str
    figure_id: str
    index: int
    created_by: str
    created_on: datetime
    meta: Any
    pictures: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class FigureEntry:
    """A figure in a list; `latest` is None before its first revision."""

    id: str
    name: str
    analysis_name: str
    created_on: datetime
    revisions: int
    latest: RevisionEntry | None


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """A workspace or an analysis in a list, with the number of figures below it and its last change."""

    id: str
    name: str
    description: str | None
    figures: int
    changed_on: datetime


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The revisions before and after one, and the newest of the figure; `newest` is an index, from 0."""

    previous_id: str | None
    next_id: str | None
    newest: int


def figures(
    db: Transaction,
    workspaces: Collection[str],
    *,
    analysis_id: str | None = None,
    search: str = "",
    offset: int = 0,
    limit: int = 60,
) -> tuple[list[FigureEntry], int]:
    """One page of the figures in these workspaces, newest revision first, and how many there are in all.

    Each word of `search` must occur in the name of the figure or of its analysis.
    """
    which = _matching(workspaces, analysis_id, search)
    total = db.scalar(select(func.count()).select_from(which.subquery())) or 0
    ids = list(db.scalars(_newest_first(which).offset(offset).limit(limit)))
    return _entries(db, ids), total


def by_ids(db: Transaction, figure_ids: Sequence[str]) -> list[FigureEntry]:
    """These figures, in their order."""
    return _entries(db, figure_ids)


def _matching(workspaces: Collection[str], analysis_id: str | None, search: str) -> Select[str]:
    query = select(Figure.id).join(Analysis, Analysis.id == Figure.analysis_id)
    query = query.where(Analysis.workspace_id.in_(workspaces))
    if analysis_id is not None:
        query = query.where(Figure.analysis_id == analysis_id)
    for word in search[:LONGEST_QUERY].split():
        names = (column.icontains(word, autoescape=True) for column in (Figure.name, Analysis.name))
        query = query.where(or_(*names))
    return query


def _newest_first(which: Select[str]) -> Select[str]:
    shown = (
        select(func.max(Revision.created_on)).where(Revision.figure_id == Figure.id).correlate(Figure).scalar_subquery()
    )
    return which.order_by(func.coalesce(shown, Figure.created_on).desc(), Figure.id)


def _entries(db: Transaction, figure_ids: Sequence[str]) -> list[FigureEntry]:
    """The figures of these ids, in their order."""
    newest = func.max(Revision.revision_index)
    counted = select(Revision.figure_id, newest.label("newest"), func.count().label("number"))
    counted = counted.where(Revision.figure_id.in_(figure_ids)).group_by(Revision.figure_id)
    each = counted.subquery()
    is_newest = (Revision.figure_id == each.c.figure_id) & (Revision.revision_index == each.c.newest)
    query = select(Revision.figure_id, Revision.id, each.c.number).join(each, is_newest)
    latest = {figure_id: (revision_id, number) for figure_id, revision_id, number in db.execute(query)}
    shown = {entry.figure_id: entry for entry in revisions_by_id(db, [one for one, _ in latest.values()])}
    rows = db.execute(
        select(Figure.id, Figure.name, Analysis.name, Figure.created_on)
        .join(Analysis, Analysis.id == Figure.analysis_id)
        .where(Figure.id.in_(figure_ids))
    )
    found = {}
    for one, name, analysis, made in rows:
        _, number = latest.get(one, ("", 0))
        found[one] = FigureEntry(one, name, analysis, made, number, shown.get(one))
    return [found[one] for one in figure_ids]


def revisions(db: Transaction, figure_id: str, *, offset: int = 0, limit: int = 60) -> tuple[list[RevisionEntry], int]:
    """One page of a figure's revisions, newest first, and how many there are in all."""
    query = select(Revision.id).where(Revision.figure_id == figure_id)
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest_first = query.order_by(Revision.revision_index.desc())
    ids = list(db.scalars(newest_first.offset(offset).limit(limit)))
    found = {entry.id: entry for entry in revisions_by_id(db, ids)}
    return [found[one] for one in ids], total


def revisions_by_id(db: Transaction, ids: Sequence[str]) -> Iterable[RevisionEntry]:
    """These revisions with their pictures, in no order."""
    pictures: dict[str, list[Item]] = {}
    for item in items(db, ids, types=("image",)):
        pictures.setdefault(item.revision_id, []).append(item)
    row = Revision
    query = select(row.id, row.figure_id, row.revision_index, row.created_by, row.created_on, row.meta)
    for one, figure_id, index, by, at, meta in db.execute(query.where(row.id.in_(ids))):
        yield RevisionEntry(one, figure_id, index, by, at, meta, tuple(pictures.get(one, ())))


def items(db: Transaction, revision_ids: Sequence[str], *, types: Collection[str] = ()) -> list[Item]:
    """The data objects of these revisions, of some types or of all, in their own order."""
    row = DataItem
    query = select(row.id, row.revision_id, row.name, row.type, row.hash, row.size_bytes, row.meta)
    query = query.where(row.revision_id.in_(revision_ids)).order_by(row.revision_id, row.position)
    if types:
        query = query.where(row.type.in_(types))
    return [Item(*values) for values in db.execute(query)]


def neighbours(db: Transaction, revision: Revision) -> Neighbours:
    """What surrounds a revision in its figure; numbers of deleted ones are skipped."""
    beside = select(Revision.id).where(Revision.figure_id == revision.figure_id)
    index = Revision.revision_index
    before = beside.where(index < revision.revision_index).order_by(index.desc()).limit(1)
    after = beside.where(index > revision.revision_index).order_by(index).limit(1)
    newest = select(func.max(index)).where(Revision.figure_id == revision.figure_id)
    return Neighbours(db.scalar(before), db.scalar(after), db.scalar(newest) or 0)


def revision_at(db: Transaction, figure_id: str, index: int) -> Revision | None:
    """The revision of a figure that has this index, from 0."""
    return db.scalar(select(Revision).where(Revision.figure_id == figure_id, Revision.revision_index == index))


def revision_by_link(db: Transaction, text: str) -> Revision | None:
    """The revision that a link names, by its short id or its id."""
    return db.scalar(select(Revision).where(Revision.short_id == text)) or db.get(Revision, text)


def analyses(db: Transaction, workspace_id: str) -> list[FolderEntry]:
    """The analyses of a workspace, last changed first."""
    counted = select(func.count()).select_from(Figure).where(Figure.analysis_id == Analysis.id)
    number = counted.correlate(Analysis).scalar_subquery()
    changed = func.coalesce(Analysis.child_updated_on, Analysis.created_on)
    rows = db.execute(
        select(Analysis.id, Analysis.name, Analysis.description, number, changed)
        .where(Analysis.workspace_id == workspace_id)
        .order_by(changed.desc(), Analysis.id)
    )
    return [FolderEntry(*row) for row in rows]


def workspaces(db: Transaction, ids: Collection[str]) -> list[FolderEntry]:
    """These workspaces, last changed first."""
    counted = (
        select(func.count())
        .select_from(Figure)
        .join(Analysis, Analysis.id == Figure.analysis_id)
        .where(Analysis.workspace_id == Workspace.id)
        .correlate(Workspace)
        .scalar_subquery()
    )
    changed = func.coalesce(Workspace.child_updated_on, Workspace.created_on)
    rows = db.execute(
        select(Workspace.id, Workspace.name, Workspace.description, counted, changed)
        .where(Workspace.id.in_(ids))
        .order_by(changed.desc(), Workspace.id)
    )
    return [FolderEntry(*row) for row in rows]
