"""The noun of this package: a fact about a figure, computed from its record, with the place that it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gofigr_jupyter.schema.insight import Evidence, EvidenceRef
from gofigr_jupyter.server.insight.record import Plotted, Record


class Topic(StrEnum):
    """What a fact is about, and what a question asks for."""

    WHAT = "what is shown"
    VALUE = "single values"
    RANGE = "ranges and typical values"
    UNIT = "units"
    TREND = "trends"
    LEVEL = "where it levels off"
    PEAK = "peaks"
    OUTLIER = "outliers"
    GROUP = "differences between groups"
    CORRELATION = "correlations"
    COUNT = "counts"
    MISSING = "missing data"
    TRAP = "what may mislead"
    AXES = "axes"
    CODE = "the code"
    FILES = "the input files"
    PACKAGES = "packages"
    ORIGIN = "where it comes from"
    CHANGES = "what changed"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence in Markdown and what it rests on; `names` are the words by which a question may mean it.

    `needs` are those of them without which a question never means it.
    """

    topic: Topic
    text: str
    evidence: Evidence
    names: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()

    @property
    def numbers(self) -> tuple[float, ...]:
        """The numbers that it states."""
        return tuple(numbers_in(self.text))


_NUMBER = re.compile(r"(?<![\w.])[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])")


def numbers_in(text: str) -> Iterable[float]:
    """The numbers in a text, thousands with commas; not those that are part of a word or of a version."""
    for found in _NUMBER.finditer(text):
        yield float(found[0].replace(",", "").replace("−", "-"))


def in_table(table: Plotted, series: str = "", value: Any = None) -> Evidence:
    """Evidence in the plotted data: a series of a table, or all of it."""
    label = f"{table.name}: {series}" if series else table.name
    ref = EvidenceRef(data=table.id, series=series or None)
    return Evidence(kind="series" if series else "table", label=label[:200], ref=ref, value=value)


def in_metadata(record: Record, label: str, value: Any = None) -> Evidence:
    """Evidence in the revision's metadata."""
    return Evidence(kind="metadata", label=label, ref=EvidenceRef(revision=record.id), value=value)


def words_of(*texts: object) -> frozenset[str]:
    """Names in one spelling, as `asking` looks for them in a question."""
    return frozenset(found for text in texts if (found := " ".join(str(text).lower().split())))
