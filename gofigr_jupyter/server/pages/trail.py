"""The way down to an object, for the top of its page: of what it lies in, only what the reader may open."""

from __future__ import annotations

from gofigr_jupyter.server import policy
from gofigr_jupyter.server.policy import Act, Gate
from gofigr_jupyter.server.store import tree
from gofigr_jupyter.server.store.activity import KINDS
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import AssetRevision, Revision
from gofigr_jupyter.server.store.tree import Node

Step = tuple[str, str, str]  # the word in the page's address, the id, the name


def trail(db: Transaction, gate: Gate, row: Node) -> list[Step]:
    """The steps from the workspace down to the row itself."""
    above = [one for one in tree.ancestors(row) if policy.allows(db, gate.visitor, Act.READ, one)]
    return [_step(one) for one in (*reversed(above), row)]


def _step(row: Node) -> Step:
    if isinstance(row, Revision | AssetRevision):
        return KINDS[type(row)].removeprefix("figure_"), row.id, f"Revision {row.revision_index + 1}"
    return KINDS[type(row)], row.id, row.name
