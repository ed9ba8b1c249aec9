"""The function of a published clean room, made again from a revision and ready to be called with other arguments.

In: a revision as the client gives it. Out: a callable whose figures are published like any other's, with the room as it
was called. Code of somebody else's runs only when its caller says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from gofigr_jupyter.cleanroom import manifest
from gofigr_jupyter.cleanroom.room import CleanRoom
from gofigr_jupyter.cleanroom.running import Run, call
from gofigr_jupyter.errors import CleanRoomError, NotTrusted
from gofigr_jupyter.extension.explorer import Explorer
from gofigr_jupyter.extension.reproducible import given, kernel_shell


class Published(Protocol):
    """A revision with its data objects."""

    @property
    def data(self) -> Sequence[manifest.Piece]:
        """What it is made of."""

    def is_mine(self) -> bool:
        """Whether the caller made it."""


class Rebuilt:
    """A reproducible function out of a revision: call it as it is, or with other values of some arguments."""

    def __init__(self, room: CleanRoom, *, trusted: bool) -> None:
        self._room, self._trusted = room, trusted

    @property
    def name(self) -> str:
        """The function's name."""
        return self._room.name

    @property
    def source(self) -> str:
        """The function's body."""
        return self._room.source.body

    @property
    def parameters(self) -> dict[str, Any]:
        """Its arguments, as it was called."""
        return self._room.values()

    @property
    def changed_packages(self) -> dict[str, tuple[str | None, str | None]]:
        """Packages of which another version is here: name -> (the version then, the version here)."""
        pairs = {name: (then, _installed(name)) for name, then in self._room.packages.items()}
        return {name: (then, here) for name, (then, here) in pairs.items() if then is not None and then != here}

    def __call__(self, **changed: Any) -> Any:
        """Run it; answers what it returns. Raises CleanRoomError, and whatever the function raises."""
        room = self._allowed().with_values(changed)
        return call(Run(room), room.values(), given())

    def explore(self, **changed: Any) -> None:
        """Show it with a control for each parameter (in notebooks)."""
        room, shell = self._allowed().with_values(changed), kernel_shell()
        if shell is None:
            raise CleanRoomError("Controls need a notebook; call the function instead")
        Explorer(shell, room, given()).open()

    def _allowed(self) -> CleanRoom:
        if not self._trusted:
            raise NotTrusted(
                f"{self.name}() was written by somebody else, and calling it runs their code. Read it: "
                ".source; then, if you trust it: clean_room(revision, trust=True)"
            )
        return self._room

    def __repr__(self) -> str:
        """As a call."""
        return f"<clean room {self.name}({', '.join(self._room.arguments)})>"


def clean_room(revision: Published, *, trust: bool = False) -> Rebuilt:
    """The reproducible function that made a revision; `trust` lets it run though somebody else wrote it.

    Raises CleanRoomError when no reproducible function did.
    """
    room = manifest.read(revision.data)
    return Rebuilt(room, trusted=trust or revision.is_mine())


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
