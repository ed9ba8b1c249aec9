"""Figures of notebooks into the store: a figure for each name, a revision for each new state of it, never one twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gofigr_jupyter.server.child import frames
from gofigr_jupyter.server.imports import errand
from gofigr_jupyter.server.imports.drawn import Drawn, Origin, drawn
from gofigr_jupyter.server.store import content, find, imported, placing, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Analysis, Figure, Workspace
from gofigr_jupyter.server.tasks import Job

NOTEBOOKS = "gofigr_jupyter.server.imports.notebooks"
LONGEST_NAME = 300


class Keeper:
    """Keeps the figures of one import in one analysis: the one that was named, or one of this name, made if need be."""

    def __init__(self, job: Job, name: str) -> None:
        self._job = job
        self._name = name[:LONGEST_NAME]
        self.analysis_id: str | None = None
        self.figures = 0
        self.revisions = 0
        self.unchanged = 0

    @property
    def result(self) -> dict[str, Any]:
        """What came of it."""
        return {
            "analysis": self.analysis_id,
            "figures": self.figures,
            "revisions": self.revisions,
            "unchanged": self.unchanged,
        }

    def keep_notebook(self, path: Path, origin: Origin) -> None:
        """Publish the figures of a notebook. Raises Unreadable when it is none."""
        for one in drawn(frames(NOTEBOOKS, path, self._job.check), origin):
            self.keep(one)

    def keep(self, one: Drawn) -> None:
        """Publish a figure, unless it is there in this state."""
        with self._job.store.reading() as db:
            _, place = errand.admitted(db, self._job)
            if self._is_known(db, self._analysis(db, place), one):
                self.unchanged += 1
                return
            bucket_id = placing.in_force(db, place)
        with self._job.store.keeping(one.drafts, bucket_id) as incoming, self._job.store.writing() as db:
            actor, place = errand.admitted(db, self._job)
            analysis = self._analysis(db, place)
            if self._is_known(db, analysis, one):  # another import was quicker
                self.unchanged += 1
                return
            if analysis is None:
                values = {"id": tree.new_id(), "name": self._name, "description": None}
                analysis = tree.create_analysis(db, place, values, actor.username)
            row = tree.create_revision(
                db,
                self._figure(db, analysis, one, actor.username),
                {"id": tree.new_id(), "meta": one.metadata, "is_clean_room": False, **_behalf(one)},
                actor.username,
            )
            content.replace(db, row, incoming)
            self.analysis_id = analysis.id
        self.revisions += 1

    def _analysis(self, db: Transaction, place: Workspace) -> Analysis | None:
        if self.analysis_id is not None:
            return find.analysis(db, self.analysis_id)  # whoever deleted it meanwhile does not want it
        named = errand.analysis_in(db, place, self._job.request.get("analysis"))
        row = named or imported.analysis_named(db, place, self._name)
        self.analysis_id = row.id if row else None
        return row

    def _is_known(self, db: Transaction, analysis: Analysis | None, one: Drawn) -> bool:
        figure = tree.figure_named(db, analysis, one.name) if analysis else None
        return figure is not None and imported.revision_holding(db, figure, one.hashes) is not None

    def _figure(self, db: Transaction, analysis: Analysis, one: Drawn, username: str) -> Figure:
        figure = tree.figure_named(db, analysis, one.name)
        if figure is None:
            self.figures += 1
            values = {"id": tree.new_id(), "name": one.name, "description": None, **_behalf(one)}
            figure = tree.create_figure(db, analysis, values, username)
        return figure


def _behalf(one: Drawn) -> dict[str, Any]:
    if one.author is None:
        return {}
    name, email = one.author
    return {"created_on_behalf": True, "created_on_behalf_name": name, "created_on_behalf_email": email}
