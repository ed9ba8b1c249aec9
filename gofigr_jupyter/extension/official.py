"""What notebooks and scripts written for the official client ask for beside `publish`: a client that keeps files."""

from __future__ import annotations

from gofigr_jupyter import opening
from gofigr_jupyter.extension import current
from gofigr_jupyter.extension.readers import Sync


class GoFigr(opening.GoFigr):
    __doc__ = f"{opening.GoFigr.__doc__}\n    `sync` reads files and keeps them: `gf.sync.read_csv(path)`.\n    "

    @property
    def sync(self) -> Sync:
        """Reads files and keeps them."""
        return Sync(self)


def get_gofigr() -> GoFigr:
    """The client of the running notebook, with its settings; outside one, of the settings found here."""
    loaded = current.current()
    return GoFigr(settings=None if loaded is None else loaded.session.settings)
