"""Pictures that can be found again: what is drawn carries the figure's link, and this machine notes how it looks.

In: a parcel and what was drawn of it. Out: the forms for the server, and a line in the index of pictures. That this
fails stops nothing: the index can be made anew from the server.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.capture import fingerprint, mime
from gofigr_jupyter.embedding.files import MARKABLE, marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.finding.index import Entry, remember, seen
from gofigr_jupyter.records import Missing, Parcel, Rendition
from gofigr_jupyter.schema.figures import Revision
from gofigr_jupyter.worker.report import of_revision
from gofigr_jupyter.worker.upload import figure_name

FINGERPRINT = "fingerprint"  # the role of what only this machine keeps
_PICTURES = frozenset({"picture", "watermark", "thumbnail"})

_log = logging.getLogger(__name__)


def for_server(parcel: Parcel, drawn: Iterable[Rendition]) -> list[Rendition]:
    """The forms that are sent, each picture with the link in its metadata; always the same bytes for the same."""
    mark = Mark(parcel.link, parcel.client_id, figure_name(parcel))
    return [_marked(rendition, mark) for rendition in drawn if rendition.role != FINGERPRINT]


def note(home: Path, parcel: Parcel, revision: Revision, drawn: Iterable[Rendition]) -> None:
    """Remember a published picture, so that it is found without a server. Raises nothing."""
    try:
        remember(home, [_entry(parcel, revision, drawn)])
    except Exception:  # noqa: BLE001 - whatever it was, the figure itself is safe
        _log.warning("the index of pictures could not be written", exc_info=True)


def _marked(rendition: Rendition, mark: Mark) -> Rendition:
    if isinstance(rendition.data, Missing) or rendition.role not in _PICTURES or rendition.format not in MARKABLE:
        return rendition
    return replace(rendition, data=marked(rendition.data, mark))


def _entry(parcel: Parcel, revision: Revision, drawn: Iterable[Rendition]) -> Entry:
    known = of_revision(parcel, revision)
    shown = [one.data for one in parcel.capture.displayed if one.mime_type in mime.PICTURES]
    entry = Entry(
        revision=parcel.client_id,
        link=known["link"],
        figure=figure_name(parcel),
        short_id=known["short_id"],
        figure_id=known["figure_id"],
        analysis=parcel.target.analysis.name or "",
        number=known["revision_number"],
        shown_at=parcel.created_at.isoformat(),
        author=revision.created_on_behalf_name or revision.created_by or "",
        server=parcel.target.url or "",
        files=tuple(blake3(data).hexdigest() for data in shown),
    )
    found = next((one.data for one in drawn if one.role == FINGERPRINT and isinstance(one.data, bytes)), None)
    return entry if found is None else seen(entry, fingerprint.decoded(found))
