"""Files as assets of a server: found by their hash, or sent once, however often it is tried and by whom.

In: a file in a state that was hashed. Out: the ids of its asset and of the revision that holds just these bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from gofigr_jupyter.client.assets import Asset, AssetRevision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import InFile
from gofigr_jupyter.errors import Conflict, Forbidden, NotFound
from gofigr_jupyter.provenance.inputs_state import State, state_of
from gofigr_jupyter.records import InputFile
from gofigr_jupyter.schema.assets import AssetDraft, AssetRevisionDraft
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.schema.sound import LONGEST_PROSE, mended, mended_text

_SPACE = uuid.UUID("2f0b7c1e-8f0e-4a8a-9a39-0d6a0c7f4f15")
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Found:
    """Where a file's content is kept."""

    asset: str
    version: str


class Shelf:
    """The assets of one server as one account sees them; remembers what it has found there."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Found] = {}  # (workspace, path, digest)

    def kept(self, gf: GoFigr, workspace: str, file: InputFile, digest: str, state: State) -> Found:
        """The asset revision with this content, made if there is none.

        Raises APIError; ValueError when the file changed while it was sent; OSError when it cannot be read.
        """
        key = (workspace, file.path, digest)
        if key not in self._known:
            own = _asset_id(gf, workspace, file.path, 0)
            found = _preferred(gf.asset_revisions.find_by_hash(digest), own)
            self._known[key] = found or _send(gf, workspace, file, digest, state)
        return self._known[key]


def _preferred(found: Sequence[AssetRevision], asset: str) -> Found | None:
    chosen = next((one for one in found if one.asset == asset), found[0] if found else None)
    return Found(chosen.asset or "", chosen.api_id) if chosen is not None else None


def _send(gf: GoFigr, workspace: str, file: InputFile, digest: str, state: State) -> Found:
    asset = _asset(gf, workspace, file)
    version_id = str(uuid.uuid5(_SPACE, f"{asset.api_id}\n{digest}"))
    content = InFile(Path(file.path))
    if state_of(file.path) != state:
        raise ValueError("it was changed meanwhile")
    name, local_id = mended_text(PurePath(file.path).name), str(uuid.uuid5(_SPACE, version_id))
    piece = DataDraft(name=name, type="file", data=content, metadata=mended({"local_id": local_id, "path": file.path}))
    facts = mended({"path": file.path, "modified_ns": state[1], "digest": digest})
    draft = AssetRevisionDraft(asset=asset.api_id, data=[piece], metadata=facts, client_id=version_id)
    version = _created(gf, draft, version_id)
    # Read back: the same size and time do not prove that nobody wrote to the file while it was sent.
    if [item.hash for item in gf.asset_revisions.get(version.api_id).data] != [digest]:
        gf.asset_revisions.delete(version.api_id)
        raise ValueError("it was changed while it was sent")
    return Found(asset.api_id, version.api_id)


def _created(gf: GoFigr, draft: AssetRevisionDraft, version_id: str) -> AssetRevision:
    try:
        return gf.asset_revisions.create(draft)
    except Conflict:
        try:
            return gf.asset_revisions.get(version_id)
        except (NotFound, Forbidden):  # deleted, and its id with it
            return gf.asset_revisions.create(draft.model_copy(update={"client_id": None}))


def _asset(gf: GoFigr, workspace: str, file: InputFile) -> Asset:
    """The asset of this path: ours, or one that another client made for the name alone, or a new one.

    Its id follows from server, workspace and path, so that making it twice cannot double it.
    """
    name, prose = mended_text(PurePath(file.path).name), mended_text(file.path, LONGEST_PROSE)
    same = [one for one in gf.assets.find_by_name(name) if one.workspace == workspace and one.analysis is None]
    for one in same:
        if one.description == prose or not one.description:
            return one
    for turn in range(_TRIES):
        chosen = _asset_id(gf, workspace, file.path, turn)
        draft = AssetDraft(name=name, workspace=workspace, description=prose, client_id=chosen)
        try:
            return gf.assets.create(draft)
        except Conflict:
            try:
                made = gf.assets.get(chosen)
            except (NotFound, Forbidden):
                continue
        if made.workspace == workspace:
            return made
    raise ValueError("its asset was made and deleted too often")


def _asset_id(gf: GoFigr, workspace: str, path: str, turn: int) -> str:
    told = [gf.url, workspace, path.encode("utf-8", "backslashreplace").decode(), *([str(turn)] if turn else [])]
    return str(uuid.uuid5(_SPACE, "\n".join(told)))
