"""What the server adds to a finding: the facts of a revision, a look at its picture, and what nobody here knows yet.

In: a client, candidates, the index. Out: candidates with the server's word, and new entries in the index. A server
that does not answer takes nothing away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from blake3 import blake3
from PIL import Image

from gofigr_jupyter.capture import fingerprint, pictures
from gofigr_jupyter.capture.fingerprint import drawing
from gofigr_jupyter.capture.look import correlation
from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.figures import Analysis, Figure, Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError, CaptureError, ConnectionFailed, Forbidden, NotFound
from gofigr_jupyter.finding.index import Entry, remember, seen
from gofigr_jupyter.finding.local import Candidate, Evidence, compared

Progress = Callable[[int, int], None]  # how many revisions of how many

_ASKED = 5  # candidates about which the server is asked
_BATCH = 20  # entries that are kept at once
_LARGEST = 20_000_000  # bytes of a picture that is fetched
_FINE = 160  # cells in a row, for a closer look
_ROLES = ("displayed", "picture", "thumbnail", "watermark")
_RASTERS = ("png", "jpeg", "jpg", "webp", "gif")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a revision lies, as a person names it."""

    figure: Figure
    analysis: str


def picture_of(revision: Revision) -> DataObject | None:
    """The picture with pixels that was shown, else one that was drawn later, else the thumbnail."""
    images = [one for one in revision.data if one.type == "image" and one.size_bytes <= _LARGEST]
    images = [one for one in images if str(one.metadata.get("format", "")).lower() in _RASTERS]
    return min(images, key=_preference, default=None)


def _preference(item: DataObject) -> int:
    marked = item.metadata.get("is_watermarked") is True  # all that other clients say
    role = item.metadata.get("role") or ("watermark" if marked else "picture")
    return _ROLES.index(role) if role in _ROLES else len(_ROLES)


def entry_of(gf: GoFigr, revision: Revision, place: Place, *, looks: bool = True) -> Entry:
    """A revision of the server as an entry of the index. Raises APIError."""
    entry = Entry(
        revision=revision.api_id,
        link=gf.page_url(revision),
        figure=place.figure.name,
        short_id=revision.short_id,
        figure_id=place.figure.api_id,
        analysis=place.analysis,
        number=revision.revision_index + 1,
        shown_at=revision.created_on.isoformat() if revision.created_on else "",
        author=revision.created_on_behalf_name or revision.created_by or "",
        server=gf.settings.url or "",
    )
    picture = picture_of(revision) if looks else None
    if picture is None:
        return entry
    content = picture.bytes()
    files = tuple(one.hash for one in revision.data if one.type == "image" and one.hash)
    entry = replace(entry, files=files or (blake3(content).hexdigest(),))
    try:
        print_ = fingerprint.fingerprint(content)
    except CaptureError:
        return entry
    return seen(entry, print_)


# ---------------------------------------------------------------- the server's word


def confirmed(gf: GoFigr, candidates: list[Candidate], picture: bytes) -> list[Candidate]:
    """The candidates with what the server says of them; those that only look alike are looked at once more."""
    asked = [_confirmed(gf, one, picture) for one in candidates[:_ASKED]]
    return sorted([*asked, *candidates[_ASKED:]], key=lambda one: one.rank)


def _confirmed(gf: GoFigr, candidate: Candidate, picture: bytes) -> Candidate:
    if not _is_there(gf, candidate):
        host = urlsplit(candidate.link).netloc
        return _noted(candidate, f"It is on another server, {host}, which was not asked.")
    try:
        return _told(gf, candidate, picture)
    except NotFound:
        return _noted(candidate, "The server has no such revision; it may have been deleted.")
    except Forbidden:
        return _noted(candidate, "You may not see this revision on the server.")
    except ConnectionFailed:
        raise
    except APIError as error:
        return _noted(candidate, f"The server could not be asked: {error}")


def _told(gf: GoFigr, candidate: Candidate, picture: bytes) -> Candidate:
    """The candidate with the server's facts, and held against the server's picture where it was not known here."""
    revision = gf.revisions.get(candidate.name)
    figure = gf.figures.get(revision.figure or "")
    analysis = gf.analyses.get(figure.analysis).name if figure.analysis else ""
    is_new = candidate.entry is None or candidate.entry.look is None
    entry = entry_of(gf, revision, Place(figure, analysis), looks=is_new)
    if candidate.entry is not None and not is_new:
        before = candidate.entry
        entry = replace(entry, files=before.files, pixels=before.pixels, bits=before.bits, sketch=before.sketch)
    candidate = replace(candidate, name=revision.api_id, link=entry.link, entry=entry)
    if candidate.evidence[0] is Evidence.LOOK:
        return _closer(candidate, revision, picture)
    try:
        return compared(candidate, _greys(picture)) if is_new else candidate
    except CaptureError:  # of SVG and PDF there is nothing to compare
        return candidate


def _is_there(gf: GoFigr, candidate: Candidate) -> bool:
    """Whether a link leads to the server that is asked."""
    return not candidate.link or urlsplit(candidate.link).netloc == urlsplit(gf.settings.page_url()).netloc


def _closer(candidate: Candidate, revision: Revision, picture: bytes) -> Candidate:
    """Compare the picture itself, where it only looked like one."""
    shown = picture_of(revision)
    if shown is None or candidate.part is None:
        return candidate
    try:
        closeness = _fine(_greys(picture).crop(candidate.part), _greys(shown.bytes()))
    except CaptureError:
        return candidate
    return replace(candidate, closeness=closeness)


def _greys(picture: bytes) -> Image.Image:
    return pictures.opaque(pictures.decoded(picture)).convert("L")


def _fine(one: Image.Image, other: Image.Image) -> float:
    """The correlation of two pictures' ink on a fine grid; blurred a little, since lines may fall between two cells."""
    rows = []
    for image in (one, other):
        found = drawing(image, (0, 0, *image.size))
        if found is None:
            return 0.0
        rows.append(found[0].resize((_FINE, _FINE), Image.Resampling.BILINEAR, box=found[1]).tobytes())
    return correlation(rows[0], rows[1])


def _noted(candidate: Candidate, note: str) -> Candidate:
    return replace(candidate, notes=(*candidate.notes, note))


# ---------------------------------------------------------------- what this machine does not know


def refresh(gf: GoFigr, home: Path, known: set[str], progress: Progress) -> int:
    """Put into the index what the server shows and nobody here knows, the newest first. Raises APIError, OSError."""
    missing = sorted(_unknown(gf, known), key=lambda one: str(one[0].created_on or ""), reverse=True)
    batch: list[Entry] = []
    for count, (light, place) in enumerate(missing, 1):
        with suppress(NotFound, Forbidden):  # deleted, or closed to us, while we read
            batch.append(entry_of(gf, gf.revisions.get(light.api_id), place))
        if len(batch) >= _BATCH:
            remember(home, batch)
            batch = []
        progress(count, len(missing))
    remember(home, batch)
    return len(missing)


def _unknown(gf: GoFigr, known: set[str]) -> Iterator[tuple[Revision, Place]]:
    for workspace in gf.workspaces.iter():
        for analysis in workspace.analyses:
            yield from _of_analysis(analysis, known)


def _of_analysis(analysis: Analysis, known: set[str]) -> Iterator[tuple[Revision, Place]]:
    for figure in analysis.figures:
        for revision in figure.revisions:
            if revision.api_id not in known:
                yield revision, Place(figure, analysis.name)
