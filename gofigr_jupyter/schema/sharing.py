"""Family sharing: one object of the tree opened for reading, to who has its link or to a user."""

from __future__ import annotations

from gofigr_jupyter.schema.base import Draft, Name, Truth


class LinkSharing(Draft, source="seen"):
    """Body and answer of `.../share/link/`. GoFigr's (seen)."""

    enabled: Truth


class UserSharing(Draft, source="seen"):
    """Body and answer of `.../share/user/`; lists hold those with `sharing_enabled` only. GoFigr's (seen)."""

    username: Name
    sharing_enabled: Truth
