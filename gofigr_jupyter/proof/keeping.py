"""Keeps a verdict with its revision: the short form in the metadata, the full one as a data object beside a picture.

In: a client, a revision, a Verdict. Out: the revision with this verdict in place of an earlier one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.proof.verdict import Verdict
from gofigr_jupyter.schema.figures import DataDraft, DataObject, RevisionDraft
from gofigr_jupyter.schema.sound import mended

ROLE = "proof"


def keep(gf: GoFigr, api_id: str, verdict: Verdict) -> Revision:
    """Write it down. Raises APIError, Forbidden for who may read only."""
    revision = gf.revisions.get(api_id)  # anew: a worker may have added to it meanwhile
    metadata = revision.metadata if isinstance(revision.metadata, dict) else {}
    metadata = mended({**metadata, "verdict": verdict.short()})
    drafts = list(_drafts(verdict))
    earlier = [one for one in revision.data if one.metadata.get("role") == ROLE]
    if not earlier:  # adding takes nothing away, whoever else adds at this moment
        gf.revisions.append_data(api_id, drafts)
        return gf.revisions.change(api_id, RevisionDraft(metadata=metadata), silent=True)
    kept = [_as_it_is(one) for one in revision.data if one.metadata.get("role") != ROLE]
    return gf.revisions.change(api_id, RevisionDraft(metadata=metadata, data=[*kept, *drafts]), silent=True)


def _drafts(verdict: Verdict) -> Iterator[DataDraft]:
    told = json.dumps(mended(verdict.full()), ensure_ascii=False, indent=1).encode()
    yield DataDraft(name="Proof", type="text", data=told, metadata=_facts("json", encoding="utf-8"))
    if verdict.picture is not None:
        yield DataDraft(name="Proof", type="image", data=verdict.picture, metadata=_facts("png", is_watermarked=False))


def _facts(form: str, **more: object) -> dict[str, object]:
    return {"local_id": str(uuid.uuid4()), "format": form, "role": ROLE, **more}


def _as_it_is(one: DataObject) -> DataDraft:
    """Names a data object without its bytes, which stay."""
    return DataDraft(
        api_id=one.api_id, name=one.name, type=one.type, is_clean_room=one.is_clean_room, metadata=one.metadata
    )
