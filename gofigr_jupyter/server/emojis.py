"""Emoji: Unicode's own list of them, with skin tones and joined ones."""

from __future__ import annotations

from functools import cache

VARIATION = "\ufe0f"  # asks for the coloured form; with and without it a sign is the same emoji


def canonical(text: str) -> str | None:
    """The one spelling of an emoji that is kept; None for anything that is not exactly one of Unicode's list."""
    return _spellings().get(text.replace(VARIATION, ""))


@cache
def _spellings() -> dict[str, str]:
    from emoji import EMOJI_DATA, STATUS  # noqa: PLC0415 - thousands of entries, for the first who reacts

    whole = STATUS["fully_qualified"]
    return {text.replace(VARIATION, ""): text for text, facts in EMOJI_DATA.items() if facts["status"] == whole}
