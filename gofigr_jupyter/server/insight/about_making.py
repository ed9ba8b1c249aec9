"""Facts of how a figure was made: code, input files, packages, and where and by whom."""

from __future__ import annotations

from collections.abc import Iterator

from gofigr_jupyter.proof import script
from gofigr_jupyter.proof.recorded import Code, Input, Piece
from gofigr_jupyter.records import Environment
from gofigr_jupyter.schema.insight import Evidence, EvidenceRef
from gofigr_jupyter.server.insight.facts import Fact, Topic, in_metadata, words_of
from gofigr_jupyter.server.insight.record import Record
from gofigr_jupyter.server.insight.wording import counted, listed, name
from gofigr_jupyter.server.pages.words import size

MOST_LINES = 40
MOST_FILES = 20
KINDS = {
    "slice": "These statements of the session made it",
    "script": "This script made it",
    "history": "Which statements made it was not recorded; this is the whole session",
}


def facts(record: Record) -> Iterator[Fact]:
    """Code first."""
    yield from _code(record)
    yield from _files(record)
    yield from _packages(record)
    yield from _origin(record)


# ---------------------------------------------------------------- code


def _code(record: Record) -> Iterator[Fact]:
    code = record.made.code
    if not isinstance(code, Code):
        text = f"Which code made it was not recorded: {name(code.reason)}."
        yield Fact(Topic.CODE, text, in_metadata(record, "Code"))
        return
    piece = record.piece("slice", "script", "cell", "history")
    lines = code.text.splitlines()
    cells = [one.count for one in code.cells if one.count is not None]
    where = f", from {listed((name(f'In [{n}]') for n in cells), 8)}" if cells else ""
    cut = f" (the first {MOST_LINES} of {len(lines):,} lines)" if len(lines) > MOST_LINES else ""
    text = f"{KINDS.get(code.kind, 'This code made it')}{where}{cut}:\n\n{fenced(lines[:MOST_LINES])}"
    yield Fact(Topic.CODE, text, in_code(piece, record, (1, max(1, len(lines)))))
    called = record.made.called
    if called is not None:
        given = listed(f"{name(key)} = {name(value)}" for key, value in called["values"].items())
        text = f"It is the reproducible function {name(called['name'])}, with {given or 'nothing to change'}."
        yield Fact(Topic.CODE, text, in_code(piece, record, None))


def in_code(piece: Piece | None, record: Record, lines: tuple[int, int] | None) -> Evidence:
    """Evidence in the code that was kept."""
    if piece is None:
        return in_metadata(record, "Code")
    return Evidence(kind="code", label=piece.name or "Code", ref=EvidenceRef(data=piece.id, lines=lines))


def fenced(lines: list[str], language: str = "python") -> str:
    """Code as a block of Markdown that nothing in it can end."""
    longest = max((len(run) for line in lines for run in _ticks(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def _ticks(line: str) -> Iterator[str]:
    yield from ("`" * len(run) for run in "".join(c if c == "`" else " " for c in line).split())


# ---------------------------------------------------------------- files and packages


def _files(record: Record) -> Iterator[Fact]:
    found = record.made.inputs
    if not found:
        text = "No input file was recorded with it: its data come from the code itself, or were not noted."
        yield Fact(Topic.FILES, text, in_metadata(record, "Inputs", 0))
        return
    told = listed((name(one.name) for one in found), MOST_FILES)
    text = f"{counted(len(found), 'input file')} went into it: {told}."
    yield Fact(Topic.FILES, text, in_metadata(record, "Inputs", len(found)))
    for one in found[:MOST_FILES]:
        yield Fact(Topic.FILES, _file(one), _in_file(record, one), words_of(one.name, one.path))


def _file(one: Input) -> str:
    parts = [f"{name(one.name)} was read from {name(one.path)}"]
    parts += [f"by {name(one.read_by)}"] if one.read_by else []
    text = " ".join(parts)
    text += f", {size(one.size)}" if one.size is not None else ""
    text += f", BLAKE3 {one.digest[:12]}…" if one.digest else ""
    kept = "A copy of it is kept." if one.asset_revision else f"No copy of it is kept{_why(one)}."
    return f"{text}. {kept}"


def _why(one: Input) -> str:
    return f": {name(one.problem)}" if one.problem else ""


def _in_file(record: Record, one: Input) -> Evidence:
    return Evidence(kind="metadata", label=one.name[:200], ref=EvidenceRef(revision=record.id), value=one.digest)


def _packages(record: Record) -> Iterator[Fact]:
    around, code = record.made.environment, record.made.code
    if not isinstance(around, Environment):
        yield Fact(Topic.PACKAGES, "The packages were not recorded.", in_metadata(record, "Packages"))
        return
    piece = record.piece("environment", "packages")
    place = in_code(piece, record, None) if piece else in_metadata(record, "Packages")
    place = place.model_copy(update={"kind": "metadata", "label": "Packages"})
    versions = {one.name.lower().replace("_", "-"): one for one in around.packages}
    text = f"It was made with Python {name(around.python)} on {name(around.platform)}; "
    text += f"{counted(len(around.packages), 'package')} were installed."
    yield Fact(Topic.PACKAGES, text, place)
    used = script.imports(code) if isinstance(code, Code) else ()
    there = [versions[one.lower().replace("_", "-")] for one in used if one.lower().replace("_", "-") in versions]
    if there:
        told = listed((f"{name(one.name)} {name(one.version)}" for one in there), 20)
        yield Fact(Topic.PACKAGES, f"Its code imports {told}.", place)
    for one in around.packages:
        origin = f", from {name(one.origin)}" if one.origin else ""
        editable = ", installed as editable" if one.is_editable else ""
        text = f"{name(one.name)} was at version {name(one.version) or 'unknown'}{origin}{editable}."
        yield Fact(Topic.PACKAGES, text, place, words_of(one.name))


# ---------------------------------------------------------------- origin


def _origin(record: Record) -> Iterator[Fact]:
    about, told = record.made.about, record.facts
    where = f" in the notebook {name(told.notebook)}" if told.notebook else ""
    cell = f", cell {name(told.cell)}" if told.cell else ""
    text = f"Revision {about.number} was published by {name(about.author or 'somebody')} on "
    text += f"{about.created_on[:10]} at {about.created_on[11:16]} UTC{where}{cell}."
    yield Fact(Topic.ORIGIN, text, in_metadata(record, "Origin"))
    if told.git is not None:
        dirty = ", with changes that were not committed" if told.git.is_dirty else ""
        commit = f"commit {name(told.git.commit[:12])}" if told.git.commit else "an unknown commit"
        branch = f" on branch {name(told.git.branch)}" if told.git.branch else ""
        text = f"The repository was at {commit}{branch}{dirty}."
        yield Fact(Topic.ORIGIN, text, in_metadata(record, "Git", told.git.commit))
    for fact, reason in told.missing:
        text = f"{name(fact)} is not there: {name(reason)}."
        yield Fact(Topic.ORIGIN, text, in_metadata(record, "Missing"), words_of(fact))
