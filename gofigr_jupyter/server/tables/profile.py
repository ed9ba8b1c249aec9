"""What a table amounts to, as `tables/profiler.py` has computed it: nouns with which facts are told.

In: a child's JSON, which the file that it read may have taken over. Out: frozen models, or an error of pydantic's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

Cell = str | float | int | bool | None
Number = FiniteFloat | None
Text = Annotated[str, Field(max_length=400)]


class _Noun(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ColumnFacts(_Noun):
    """A column, as its table tells it; `label` and `unit` are those of its axis."""

    name: Text
    label: Text = ""
    unit: Text = ""
    role: Text = ""
    type: Text = "text"

    @property
    def is_time(self) -> bool:
        """Whether its cells are points in time."""
        return self.type == "time"


class Told(_Noun):
    """A column within a group: its numbers (seconds for times), or its commonest words with their counts.

    `spread` is the sample's standard deviation; `least_cell` and `greatest_cell` are as they stand in the table.
    """

    missing: int = 0
    distinct: int = 0
    count: int = 0
    least: Number = None
    greatest: Number = None
    least_cell: Cell = None
    greatest_cell: Cell = None
    mean: Number = None
    median: Number = None
    q1: Number = None
    q3: Number = None
    spread: Number = None
    sum: Number = None
    words: Sequence[tuple[Text, int]] = ()


class Curve(_Noun):
    """`y = exp(start + rate * x)`, or with log x; `r2` is the share of the variance of y that it explains."""

    rate: FiniteFloat
    start: FiniteFloat
    r2: FiniteFloat


class Trend(_Noun):
    """The line of least squares; `r` is Pearson's, `rho` Spearman's correlation. Times count in seconds."""

    count: int
    slope: FiniteFloat
    intercept: FiniteFloat
    r: Number = None
    rho: Number = None
    r2: Number = None
    curves: Mapping[str, Curve] = Field(default_factory=dict)


Point = tuple[Cell, FiniteFloat]


class Outliers(_Noun):
    """Points beyond the fences: of all values, or of the distances from the line where there is one."""

    count: int
    points: Sequence[Point] = ()
    from_line: bool = False
    fences: tuple[FiniteFloat, FiniteFloat] | None = None


class Level(_Noun):
    """Whether a series levels off, as `tables/levels.py` has it: at what `value`, and `at` which place that begins."""

    verdict: Text
    change: Number = None
    range: Number = None
    first: Number = None
    last: Number = None
    value: Number = None
    at: Cell = None


class Group(_Noun):
    """A series, or with an empty name the whole table. `is_course`: there is one value at each place.

    `hole` are the places beside the widest hole among evenly spaced ones.
    """

    name: Text
    rows: int
    columns: Mapping[str, Told]
    extremes: Mapping[str, Cell] = Field(default_factory=dict)
    trend: Trend | None = None
    peaks: Sequence[Point] = ()
    outliers: Outliers | None = None
    first: Point | None = None
    last: Point | None = None
    is_course: bool = False
    hole: tuple[Cell, Cell] | None = None
    level: Level | None = None


class PairOfColumns(_Noun):
    """How two columns go together."""

    of: tuple[Text, Text]
    r: FiniteFloat
    rho: Number = None
    count: int


class Profile(_Noun):
    """A table: `across` is the column that is measured, `along` the one it is measured along, `key` tells the series.

    The first group is the whole table; others follow where it has several `series`.
    """

    rows: int
    columns: Sequence[ColumnFacts]
    key: Text | None = None
    series: int = 0
    only: Text | None = None
    along: Text | None = None
    across: Text | None = None
    groups: Sequence[Group] = Field(min_length=1)
    pairs: Sequence[PairOfColumns] = ()

    def column(self, name: str | None) -> ColumnFacts | None:
        """A column by its name; a histogram's position bears the name of its axis, and has no column of its own."""
        if not name:
            return None
        known = {one.name: one for one in self.columns}
        low = known.get(f"{name}_low")
        if name in known or low is None:
            return known.get(name)
        return low.model_copy(update={"name": name, "label": low.label.removesuffix(" from")})

    @property
    def whole(self) -> Group:
        """All rows together."""
        return self.groups[0]

    @property
    def parts(self) -> Sequence[Group]:
        """Each series; the whole table where there is only one."""
        return self.groups[1:] or self.groups


def of(told: Any) -> Profile:
    """Raises ValueError for what is no profile."""
    return Profile.model_validate(told)
