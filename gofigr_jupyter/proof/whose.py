"""Whose code a revision holds: running it is running what its author, and whoever changed it since, has written.

In: a revision and a client. Out: None for one's own, else who it is from.
"""

from __future__ import annotations

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr


def stranger(gf: GoFigr, revision: Revision) -> str | None:
    """Who else has had a hand in a revision; None when nobody but the caller has."""
    if revision.created_on_behalf:  # by an importer: notebooks from anywhere
        return revision.created_on_behalf_name or "somebody whose work was imported"
    me = gf.user().username
    hands = [name for name in (revision.created_by, revision.updated_by) if name is not None]
    return next((name for name in hands if name != me), None if hands else "somebody whom the server does not name")
