"""Records of figures that were really drawn: from matplotlib or a specification to what the engine is given."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from gofigr_jupyter.capture import matplotlib
from gofigr_jupyter.capture.series.table import Table
from gofigr_jupyter.proof.recorded import About, Cell, Code, Input, Piece, Recorded
from gofigr_jupyter.records import Environment, Missing, Package, Source
from gofigr_jupyter.schema.insight import Evidence
from gofigr_jupyter.server.insight import gathering
from gofigr_jupyter.server.insight.engine import Asked, Delta, Turn
from gofigr_jupyter.server.insight.record import Earlier, Plotted, Record
from gofigr_jupyter.server.insight.teller import Teller
from gofigr_jupyter.server.pages.facts import Facts, Git
from gofigr_jupyter.server.tables import decoder, profile, profiler
from gofigr_jupyter.server.tables.reading import Column, Rows
from tests.capture.series.shelf import axes_of, opened

CODE = Code("slice", (Cell("import pandas as pd\nd = pd.read_csv('doses.csv')", 1), Cell("d.plot()", 3)))
PACKAGES = (Package("pandas", "3.0.1", False, None), Package("numpy", "2.4.6", False, None))


def profiled(table: pa.Table) -> profile.Profile:
    """What the child would say, said here."""
    return profile.of(profiler.profile(table))


def plotted(name: str, table: pa.Table) -> Plotted:
    """A table as a record has it."""
    facts = [decoder.facts(field) for field in table.schema]
    cells = [decoder.cells(column.combine_chunks()) for column in table.columns]
    rows = tuple(zip(*cells, strict=True))
    head = Rows(tuple(Column(**one) for one in facts), rows[:100], 0, table.num_rows)
    return Plotted(f"id of {name}", name, str(hash(str(table.to_pydict()))), profiled(table), head)


def recorded(number: int = 2, **changes: Any) -> Recorded:
    """A revision with code, an input file and packages."""
    values: dict[str, Any] = {
        "about": About(f"revision {number}", "Doses", number, "ada", "2026-11-20T09:30:00+00:00", ""),
        "title": "Doses",
        "code": CODE,
        "inputs": (Input("data/doses.csv", "doses.csv", "ab" * 32, 1234, None, "pandas.read_csv"),),
        "environment": Environment("3.11.7", "CPython", "/usr/bin/python", "Linux", PACKAGES),
        "displayed": (),
    }
    return Recorded(**(values | changes))


def record(tables: Mapping[str, pa.Table], made: Recorded | None = None, facts: Facts | None = None) -> Record:
    """A record of these tables."""
    git = Git("main", "0123456789abcdef", "", "", "", is_dirty=True)
    pieces = (Piece("id of the slice", "Slice", "code", "ff" * 32, 100, {"role": "slice"}),)
    return Record(
        made or recorded(),
        facts or Facts(notebook="doses.ipynb", cell="In [3]", git=git),
        tuple(plotted(name, one) for name, one in tables.items()),
        0,
        pieces,
        (Earlier("revision 1", 1, "ada", "2026-11-19T09:30+00:00"),),
    )


def record_of(figure: Any) -> Record:
    """A record of what was drawn, with its axes: a figure of matplotlib, or the Source of another library's figure."""
    source = figure if isinstance(figure, Source) else matplotlib.source(figure)
    assert isinstance(source, Source), source
    return replace(record(opened(source)), axes=tuple(axes_of(source).values()))


def told(of: Record, query: str, earlier: Sequence[Turn] = ()) -> tuple[str, list[Evidence]]:
    """The answer of the engine `facts`, and what it rests on."""
    pieces = list(Teller().answer(Asked(query, gathering.facts_of(of, query), earlier)))
    text = "".join(piece.text for piece in pieces if isinstance(piece, Delta))
    return text, [piece for piece in pieces if isinstance(piece, Evidence)]


def without_code(made: Recorded) -> Recorded:
    """The same where nothing was recorded."""
    return recorded(made.about.number, code=Missing("no slice"), environment=Missing("none"), inputs=())


def parquet_of(table: Table) -> bytes:
    """A table as it is stored."""
    return io.BytesIO(table.packed().data).getvalue()
