"""Figures of known data that other libraries draw: plotly, Vega-Lite, seaborn, plotnine, pandas."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from gofigr_jupyter.records import Source
from tests.server.insight.case import Case, drawn


def _plotly(*traces: Any, **layout: Any) -> Source:
    import plotly.graph_objects as go

    return Source("plotly", go.Figure(list(traces), layout).to_json().encode())


def _vega(**spec: Any) -> Source:
    return Source("vega-lite", json.dumps(spec).encode())


def _frame(**columns: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(columns)


def plotly_lines() -> Source:
    """Two lines that cross: up by 3 a week, and down by 1."""
    import plotly.graph_objects as go

    return _plotly(
        go.Scatter(x=[1, 2, 3, 4, 5], y=[2, 5, 8, 11, 14], name="treated"),
        go.Scatter(x=[1, 2, 3, 4, 5], y=[9, 8, 7, 6, 5], name="control"),
        title="Mice",
        xaxis_title="Week",
        yaxis_title="Weight (g)",
    )


def plotly_bars() -> Source:
    """Three countries in two years."""
    import plotly.graph_objects as go

    return _plotly(
        go.Bar(x=["FR", "DE", "IT"], y=[12, 30, 18], name="2020"),
        go.Bar(x=["FR", "DE", "IT"], y=[15, 24, 27], name="2021"),
        title="Exports",
        yaxis_title="Exports (MT)",
    )


def plotly_heatmap() -> Source:
    """Correlations of three genes."""
    import plotly.graph_objects as go

    values = [[1, 0.2, -0.8], [0.2, 1, 0.5], [-0.8, 0.5, 1]]
    return _plotly(go.Heatmap(x=["A", "B", "C"], y=["A", "B", "C"], z=values), title="Genes")


def plotly_pie() -> Source:
    """Quarters and a half."""
    import plotly.graph_objects as go

    return _plotly(go.Pie(labels=["rent", "food", "rest"], values=[1000, 500, 500]), title="Spending")


def vega_points() -> Source:
    """Three points on y = 10 - 2 x, by their makers."""
    rows = [{"x": 1, "y": 8, "who": "a"}, {"x": 2, "y": 6, "who": "b"}, {"x": 3, "y": 4, "who": "a"}]
    encoding = {
        "x": {"field": "x", "type": "quantitative", "title": "Depth (m)"},
        "y": {"field": "y", "type": "quantitative", "title": "Light (lx)"},
        "color": {"field": "who", "type": "nominal"},
    }
    return _vega(title="Lake", data={"values": rows}, mark="point", encoding=encoding)


def vega_bars() -> Source:
    """Three pets."""
    rows = [{"pet": "cat", "n": 7}, {"pet": "dog", "n": 11}, {"pet": "fish", "n": 3}]
    encoding = {"x": {"field": "pet", "type": "nominal"}, "y": {"field": "n", "type": "quantitative", "title": "Owners"}}
    return _vega(title="Pets", data={"values": rows}, mark="bar", encoding=encoding)


def altair_line() -> Source:
    """Days of an altair chart: lowest on January 3."""
    import altair as alt
    import pandas as pd

    frame = _frame(day=pd.date_range("2026-01-01", periods=5), close=[101.5, 99.0, 95.25, 98.0, 104.0])
    chart = alt.Chart(frame, title="Share").mark_line().encode(x="day:T", y=alt.Y("close:Q", title="Close (EUR)"))
    return Source("vega-lite", chart.to_json().encode())


def seaborn_bars() -> Any:
    """Means of two teams: 2 and 5."""
    import seaborn

    axes = Figure().subplots()
    frame = _frame(team=["red", "red", "blue", "blue"], goals=[1, 3, 4, 6])
    seaborn.barplot(frame, x="team", y="goals", errorbar=None, ax=axes)
    axes.set_title("Goals")
    return axes.figure


def seaborn_boxes() -> Any:
    """Medians of 3 and 8."""
    import seaborn

    axes = Figure().subplots()
    frame = _frame(diet=["low"] * 5 + ["high"] * 5, mass_kg=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    seaborn.boxplot(frame, x="diet", y="mass_kg", ax=axes)
    axes.set_title("Diets")
    return axes.figure


def seaborn_heatmap() -> Any:
    """Flights of two months in two years."""
    import pandas as pd
    import seaborn

    axes = Figure().subplots()
    frame = pd.DataFrame([[112, 115], [118, 126]], index=["Jan", "Feb"], columns=["1949", "1950"])
    seaborn.heatmap(frame, ax=axes, cbar_kws={"label": "Passengers"})
    axes.set_title("Flights")
    return axes.figure


def plotnine_points() -> Source:
    """Heights that rise by 4 cm a year."""
    from plotnine import aes, geom_point, ggplot, labs

    from gofigr_jupyter.capture import plotnine

    frame = _frame(age=[2, 4, 6, 8], height=[86, 94, 102, 110])
    source = plotnine.source(ggplot(frame, aes("age", "height")) + geom_point() + labs(x="Age (y)", y="Height (cm)"))
    assert isinstance(source, Source), source
    return source


def pandas_lines() -> Any:
    """A frame's two columns against its index."""
    axes = drawn(title="Frame", xlabel="Index", ylabel="Count")
    _frame(apples=[3, 6, 9, 12], pears=[10, 8, 6, 4]).plot(ax=axes, xlabel="Index", ylabel="Count")
    return axes.figure


