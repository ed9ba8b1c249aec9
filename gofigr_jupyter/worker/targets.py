"""Where a parcel goes: workspace, analysis and figure by id or name, found or made, and remembered.

What is made gets an id that follows from server, parent and name, so that making it twice cannot double it
(a server that does not know such ids ignores them).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.resource import Resource
from gofigr_jupyter.errors import ConfigurationError, Conflict, Forbidden, NotFound
from gofigr_jupyter.records import Parcel, Ref
from gofigr_jupyter.schema.figures import Analysis, AnalysisDraft, Figure, FigureDraft
from gofigr_jupyter.schema.sound import LONGEST_PROSE, mended_text
from gofigr_jupyter.schema.workspaces import WorkspaceDraft
from gofigr_jupyter.worker.upload import figure_name

_SPACE = uuid.UUID("6f1b4c55-5f0e-4d0c-9d5a-3d1f6e0f6a77")
_DEFAULT_ANALYSIS = "Notebook"
_TRIES = 20


class Places:
    """The places of one server as one account sees them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], str] = {}  # (kind, parent, name) -> id

    def forget(self) -> None:
        """Look everything up again: something is no longer where it was."""
        self._known.clear()

    def figure(self, gf: GoFigr, parcel: Parcel) -> str:
        """The id of the figure that a parcel belongs to.

        Raises ConfigurationError when it must exist and does not, or APIError.
        """
        target = parcel.target
        if target.figure.api_id is not None:
            return target.figure.api_id
        name = figure_name(parcel)
        analysis = target.analysis.api_id or self._analysis(gf, parcel)
        key = ("figure", analysis, name)
        if key not in self._known:
            children = gf.analyses.get(analysis).figures or []
            draft = FigureDraft(name=name, description=_prose(target.figure), analysis=analysis)
            self._known[key] = _found(children, name) or _make(gf.url, gf.figures, key, target.figure, draft)
        return self._known[key]

    def _analysis(self, gf: GoFigr, parcel: Parcel) -> str:
        ref = parcel.target.analysis
        name = mended_text(ref.name or _DEFAULT_ANALYSIS)
        workspace = self.workspace(gf, parcel.target.workspace)
        key = ("analysis", workspace, name)
        if key not in self._known:
            children = gf.workspaces.get(workspace).analyses or []
            draft = AnalysisDraft(name=name, description=_prose(ref), workspace=workspace)
            self._known[key] = _found(children, name) or _make(gf.url, gf.analyses, key, ref, draft)
        return self._known[key]

    def workspace(self, gf: GoFigr, ref: Ref) -> str:
        """The id of a workspace; by name it is made where it is to be. Raises as `figure` does."""
        if ref.api_id is not None:
            return ref.api_id
        name = mended_text(ref.name or "")
        key = ("workspace", "", name)
        if key not in self._known:
            if ref.name is None:
                found: str | None = gf.workspaces.default().api_id
            else:
                found = _found(gf.workspaces.list(), name)
                if found is None:
                    _must_exist(ref, "workspace", name)
                    draft = WorkspaceDraft(name=name, description=_prose(ref))
                    found = gf.workspaces.create(draft).api_id
            self._known[key] = found or ""
        return self._known[key]


def _prose(ref: Ref) -> str | None:
    return None if ref.description is None else mended_text(ref.description, LONGEST_PROSE)


def _found(children: Sequence[Any], name: str) -> str | None:
    return next((child.api_id for child in children if child.name == name), None)


def _must_exist(ref: Ref, kind: str, name: str) -> None:
    if not ref.create:
        raise ConfigurationError(f"There is no {kind} {name!r}, and it was not to be made")


def _make(
    server: str,
    family: Resource[Any, Any],
    key: tuple[str, str, str],
    ref: Ref,
    draft: AnalysisDraft | FigureDraft,
) -> str:
    """Create it under the id that belongs to its name; a renamed or deleted one keeps its id, so count on."""
    kind, parent, name = key
    _must_exist(ref, kind, name)
    for turn in range(_TRIES):
        chosen = str(uuid.uuid5(_SPACE, "\n".join([server, *key, *([str(turn)] if turn else [])])))
        try:
            return str(family.create(draft.model_copy(update={"client_id": chosen})).api_id)
        except Conflict:
            try:
                made: Analysis | Figure = family.get(chosen)
            except (NotFound, Forbidden):
                continue
        if made.name == name and getattr(made, {"figure": "analysis"}.get(kind, "workspace")) == parent:
            return chosen
    raise ConfigurationError(f"The {kind} {name!r} cannot be made: too many of its name were renamed")
