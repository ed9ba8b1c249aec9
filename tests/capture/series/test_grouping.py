"""Series of one place and kind share a table; none loses a value or its name by that."""

from __future__ import annotations

import pyarrow as pa

from gofigr_jupyter.capture.series.grouping import Series, tables
from gofigr_jupyter.capture.series.table import Column, array


def line(place: str, label: str, x, y, kind: str = "lines") -> Series:
    return Series(place, kind, label, (Column("x", array(x), "Time", "s", "x"), Column("y", array(y), role="y")))


def test_lines_of_one_place_are_told_apart_by_a_column():
    (table,) = tables([line("Rain", "May", [1, 2], [3, 4]), line("Rain", "June", [1, 2], [5.5, 6])])
    assert table.name == "Rain"
    assert [one.name for one in table.columns] == ["series", "x", "y"]
    assert table.columns[0].values.to_pylist() == ["May", "May", "June", "June"]
    assert table.columns[2].values.to_pylist() == [3.0, 4.0, 5.5, 6.0]
    assert table.columns[1].label == "Time"


def test_one_series_needs_no_such_column():
    (table,) = tables([line("Rain", "May", [1], [2])])
    assert (table.name, [one.name for one in table.columns]) == ("Rain: May", ["x", "y"])
    assert tables([line("", "", [1], [2])])[0].name == "Lines"
    assert tables([line("Rain", "", [1], [2])])[0].name == "Rain"


def test_other_places_kinds_and_types_have_tables_of_their_own():
    found = tables(
        [
            line("A", "", [1], [2]),
            line("B", "", [1], [2]),
            line("A", "", [1], [2], "points"),
            line("A", "", ["x"], [2]),
            line("A", "", [], []),
        ]
    )
    assert [one.name for one in found] == ["A: lines", "B", "A: points", "A: lines (2)"]


def test_labels_are_never_the_same():
    (table,) = tables([line("A", "a", [1], [1]), line("A", "a", [1], [1]), line("A", "", [1], [1])])
    assert table.columns[0].values.to_pylist() == ["a", "a (2)", "lines 3"]


def test_numbers_that_have_no_type_in_common_stay_apart():
    large = 2**53 + 1
    found = tables([line("A", "a", [large], [1]), line("A", "b", [0.5], [1])])
    assert [one.columns[0].values.to_pylist() for one in found] == [[large], [0.5]]


def test_times_and_texts_of_several_types_go_together():
    day, second = pa.array([1], pa.timestamp("us")), pa.array([2], pa.timestamp("ns"))
    (table,) = tables([line("A", "a", day, ["p"]), line("A", "b", second, array(["q"]).dictionary_encode())])
    assert table.columns[1].values.type == pa.timestamp("ns")
    assert table.columns[1].values.cast(pa.int64()).to_pylist() == [1000, 2]
    assert table.columns[2].values.to_pylist() == ["p", "q"]
