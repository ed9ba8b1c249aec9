"""Family storage: where the bytes of a workspace or an organization go, and where those of one data object are."""

from __future__ import annotations

from gofigr_jupyter.schema.base import Draft, GivenObject, JsonObject, Name, Wire


class StorageSettings(Wire, source="seen"):
    """Where new bytes go: the server's own place (`GoFigr.io`, no params) or a bucket (`aws`). GoFigr's (seen)."""

    vendor: str = "GoFigr.io"
    params: JsonObject | None = None


class StorageDraft(Draft, source="seen"):
    """Body of `storage/` and `storage/test/`; `aws` takes `bucket` and `key` as params. GoFigr's (seen)."""

    vendor: Name
    params: GivenObject | None = None


class DataStorage(Wire, source="seen"):
    """Where one data object lies; `path` as `s3://bucket/...`, or None at home. GoFigr's (seen)."""

    vendor: str
    path: str | None = None
