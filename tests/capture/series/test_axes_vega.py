"""Axes of Vega-Lite charts: given domains and scales, layers with scales of their own, bars."""

from __future__ import annotations

import pytest

from tests.capture.series.shelf import axes_of_json, limits, span

DATA = {"values": [{"a": "p", "n": 2, "t": "2020-01-01"}, {"a": "q", "n": 2.5, "t": "2020-01-02"}]}
WHO = {"field": "a", "type": "nominal"}


def n(**more):
    return {"field": "n", "type": "quantitative", **more}


def shown(mark="point", **encoding):
    return axes_of_json("vega-lite", {"title": "T", "data": DATA, "mark": mark, "encoding": encoding})


def test_given_domains_labels_and_values():
    found = shown(x=n(title="Mass (kg)", scale={"domain": [0, 10]}), y=WHO)
    assert list(found) == ["x", "y"]
    assert (found["x"].panel, found["x"].label, found["x"].unit) == ("T", "Mass", "kg")
    assert limits(found["x"]) == ("linear", 0, 10, False)
    assert span(found["x"]) == (2, 2.5)
    assert limits(found["y"]) == ("category", None, None, False)


def test_scales_and_inverted_ones():
    assert limits(shown(x=n(scale={"type": "log", "domain": [0.1, 100]}))["x"]) == ("log", 0.1, 100, False)
    assert shown(x=n(scale={"type": "symlog"}))["x"].scale == "symlog"
    assert limits(shown(y=n(scale={"reverse": True, "domain": [0, 5]}))["y"]) == ("linear", 0, 5, True)
    assert limits(shown(y=n(scale={"domain": [5, 0]}))["y"]) == ("linear", 0, 5, True)
    assert shown(y=n(sort="descending"))["y"].is_inverted
    assert limits(shown(y=n(scale={"domainMin": 1, "domainMax": {"expr": "x"}}))["y"]) == ("linear", 1, None, False)


def test_times():
    when = {"field": "t", "type": "temporal", "scale": {"domain": ["2020-01-01", "2020-06-01T12:00"]}}
    found = shown(x=when, y=n())["x"]
    assert limits(found) == ("time", "2020-01-01T00:00:00", "2020-06-01T12:00:00", False)
    assert span(found) == ("2020-01-01T00:00:00", "2020-01-02T00:00:00")
    assert limits(shown(x={**when, "scale": {"domain": [{"year": 2020}, {"year": 2021}]}})["x"])[1:3] == (None, None)


def test_bars_that_are_cut_off():
    cut = shown("bar", x=WHO, y=n(scale={"domain": [1, 3]}))
    assert cut["y"].is_truncated
    assert not cut["x"].bars
    assert not shown("bar", x=WHO, y=n())["y"].is_truncated
    flat = shown({"type": "bar"}, y=WHO, x=n(scale={"domain": [1, 3]}))
    assert {name: one.is_truncated for name, one in flat.items()} == {"x": True, "y": False}
    assert shown("area", x={"field": "t", "type": "temporal"}, y=n())["y"].bars
    assert shown("bar", x=n(bin=True), y={"aggregate": "count"})["y"].bars
    assert not shown("bar", x=n(), x2={"field": "n"}, y=WHO)["x"].bars
    assert not shown("line", x=WHO, y=n())["y"].bars


def test_means_are_known_and_what_vega_stacks_or_bins_is_not():
    mean = shown("bar", x=WHO, y=n(aggregate="mean"))
    assert (mean["y"].label, span(mean["y"])) == ("Mean of n", (2, 2.5))
    assert span(shown("bar", x={"field": "t", "type": "ordinal"}, y=n(), color=WHO)["y"]) == (None, None)
    assert span(shown("bar", x={"field": "t", "type": "ordinal"}, y=n(stack=None), color=WHO)["y"]) == (2, 2.5)
    binned = shown("bar", x=n(bin=True), y={"aggregate": "count"})
    assert (span(binned["x"]), binned["y"].label) == ((None, None), "Count of records")


def test_layers_with_scales_of_their_own():
    line = {"mark": "line", "encoding": {"y": n(title="Rain (mm)", scale={"domain": [0, 5]})}}
    other = {"mark": "line", "encoding": {"y": n(title="Sun (h)", scale={"domain": [0, 24]})}}
    spec = {"data": DATA, "encoding": {"x": WHO}, "layer": [line, other]}
    shared = axes_of_json("vega-lite", spec)
    assert list(shared) == ["x", "y"]
    assert limits(shared["y"]) == ("linear", 0, 5, False)
    dual = axes_of_json("vega-lite", spec | {"resolve": {"scale": {"y": "independent"}}})
    assert list(dual) == ["x", "y", "y twin"]
    assert (dual["y twin"].label, dual["y twin"].high) == ("Sun", 24)
    assert dual["y twin"].twin_of == 0


