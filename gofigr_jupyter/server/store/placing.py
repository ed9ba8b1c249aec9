"""Where new bytes go: the rows that say it for workspaces and organizations, and which of them is in force."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select

from gofigr_jupyter.server.store import buckets
from gofigr_jupyter.server.store.blobs import chunk_name
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Bucket, DataItem, Organization, Workspace
from gofigr_jupyter.server.store.tree import Node, workspace_of


def in_force(db: Transaction, row: Node) -> str | None:
    """The id of the bucket that takes new bytes of an object of the tree; None: the server's own place."""
    place = workspace_of(row)
    if place.organization_id is None:
        return place.bucket_id
    organization = db.get(Organization, place.organization_id)
    if organization is None:
        return place.bucket_id
    own = place.bucket_id if organization.allow_per_workspace_storage_settings else None
    return own or organization.bucket_id


def may_choose(db: Transaction, place: Workspace) -> bool:
    """Whether a workspace has storage settings of its own, or its organization's are in force."""
    organization = db.get(Organization, place.organization_id) if place.organization_id else None
    return organization is None or organization.allow_per_workspace_storage_settings


def chosen(db: Transaction, row: Workspace | Organization) -> Bucket | None:
    """The bucket that a workspace or an organization has set; None: the server's own place."""
    if row.bucket_id is None or (isinstance(row, Workspace) and not may_choose(db, row)):
        return None
    return db.get(Bucket, row.bucket_id)


def bucket_for(db: Transaction, vendor: str, params: dict[str, Any]) -> Bucket:
    """The row of a bucket with these params, made where there is none."""
    for row in db.scalars(select(Bucket).where(Bucket.vendor == vendor)):
        if row.params == params:
            return row
    row = Bucket(id=str(uuid.uuid4()), vendor=vendor, params=params)
    db.add(row)
    db.flush()
    return row


def path_of(db: Transaction, row: DataItem) -> str | None:
    """Where a data object lies in its bucket: its one chunk, or the folder of its several; None: it is not in one."""
    bucket = db.get(Bucket, row.bucket_id) if row.bucket_id else None
    if bucket is None:
        return None
    folder = f"s3://{bucket.params['bucket']}/{buckets.folder_of(bucket.params, bucket.id)}/"
    return folder + chunk_name(row.chunks[0]) if len(row.chunks) == 1 else folder
