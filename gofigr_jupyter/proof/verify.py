"""Makes a figure again and says what came of it: record -> files in a scratch folder -> clean process -> comparison.

In: a client and a revision. Out: a Verdict. Whatever goes wrong on the way is a verdict, too ("could not run: why");
only what the server refuses is an error.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import Forbidden
from gofigr_jupyter.proof import bundle, changes, compare, gathering, live, places, runner
from gofigr_jupyter.proof.changes import Changes
from gofigr_jupyter.proof.compare import Compared, Stored
from gofigr_jupyter.proof.gathering import Gathered, Origin
from gofigr_jupyter.proof.recorded import About, Code, Piece, Recorded, recorded
from gofigr_jupyter.proof.runner import Limits, Ran, Setup, Surroundings
from gofigr_jupyter.proof.verdict import Kind, Verdict
from gofigr_jupyter.records import Environment, Missing

MOST_SHOWN = 4  # forms of one picture
FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
    "image/webp": "webp",
}

# What a figure that lives in the page is kept as: the page's own script draws it, no picture was ever sent.
SPECIFICATIONS = {"plotly": live.PLOTLY, "vega": live.VEGA}

Tell = Callable[[str, float], None]  # what is being done, and how far it is from 0 to 1


@dataclass(frozen=True, slots=True)
class Options:
    """How to make it again: by which interpreter (None: the recorded one), within which limits."""

    python: str | None = None
    limits: Limits = field(default_factory=Limits)


def record_of(gf: GoFigr, revision: Revision) -> Recorded:
    """What a revision has recorded, by way of the client."""
    about = About(
        revision=revision.api_id,
        figure=_figure_name(gf, revision),
        number=revision.revision_index + 1,
        author=revision.created_by or "",
        created_on=revision.created_on.isoformat() if revision.created_on else "",
        link=gf.page_url(revision),
    )
    pieces = [
        Piece(one.api_id, one.name or "", one.type, one.hash or "", one.size_bytes, one.metadata)
        for one in revision.data
    ]
    return recorded(about, revision.metadata, pieces, lambda piece: gf.data.bytes(piece.id))


def _figure_name(gf: GoFigr, revision: Revision) -> str:
    with suppress(Forbidden):  # nothing but the revision is shared with us
        if revision.figure:
            return gf.figures.get(revision.figure).name
    return revision.title or "figure"


def verify(gf: GoFigr, revision: Revision, options: Options, tell: Tell) -> Verdict:
    """Make the figure again and compare. Whose it is was asked before. Raises APIError."""
    tell("Reading what was recorded", 0.02)
    record = record_of(gf, revision)
    stored = _stored(gf, record)
    if isinstance(record.code, Missing):
        return _failed(record.code.reason, Surroundings())
    if not stored:
        return _failed("no picture was kept that could be compared", Surroundings())
    with tempfile.TemporaryDirectory(prefix="gofigr-proof-") as scratch:
        return _made_again(gf, record, record.code, stored, options=options, scratch=Path(scratch), tell=tell)


def _made_again(
    gf: GoFigr, record: Recorded, code: Code, stored: list[Stored], *, options: Options, scratch: Path, tell: Tell
) -> Verdict:
    where = places.placed(record.inputs, code.cells, record.folder)
    setup, is_recorded = _setup(record, stored, options, scratch)
    gathered = gathering.gather(gf, where, setup.folder, record.folder, lambda name: tell(f"Fetching {name}", 0.1))
    cells = [replace(cell, source=places.rewritten(cell.source, _moved(gathered))) for cell in code.cells]
    count = len(cells)
    ran = runner.run(
        cells, setup, options.limits, lambda n: tell(f"Running cell {n + 1} of {count}", 0.2 + 0.6 * n / count)
    )
    tell("Comparing", 0.85)
    found = changes.changes(record, gathered, ran.around, is_recorded_python=is_recorded)
    compared = compare.compare(stored, ran.shown)
    return replace(_judged(ran, compared, found, gathered, code), code=code.kind, seconds=ran.seconds)


def _setup(record: Recorded, stored: list[Stored], options: Options, scratch: Path) -> tuple[Setup, bool]:
    told = record.environment.executable if isinstance(record.environment, Environment) else ""
    python, is_recorded = runner.python_for(options.python, told)
    folder, private = scratch / "work", scratch / "private"
    folder.mkdir()
    private.mkdir()
    beside = record.folder  # where modules of the notebook's own lie
    paths = (beside,) if beside is not None and Path(beside).is_dir() else ()
    goes_on = isinstance(record.code, Code) and record.code.kind == "history"
    return Setup(python, folder, private, paths, _formats(record, stored), goes_on, record.called), is_recorded


def _moved(gathered: tuple[Gathered, ...]) -> list[places.Placed]:
    """The paths to replace: not those of files that are gone, whose own name shall be told."""
    return [one.place for one in gathered if one.origin is not Origin.GONE]


def _stored(gf: GoFigr, record: Recorded) -> list[Stored]:
    """The pictures to compare with; of a figure that only its own script has drawn, its specification."""
    kinds = {piece.id: _mime(piece) for piece in record.displayed[:MOST_SHOWN]}
    if not kinds and record.kind in SPECIFICATIONS:
        kinds = {piece.id: SPECIFICATIONS[record.kind] for piece in record.drawn if piece.format == "json"}
    return [Stored(kind, gf.data.bytes(piece)) for piece, kind in kinds.items()]


def _mime(piece: Piece) -> str:
    told = piece.meta.get("mime_type")
    if isinstance(told, str):
        return told
    known = {form: kind for kind, form in FORMATS.items()} | {"jpg": "image/jpeg", "html": "text/html"}
    return known.get(piece.format, f"image/{piece.format or 'png'}")


def _formats(record: Recorded, stored: list[Stored]) -> tuple[str, ...]:
    """IPython's words for the forms that were shown; twice the pixels of the size that is told is `retina`."""
    found = []
    for piece, one in zip(record.displayed, stored, strict=False):
        form = FORMATS.get(one.mime_type)
        if form is not None:
            found.append("retina" if form == "png" and bundle.scale_of(piece, one.data[:32]) == 2 else form)
    return tuple(found)


# ---------------------------------------------------------------- the verdict


def _judged(
    ran: Ran, compared: tuple[Compared, ...], found: Changes, gathered: tuple[Gathered, ...], code: Code
) -> Verdict:
    if ran.problem is not None and not any(one.likeness is compare.Likeness.IDENTICAL for one in compared):
        return replace(_failed(_why(ran.problem, gathered, code), ran.around, found), trace=ran.trace)
    if not compared:
        other = "it in none of the forms that were kept" if ran.shown else "no picture"
        return replace(_failed(f"the code ran, and showed {other}", ran.around, found), trace=ran.trace)
    decisive = compare.worst(compared)
    kind = Kind(str(decisive.likeness))
    reason = decisive.how
    if kind is Kind.DIFFERS:
        reason = "; ".join([reason, *(found.said() or found.hints)])
    return Verdict(kind, _now(), reason, ran.around, compared, found, picture=decisive.picture)


def _why(problem: str, gathered: tuple[Gathered, ...], code: Code) -> str:
    more = [f"{one.place.input.name} is gone, and no copy was kept" for one in gathered if one.origin is Origin.GONE]
    if changes.is_masked(code.text):
        more.append("secrets in its code were masked")
    return "; ".join([problem, *more])


def _failed(reason: str, around: Surroundings, found: Changes | None = None) -> Verdict:
    return Verdict(Kind.FAILED, _now(), reason, around, changes=found or Changes())


def _now() -> datetime:
    return datetime.now(UTC)
