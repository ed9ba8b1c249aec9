"""Who made an object, for whom, and what a machine says of it: the fields that several families share."""

from __future__ import annotations

from gofigr_jupyter.schema.base import Draft, Name, Timestamp, Truth, Wire


class Authored(Wire, source="seen"):
    """Who made it and who last changed it; `updated_*` is null until the first change. GoFigr's (seen)."""

    created_by: str | None = None
    created_on: Timestamp | None = None
    updated_by: str | None = None
    updated_on: Timestamp | None = None


class Parent(Authored, source="seen"):
    """Who last created, changed or deleted something below it, and when. GoFigr's (seen)."""

    child_updated_by: str | None = None
    child_updated_on: Timestamp | None = None


class Attributed(Wire, source="seen"):
    """Who really made it, where a service account or an importer wrote it. GoFigr's (seen)."""

    created_on_behalf: bool = False
    created_on_behalf_name: str | None = None
    created_on_behalf_email: str | None = None


class AttributedDraft(Draft, source="ours"):
    """For whom a service account writes. The names are GoFigr's (seen); that clients may set them is ours."""

    created_on_behalf: Truth | None = None
    created_on_behalf_name: Name | None = None
    created_on_behalf_email: Name | None = None


class Described(Wire, source="seen"):
    """What a machine says that a picture shows. GoFigr's (seen)."""

    ai_title: str | None = None
    ai_description: str | None = None
