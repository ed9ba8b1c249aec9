"""Whether the content of a file that was read may go to the server, by the settings of the session."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from gofigr_jupyter.settings import Settings

ASKS = "it is sent when you say so"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say. `is_allowed`: somebody has asked for just this."""

    rule: str
    folders: tuple[str, ...]
    size_limit: int
    is_allowed: bool

    @classmethod
    def of(cls, settings: Settings, *, is_allowed: bool = False) -> Rules:
        """The rules in force."""
        return cls(settings.inputs_rule, settings.input_folders, settings.input_size_limit, is_allowed)

    def refusal(self, path: str, size: int) -> str:
        """Why it stays here; empty when it may go."""
        if size > self.size_limit:
            return f"it is larger than {self.size_limit / 1e6:g} MB (input_size_limit)"
        if self.is_allowed or self.rule == "all":
            return ""
        if self.rule == "listed":
            return "" if any(map(Path(path).is_relative_to, self._roots())) else "it is in none of input_folders"
        return ASKS if self.rule == "ask" else "inputs are off"

    def _roots(self) -> list[str]:
        return [os.path.abspath(os.path.expanduser(folder)) for folder in self.folders]  # noqa: PTH100, PTH111
