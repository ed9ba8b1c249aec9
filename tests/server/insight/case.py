"""The noun of `cases.py`: a figure of known data with a question, and what its answer must state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Case:
    """A question about a figure; `says` holds numbers and words, `never` what must not be claimed.

    `draw` gives a figure of matplotlib, or the Source of another library's figure.
    """

    name: str
    draw: Callable[[], Any]
    query: str
    says: Sequence[float | str]
    never: Sequence[str] = ()


def drawn(**words: str) -> Any:
    """Empty axes of a new figure with a title and labels."""
    axes = Figure().subplots()
    axes.set(**words)
    return axes
