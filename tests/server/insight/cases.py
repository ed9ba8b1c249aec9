"""Figures of known data, and what they are asked: the numbers that an answer must state, and words that must stand in it.

All numbers follow from the data by hand; an answer states them to four significant digits.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tests.server.insight.case import Case, drawn
from tests.server.insight.cases_more import MORE
from tests.server.insight.cases_of_libraries import LIBRARIES


def line() -> Any:
    """y = 2 x + 1 at 0..10."""
    axes = drawn(title="Spring", xlabel="Length (mm)", ylabel="Force (N)")
    axes.plot(np.arange(11), 2 * np.arange(11) + 1)
    return axes.figure


def two_lines() -> Any:
    """Control stays at 5, treated falls from 10 to 0."""
    axes = drawn(title="Trial", xlabel="Week", ylabel="Score")
    axes.plot([0, 1, 2, 3, 4], [5, 5, 5, 5, 5], label="control")
    axes.plot([0, 1, 2, 3, 4], [10, 7.5, 5, 2.5, 0], label="treated")
    axes.legend()
    return axes.figure


def bars() -> Any:
    """Four days."""
    axes = drawn(title="Sales", ylabel="Revenue (EUR)")
    axes.bar(["Mon", "Tue", "Wed", "Thu"], [10, 40, 20, 5])
    return axes.figure


def lying_bars() -> Any:
    """The same kind, lying."""
    axes = drawn(title="Cities", xlabel="People (million)")
    axes.barh(["Rome", "Paris", "Berlin"], [2.8, 2.1, 3.6])
    return axes.figure


def histogram() -> Any:
    """Bins of 1, 3, 4 and 2 values."""
    axes = drawn(title="Ages", xlabel="Age (years)", ylabel="People")
    axes.hist([5, 15, 16, 17, 25, 26, 27, 28, 35, 36], bins=[0, 10, 20, 30, 40])
    return axes.figure


def exponential() -> Any:
    """Doubles with each unit."""
    axes = drawn(title="Colony", xlabel="Time (h)", ylabel="Cells")
    x = np.arange(0, 10.5, 0.5)
    axes.plot(x, 3 * 2.0**x)
    return axes.figure


def power() -> Any:
    """y = 5 x³."""
    axes = drawn(title="Orbit", xlabel="Distance", ylabel="Period")
    x = np.geomspace(1, 100, 30)
    axes.plot(x, 5 * x**3)
    return axes.figure


def waves() -> Any:
    """Maxima at 90 and 450 degrees."""
    axes = drawn(title="Wave", xlabel="Angle (deg)", ylabel="Voltage (V)")
    x = np.arange(0, 541, 10)
    axes.plot(x, 3 * np.sin(np.radians(x)))
    return axes.figure


def outlying() -> Any:
    """A line with one point far from it."""
    axes = drawn(title="Assay", xlabel="Dose", ylabel="Response")
    y = [2.0 * x + (0.1 if x % 2 else -0.1) for x in range(20)]
    y[7] = 40.0
    axes.scatter(range(20), y)
    return axes.figure


def spread() -> Any:
    """Values without a trend and one far out."""
    axes = drawn(title="Noise", xlabel="Run", ylabel="Level")
    axes.scatter(range(12), [5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 40])
    return axes.figure


def groups() -> Any:
    """Three groups with means 2, 5 and 11."""
    axes = drawn(title="Arms", xlabel="Patient", ylabel="Days")
    for label, values in (("placebo", [10, 11, 12]), ("low", [4, 5, 6]), ("high", [1, 2, 3])):
        axes.scatter([1, 2, 3], values, label=label)
    axes.legend()
    return axes.figure


def gaps() -> Any:
    """Two of eight values are missing."""
    axes = drawn(title="Sensor", xlabel="Minute", ylabel="Level (m)")
    axes.plot(range(8), [1, 2, math.nan, 4, 5, math.nan, 7, 8])
    return axes.figure


def days() -> Any:
    """Rises by 3 a day."""
    axes = drawn(title="Stock", ylabel="Pieces")
    first = datetime.datetime(2026, 3, 1)  # noqa: DTZ001
    axes.plot([first + datetime.timedelta(days=n) for n in range(20)], [100 + 3 * n for n in range(20)])
    return axes.figure


def falling() -> Any:
    """Correlated with -1."""
    axes = drawn(title="Brakes", xlabel="Speed (km/h)", ylabel="Grip")
    axes.scatter([10, 20, 30, 40, 50], [9, 7, 5, 3, 1])
    return axes.figure


def unrelated() -> Any:
    """Correlated with 0."""
    axes = drawn(title="Cross", xlabel="a", ylabel="b")
    axes.scatter([-2, -1, 0, 1, 2], [4, 1, 0, 1, 4])
    return axes.figure


def flat() -> Any:
    """One value throughout."""
    axes = drawn(title="Idle", xlabel="Time (s)", ylabel="Power (W)")
    axes.plot([0, 1, 2, 3], [7, 7, 7, 7])
    return axes.figure


def panels() -> Any:
    """Two axes."""
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.plot([1, 2, 3], [1, 4, 9])
    left.set(title="Squares", xlabel="n", ylabel="square")
    right.plot([1, 2, 3], [1, 8, 27])
    right.set(title="Cubes", xlabel="n", ylabel="cube")
    return figure


def hostile() -> Any:
    """Names that would be markup."""
    axes = drawn(title="<script>alert(1)</script> **bold** [x](javascript:1)", xlabel="x", ylabel="`y`")
    axes.plot([1, 2, 3], [2, 4, 6])
    return axes.figure


def years() -> Any:
    """From 1 to 4."""
    axes = drawn(title="Editions", xlabel="Year", ylabel="Copies")
    axes.plot([2007, 2008, 2009, 2010], [1, 2, 3, 4])
    return axes.figure


def unnamed() -> Any:
    """Three lines that nobody has named."""
    axes = drawn(title="Traces", xlabel="t", ylabel="v")
    for height in (1, 2, 3):
        axes.plot([0, 1], [height, height + 1])
    return axes.figure


def empty() -> Any:
    """Nothing was drawn."""
    return drawn(title="Void").figure


CASES = (
    Case("line: what", line, "What does this figure show?", ["Force (N)", "Length (mm)", 11]),
    Case("line: slope", line, "What is the slope?", [2, 1, 11, "rises", "N per mm of Length"]),
    Case("line: equation", line, "Give me the intercept of the fit", [2, 1, "intercept"], ()),
    Case("line: range", line, "What is the range of Force?", [1, 21, 11, "N"]),
    Case("line: maximum", line, "What is the maximum force?", [21, 10]),
    Case("line: spread", line, "What is the standard deviation of force?", [6.633]),
    Case("line: units", line, "Which units are used?", ["mm", "N"]),
    Case("line: count", line, "How many points are there?", [11]),
    Case("line: missing", line, "Is any data missing?", ["Nothing is missing"]),
    Case("line: peaks", line, "Are there any peaks?", ["no local maximum"]),
    Case("line: outliers", line, "Are there outliers?", ["no outliers"]),
    Case("line: why", line, "Is the effect significant?", ["cannot be told"], ["p ="]),
    Case("line: weather", line, "Tell me a joke", ["no fact that answers"], ["joke is"]),
    Case("two lines: treated", two_lines, "Does treated increase or decrease?", [2.5, "falls"], ["rises"]),
    Case("two lines: control", two_lines, "What is the trend of control?", ["does not change"], ["falls"]),
    Case("two lines: ends", two_lines, "How did treated develop over time?", [10, 0, -10, -100]),
    Case("two lines: groups", two_lines, "Which group is higher, control or treated?", ["mean", 5]),
    Case("bars: highest", bars, "Which day is highest?", ["Tue", 40, "Thu", 5, 8]),
    Case("bars: one", bars, "What is the revenue on Wed?", [20, "EUR"], ["Mon"]),
    Case("bars: total", bars, "What is the total?", [75]),
    Case("bars: categories", bars, "How many categories are there?", [4, "Mon"]),
    Case("lying bars", lying_bars, "Which city has the most people?", ["Berlin", 3.6, "Paris", 2.1]),
    Case("histogram: tallest", histogram, "Where is the highest value?", [4, 20, 30]),
    Case("histogram: sum", histogram, "What is the sum of People?", [10]),
    Case("exponential: fit", exponential, "Is the growth linear or exponential?", ["exponential", "doubles every", 1]),
    Case("power: fit", power, "Which fit describes it?", ["power law", 3]),
    Case("waves: peaks", waves, "Where are the peaks?", [2, 3, 90, 450]),
    Case("outlying: of a line", outlying, "Are there any outliers?", [1, 40, 7, "line"]),
    Case("outlying: alone", spread, "Any unusual values?", [1, 40, 11, "quartiles"]),
    Case("groups: order", groups, "How do the groups differ?", ["placebo 11", "low 5", "high 2"]),
    Case("groups: two", groups, "How much higher is placebo than low?", [6, 2.2, 11, 5]),
    Case("groups: counts", groups, "How many rows are in each group?", [9, 3]),
    Case("gaps: missing", gaps, "Is data missing?", [2, 8, 25, "Level"]),
    Case("gaps: mean", gaps, "What is the mean level?", [4.5]),
    Case("days: slope", days, "What is the trend?", [3, "per day", "rises"]),
    Case("days: range", days, "What time range is covered?", ["2026-03-01", "2026-03-20"]),
    Case("falling: correlation", falling, "How are speed and grip correlated?", [-1, "negatively", "very strongly"]),
    Case("falling: unit", falling, "What is the unit of speed?", ["km/h"]),
    Case("unrelated: correlation", unrelated, "Is there a correlation?", [0, "hardly"]),
    Case("flat: range", flat, "What is the range of power?", [7, "throughout", "W"]),
    Case("flat: trend", flat, "Does it increase?", ["does not change"], ["rises"]),
    Case("panels: what", panels, "Describe the figure", ["Squares", "Cubes"]),
    Case("panels: one", panels, "What is the maximum of the cube?", [27], ["square"]),
    Case("hostile: what", hostile, "What is shown?", ["alert(1)"], ["<script>", "**bold**"]),
    Case("empty: what", empty, "What is shown?", ["No plotted data"]),
    Case("bars: how many", bars, "How many were sold on Tue?", [40], ["Mon"]),
    Case("years: ends", years, "How did it develop?", ["Year 2007", "Year 2010", 3], ["2,007"]),
    Case("unnamed: groups", unnamed, "How do the groups differ?", ["says nothing about"], ["lines 1"]),
    Case("code", line, "Which code made this?", ["read_csv", "In \\[1\\]"]),
    Case("files", line, "Which files does it come from?", ["doses.csv", "pandas.read"]),
    Case("packages", line, "Which version of pandas was used?", ["3.0.1"], ["numpy"]),
    Case("origin", line, "Who published it and when?", ["ada", "2026-11-20", "doses.ipynb"]),
    Case("git", line, "Which commit?", ["0123456789ab", "not committed"]),
    *MORE,
    *LIBRARIES,
)
