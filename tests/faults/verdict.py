"""What must be true when all the killing is over: judged from outside, by the server's own answers and the folders.

In: what the harness saw being shown. Out: a list of problems in words; an empty one is the promise kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import State
from gofigr_jupyter.schema.figures import DataObject, Revision

RECORDED = ("cell", "history", "environment", "packages")  # what each figure of these trials brings along


@dataclass(frozen=True)
class Shown:
    """A figure that a cell was to show; `digest` is of the displayed bytes, where the front end got them."""

    kernel: int
    turn: int  # the figure's place among all of its kernel
    title: str
    code: str
    digest: str | None
    is_promised: bool  # its cell's reply was seen


@dataclass(frozen=True)
class Arrived:
    """A revision as the server shows it."""

    title: str
    code: str
    digests: tuple[str, ...]
    revision: Revision


def judge(home: Path, gf: GoFigr, shown: Sequence[Shown], formats: Sequence[str], *, killed_kernels: int) -> list[str]:
    """Everything that is not as promised."""
    problems = list(_folders(home, killed_kernels))
    arrived = list(_arrived(gf, problems))
    wanted, found = _by_identity(shown), defaultdict(list)
    for item in arrived:
        found[item.title, item.code].append(item)
    for identity, revisions in found.items():
        if identity not in wanted:
            problems.append(f"nobody has shown {identity}, yet it is there {len(revisions)} times")
    for identity, asked in wanted.items():
        problems += _compared(asked, found.get(identity, []))
    for item in arrived:
        problems += _incomplete(home, item, formats)
    return problems + list(_disorder(shown, arrived))


def _by_identity(shown: Sequence[Shown]) -> dict[tuple[str, str], list[Shown]]:
    grouped: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for one in shown:
        grouped[one.title, one.code].append(one)
    return grouped


def _compared(asked: Sequence[Shown], there: Sequence[Arrived]) -> Iterator[str]:
    """One figure or several of one title in one cell, against the revisions that show it."""
    label = f"{asked[0].title!r} of kernel {asked[0].kernel} at {asked[0].turn}"
    promised = sum(one.is_promised for one in asked)
    if len(there) < promised:
        yield f"lost: {label}, {promised} promised, {len(there)} there"
    if len(there) > len(asked):
        yield f"doubled: {label}, shown {len(asked)} times, there {len(there)} times"
    seen = [one.digest for one in asked if one.digest is not None]
    for item in there:
        if len(seen) == len(asked) and not set(item.digests) & set(seen):
            yield f"not the displayed bytes: {label}"


def _incomplete(home: Path, item: Arrived, formats: Sequence[str]) -> Iterator[str]:
    revision, label = item.revision, f"{item.title!r} ({item.revision.api_id})"
    data = revision.data or []
    marks = Counter(str(one.metadata.get("local_id")) for one in data)
    yield from (f"doubled data in {label}: {mark}" for mark, count in marks.items() if count > 1)
    roles = {str(one.metadata.get("role")) for one in data}
    said = set(revision.metadata.get("missing", {}))
    receipt = read_receipt(home, revision.api_id)
    if len(item.digests) != 1:
        yield f"{len(item.digests)} displayed pictures in {label}"
    for fact in RECORDED:
        if fact not in roles and {"packages": "environment"}.get(fact, fact) not in said:
            yield f"no {fact} in {label}, and nothing said about it"
    if "source" not in roles and "source" not in said:
        yield f"no source in {label}, and nothing said about it"
    if receipt is None or receipt.state is not State.COMPLETE:
        yield f"the receipt of {label} says {receipt and receipt.state}"
        return
    if receipt.revision_number != revision.revision_index + 1:
        yield f"the receipt of {label} says number {receipt.revision_number}, it is {revision.revision_index + 1}"
    pictures = {one.metadata.get("format") for one in data if one.metadata.get("role") == "picture"}
    for form in formats:
        if form not in roles | pictures and form not in receipt.missing:
            yield f"no {form} in {label}, and nothing said about it"


def _disorder(shown: Sequence[Shown], arrived: Sequence[Arrived]) -> Iterator[str]:
    """Within a figure, the revisions of one kernel are in the order in which it showed them."""
    turns = {(one.title, one.code): one for one in shown}
    lines: dict[tuple[str, int], list[int]] = defaultdict(list)
    for item in sorted(arrived, key=lambda item: item.revision.revision_index):
        one = turns.get((item.title, item.code))
        if one is not None:
            lines[item.title, one.kernel].append(one.turn)
    for (title, kernel), order in lines.items():
        if order != sorted(order):
            yield f"out of order: {title!r} of kernel {kernel} came as {order}"


def _arrived(gf: GoFigr, problems: list[str]) -> Iterator[Arrived]:
    workspace = gf.workspaces.get(gf.primary_workspace.api_id)
    for analysis in workspace.analyses or []:
        figures = gf.analyses.get(analysis.api_id).figures or []
        names = Counter(figure.name for figure in figures)
        problems += [f"{count} figures are called {name!r}" for name, count in names.items() if count > 1]
        for figure in figures:
            light = gf.figures.get(figure.api_id).revisions or []
            indexes = sorted(one.revision_index for one in light)
            if indexes != list(range(len(light))):
                problems.append(f"the revisions of {figure.name!r} are numbered {indexes}")
            for one in light:
                yield _read(gf, figure.name, gf.revisions.get(one.api_id))
    names = Counter(analysis.name for analysis in workspace.analyses or [])
    problems += [f"{count} analyses are called {name!r}" for name, count in names.items() if count > 1]


def _read(gf: GoFigr, title: str, revision: Revision) -> Arrived:
    def of(role: str) -> list[DataObject]:
        return [one for one in revision.data or [] if one.metadata.get("role") == role]

    code = [(gf.data.get(one.api_id or "").data or b"").decode() for one in of("cell")]
    pictures = [gf.data.get(one.api_id or "").data or b"" for one in of("displayed")]
    return Arrived(title, "\n".join(code), tuple(blake3(data).hexdigest() for data in pictures), revision)


def _folders(home: Path, killed_kernels: int) -> Iterator[str]:
    box = Outbox(home)
    counts = box.counts()
    for folder in ("new", "taken", "failed"):
        if counts[folder]:
            names = [f"{entry.client_id}: {read_receipt(home, entry.client_id)}" for entry in box.list(folder)]
            yield f"{counts[folder]} parcels are left in {folder}: {names}"
    report = box.fsck()
    yield from (f"damaged: {client_id}: {reason}" for client_id, reason in report.damaged.items())
    if len(report.orphans) > killed_kernels:
        yield f"{len(report.orphans)} drafts are left, though only {killed_kernels} kernels were killed"
