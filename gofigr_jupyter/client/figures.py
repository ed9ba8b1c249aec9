"""Family figures: analyses, figures and their revisions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Literal

from gofigr_jupyter.client import activity
from gofigr_jupyter.client.accounts import Users
from gofigr_jupyter.client.bodies import Progress
from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.downloads import downloaded
from gofigr_jupyter.client.live import Shown, fetched
from gofigr_jupyter.client.pieces import Piece, carried, drafts
from gofigr_jupyter.client.resource import Ident, Shareable, drafted, id_of, maybe_id, read_as, to_wire
from gofigr_jupyter.client.transport import Done, Transport
from gofigr_jupyter.errors import APIError, NotFound
from gofigr_jupyter.schema import figures as wire
from gofigr_jupyter.schema.base import Draft
from gofigr_jupyter.schema.figures import (
    AnalysisDraft,
    AppendData,
    AutoAssignDraft,
    DeriveDraft,
    FigureDraft,
    Link,
    LinkDraft,
    RevisionDraft,
)
from gofigr_jupyter.schema.insight import Lineage
from gofigr_jupyter.schema.workspaces import LogEntry

BundlePart = Literal["all", "script", "notebook"]
_POLL_SECONDS = 0.5


class Revision(Shown, wire.Revision):
    """One published state of a figure; `data` and `assets` are fetched when they are asked for."""

    family: ClassVar[str] = "revision"
    on_demand: ClassVar[tuple[str, ...]] = ("data", "assets")
    draft: ClassVar[type[Draft]] = RevisionDraft

    api_id: str
    data: list[DataObject] = fetched()  # type: ignore[assignment]  # never None here: fetched instead
    assets: list[Link] = fetched()

    def wait(self, seconds: float = 60.0) -> Revision:
        """Until the server has finished with it; raises APIError when that takes longer."""
        return Revisions(self._connection).wait(self, seconds)

    @property
    def title(self) -> str:
        """What the figure was called when it was captured; empty where nobody has said so."""
        told = self.metadata.get("title") if isinstance(self.metadata, dict) else None
        return str(told or "")

    @property
    def series(self) -> list[DataObject]:
        """The tables of what was plotted; `dataframe()` reads each."""
        return [one for one in self.data if one.type == "dataframe" and one.metadata.get("role") == "series"]

    def bundle(self, path: str | Path, *, part: BundlePart = "all") -> Path:
        """Write what it takes to make it again to a file, as `Revisions.bundle` does."""
        return Revisions(self._connection).bundle(self, path, part=part)

    def is_mine(self) -> bool:
        """Whether the caller made it; not what an importer has made in somebody's name."""
        return not self.created_on_behalf and self.created_by == Users(self._connection).me().username

    def append_data(self, *pieces: Piece) -> Revision:
        """Add data objects, or files by their path, to those that are there."""
        Revisions(self._connection).append_data(self, pieces)
        return self.refresh()


class Figure(Shown, wire.Figure):
    """A figure: a name and its revisions, oldest first, which are fetched when they are asked for."""

    family: ClassVar[str] = "figure"
    on_demand: ClassVar[tuple[str, ...]] = ("revisions",)
    draft: ClassVar[type[Draft]] = FigureDraft

    api_id: str
    revisions: list[Revision] = fetched()  # type: ignore[assignment]  # as above


class Analysis(Shown, wire.Analysis):
    """A folder of figures inside a workspace; `figures` are fetched when they are asked for."""

    family: ClassVar[str] = "analysis"
    on_demand: ClassVar[tuple[str, ...]] = ("figures",)
    draft: ClassVar[type[Draft]] = AnalysisDraft

    api_id: str
    figures: list[Figure] = fetched()  # type: ignore[assignment]  # as above

    def find_figure(self, name: str, *, create: bool = False) -> Figure:
        """The first figure of this name; made where there is none and `create` is true, else NotFound."""
        found = next((one for one in self._full().figures if one.name == name), None)
        if found is None and create:
            return Figures(self._connection).create(name=name, analysis=self)
        if found is None:
            raise NotFound(404, f"There is no figure {name!r} in {self.name!r}")
        return found