def test_parts_facets_and_repetitions():
    left = {"title": "L", "mark": "bar", "encoding": {"x": WHO, "y": n()}}
    right = {"title": "R", "mark": "point", "encoding": {"x": n(scale={"type": "log"}), "y": n()}}
    found = axes_of_json("vega-lite", {"data": DATA, "hconcat": [left, {"vconcat": [right]}]})
    assert list(found) == ["x", "y", "1 x", "1 y"]
    assert (found["1 x"].panel, found["1 x"].scale, found["1 y"].bars) == ("R", "log", False)
    facet = {"data": DATA, "facet": {"column": WHO}, "spec": {"mark": "point", "encoding": {"x": n()}}}
    assert list(axes_of_json("vega-lite", facet)) == ["x"]
    repeat = {
        "data": DATA,
        "repeat": {"row": ["n"]},
        "spec": {"mark": "bar", "encoding": {"x": {"field": {"repeat": "row"}}, "y": n()}},
    }
    assert list(axes_of_json("vega-lite", repeat)) == ["y"]


def test_colours():
    found = shown(x=WHO, y=WHO, color=n(title="Heat (K)"))["colour"]
    assert (found.label, found.unit, limits(found), span(found)) == ("Heat", "K", ("linear", 2, 2.5, False), (2, 2.5))
    given = shown(x=WHO, color=n(scale={"domain": [0, 10]}))["colour"]
    assert limits(given) == ("linear", 0, 10, False)
    assert "colour" not in shown(x=n(), color=WHO)


def test_altair():
    alt, pandas = pytest.importorskip("altair"), pytest.importorskip("pandas")
    frame = pandas.DataFrame({"mass": [1.5, 2.5], "when": pandas.to_datetime(["2020-01-01", "2020-01-02"])})
    y = alt.Y("mass", title="Mass (kg)", scale=alt.Scale(type="log", domain=(1, 10)))
    found = axes_of_json("vega-lite", alt.Chart(frame, title="G").mark_line().encode(x="when:T", y=y).to_dict())
    assert limits(found["y"]) == ("log", 1, 10, False)
    assert found["x"].scale == "time"
    assert found["x"].panel == "G"


@pytest.mark.parametrize(
    "encoding",
    [
        {"y": {"field": "n", "scale": 3}},
        {"y": {"field": ["n"], "scale": {"domain": "unaggregated"}}},
        {"y": {"field": "n", "type": ["quantitative"], "scale": {"type": {}}}},
        {"y": [n()], "color": {"field": "n", "type": "quantitative", "scale": {"domain": [[], {}]}}},
        {"y": {"field": "n", "stack": {"a": 1}, "axis": 7, "title": {"text": 3}}},
    ],
)
def test_encodings_of_any_shape_are_survived(encoding):
    spec = {"data": DATA, "mark": "bar", "encoding": {"x": WHO, **encoding}, "resolve": 7}
    assert "x" in axes_of_json("vega-lite", spec)
    assert axes_of_json("vega", {"data": [], "marks": [], "axes": 3, "scales": [None]}) == {}


def test_the_limits_of_bars_follow_from_their_lengths():
    assert limits(shown("bar", x=WHO, y=n())["y"]) == ("linear", 0, 2.6, False)
    assert limits(shown("bar", x=WHO, y=n(scale={"nice": False}))["y"]) == ("linear", 0, 2.5, False)
    unknown = [n(scale={"nice": 5}), n(scale={"zero": False}), n(scale={"zero": {"expr": "z"}})]
    bars = [shown("bar", x=WHO, y=one) for one in unknown]
    for found in (*bars, shown("bar", x=WHO, y=n(), row=WHO), shown("line", x=WHO, y=n())):
        assert limits(found["y"])[1:3] == (None, None)
    bars, line = {"mark": "bar", "encoding": {"y": n()}}, {"mark": "rule", "encoding": {"y": {"datum": 80}}}
    layers = {"data": DATA, "layer": [bars, line]}
    assert limits(axes_of_json("vega-lite", layers)["y"])[1:3] == (None, None)


LENGTHS = [[95, 98], [0.31, 0.47], [3, 1234.5], [-2.5, 7], [1e-7, 3e-7], [40, 41], [999, 1001.5]]


@pytest.mark.slow
@pytest.mark.parametrize("values", LENGTHS)
def test_they_are_those_that_vega_draws(values):
    vl_convert = pytest.importorskip("vl_convert")

    rows = [{"k": str(number), "v": value} for number, value in enumerate(values)]
    x, y = {"field": "k", "type": "nominal"}, {"field": "v", "type": "quantitative"}

    def chart(scale):
        encoding = {"x": x, "y": {**y, "scale": scale}}
        return {"data": {"values": rows}, "height": 200, "mark": "bar", "encoding": encoding}

    axis = axes_of_json("vega-lite", chart({}))["y"]
    told = chart({"domain": [axis.low, axis.high], "nice": False})
    assert vl_convert.vegalite_to_svg(chart({})) == vl_convert.vegalite_to_svg(told)
