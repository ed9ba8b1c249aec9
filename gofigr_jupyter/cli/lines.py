"""Since when has each line been there? The versions of a text, oldest first, to the version that each line came with.

Pure: knows no figures and prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Generic, TypeVar

Version = TypeVar("Version")


class Blame(Generic[Version]):
    """The lines of the newest text, each with the version in which it first stood."""

    def __init__(self) -> None:
        self.lines: list[tuple[Version, str]] = []

    def take(self, version: Version, text: str) -> None:
        """Go on to the next version."""
        new = text.split("\n") if text else []
        old = [line for _, line in self.lines]
        taken: list[tuple[Version, str]] = [(version, line) for line in new]
        # `autojunk` would take lines that are frequent in a long text for noise.
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for block in matcher.get_matching_blocks():
            taken[block.b : block.b + block.size] = self.lines[block.a : block.a + block.size]
        self.lines = taken


def blamed(versions: Iterable[tuple[Version, str]]) -> list[tuple[Version, str]]:
    """The lines of the last version, each with the version it came with."""
    blame: Blame[Version] = Blame()
    for version, text in versions:
        blame.take(version, text)
    return blame.lines
