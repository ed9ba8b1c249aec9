"""The versions of the API, each with the shapes of its time: what is newer than a version is left out of its answers.

A handler asks its View for the shape of a row, within the transaction, and then for the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from starlette.responses import Response, StreamingResponse

from gofigr_jupyter.schema.assets import AssetRevision
from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.figures import Revision
from gofigr_jupyter.schema.workspaces import Workspace
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.config import KNOWN_VERSIONS
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import content, shapes, tables
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.web import JSON, answer

VERSION = re.compile(r"v1(?:\.(?P<minor>[0-9]{1,4})(?:\.[0-9]{1,4})*)?")
IDS, WITH_BYTES, NEWEST = 0, 1, 4  # v1: children by their ids; v1.1: data with their bytes; v1.4: nothing is left out
PART = 500  # objects of a list that are read at once
SINCE = {
    "created_on_behalf": 3,
    "created_on_behalf_name": 3,
    "created_on_behalf_email": 3,
    "ai_title": 4,
    "ai_description": 4,
}
CHILDREN = ("analyses", "figures", "revisions", "assets", "data", "figure_revisions")
LINKED = {"assets": "asset_revision", "figure_revisions": "figure_revision"}


async def known_version(version: Annotated[str, Path(description="v1 to v1.4.1")]) -> int:
    """The version of the API that the path names, as its minor number; any `v1` or `v1.x` will do."""
    known = VERSION.fullmatch(version)
    if known is None:
        raise Refusal(404, {"detail": f"Unknown version; known are {', '.join(KNOWN_VERSIONS)}."})
    return int(known["minor"] or 0)


@dataclass
class View:
    """How one request wants to see objects; `minor` is 4 for v1.4.1."""

    minor: int
    shallow: bool
    store: Store
    _kept: dict[str, content.Kept] = field(default_factory=dict)

    def of(self, db: Transaction, row: shapes.Node) -> Wire:
        """One object in full, or without its children for who asked for `shallow`."""
        db.flush()  # a new row has its defaults only then
        if self.shallow:
            return shapes.small(row)
        if self.minor == WITH_BYTES and isinstance(row, tables.Revision | tables.AssetRevision):
            self._kept = content.kept_of(db, row)
        return shapes.full(db, row)

    def workspaces(self, db: Transaction, ids: list[str]) -> list[Workspace]:
        """The list of workspaces: with their content up to v1.3."""
        return shapes.workspaces(db, ids, full=self.minor < NEWEST and not self.shallow)

    def answer(self, shape: Wire | Sequence[Wire], status: int = 200) -> Response:
        """The response; to be called when the transaction has ended, as it may read many bytes."""
        if self.minor >= NEWEST:
            return answer(shape, status)
        body = self.older(shape) if isinstance(shape, Wire) else [self.older(one) for one in shape]
        return Response(json.dumps(body), status, media_type=JSON)

    def listing(self, ids: Sequence[str], part: Callable[[Sequence[str]], Sequence[Wire]]) -> Response:
        """A list of objects, by their ids; a long one is sent part by part, and never is in memory as a whole."""
        if len(ids) <= PART:
            return self.answer(part(ids))

        def pieces() -> Iterator[bytes]:
            before = b"["
            for some in (ids[begin : begin + PART] for begin in range(0, len(ids), PART)):
                if inner := bytes(self.answer(part(some)).body)[1:-1]:  # empty when all of them were deleted meanwhile
                    yield before + inner
                    before = b","
            yield b"]" if before == b"," else b"[]"

        return StreamingResponse(pieces(), media_type=JSON)

    def older(self, shape: Wire) -> dict[str, Any]:
        """An object as JSON, in the manner of its version."""
        if self._kept and isinstance(shape, Revision | AssetRevision):
            for item in shape.data or ():
                item.data = b"".join(self.store.read(*self._kept[item.api_id or ""]))
        return _without_newer(shape.model_dump(mode="json"), self.minor)


def _without_newer(body: dict[str, Any], minor: int) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if SINCE.get(name, 0) <= minor}
    for name in CHILDREN:
        children = kept.get(name)
        if isinstance(children, list):
            kept[name] = [_id_of(one, name) if minor == IDS else _without_newer(one, minor) for one in children]
    return kept


def _id_of(child: dict[str, Any], name: str) -> str:
    found: str = child.get("api_id") or child[LINKED[name]]
    return found


async def view_of(
    minor: Annotated[int, Depends(known_version)],
    store: StoreOf,
    *,
    shallow: Annotated[bool, Query(description="leave the children out")] = False,
) -> View:
    """The view that this request wants."""
    return View(minor, shallow, store)


ViewOf = Annotated[View, Depends(view_of)]
