"""What the pages list: figures with their newest revision, revisions, pictures; never a byte of the data itself.

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
    analysis_id: str
    analysis_name: str
    workspace_name: str
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
    ids = [figure_id for (figure_id,) in db.execute(_newest_first(which).offset(offset).limit(limit))]
    return _entries(db, ids), total


def _matching(workspaces: Collection[str], analysis_id: str | None, search: str) -> Select[tuple[str]]:
    query = select(Figure.id).join(Analysis, Analysis.id == Figure.analysis_id)
    query = query.where(Analysis.workspace_id.in_(workspaces))
    if analysis_id is not None:
        query = query.where(Figure.analysis_id == analysis_id)
    for word in search[:LONGEST_QUERY].split():
        names = (column.icontains(word, autoescape=True) for column in (Figure.name, Analysis.name))
        query = query.where(or_(*names))
    return query


def _newest_first(which: Select[tuple[str]]) -> Select[tuple[str]]:
    shown = (
        select(func.max(Revision.created_on))
        .where(Revision.figure_id == Figure.id)
        .correlate(Figure)
        .scalar_subquery()
    )
    return which.order_by(func.coalesce(shown, Figure.created_on).desc(), Figure.id)


def _entries(db: Transaction, figure_ids: Sequence[str]) -> list[FigureEntry]:
    """The figures of these ids, in their order."""
    counted = (
        select(Revision.figure_id, func.count().label("count"), func.max(Revision.revision_index).label("newest"))
        .where(Revision.figure_id.in_(figure_ids))
        .group_by(Revision.figure_id)
        .subquery()
    )
    newest = (
        select(Revision.id, counted.c.figure_id, counted.c.count)
        .join(Revision, (Revision.figure_id == counted.c.figure_id) & (Revision.revision_index == counted.c.newest))
    )
    latest = {figure_id: (revision_id, count) for revision_id, figure_id, count in db.execute(newest)}
    shown = {entry.figure_id: entry for entry in revisions_by_id(db, [one for one, _ in latest.values()])}
    rows = db.execute(
        select(Figure.id, Figure.name, Figure.created_on, Analysis.id, Analysis.name, Workspace.name)
        .join(Analysis, Analysis.id == Figure.analysis_id)
        .join(Workspace, Workspace.id == Analysis.workspace_id)
        .where(Figure.id.in_(figure_ids))
    )
    found = {
        figure_id: FigureEntry(
            figure_id, name, analysis_id, analysis, workspace, made, latest.get(figure_id, ("", 0))[1], shown.get(figure_id)
        )
        for figure_id, name, made, analysis_id, analysis, workspace in rows
    }
    return [found[one] for one in figure_ids]


def revisions(db: Transaction, figure_id: str, *, offset: int = 0, limit: int = 60) -> tuple[list[RevisionEntry], int]:
    """One page of a figure's revisions, newest first, and how many there are in all."""
    total = db.scalar(select(func.count()).select_from(Revision).where(Revision.figure_id == figure_id)) or 0
    query = select(Revision.id).where(Revision.figure_id == figure_id).order_by(Revision.revision_index.desc())
    ids = list(db.scalars(query.offset(offset).limit(limit)))
    found = {entry.id: entry for entry in revisions_by_id(db, ids)}
    return [found[one] for one in ids], total


def revisions_by_id(db: Transaction, ids: Sequence[str]) -> Iterable[RevisionEntry]:
    """These revisions with their pictures, in no order."""
    pictures: dict[str, list[Item]] = {}
    for item in items(db, ids, types=("image",)):
        pictures.setdefault(item.revision_id, []).append(item)
    rows = db.execute(
        select(
            Revision.id, Revision.figure_id, Revision.revision_index, Revision.created_by, Revision.created_on, Revision.meta
        ).where(Revision.id.in_(ids))
    )
    for revision_id, figure_id, index, by, at, meta in rows:
        yield RevisionEntry(revision_id, figure_id, index, by, at, meta, tuple(pictures.get(revision_id, ())))


def items(db: Transaction, revision_ids: Sequence[str], *, types: Collection[str] = ()) -> list[Item]:
    """The data objects of these revisions, of some types or of all, in their own order."""
    query = select(
        DataItem.id, DataItem.revision_id, DataItem.name, DataItem.type, DataItem.hash, DataItem.size_bytes, DataItem.meta
    ).where(DataItem.revision_id.in_(revision_ids))
    if types:
        query = query.where(DataItem.type.in_(types))
    rows = db.execute(query.order_by(DataItem.revision_id, DataItem.position))
    return [Item(*row[:6], meta=row[6] if isinstance(row[6], dict) else {}) for row in rows]


def chunks(db: Transaction, item_id: str) -> list[str]:
    """Where the bytes of a data object lie."""
    return list(db.scalar(select(DataItem.chunks).where(DataItem.id == item_id)) or [])


def neighbours(db: Transaction, revision: Revision) -> Neighbours:
    """What surrounds a revision in its figure; numbers of deleted ones are skipped."""
    beside = select(Revision.id).where(Revision.figure_id == revision.figure_id)
    index = Revision.revision_index
    before = beside.where(index < revision.revision_index).order_by(index.desc()).limit(1)
    after = beside.where(index > revision.revision_index).order_by(index).limit(1)
    newest = select(func.max(index)).where(Revision.figure_id == revision.figure_id)
    return Neighbours(db.scalar(before), db.scalar(after), db.scalar(newest) or 0)


def revision_by_link(db: Transaction, text: str) -> Revision | None:
    """The revision that a link names, by its short id or its id."""
    return db.scalar(select(Revision).where(Revision.short_id == text)) or db.get(Revision, text)


def analyses(db: Transaction, workspace_id: str) -> list[FolderEntry]:
    """The analyses of a workspace, last changed first."""
    counted = select(func.count()).where(Figure.analysis_id == Analysis.id).correlate(Analysis).scalar_subquery()
    changed = func.coalesce(Analysis.child_updated_on, Analysis.created_on)
    rows = db.execute(
        select(Analysis.id, Analysis.name, Analysis.description, counted, changed)
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
