"""What JSON, or a database behind it, cannot hold: NaN, Infinity, halves of surrogate pairs, NUL, endless nesting.

In: any value that is to be JSON. Out: a complaint (`check`), or the nearest value that can be kept (`mended`).
"""

from __future__ import annotations

import math
from typing import Any

DEEPEST = 200  # as deep as the JSON parser goes
LONGEST_NAME = 4_000
LONGEST_PROSE = 100_000


def check(value: Any, depth: int = 0) -> None:
    """Raise ValueError, which says why, when the value cannot be kept as it is."""
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("JSON has no NaN and no Infinity")
    elif isinstance(value, dict | list | tuple):
        if depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} levels")
        for key in value if isinstance(value, dict) else ():
            check(key, depth + 1)
        for item in value.values() if isinstance(value, dict) else value:
            check(item, depth + 1)


def mended(value: Any, depth: int = 0) -> Any:
    """The nearest value that `check` takes: unknown characters and numbers become text that says so."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict | list | tuple) and depth > DEEPEST:
        return "..."
    if isinstance(value, dict):
        return {mended(key): mended(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mended(item, depth + 1) for item in value]
    return value


def mended_text(text: str, longest: int = LONGEST_NAME) -> str:
    """The nearest text that can be a name, or with another length a description: titles and files have any."""
    return str(mended(text)).replace("\0", "")[:longest]


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text cannot contain half of a surrogate pair") from error
