"""Family figures: analyses, figures, revisions, and the data objects that revisions are made of."""

from __future__ import annotations

from gofigr_jupyter.client.resource import API, Resource, read_as
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.schema.figures import (
    Analysis,
    AnalysisDraft,
    AppendData,
    DataDraft,
    DataObject,
    Figure,
    FigureDraft,
    Revision,
    RevisionDraft,
)


class Analyses(Resource[Analysis, AnalysisDraft]):
    """Folders of figures."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "analysis", Analysis)


class Figures(Resource[Figure, FigureDraft]):
    """Figures, each a name and its revisions."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "figure", Figure)


class Revisions(Resource[Revision, RevisionDraft]):
    """Published states of figures."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "revision", Revision)

    def append_data(self, api_id: str, items: list[DataDraft]) -> None:
        """Add data objects to those that are there; not repeatable by itself."""
        body = AppendData(data=items).to_wire()
        self.transport.request("POST", f"{self.at(api_id)}append_data/", body=body)


class Data:
    """Data objects; they never change."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, api_id: str) -> DataObject:
        """One data object with its bytes."""
        return read_as(DataObject, self._transport.request("GET", f"{API}/data/{api_id}/"))
