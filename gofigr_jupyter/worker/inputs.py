"""The input files of a figure: hashed, sent as assets where they may be, and linked to its revision.

In: a parcel whose revision is on the server. Out: its metadata and links, complete; repeating it changes nothing. What
is sent is what was read: a file that has changed meanwhile is said to have, and stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import Forbidden, NotFound, StatusError
from gofigr_jupyter.provenance.inputs_rules import ASKS
from gofigr_jupyter.provenance.inputs_state import State, digest_of_file, state_of
from gofigr_jupyter.records import InputFile, Parcel
from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.figures import LinkDraft, RevisionDraft
from gofigr_jupyter.schema.sound import mended
from gofigr_jupyter.worker.inputs_record import described, distinct
from gofigr_jupyter.worker.inputs_upload import Found, Shelf
from gofigr_jupyter.worker.targets import Places

_REFUSALS = frozenset({400, 403, 404, 405, 413, 415, 422})
_MOST_DIGESTS = 2000
_CHANGED = "it was changed before its content could be kept"


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file as it is now; `state` None: it is no longer what was read."""

    digest: str | None
    state: State | None
    problem: str = ""


class Inputs:
    """Sends and links the inputs of the parcels of one lane, and remembers what it has hashed and sent."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, State], str] = {}
        self._shelf = Shelf()

    def link(
        self,
        gf: GoFigr,
        places: Places,
        parcel: Parcel,
        *,
        is_allowed: bool = False,
        direct: frozenset[str] | None = None,
    ) -> str | None:
        """Bring the revision's inputs up to date; the reason, when the server refuses that. Raises APIError.

        `is_allowed`: the files that wait for somebody's word may go now. `direct`: the paths that the figure was made
        from, where a slice tells them.
        """
        files = distinct(parcel)
        if not files:
            return None
        if direct is not None:
            files = [(file, file.path in direct) for file, _ in files]
        revision = gf.revisions.get(parcel.client_id)
        workspace = _workspace(gf, places, parcel, revision)
        for is_last in (False, True):
            try:
                self._bring(gf, revision, workspace, files, is_allowed=is_allowed)
            except StatusError as error:
                if error.status not in _REFUSALS:
                    raise
                self._shelf = Shelf()  # what it remembers may have been deleted meanwhile
                if is_last:
                    return f"the server refuses what was said of them ({error})"
            else:
                break
        return None

    def _bring(
        self, gf: GoFigr, revision: Revision, workspace: str, files: list[tuple[InputFile, bool]], *, is_allowed: bool
    ) -> None:
        entries, links = [], {}
        for file, is_direct in files:
            entry, version = self._one(gf, workspace, file, is_direct=is_direct, is_allowed=is_allowed)
            entries.append(entry)
            if version is not None:
                links[version] = LinkDraft(asset_revision=version, use_type="direct" if is_direct else "indirect")
        self._write(gf, revision, mended(entries), links)

    def _one(
        self, gf: GoFigr, workspace: str, file: InputFile, *, is_direct: bool, is_allowed: bool
    ) -> tuple[dict[str, Any], str | None]:
        entry = described(file, is_direct=is_direct)
        if file.size is None:
            return entry, None
        now = self._checked(file)
        entry |= {"digest": now.digest, "changed": now.state is None}
        if now.problem:
            entry["problem"] = now.problem
        may_go = file.keep or (is_allowed and file.why_not == ASKS)
        if now.state is None or now.digest is None or not may_go:
            return entry, None
        found = self._sent(gf, workspace, file, now.digest, now.state)
        if isinstance(found, str):
            return entry | {"problem": found}, None
        entry.pop("problem", None)
        return entry | {"asset": found.asset, "asset_revision": found.version}, found.version

    def _checked(self, file: InputFile) -> _Checked:
        """Whether the file still is what was read, and its hash."""
        then, now = (file.size or 0, file.modified_ns or 0), state_of(file.path)
        if now is None:
            return _Checked(file.digest, None, "it is no longer there")
        if now != then and file.digest is None:
            return _Checked(None, None, _CHANGED)
        try:
            digest = self._digest(file.path, now)
        except OSError as error:
            return _Checked(file.digest, None, f"it cannot be read: {error.strerror}")
        if digest is None or digest != (file.digest or digest):
            return _Checked(file.digest, None, _CHANGED)
        return _Checked(digest, now)

    def _digest(self, path: str, state: State) -> str | None:
        if (path, state) not in self._digests:
            digest = digest_of_file(path, state)
            if digest is None:
                return None
            if len(self._digests) >= _MOST_DIGESTS:
                self._digests.clear()
            self._digests[path, state] = digest
        return self._digests[path, state]

    def _sent(self, gf: GoFigr, workspace: str, file: InputFile, digest: str, state: State) -> Found | str:
        try:
            return self._shelf.kept(gf, workspace, file, digest, state)
        except StatusError as error:
            if error.status not in _REFUSALS:
                raise
            return f"the server does not take it ({error})"
        except (OSError, ValueError) as error:  # it was changed while it was sent, or cannot be read any more
            return f"it could not be sent: {getattr(error, 'strerror', None) or error}"

    def _write(self, gf: GoFigr, revision: Revision, entries: Any, links: dict[str, LinkDraft]) -> None:
        """Metadata and links in one request; links that others have made stay, and so does what is true already."""
        metadata = revision.metadata if isinstance(revision.metadata, dict) else {}
        there = {link.asset_revision: LinkDraft.model_validate(_plain(link)) for link in revision.assets or []}
        wanted = there | links
        if metadata.get("inputs") == entries and wanted.keys() == there.keys():
            return
        draft = RevisionDraft(metadata={**metadata, "inputs": entries}, assets=list(wanted.values()))
        gf.revisions.change(revision.api_id, draft, silent=True)


def _plain(link: Wire) -> dict[str, Any]:
    return {name: value for name, value in link.model_dump().items() if name in LinkDraft.model_fields}


def _workspace(gf: GoFigr, places: Places, parcel: Parcel, revision: Revision) -> str:
    """Where the figure lies; a figure or analysis that was chosen by its id need not be in the chosen workspace."""
    if parcel.target.figure.api_id is None and parcel.target.analysis.api_id is None:
        return places.workspace(gf, parcel.target.workspace)
    try:
        analysis = gf.figures.get(revision.figure or "").analysis
        return gf.analyses.get(analysis or "").workspace or ""
    except (NotFound, Forbidden):
        return places.workspace(gf, parcel.target.workspace)
