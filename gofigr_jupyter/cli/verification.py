"""Compares what an executed notebook displayed with what is on the server, byte for byte, through the client.

In: the displayed pictures, settings, the notebook's name. Out: a row for each figure, and what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.figures import Figure, Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.workspaces import Workspace
from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.records import Displayed, Ref
from gofigr_jupyter.settings import Settings, as_ref

_OLDER = 5  # a figure shown twice in one run has its earlier picture in an earlier revision


@dataclass(frozen=True)
class Row:
    """One published figure: its newest revision that the notebook shows."""

    figure: str
    revision: int
    formats: tuple[str, ...]
    size_bytes: int
    path: str


@dataclass(frozen=True)
class Comparison:
    """What was found for all displayed figures; `absent` says in words what was not."""

    rows: tuple[Row, ...]
    shown: int
    absent: tuple[str, ...]


def compare(gf: GoFigr, settings: Settings, notebook: str, shown: list[tuple[Displayed, ...]]) -> Comparison:
    """Find each displayed picture among the notebook's figures on the server, and read its bytes back."""
    wanted = {number: list(bundle) for number, bundle in enumerate(shown, 1)}
    rows: dict[str, Row] = {}
    for figure, revision in _revisions(gf, settings, notebook):
        for data in revision.data or []:
            if data.type != "image" or data.metadata.get("role") != "displayed" or data.api_id is None:
                continue
            if _take(gf, data, wanted):
                rows.setdefault(figure.api_id or figure.name, _row(figure, revision))
        if not any(wanted.values()):
            break
    absent = [
        f"figure {number} of {len(shown)}: its {item.mime_type} of {len(item.data)} bytes is not on the server"
        for number, rest in wanted.items()
        for item in rest
    ]
    return Comparison(tuple(rows.values()), len(shown), tuple(absent))


def _take(gf: GoFigr, data: DataObject, wanted: dict[int, list[Displayed]]) -> bool:
    """Cross off what this data object is the picture of."""
    sizes = {len(item.data) for rest in wanted.values() for item in rest}
    if data.size_bytes not in sizes:
        return False
    stored = gf.data.get(data.api_id or "").data
    is_wanted = False
    for rest in wanted.values():
        for item in [item for item in rest if item.data == stored]:
            rest.remove(item)
            is_wanted = True
    return is_wanted


def _revisions(gf: GoFigr, settings: Settings, notebook: str) -> Iterator[tuple[Figure, Revision]]:
    """The full revisions of the notebook's figures: the newest of each first, then older ones."""
    figures = [gf.figures.get(figure.api_id or "") for figure in _figures(gf, settings, notebook)]
    for age in range(_OLDER):
        for figure in figures:
            newest_first = sorted(figure.revisions or [], key=lambda r: r.revision_index, reverse=True)
            if age < len(newest_first):
                yield figure, gf.revisions.get(newest_first[age].api_id or "")


def _figures(gf: GoFigr, settings: Settings, notebook: str) -> list[Figure]:
    place = as_ref(settings.analysis)
    analysis = place.api_id
    if analysis is None:
        name = place.name or PurePath(settings.notebook_name or notebook).stem
        found = [a for a in _workspace(gf, as_ref(settings.workspace)).analyses if a.name == name]
        if not found:
            raise GoFigrError(f"There is no analysis {name!r} on the server.")
        analysis = found[0].api_id
    return gf.analyses.get(analysis).figures


def _workspace(gf: GoFigr, place: Ref) -> Workspace:
    api_id = place.api_id
    if api_id is None and place.name is not None:
        api_id = next((w.api_id for w in gf.workspaces.list() if w.name == place.name), None)
        if api_id is None:
            raise GoFigrError(f"There is no workspace {place.name!r} on the server.")
    return gf.workspaces.get(api_id or gf.primary_workspace.api_id or "")


def _row(figure: Figure, revision: Revision) -> Row:
    images = [data for data in revision.data or [] if data.type == "image"]
    formats = dict.fromkeys(
        "watermark" if data.metadata.get("is_watermarked") else str(data.metadata.get("format", "?"))
        for data in images
        if data.metadata.get("role") != "thumbnail"
    )
    return Row(
        figure=figure.name,
        revision=revision.revision_index + 1,
        formats=tuple(formats),
        size_bytes=revision.size_bytes,
        path=f"/r/{revision.short_id or revision.api_id}",
    )