class Analyses(Shareable[Analysis, AnalysisDraft]):
    """Folders of figures."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "analysis", Analysis)

    def create(
        self,
        draft: AnalysisDraft | None = None,
        *,
        name: str | None = None,
        workspace: Ident | None = None,
        description: str | None = None,
        client_id: str | None = None,
    ) -> Analysis:
        """Make one in a workspace. Names need not be unique; `client_id`, a UUID, becomes its id on our servers."""
        place = maybe_id(workspace)
        fields = {"name": name, "workspace": place, "description": description, "client_id": client_id}
        return super().create(drafted(AnalysisDraft, draft, **fields))

    def change(
        self,
        api_id: Ident,
        draft: AnalysisDraft | None = None,
        *,
        name: str | None = None,
        workspace: Ident | None = None,
        description: str | None = None,
        silent: bool = False,
    ) -> Analysis:
        """Set what is named, leave the rest; another `workspace` moves it. `silent` keeps it out of the log."""
        fields = {"name": name, "workspace": maybe_id(workspace), "description": description}
        return super().change(api_id, drafted(AnalysisDraft, draft, **fields), silent=silent)

    def log(self, api_id: Ident) -> list[LogEntry]:
        """Who created, changed and deleted what in it, newest first."""
        return activity.log(self.transport, self.at(api_id))

    def log_entry(self, api_id: Ident, log_id: str) -> LogEntry:
        """One line of the log."""
        return activity.entry(self.transport, self.at(api_id), log_id)


class Figures(Shareable[Figure, FigureDraft]):
    """Figures, each a name and its revisions."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "figure", Figure)

    def create(
        self,
        draft: FigureDraft | None = None,
        *,
        name: str | None = None,
        analysis: Ident | None = None,
        description: str | None = None,
        client_id: str | None = None,
    ) -> Figure:
        """Make one in an analysis. Names need not be unique; `client_id`, a UUID, becomes its id on our servers."""
        place = maybe_id(analysis)
        fields = {"name": name, "analysis": place, "description": description, "client_id": client_id}
        return super().create(drafted(FigureDraft, draft, **fields))

    def change(
        self,
        api_id: Ident,
        draft: FigureDraft | None = None,
        *,
        name: str | None = None,
        analysis: Ident | None = None,
        description: str | None = None,
        silent: bool = False,
    ) -> Figure:
        """Set what is named, leave the rest; another `analysis` moves it. `silent` keeps it out of the log."""
        fields = {"name": name, "analysis": maybe_id(analysis), "description": description}
        return super().change(api_id, drafted(FigureDraft, draft, **fields), silent=silent)


