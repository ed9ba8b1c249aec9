"""The two phases of a parcel on the wire: the revision with its record, then everything drawn later, then read back.

In: a client and a verified parcel. Out: the revision as the server shows it. Knows no folders and no receipts.
"""

from __future__ import annotations

import time
from contextlib import suppress

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError, Conflict, NotFound, StatusError
from gofigr_jupyter.records import Parcel, Rendition
from gofigr_jupyter.schema.figures import DataDraft, RevisionDraft
from gofigr_jupyter.worker import settle
from gofigr_jupyter.worker.targets import Places
from gofigr_jupyter.worker.upload import data_drafts, local_id, missing_forms, rendition_drafts, revision_draft

PROCESSING_SECONDS = 60.0
_TOO_MUCH = frozenset({400, 413, 415, 422})  # a refusal of this piece, not of the caller


class UnsettledError(APIError):
    """The server took everything, and shows something else."""


def publish(gf: GoFigr, places: Places, parcel: Parcel) -> Revision:
    """Phase 1: the revision is on the server, once, however often this is called. Raises APIError."""
    try:
        return _posted(gf, parcel, places.figure(gf, parcel))
    except NotFound:  # what we remember may have been deleted meanwhile
        places.forget()
        return _posted(gf, parcel, places.figure(gf, parcel))


def is_shown(gf: GoFigr, revision: Revision, parcel: Parcel) -> bool:
    """Whether the server shows every displayed picture with the hash of what was displayed."""
    pictures = [draft for draft in data_drafts(parcel) if draft.metadata["role"] == "displayed"]
    return settle.difference(gf, revision, pictures) is None


def complete(gf: GoFigr, parcel: Parcel, renditions: list[Rendition]) -> tuple[Revision, dict[str, str]]:
    """Phase 2: append what is not there yet, read everything back, compare.

    Returns the revision and the forms that are missing, with the reasons. Raises NotFound when the revision is gone,
    UnsettledError when the server shows something else, or another APIError.
    """
    missing = missing_forms(renditions)
    wanted = [*data_drafts(parcel), *rendition_drafts(parcel, renditions)]
    revision = _processed(gf, parcel.client_id)
    refused = _append(gf, parcel.client_id, settle.absent(revision, wanted))
    missing |= refused
    _tell_missing(gf, revision, missing)
    revision = _processed(gf, parcel.client_id)
    problem = settle.difference(gf, revision, [draft for draft in wanted if _form(draft) not in refused])
    if problem is not None:
        raise UnsettledError(problem)
    return revision, missing


def _posted(gf: GoFigr, parcel: Parcel, figure_id: str) -> Revision:
    draft = revision_draft(parcel, figure_id)
    try:
        revision = gf.revisions.create(draft)
    except Conflict:
        revision = _arrived_before(gf, parcel, draft)
    return revision if revision.data else gf.revisions.get(parcel.client_id)


def _arrived_before(gf: GoFigr, parcel: Parcel, draft: RevisionDraft) -> Revision:
    """A conflict on our own id is success; one on the short id alone costs the short id."""
    try:
        return gf.revisions.get(parcel.client_id)
    except NotFound:
        return gf.revisions.create(draft.model_copy(update={"short_id": None}))


def _append(gf: GoFigr, api_id: str, drafts: list[DataDraft]) -> dict[str, str]:
    """Append all at once; when the server refuses that, one by one, and say which it does not take."""
    if not drafts:
        return {}
    try:
        gf.revisions.append_data(api_id, drafts)
    except StatusError as error:
        if error.status not in _TOO_MUCH:
            raise
        if len(drafts) == 1:
            return {_form(drafts[0]): f"the server refuses it ({error})"}
        return {form: reason for draft in drafts for form, reason in _append(gf, api_id, [draft]).items()}
    return {}


def _tell_missing(gf: GoFigr, revision: Revision, missing: dict[str, str]) -> None:
    """Say in the record which forms are not there and why, for readers who never see the receipt."""
    metadata = revision.metadata
    if not missing or not isinstance(metadata, dict) or revision.api_id is None:
        return
    told = {**(metadata.get("missing") or {}), **missing}
    if told != metadata.get("missing"):
        with suppress(StatusError):  # a server that refuses this keeps the figure all the same
            gf.revisions.change(revision.api_id, RevisionDraft(metadata={**metadata, "missing": told}), silent=True)


def _form(draft: DataDraft) -> str:
    """The name by which people know a form; what was displayed or recorded has none and must arrive."""
    role = draft.metadata["role"]
    if role == "picture":
        return str(draft.metadata["format"])
    return role if role in {"watermark", "thumbnail", "series", "axes", "source", "attachment"} else local_id(draft)


def _processed(gf: GoFigr, api_id: str) -> Revision:
    """The revision as it is when the server has finished with it."""
    deadline = time.monotonic() + PROCESSING_SECONDS
    while True:
        revision = gf.revisions.get(api_id)
        if not revision.is_processing or time.monotonic() > deadline:
            return revision
        time.sleep(0.5)
