"""What somebody may find, as conditions for queries: what lies in their workspaces or is shared with them by name.

What merely has a link is for those who have the link. A key for one workspace finds nothing elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from gofigr_jupyter.server.store import targets
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.tables import (
    Analysis,
    Asset,
    AssetRevision,
    Comment,
    Figure,
    Revision,
    Story,
    UserShare,
)

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Reach:
    """Of one user with one set of credentials; `workspaces` are those that they may see, `scope` is a key's."""

    user_id: int
    workspaces: tuple[str, ...]
    scope: str | None = None

    def within(self, workspace_id: str) -> Reach:
        """The same, of one workspace alone."""
        return Reach(self.user_id, tuple(one for one in self.workspaces if one == workspace_id), workspace_id)

    def analyses(self) -> Condition:
        """For queries of analyses."""
        return self._within(Analysis, self._open(Analysis))

    def figures(self) -> Condition:
        """For queries of figures joined with their analyses."""
        return self._within(Analysis, self._open(Analysis) | self._given(Figure))

    def revisions(self) -> Condition:
        """For queries of revisions joined with figures and analyses."""
        return self._within(Analysis, self._open(Analysis) | self._given(Figure) | self._given(Revision))

    def assets(self) -> Condition:
        """For queries of assets."""
        return self._within(Asset, self._open(Asset))

    def stories(self) -> Condition:
        """For queries of stories."""
        return Story.workspace_id.in_(self.workspaces)

    def comments(self) -> Condition:
        """For queries of comments alone."""
        figures = select(Figure.id).join(Analysis).where(Figure.id == Comment.figure_id, self.figures())
        revisions = select(Revision.id).join(Figure).join(Analysis)
        revisions = revisions.where(Revision.id == Comment.revision_id, self.revisions())
        assets = select(Asset.id).where(Asset.id == Comment.asset_id, self.assets())
        given = self._within(Asset, self._open(Asset) | self._given(AssetRevision))
        versions = select(AssetRevision.id).join(Asset).where(AssetRevision.id == Comment.asset_revision_id, given)
        return or_(figures.exists(), revisions.exists(), assets.exists(), versions.exists())

    def _open(self, kind: type[Analysis | Asset]) -> Condition:
        return kind.workspace_id.in_(self.workspaces) | self._given(kind)

    def _given(self, kind: type[Target]) -> Condition:
        column = targets.column(UserShare, kind)
        shared = select(column).where(UserShare.user_id == self.user_id, column.is_not(None))
        return kind.id.in_(shared)

    def _within(self, kind: type[Analysis | Asset], found: Condition) -> Condition:
        return found if self.scope is None else and_(kind.workspace_id == self.scope, found)