class Revisions(Shareable[Revision, RevisionDraft]):
    """Published states of figures."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "revision", Revision)

    def create(
        self,
        draft: RevisionDraft | None = None,
        *,
        figure: Ident | None = None,
        data: Iterable[Piece] | None = None,
        metadata: Any = None,
        assets: Iterable[Ident | LinkDraft] | None = None,
        is_clean_room: bool | None = None,
        client_id: str | None = None,
        short_id: str | None = None,
        progress: Progress | None = None,
    ) -> Revision:
        """Publish a state of a figure.

        `data` are drafts (see `gofigr_jupyter.client.pieces`) or paths of files, `metadata` is any JSON, `assets` are
        the asset revisions it was made from. `client_id`, a UUID, becomes its id; one is drawn where none is given, so
        that a repeat is harmless. `progress` is told the bytes sent. Raises Conflict when `client_id` is taken.
        """
        fields = {"figure": maybe_id(figure), "metadata": metadata, "data": _drafts(data), "assets": _links(assets)}
        chosen = drafted(
            RevisionDraft, draft, **fields, is_clean_room=is_clean_room, client_id=client_id, short_id=short_id
        )
        return self._post(self.path, chosen, progress)

    def auto_assign(
        self,
        draft: AutoAssignDraft | None = None,
        *,
        analysis: Ident | None = None,
        data: Iterable[Piece] | None = None,
        metadata: Any = None,
        assets: Iterable[Ident | LinkDraft] | None = None,
        client_id: str | None = None,
        progress: Progress | None = None,
    ) -> Revision:
        """Publish a picture to an analysis and let the server find its figure; otherwise as `create`."""
        fields = {"analysis": maybe_id(analysis), "metadata": metadata, "data": _drafts(data), "assets": _links(assets)}
        chosen = drafted(AutoAssignDraft, draft, **fields, client_id=client_id)
        return self._post(f"{self.path}auto-assign/", chosen, progress)

    def change(
        self,
        api_id: Ident,
        draft: RevisionDraft | None = None,
        *,
        metadata: Any = None,
        figure: Ident | None = None,
        data: Iterable[Piece] | None = None,
        assets: Iterable[Ident | LinkDraft] | None = None,
        silent: bool = False,
    ) -> Revision:
        """Set what is named, leave the rest; `data` and `assets` replace all that was there, but empty `data` nothing.

        Another `figure` moves it. `silent` keeps it out of the log.
        """
        fields = {"figure": maybe_id(figure), "metadata": metadata, "data": _drafts(data), "assets": _links(assets)}
        return super().change(api_id, drafted(RevisionDraft, draft, **fields), silent=silent)

    def derive(self, api_id: Ident, figure: Ident, metadata: Any = None) -> Revision:
        """A new revision of a figure with the data frames of this one; not repeatable by itself."""
        body = drafted(DeriveDraft, None, figure=id_of(figure), metadata=metadata)
        return self._read(self.transport.request("POST", f"{self.at(api_id)}derive/", body=to_wire(body)))

    def append_data(self, api_id: Ident, items: Iterable[Piece], *, progress: Progress | None = None) -> None:
        """Add data objects to those that are there; not repeatable by itself."""
        body = carried(drafted(AppendData, None, data=drafts(items)))
        self.transport.request("POST", f"{self.at(api_id)}append_data/", body=body, progress=progress)

    def data_lineage(self, api_id: Ident) -> Lineage:
        """The files that it was made from, and those that were made with it."""
        return read_as(Lineage, self.transport.request("GET", f"{self.at(api_id)}data_lineage/"))

    def bundle(self, api_id: Ident, path: str | Path, *, part: BundlePart = "all") -> Path:
        """Write what it takes to make it again to a file: a zip, or its `script` or `notebook` alone; returns its path.

        The file appears when all is there, and replaces one that was there.
        """
        where, params = f"{self.at(api_id)}bundle/", {"part": part}
        return downloaded(self.transport, where, path, params)

    def wait(self, api_id: Ident, seconds: float = 60.0) -> Revision:
        """Until the server has finished with it; raises APIError when that takes longer."""
        deadline = time.monotonic() + seconds
        while (revision := self.get(api_id)).is_processing:
            if time.monotonic() + _POLL_SECONDS > deadline:
                raise APIError(f"The server is still processing the revision after {seconds:g} s")
            time.sleep(_POLL_SECONDS)
        return revision

    def _body(self, draft: RevisionDraft) -> dict[str, Any]:
        return to_wire(draft) if draft.data is None else carried(draft)

    def _post(self, path: str, draft: RevisionDraft, progress: Progress | None) -> Revision:
        if draft.client_id is None:
            drawn = draft.api_id or str(uuid.uuid4())
            draft = draft.model_copy(update={"client_id": drawn})
        answer = self.transport.request("POST", path, body=carried(draft), repeatable=True, progress=progress)
        return self.get(str(draft.client_id)) if isinstance(answer, Done) else self._read(answer)


def _drafts(data: Iterable[Piece] | None) -> list[wire.DataDraft] | None:
    return None if data is None else drafts(data)


def _links(assets: Iterable[Ident | LinkDraft] | None) -> list[LinkDraft] | None:
    """Links as such; an asset revision alone was used directly."""
    if assets is None:
        return None
    return [one if isinstance(one, LinkDraft) else LinkDraft(asset_revision=id_of(one)) for one in assets]
