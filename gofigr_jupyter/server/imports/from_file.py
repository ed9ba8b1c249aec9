"""A task: a document that was sent. Its pictures are looked up among known figures; it is kept as an asset of theirs.

A picture is known by a QR code of ours in it, else by its bytes. A notebook that was sent is published like one in git.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from blake3 import blake3

from gofigr_jupyter.embedding.mark import revision_named
from gofigr_jupyter.schema.base import Pieces
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.child import Frame, Unreadable, frames
from gofigr_jupyter.server.imports import errand
from gofigr_jupyter.server.imports.drawn import Origin
from gofigr_jupyter.server.imports.keeping import Keeper
from gofigr_jupyter.server.policy import Act, allows, visible_workspaces
from gofigr_jupyter.server.store import content, find, imported, links, placing, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Asset, AssetRevision, Revision, Workspace
from gofigr_jupyter.server.tasks import Job, TaskFailed

DOCUMENTS = "gofigr_jupyter.server.imports.documents"
UNREADABLE = "The file cannot be read. It may be damaged, or locked with a password."
BLOCK = 1 << 20


@dataclass(frozen=True)
class Found:
    """A picture of the document, and the revision that it shows, if that is known."""

    name: str
    places: list[int] = field(default_factory=list)
    revision: str | None = None
    figure: str | None = None
    by: Literal["qr", "picture"] | None = None

    def told(self, *, is_linked: bool) -> dict[str, Any]:
        """As it stands in the task's result."""
        return {
            "name": self.name,
            "slides": self.places,
            "revision": self.revision,
            "figure": self.figure,
            "matched_by": self.by,
            "linked": is_linked,
        }


class InFile(Pieces):
    """The bytes of a file, piece by piece."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        """From the start."""
        with self._path.open("rb") as stream:
            while piece := stream.read(BLOCK):
                yield piece


def run(job: Job, path: Path) -> dict[str, Any]:
    """Read what was sent."""
    name = str(job.request["file"])
    if not path.exists():
        raise TaskFailed("The file that was sent is gone; send it again.")
    job.report(0.0, f"Reading {name[:200]}")
    try:
        if job.request["format"] == "ipynb":
            keeper = Keeper(job, name.removesuffix(".ipynb"))
            keeper.keep_notebook(path, Origin(name, {"imported": {"from": "file", "task": job.id}}))
            return keeper.result
        found = list(_found(job, frames(DOCUMENTS, path, job.check)))
    except Unreadable as error:
        raise TaskFailed(UNREADABLE) from error
    job.report(0.8, "Keeping the document")
    return _kept(job, path, name, found)


# ---------------------------------------------------------------- which figures are in it


def _found(job: Job, pictures: Iterator[Frame]) -> Iterator[Found]:
    for number, (header, (picture,)) in enumerate(pictures, 1):
        with job.store.reading() as db:
            actor, place = errand.admitted(db, job)
            row, by = _shown(db, actor, place, header["codes"], picture)
            revision, figure = (row.id, row.figure_id) if row else (None, None)
        yield Found(header["name"], header["places"], revision, figure, by)
        job.report(0.8 * (1 - 1 / (1 + number / 10)))


def _shown(
    db: Transaction, actor: Actor, place: Workspace, codes: list[str], picture: bytes
) -> tuple[Revision | None, Literal["qr", "picture"] | None]:
    for code in codes:
        row = _named(db, code)
        if row is not None and allows(db, actor, Act.READ, row):
            return row, "qr"
    digest = blake3(picture).hexdigest()
    row = imported.revision_with_picture(db, digest, visible_workspaces(db, actor), place.id)
    return row, "picture" if row else None


def _named(db: Transaction, code: str) -> Revision | None:
    """The revision whose link stands in a QR code, whatever the server was called then."""
    name = revision_named(code)
    if name is None:
        return None
    row = tree.by_short_id(db, name) or db.get(Revision, name.lower())
    return None if row is None else find.revision(db, row.id)


# ---------------------------------------------------------------- the document as an asset


def _kept(job: Job, path: Path, name: str, found: list[Found]) -> dict[str, Any]:
    metadata = {"path": name, "format": job.request["format"]}
    draft = DataDraft(name=name, type="file", data=InFile(path), metadata=metadata)
    with job.store.reading() as db:
        bucket_id = placing.in_force(db, errand.admitted(db, job)[1])
    with job.store.keeping([draft], bucket_id) as incoming, job.store.writing() as db:
        actor, place = errand.admitted(db, job)
        asset = _asset(db, job, place, name, actor.username)
        stored = incoming[0].stored
        row = imported.asset_revision_holding(db, asset, stored.hash) if stored else None
        is_known = row is not None
        if row is None:
            values = {"id": tree.new_id(), "meta": {"imported": {"from": "file", "task": job.id}}}
            row = tree.create_asset_revision(db, asset, values, actor.username)
            content.replace(db, row, incoming)
        linked = _link(db, actor, row, found)
        pictures = [one.told(is_linked=one.revision in linked) for one in found]
        return {"asset": asset.id, "asset_revision": row.id, "unchanged": is_known, "pictures": pictures}


def _asset(db: Transaction, job: Job, place: Workspace, name: str, username: str) -> Asset:
    """The asset that has the document's name, made if need be."""
    analysis = errand.analysis_in(db, place, job.request.get("analysis"))
    analysis_id = analysis.id if analysis else None
    values = {"id": tree.new_id(), "name": name, "description": None, "analysis_id": analysis_id}
    known = imported.asset_named(db, place, analysis_id, name)
    return known or tree.create_asset(db, place, values, username)


def _link(db: Transaction, actor: Actor, row: AssetRevision, found: list[Found]) -> set[str]:
    """Link the document with the figures that it shows, as far as the sender may change those."""
    linked = set()
    for revision_id in dict.fromkeys(one.revision for one in found if one.revision):
        figure_revision = find.revision(db, revision_id)
        if allows(db, actor, Act.WRITE, figure_revision):
            uses = {link.asset_revision_id: link.use_type for link in links.of(db, figure_revision)}
            if row.id not in uses:
                links.replace(db, figure_revision, uses | {row.id: "indirect"})
                tree.update(db, figure_revision, {}, actor.username)
            linked.add(revision_id)
    return linked
