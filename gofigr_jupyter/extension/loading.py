"""Loading and unloading: what `%load_ext gofigr_jupyter` hangs onto a shell, and takes off without a trace."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path
from typing import Any

from gofigr_jupyter.cleanroom import params
from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.extension import current, front
from gofigr_jupyter.extension.config import GoFigr
from gofigr_jupyter.extension.hooks import forget_told, guarded, tell
from gofigr_jupyter.extension.magics import GoFigrMagics
from gofigr_jupyter.extension.reproducible import reproducible
from gofigr_jupyter.extension.session import Session
from gofigr_jupyter.extension.suppression import suppress
from gofigr_jupyter.settings import ApiId, FindByName, NotebookName, Settings
from gofigr_jupyter.widgets import live

# What a notebook written for the official client expects to find after its one changed line.
_NAMES = {
    "ApiId": ApiId,
    "CheckboxParam": params.CheckboxParam,
    "DropdownParam": params.DropdownParam,
    "FindByName": FindByName,
    "NotebookName": NotebookName,
    "SliderParam": params.SliderParam,
    "StaticParam": params.StaticParam,
    "TextParam": params.TextParam,
    "configure": front.configure,
    "publish": front.publish,
    "reproducible": reproducible,
    "suppress": suppress,
}


class Loaded:
    """One load of the extension, with all that has to be undone."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.session = Session(shell, _settings())
        self.config = GoFigr(self.session, parent=shell)
        self._log = _log_to(self.session.settings.home)

    def open(self) -> None:
        """Hang on."""
        shell = self.shell
        self._magic_before = shell.magics_manager.magics["line"].get("gofigr")
        shell.register_magics(GoFigrMagics(shell, self))
        shell.configurables.append(self.config)
        # Never over a name of the user's own, and out of sight of %who.
        self._given = {name: value for name, value in _NAMES.items() if name not in shell.user_ns}
        shell.push(self._given, interactive=False)
        self.session.open()
        live.warm()  # in a thread of its own: the first card must not wait for the widget libraries

    def close(self) -> None:
        """Take everything off again."""
        shell = self.shell
        self.session.close()
        live.close()
        for name in [name for name, known in shell.magics_manager.registry.items() if isinstance(known, GoFigrMagics)]:
            del shell.magics_manager.registry[name]
        shell.magics_manager.magics["line"].pop("gofigr", None)
        if self._magic_before is not None:
            shell.magics_manager.magics["line"]["gofigr"] = self._magic_before
        shell.configurables[:] = [
            known for known in shell.configurables if known is not self.config and not isinstance(known, GoFigrMagics)
        ]
        shell.drop_by_id(self._given)
        if self._log is not None:
            logging.getLogger("gofigr_jupyter").removeHandler(self._log)
            self._log.close()


@guarded
def load(shell: Any) -> None:
    """`%load_ext gofigr_jupyter`; a second time changes nothing."""
    if current.of_shell(shell):
        return
    forget_told()
    loaded = Loaded(shell)
    current.enter(loaded)
    loaded.open()


@guarded
def unload(shell: Any) -> None:
    """`%unload_ext gofigr_jupyter`."""
    for loaded in current.of_shell(shell):
        current.leave(loaded)
        loaded.close()


def _settings() -> Settings:
    try:
        return Settings.load()
    except GoFigrError as error:
        tell("settings", f"{error}. Until then figures go to this machine's own server.")
        return Settings()


def _log_to(home: Path) -> logging.Handler | None:
    """The kernel's log file, opened when there is first something to say."""
    try:
        (home / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    handler = logging.handlers.RotatingFileHandler(
        home / "run" / "kernel.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))
    log = logging.getLogger("gofigr_jupyter")
    log.addHandler(handler)
    log.propagate = False
    return handler