def residuals() -> Any:
    """A fit in one panel, what it leaves in the other."""
    figure = Figure()
    upper, lower = figure.subplots(2, 1, sharex=True)
    x = np.arange(8)
    upper.plot(x, 3 * x + 2, label="model")
    upper.set(title="Fit", ylabel="Signal (mV)")
    lower.stem(x, [0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5])
    lower.set(title="Residuals", xlabel="Channel", ylabel="Residual (mV)")
    return figure


LIBRARIES = (
    Case("plotly lines: slope", plotly_lines, "How fast does treated grow per week?", [3, "rises", "g"], ["falls"]),
    Case("plotly lines: value", plotly_lines, "what is the weight of control in week 4?", [6], ["11"]),
    Case("plotly lines: means", plotly_lines, "control vs treated", ["treated 8", "control 7", 1]),
    Case("plotly bars: one", plotly_bars, "What were the exports of IT in 2021?", [27], ["18"]),
    Case("plotly bars: highest", plotly_bars, "Which country has the highest exports?", ["DE", 30]),
    Case("plotly heatmap: least", plotly_heatmap, "Which pair has the lowest value?", [-0.8, "A", "C"]),
    Case("plotly pie: share", plotly_pie, "What share of spending goes to rent?", [50, 1000]),
    Case("vega points: slope", vega_points, "Does light decrease with depth?", [2, "falls"], ["rises"]),
    Case("vega points: r", vega_points, "Correlation between depth and light?", [-1, "negatively"]),
    Case("vega bars: most", vega_bars, "Which pet is most popular?", ["dog", 11, "fish", 3]),
    Case("vega bars: total", vega_bars, "How many owners are there in total?", [21]),
    Case("altair line: lowest", altair_line, "On what day was the close lowest?", [95.25, "2026-01-03"]),
    Case("altair line: change", altair_line, "How did the price develop?", [101.5, 104, 2.5, 2.463]),
    Case("altair line: day", altair_line, "What was the close on 2026-01-04?", [98]),
    Case("seaborn bars: difference", seaborn_bars, "How much higher is blue than red?", [5, 2]),
    Case("seaborn boxes: median", seaborn_boxes, "Median mass for the high diet?", [8]),
    Case("seaborn boxes: quartiles", seaborn_boxes, "quartiles of low?", [2, 4]),
    Case("seaborn heatmap: greatest", seaborn_heatmap, "When were there the most passengers?", [126, "Feb", "1950"]),
    Case("plotnine points: slope", plotnine_points, "growth rate?", [4]),
    Case("plotnine points: mean", plotnine_points, "What's the mean height?", [98]),
    Case("pandas lines: trend", pandas_lines, "Do pears go up or down?", [-2, "falls"], ["rises"]),
    Case("pandas lines: sum", pandas_lines, "sum of apples", [30]),
    Case("residuals: range", residuals, "How large are the residuals?", [-0.5, 0.5]),
    Case("residuals: slope", residuals, "slope of the signal?", [3]),
)
