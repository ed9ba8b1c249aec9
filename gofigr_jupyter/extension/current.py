"""Which load of the extension is in force in this process: written by `loading`, read by the public verbs."""

from __future__ import annotations

from typing import Any, Protocol

from gofigr_jupyter.extension.config import GoFigr
from gofigr_jupyter.extension.session import Session


class InForce(Protocol):
    """One load of the extension."""

    shell: Any
    session: Session
    config: GoFigr

    def close(self) -> None:
        """End it."""


_loads: list[InForce] = []


def current() -> InForce | None:
    """The latest load; None outside IPython."""
    return _loads[-1] if _loads else None


def of_shell(shell: Any) -> list[InForce]:
    """The loads of one shell."""
    return [load for load in _loads if load.shell is shell]


def enter(load: InForce) -> None:
    """It is in force now."""
    _loads.append(load)


def leave(load: InForce) -> None:
    """It is in force no longer."""
    _loads.remove(load)
