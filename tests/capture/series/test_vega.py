"""Charts of Vega-Lite and Vega as tables: the encoded fields of inline data, and what Vega alone knows is said."""

from __future__ import annotations

import pytest

from gofigr_jupyter.capture.series.axes import Found
from tests.capture.series.shelf import facts, of_json, only, values

DATA = {"values": [{"a": "p", "n": 1, "t": "2020-01-01"}, {"a": "q", "n": 2.5, "t": "2020-01-02"}]}


def shown(spec, left_out: int = 0):
    return values(only(of_json("vega-lite", spec, left_out)))


def test_altair_charts_keep_types_titles_and_units():
    alt, pandas = pytest.importorskip("altair"), pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"mass": [1.5, 2.5], "when": pandas.to_datetime(["2020-01-01", "2020-01-02"]), "who": ["a", "b"], "other": 1}
    )
    chart = alt.Chart(frame, title="Growth").mark_line().encode(
        x=alt.X("when:T"), y=alt.Y("mass", title="Mass (kg)"), color="who"
    )  # fmt: skip
    found = of_json("vega-lite", chart.to_dict())
    assert list(found) == ["Growth"]
    table = values(found["Growth"])
    assert list(table) == ["when", "mass", "who"]
    assert [str(one) for one in table["when"]] == ["2020-01-01 00:00:00", "2020-01-02 00:00:00"]
    assert table["mass"] == [1.5, 2.5]
    assert facts(found["Growth"], "mass") == ("Mass", "kg", "y")
    assert facts(found["Growth"], "who")[2] == "colour"


def test_layers_and_parts():
    spec = {
        "data": DATA,
        "hconcat": [
            {"title": "L", "encoding": {"x": {"field": "a"}}, "layer": [
                {"mark": "bar", "encoding": {"y": {"field": "n"}}}, {"mark": {"type": "point"}, "encoding": {"y": {"field": "n"}}},
            ]},
            {"title": "R", "mark": "tick", "encoding": {"x": {"field": "n"}}},
        ],
    }  # fmt: skip
    found = of_json("vega-lite", spec)
    assert set(found) == {"L: bars", "L: points", "R"}
    assert values(found["L: bars"]) == {"a": ["p", "q"], "n": [1, 2.5]}


def test_facets_and_repetitions():
    facet = {
        "data": DATA,
        "facet": {"column": {"field": "a"}},
        "spec": {"mark": "point", "encoding": {"x": {"field": "n"}}},
    }
    assert shown(facet) == {"a": ["p", "q"], "n": [1, 2.5]}
    repeat = {
        "data": DATA,
        "repeat": {"row": ["n", "a"]},
        "spec": {"mark": "bar", "encoding": {"x": {"field": {"repeat": "row"}}}},
    }
    assert shown(repeat) == {"n": [1, 2.5], "a": ["p", "q"]}


def test_plain_sums_are_computed_and_the_rest_is_said():
    rows = [{"k": "a", "v": 1}, {"k": "b", "v": 5}, {"k": "a", "v": 2}]
    spec = {
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {"x": {"field": "k"}, "y": {"field": "v", "aggregate": "mean"}},
    }
    assert shown(spec) == {"k": ["a", "b"], "mean_v": [1.5, 5]}
    spec["encoding"]["y"] = {"aggregate": "count"}
    assert shown(spec) == {"k": ["a", "b"], "count": [2, 1]}
    spec["encoding"] = {"x": {"field": "v", "bin": True}, "y": {"aggregate": "count"}}
    assert shown(spec, left_out=1) == {"v": [1, 5, 2]}
    spec["transform"] = [{"filter": "datum.v > 1"}]
    assert shown(spec, left_out=1) == {"v": [1, 5, 2]}


def test_data_in_all_their_places():
    encoding = {"x": {"field": "n", "type": "quantitative"}}
    named = {"datasets": {"d": DATA["values"]}, "data": {"name": "d"}, "mark": "point", "encoding": encoding}
    assert shown(named) == {"n": [1, 2.5]}
    csv = {"data": {"values": "a,n\np,1\nq,", "format": {"type": "csv"}}, "mark": "point", "encoding": encoding}
    assert shown(csv) == {"n": [1, None]}
    sequence = {"data": {"sequence": {"start": 0, "stop": 3, "as": "n"}}, "mark": "point", "encoding": encoding}
    assert shown(sequence) == {"n": [0, 1, 2]}
    assert of_json("vega-lite", {"data": {"url": "cars.json"}, "mark": "point", "encoding": encoding}, left_out=1) == {}
    milliseconds = {
        "data": {"values": [{"t": 1577836800000}]},
        "mark": "point",
        "encoding": {"x": {"field": "t", "type": "temporal"}},
    }
    assert str(shown(milliseconds)["t"][0]) == "2020-01-01 00:00:00"
    deep = {
        "data": {"values": [{"p": {"q": 3}, "x.y": 4}]},
        "mark": "point",
        "encoding": {"x": {"field": "p.q"}, "y": {"field": "x\\.y"}},
    }
    assert shown(deep) == {"p.q": [3], "x\\.y": [4]}


def test_vega_proper_gives_its_data_sets():
    spec = {"data": [{"name": "d", "values": [{"a": 1}]}, {"name": "e", "source": "d", "transform": []}], "marks": []}
    assert values(only(of_json("vega", spec, left_out=1))) == {"a": [1]}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"mark": 3, "data": {"values": [1, 2]}},
        {"mark": "bar", "data": {"values": {"type": "Topology"}}},
        {"layer": [{"mark": "bar"}]},
    ],
)
def test_any_shape_is_survived(spec):
    from gofigr_jupyter.capture.series.vega import series_of

    list(series_of(spec, [], Found()))
