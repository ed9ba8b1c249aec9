"""Gives an analysis its notebook's name, once that is known; into one of that name its figures are moved.

In: a Rename and a client. Out: nothing; repeating it is harmless.
"""

from __future__ import annotations

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.renames import Rename
from gofigr_jupyter.schema.figures import AnalysisDraft, FigureDraft
from gofigr_jupyter.schema.sound import mended_text
from gofigr_jupyter.worker.targets import Places


def carry_out(gf: GoFigr, places: Places, rename: Rename) -> None:
    """Rename or merge. Raises APIError; then it is tried again later."""
    children = {a.name: a.api_id for a in gf.workspaces.get(places.workspace(gf, rename.workspace)).analyses or []}
    name = mended_text(rename.new)
    old, new = children.get(mended_text(rename.old)), children.get(name)
    if old is None:
        return
    if new is None:
        gf.analyses.change(old, AnalysisDraft(name=name))
    else:
        for figure in gf.analyses.get(old).figures or []:
            gf.figures.change(str(figure.api_id), FigureDraft(analysis=new))
        gf.analyses.delete(old)
    places.forget()
