"""The figures of an ended cell into the outbox: each once, with the cell's provenance, and word of it on its card.

In: figures and provenance from `session`. Out: parcels through `publishing.Publisher`. What is one figure was decided
before; what goes into a parcel is known in `publishing`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.extension.cards import Cards
from gofigr_jupyter.extension.hooks import guarded, tell
from gofigr_jupyter.extension.page_pictures import ask_page
from gofigr_jupyter.extension.rescue import told
from gofigr_jupyter.extension.rooms import attachments_of
from gofigr_jupyter.extension.shown import Cell, Figure, Request
from gofigr_jupyter.outbox.latest import Latest
from gofigr_jupyter.outbox.renames import Rename, put_rename
from gofigr_jupyter.publishing import Ids, Publisher, analysis_name, digest_of
from gofigr_jupyter.records import Missing, Notebook, Provenance, Ref, Showing, Target
from gofigr_jupyter.settings import Settings


class Outgoing:
    """What a session publishes; remembers which of it went under the session's name for want of the notebook's."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._nameless: dict[str, Target] = {}

    @guarded
    def publish(self, cell: Cell, figure: Figure, provenance: Provenance, showing: Showing) -> None:
        """One figure with all that is known of it, or else with nothing but what was displayed.

        One that went out before its cell had ended does so again only if it is another picture by now.
        """
        if figure.sent is not None:
            if figure.same_picture(figure.sent):
                return
            figure.ids = figure.publisher.mint()
        try:
            self._publish_as(cell, figure, provenance, figure.request or Request(), showing)
        except Exception as error:  # once more, with nothing but what was displayed
            if not figure.displayed:
                raise
            figure.kind, figure.source = "mime", told(error)
            asked = figure.request or Request()
            bare = Request(asked.name, asked.figure, cdn=asked.cdn, fate=asked.fate)
            self._publish_as(cell, figure, provenance, bare, showing)

    def notebook_arrived(self, home: Path, notebook: Notebook) -> None:
        """The true name has come late: analyses that bear the session's are to be renamed."""
        nameless, self._nameless = self._nameless, {}
        for old, target in nameless.items():
            new = analysis_name(notebook.name)
            put_rename(home, Rename(target.url, target.account, target.workspace, old, new))

    def _publish_as(
        self, cell: Cell, figure: Figure, provenance: Provenance, request: Request, showing: Showing
    ) -> None:
        publisher, name = figure.publisher, figure.name(cell.moment)
        notebook = _notebook(publisher.settings, provenance)
        target = publisher.target(request.figure or Ref(name=name), notebook)
        if isinstance(notebook, Notebook) and notebook.told_by == "session" and target.analysis.name == notebook.name:
            self._nameless[notebook.name] = target
        capture = figure.capture()
        read = [one for one in provenance.inputs if one.cell == cell.moment.execution_count]
        attachments = (*request.attachments, *attachments_of(figure.run))
        digest = digest_of(capture, cell.moment.source, request.metadata, attachments, read)
        latest = publisher.unchanged(target, digest)
        if latest is not None:
            request.fate.ids = figure.ids = Ids(latest.client_id, latest.short_id, latest.link)
            self._wish_for(publisher, latest, target, request)
            self._on_card(self._cards.unchanged, figure, name, provenance.masked, provenance.inputs)
            return
        ask_page(figure, publisher.settings)
        try:
            publisher.publish(
                figure.ids,
                target,
                capture,
                provenance,
                digest,
                metadata=request.metadata,
                attachments=attachments,
                working_dir=cell.moment.working_dir,
                showing=showing,
                cdn=request.cdn,
            )
        except GoFigrError as error:
            request.fate.problem = str(error)
            tell("outbox", f"a figure was not saved: {error}")
            self._on_card(self._cards.not_saved, figure, name, str(error))
            return
        request.fate.ids = figure.ids
        self._on_card(self._cards.saved, figure, name, provenance.masked, provenance.inputs)

    @guarded
    def _wish_for(self, publisher: Publisher, latest: Latest, target: Target, request: Request) -> None:
        # A guard of its own: the figure is published, an error here must not make it be published again.
        try:
            publisher.put_on_cdn(latest, target, request.cdn)
        except GoFigrError as error:
            request.fate.problem = str(error)
            tell("outbox", f"a picture is published, but not put on the CDN: {error}")

    @guarded
    def _on_card(self, say: Callable[..., None], *what: Any) -> None:
        # A guard of its own: the figure has been saved, an error here must not make it be saved again.
        say(*what)


def _notebook(settings: Settings, provenance: Provenance) -> Notebook | Missing:
    if settings.notebook_name:
        return Notebook(settings.notebook_name, settings.notebook_path, "settings")
    return provenance.notebook
