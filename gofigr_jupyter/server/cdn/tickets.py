"""What goes before a file: a ticket for its upload, a folder for it. Both are refused in the words that Fig1 has.

In: an order and who asks. Out: addresses, rows. Whether they may was decided before.
"""

from __future__ import annotations

import time
from datetime import timedelta

from fastapi import Request

from gofigr_jupyter.schema.fig1 import (
    NOT_SUPPORTED,
    UPLOAD_SECONDS,
    FolderDraft,
    UploadOrder,
    UploadTicket,
    too_large,
)
from gofigr_jupyter.server.auth import config_of
from gofigr_jupyter.server.cdn import kinds, names, signing
from gofigr_jupyter.server.cdn.doorstep import Doorstep
from gofigr_jupyter.server.cdn.envelope import refusal
from gofigr_jupyter.server.cdn.names import BadName
from gofigr_jupyter.server.cdn.receiving import Receiver
from gofigr_jupyter.server.cdn.signing import Claim
from gofigr_jupyter.server.marking import base_of
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import cdn, placing
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import CdnFolder, Site


def issued(
    request: Request,
    db: Transaction,
    site: Site,
    asker: str,
    order: UploadOrder,
    *,
    size_bytes: int = 0,
    direct: bool = False,
) -> UploadTicket:
    """An address to PUT a file to within the hour, and the one that it has afterwards; no two get the same.

    If `direct`, and if the file is to lie in a bucket, it is the bucket's own; our own pages could not go there.
    Refuses (400) names and types, and (413) what says of itself that it is too large.
    """
    try:
        name, folders = names.file_name(order.filename), names.folders(order.folder or "")
    except BadName as error:
        raise refusal(400, f"{error}.") from error
    kind = kinds.declared(order.content_type, name)
    if kind is None:
        raise refusal(400, NOT_SUPPORTED)
    receiver: Receiver = request.app.state.receiver
    most = receiver.limits.of(kind.kind)
    if size_bytes > most:
        raise refusal(413, too_large(most))
    name = name if "." in name else f"{name}{kind.extensions[0]}"
    path = "".join(f"/{one}" for one in folders)
    if not cdn.has_room(db, site.id, cdn.missing(db, site.id, folders)):
        raise _too_many()
    row = cdn.promise(db, site, f"{path}/{name}", kind.content_type, life=timedelta(seconds=UPLOAD_SECONDS))
    base = base_of(request)
    bucket_id = placing.in_force(db, row.site.workspace) if direct else None
    if bucket_id is not None:
        doorstep: Doorstep = request.app.state.doorstep
        upload_url = doorstep.address(row.id, asker, bucket_id)
    else:
        claim = Claim(row.id, site.id, asker, row.key, kind.content_type, most, int(time.time()) + UPLOAD_SECONDS)
        upload_url = f"{base}/cdn/upload/{signing.sign(config_of(request).data_dir, claim)}"
    return UploadTicket(upload_url=upload_url, cdn_url=names.address(base, row.key), key=row.key)


def made_folder(db: Transaction, site_id: str, draft: FolderDraft) -> tuple[CdnFolder, bool]:
    """A folder, perhaps in another one, and whether it is new. Refuses names (400) and unknown parents (404)."""
    try:
        name = names.folder_name(draft.name)
        above = cdn.folder(db, site_id, draft.parent_id) if draft.parent_id else None
        if draft.parent_id and above is None:
            raise refusal(404, "There is no such folder.")
        path = names.folders(f"{above.path if above else ''}/{name}")
    except BadName as error:
        raise refusal(400, f"{error}.") from error
    more = cdn.missing(db, site_id, path)
    if not cdn.has_room(db, site_id, more):
        raise _too_many()
    row = cdn.make_folders(db, site_id, path)
    assert row is not None  # noqa: S101 - the path has a name
    return row, bool(more)


def _too_many() -> Refusal:
    return refusal(400, f"A site has at most {cdn.MOST_FOLDERS} folders.")
