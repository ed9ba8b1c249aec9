"""What differs between two records, computed, and the reason that is given only where it is plain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from gofigr_jupyter.proof.recorded import Cell, Code, Input
from gofigr_jupyter.records import Environment, Package
from gofigr_jupyter.schema.insight import PictureChange
from gofigr_jupyter.server.insight import changes as computed
from gofigr_jupyter.server.insight import comparing
from gofigr_jupyter.server.insight.record import Record
from tests.server.insight.shelf import PACKAGES, record, recorded

OTHER_PICTURE = PictureChange(differing_pixels=5, bounding_box=(1, 2, 3, 4))


def table(*values: float, series: str = "a") -> pa.Table:
    roles = {"series": "series", "x": "x", "y": "y"}
    fields = [pa.field(name, kind, metadata={"role": roles[name]}) for name, kind in
              (("series", pa.string()), ("x", pa.int64()), ("y", pa.float64()))]
    return pa.table([[series] * len(values), list(range(len(values))), list(values)], schema=pa.schema(fields))


def of(number: int = 2, tables: dict[str, pa.Table] | None = None, **made: Any) -> Record:
    return record(tables or {"T": table(1, 2, 3)}, recorded(number, **made))


def words(before: Record, after: Record, picture: PictureChange | None = OTHER_PICTURE) -> list[str]:
    found = computed.between(before, after, picture)
    return [fact.text for fact in comparing.facts(found, before, after)]


def test_nothing_differs() -> None:
    found = computed.between(of(1), of(2), PictureChange())
    assert computed.is_none(found)
    told = words(of(1), of(2), PictureChange())
    assert told[0] == "Nothing that is recorded differs between revision 1 and revision 2."
    assert "The pictures are the same, pixel by pixel." in told


def test_code_by_lines() -> None:
    new = Code("slice", (Cell("import pandas as pd\nd = pd.read_csv('doses.csv')\nd = d * 2", 1), Cell("d.plot()", 9)))
    found = computed.between(of(1), of(2, code=new), None)
    assert found.code == [{"change": "added", "before": [], "after": ["d = d * 2"], "lines": [3, 3]}]
    told = words(of(1), of(2, code=new))
    assert "is the code alone, so the difference in what is shown comes from there" in told[0]
    assert any("```diff\n+ d = d * 2\n```" in one for one in told)


def test_the_number_of_a_cell_is_no_change() -> None:
    again = Code("slice", tuple(replace(cell, count=(cell.count or 0) + 7) for cell in recorded().code.cells))  # type: ignore[union-attr]
    assert computed.between(of(1), of(2, code=again), None).code == []


def test_inputs_and_packages() -> None:
    inputs = (Input("data/doses.csv", "doses.csv", "cd" * 32, 1234), Input("new.csv", "new.csv", None, 5))
    around = Environment("3.11.7", "CPython", "/usr/bin/python", "Linux", (PACKAGES[0], Package("numpy", "2.5.0", False, None)))
    after = of(2, inputs=inputs, environment=around)
    found = computed.between(of(1), after, None)
    assert found.inputs == [
        {"path": "data/doses.csv", "change": "changed", "before": "ab" * 32, "after": "cd" * 32},
        {"path": "new.csv", "change": "added", "before": None, "after": "5 bytes"},
    ]
    assert found.packages == [{"name": "numpy", "change": "changed", "before": "2.4.6", "after": "2.5.0"}]
    told = words(of(1), after)
    assert "Several things differ between revision 1 and revision 2: the inputs and the packages." in told[0]
    assert "1 package differs: numpy (2.4.6 → 2.5.0)." in told


def test_an_input_alone_is_the_reason() -> None:
    inputs = (Input("data/doses.csv", "doses.csv", "cd" * 32, 1234),)
    assert "is the inputs alone, so the difference" in words(of(1), of(2, inputs=inputs))[0]


def test_what_cannot_be_explained_is_not() -> None:
    drawn = Code("slice", (Cell("import numpy as np\ny = np.random.default_rng().normal(size=3)", 1),))
    told = words(of(1, code=drawn), of(2, {"T": table(1, 2, 4)}, code=drawn))
    assert told[0].startswith("Neither code, inputs nor packages differ between revision 1 and revision 2")
    assert "without a seed" in told[0]


def test_plotted_data_by_series() -> None:
    before, after = of(1, {"T": table(1, 2, 3)}), of(2, {"T": table(1, 2, 9, 10), "U": table(0)})
    found = computed.between(before, after, None).data
    assert {"table": "U", "change": "added", "rows": 1} in found
    assert {"table": "T", "change": "changed", "what": "rows", "before": 3, "after": 4} in found
    told = {(one.get("column"), one.get("what")): one.get("after") for one in found}
    assert told[("y", "greatest")] == 10
    assert told[("x", "greatest")] == 3
    assert any("T and y: greatest was 3 and is 10 (233.3 %)." in one for one in words(before, after))


@pytest.mark.parametrize("factor", [1 + 1e-12, 1])
def test_rounding_is_no_change(factor: float) -> None:
    assert all("before" not in one for one in computed.between(of(1), of(2, {"T": table(1, 2, 3 * factor)}), None).data)
