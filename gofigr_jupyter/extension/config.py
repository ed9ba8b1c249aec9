"""`%config GoFigr.auto_publish = False`: the settings of a session as traits, in both directions.

The class is called GoFigr because that is the word people write after `%config`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool, Enum, Int, List, Unicode, observe
from traitlets.config import Configurable

from gofigr_jupyter.settings import CARDS, FORMATS, INPUTS, Settings

if TYPE_CHECKING:
    from gofigr_jupyter.extension.session import Session

TRAITS = (
    "auto_publish", "workspace", "analysis", "formats", "card", "watermark", "notebook_name", "inputs", "input_folders",
    "input_size_limit",
)  # fmt: skip


class GoFigr(Configurable):
    """Figures that carry their history: what is published, where, and what is shown under a figure."""

    auto_publish = Bool(True, help="Publish every figure that is shown.").tag(config=True)
    workspace = Unicode("", help="Name or id of the workspace; empty for your primary one.").tag(config=True)
    analysis = Unicode("", help="Name or id of the analysis; empty for the notebook's name.").tag(config=True)
    formats = List(
        Enum(FORMATS), list(FORMATS), help=f"Further forms that are made of a figure: {', '.join(FORMATS)}."
    ).tag(config=True)
    card = Enum(CARDS, "full", help="The card under a figure: full, compact or off.").tag(config=True)
    watermark = Bool(True, help="Also make a PNG with a strip that carries link and QR code.").tag(config=True)
    inputs = Enum(("", *INPUTS), "", help="Files that are read: all, listed, ask or off; empty for the default.").tag(
        config=True
    )
    input_folders = List(Unicode(), [], help="Folders whose files may go along.").tag(config=True)
    input_size_limit = Int(100_000_000, min=0, help="In bytes; larger files stay where they are.").tag(config=True)
    notebook_name = Unicode("", help="The notebook's name, where it cannot be found out.").tag(config=True)

    def __init__(self, session: Session, **kwargs: Any) -> None:
        self._session: Session | None = None
        super().__init__(**kwargs)
        chosen = {name: self._setting(name) for name in TRAITS if self._was_configured(name)}
        session.settings = session.settings.with_(**chosen)
        self.follow(session.settings)
        self._session = session

    def follow(self, settings: Settings) -> None:
        """Show settings that were changed elsewhere (`configure`)."""
        session, self._session = self._session, None
        for name in TRAITS:
            value = getattr(settings, name)
            if name in {"formats", "input_folders"}:
                value = list(value)
            elif name in {"workspace", "analysis", "notebook_name", "inputs"}:
                value = value if isinstance(value, str) else ""
            setattr(self, name, value)
        self._session = session

    @observe(*TRAITS)
    def _changed(self, change: Any) -> None:
        session = getattr(self, "_session", None)
        if session is not None:
            session.settings = session.settings.with_(**{change.name: self._setting(change.name)})

    def _setting(self, name: str) -> Any:
        value = getattr(self, name)
        if name in {"formats", "input_folders"}:
            return tuple(value)
        return None if value == "" else value

    def _was_configured(self, name: str) -> bool:
        section = self.config.get("GoFigr", {})
        return name in section
