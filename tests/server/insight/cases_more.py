"""More figures of known data, drawn with matplotlib: the kinds that people make, each with values computed by hand."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np

from tests.server.insight.case import Case, drawn


def grouped_bars() -> Any:
    """Two stores in three quarters, side by side."""
    axes = drawn(title="Stores", ylabel="Revenue (EUR)")
    places = np.arange(3)
    axes.bar(places - 0.2, [10, 20, 30], 0.4, label="north")
    axes.bar(places + 0.2, [15, 18, 12], 0.4, label="south")
    axes.set_xticks(places, ["Q1", "Q2", "Q3"])
    axes.legend()
    return axes.figure


def stacked_bars() -> Any:
    """Wind on top of coal: 60, 70 and 85 in all."""
    axes = drawn(title="Power", ylabel="Energy (TWh)")
    axes.bar(["2021", "2022", "2023"], [50, 45, 40], label="coal")
    axes.bar(["2021", "2022", "2023"], [10, 25, 45], bottom=[50, 45, 40], label="wind")
    axes.legend()
    return axes.figure


def error_bars() -> Any:
    """Means with their errors."""
    axes = drawn(title="Decay length", xlabel="Energy (GeV)", ylabel="Length (cm)")
    axes.errorbar([1, 2, 3, 4], [2.0, 4.1, 5.9, 8.0], yerr=[0.1, 0.2, 0.3, 0.4], fmt="o", label="data")
    axes.legend()
    return axes.figure


def boxes() -> Any:
    """Medians 3, 30 and 13; one value of C is far out."""
    axes = drawn(title="Yield", xlabel="Reactor", ylabel="Yield (g)")
    samples = [[1, 2, 3, 4, 5], [10, 20, 30, 40, 50], [11, 12, 13, 14, 99]]
    axes.boxplot(samples, tick_labels=["A", "B", "C"])
    return axes.figure


def violins() -> Any:
    """Two symmetric samples, between 0 and 4, and between 10 and 20."""
    axes = drawn(title="Lags", ylabel="Lag (ms)")
    axes.violinplot([[0, 1, 2, 3, 4], [10, 12.5, 15, 17.5, 20]], showmedians=True)
    axes.set_xticks([1, 2], ["old", "new"])
    return axes.figure


def species() -> Any:
    """Three clouds: rising, falling and flat."""
    axes = drawn(title="Flowers", xlabel="Petal (cm)", ylabel="Sepal (cm)")
    axes.scatter([1, 2, 3, 4], [2, 4, 6, 8], label="setosa")
    axes.scatter([1, 2, 3, 4], [9, 7, 5, 3], label="virginica")
    axes.scatter([1, 2, 3, 4], [1, 2, 2, 1], label="versicolor")
    axes.legend()
    return axes.figure


def steps() -> Any:
    """A load that is switched twice."""
    axes = drawn(title="Load", xlabel="Time (s)", ylabel="Current (A)")
    axes.step([0, 10, 20, 30], [0.5, 2.5, 1.5, 1.5], where="post")
    return axes.figure


def stems() -> Any:
    """A spectrum with its greatest line at 3."""
    axes = drawn(title="Spectrum", xlabel="Harmonic", ylabel="Amplitude (V)")
    axes.stem([1, 2, 3, 4, 5], [4, 1, 9, 0.5, 3])
    return axes.figure


def band() -> Any:
    """A mean with a band of 1 about it."""
    axes = drawn(title="Forecast", xlabel="Day", ylabel="Price (USD)")
    x = np.arange(6)
    axes.plot(x, 10 + x, label="mean")
    axes.fill_between(x, 9 + x, 11 + x, alpha=0.3, label="interval")
    axes.legend()
    return axes.figure


def twins() -> Any:
    """Temperature and rain over one x axis."""
    axes = drawn(title="Climate", xlabel="Month", ylabel="Temperature (°C)")
    axes.plot([1, 2, 3, 4], [-2, 3, 9, 14], label="warmth")
    other = axes.twinx()
    other.set_ylabel("Rain (mm)")
    other.plot([1, 2, 3, 4], [80, 60, 40, 20], label="rain")
    return axes.figure


def logarithmic() -> Any:
    """y = 100 / x² on two logarithmic axes."""
    axes = drawn(title="Fall-off", xlabel="Distance (m)", ylabel="Intensity (W)")
    x = np.geomspace(1, 1000, 31)
    axes.loglog(x, 100 / x**2)
    return axes.figure


def dates_with_gaps() -> Any:
    """Readings of two weeks with a hole of eight days; the highest on March 12."""
    axes = drawn(title="River", ylabel="Level (cm)")
    days = [1, 2, 3, 4, 12, 13, 14]
    axes.plot([datetime.date(2026, 3, one) for one in days], [110, 112, 115, 121, 180, 171, 160], "o-")
    return axes.figure


def shares() -> Any:
    """Percentages that make 100."""
    axes = drawn(title="Poll", xlabel="Party", ylabel="Share (%)")
    axes.bar(["Red", "Green", "Blue"], [41.5, 33.25, 25.25])
    return axes.figure


def losses() -> Any:
    """A year with losses: -3 in all."""
    axes = drawn(title="Balance", xlabel="Quarter", ylabel="Profit (MEUR)")
    axes.bar(["Q1", "Q2", "Q3", "Q4"], [2, -7.5, -1.5, 4])
    return axes.figure


def tiny() -> Any:
    """Currents of picoamperes, rising by 2e-12 a volt."""
    axes = drawn(title="Leakage", xlabel="Bias (V)", ylabel="Current (A)")
    x = np.arange(1, 9)
    axes.plot(x, 2e-12 * x)
    return axes.figure


def huge() -> Any:
    """Budgets of billions."""
    axes = drawn(title="Budget", xlabel="Year", ylabel="Spending (USD)")
    axes.plot([2019, 2020, 2021, 2022], [1.25e9, 3.5e9, 2.75e9, 2.5e9])
    return axes.figure


def medals() -> Any:
    """Whole years, highest in 2012."""
    axes = drawn(title="Medals", xlabel="Year", ylabel="Medals")
    axes.plot([2000, 2004, 2008, 2012, 2016, 2020], [28, 30, 51, 65, 67, 64])
    return axes.figure


def unicode_names() -> Any:
    """Names with accents, umlauts and other scripts."""
    axes = drawn(title="Städte", ylabel="Höhe (m)")
    axes.bar(["Zürich", "São Paulo", "東京", "Kraków"], [408, 760, 40, 219])
    return axes.figure


def one_point() -> Any:
    """Nothing but one point."""
    axes = drawn(title="Single", xlabel="Mass (kg)", ylabel="Energy (J)")
    axes.plot([2.5], [17.25], "o")
    return axes.figure


def constant_groups() -> Any:
    """Groups that do not vary within: 4 and 6."""
    axes = drawn(title="Presets", xlabel="Run", ylabel="Level (dB)")
    axes.plot([1, 2, 3], [4, 4, 4], label="low")
    axes.plot([1, 2, 3], [6, 6, 6], label="high")
    axes.legend()
    return axes.figure


def not_finite() -> Any:
    """A ratio that is infinite twice and once no number; the others have the mean 2.5."""
    axes = drawn(title="Ratio", xlabel="Step", ylabel="Ratio")
    axes.plot(range(7), [1, math.inf, 2, math.nan, 3, -math.inf, 4], "o")
    return axes.figure


def decay() -> Any:
    """Halves every 5 seconds."""
    axes = drawn(title="Capacitor", xlabel="Time (s)", ylabel="Voltage (V)")
    x = np.arange(0, 41)
    axes.plot(x, 12 * 0.5 ** (x / 5))
    return axes.figure


def saturating() -> Any:
    """10 x / (2 + x): 5 at 2, 9.091 at 20; of the last seven values the mean is 8.935."""
    axes = drawn(title="Kinetics", xlabel="Substrate (mM)", ylabel="Rate (µM/s)")
    x = np.arange(0, 21)
    axes.plot(x, 10 * x / (2 + x))
    return axes.figure


def sine() -> Any:
    """Five periods of one second: maxima at 0.25, 1.25, ... 4.25."""
    axes = drawn(title="Tone", xlabel="Time (s)", ylabel="Pressure (Pa)")
    x = np.arange(0, 501) / 100
    axes.plot(x, 0.5 * np.sin(2 * np.pi * x))
    return axes.figure


def heatmap() -> Any:
    """Two rows of three cells."""
    axes = drawn(title="Plate", xlabel="Column", ylabel="Row")
    picture = axes.imshow([[1, 2, 3], [4, 5, 12]])
    axes.figure.colorbar(picture, label="Absorbance")
    return axes.figure


def density() -> Any:
    """Bins of width 2 with shares 0.2, 0.5 and 0.3: densities 0.1, 0.25 and 0.15."""
    axes = drawn(title="Delays", xlabel="Delay (min)", ylabel="Density")
    axes.hist([1, 1.5, 2.5, 3, 3, 3.5, 3.9, 4.5, 5, 5.5], bins=[0, 2, 4, 6], density=True)
    return axes.figure


def pie() -> Any:
    """Wedges of 50, 30 and 20."""
    axes = drawn(title="Diet")
    axes.pie([50, 30, 20], labels=["bread", "fruit", "fish"], autopct="%d%%")
    return axes.figure


def parabola() -> Any:
    """Lowest at 3, where it is -4; no line fits."""
    axes = drawn(title="Potential", xlabel="Position (nm)", ylabel="Energy (eV)")
    x = np.arange(0, 7)
    axes.plot(x, (x - 3) ** 2 - 4)
    return axes.figure


def threshold() -> Any:
    """Measured values with a limit drawn across."""
    axes = drawn(title="Nitrate", xlabel="Week", ylabel="Nitrate (mg/L)")
    axes.plot([1, 2, 3, 4, 5], [32, 41, 55, 48, 39], "o-", label="well")
    axes.axhline(50, color="red", label="limit")
    axes.legend()
    return axes.figure


def cropped_bars() -> Any:
    """Bars that begin at 90."""
    axes = drawn(title="Scores", xlabel="Model", ylabel="Accuracy (%)")
    axes.bar(["ours", "theirs"], [96, 94])
    axes.set_ylim(90, 97)
    return axes.figure


def inverted() -> Any:
    """Depth downwards, as geologists draw it."""
    axes = drawn(title="Borehole", xlabel="Temperature (°C)", ylabel="Depth (m)")
    axes.plot([8, 11, 14, 17], [0, 100, 200, 300])
    axes.invert_yaxis()
    return axes.figure


MORE = (
    Case("grouped bars: one", grouped_bars, "What is the revenue of north in Q2?", [20], ["18", "30"]),
    Case("grouped bars: which", grouped_bars, "which store earned the most on average", ["north", 20, 15]),
    Case("grouped bars: sum", grouped_bars, "total revenue of south?", [45]),
    Case("stacked bars: one", stacked_bars, "How much energy came from wind in 2023?", [45], ["85"]),
    Case("stacked bars: ratio", stacked_bars, "how many times more wind than coal in 2023", [45, 40]),
    Case("stacked bars: mean", stacked_bars, "avg of coal", [45]),
    Case("error bars: slope", error_bars, "slope of the fit?", [1.98]),
    Case("error bars: error", error_bars, "How large is the error at energy 3?", [0.3]),
    Case("error bars: errors", error_bars, "What are the error bars?", [0.1, 0.4]),
    Case("boxes: median", boxes, "What is the median yield of B?", [30]),
    Case("boxes: outliers", boxes, "Any outliers?", [99]),
    Case("boxes: highest", boxes, "Which reactor has the highest median?", ["B", 30]),
    Case("violins: median", violins, "median lag of new?", [15]),
    Case("violins: range", violins, "What is the range for old?", [0, 4]),
    Case("species: trend", species, "Is virginica increasing or decreasing?", ["falls", 2], ["rises"]),
    Case("species: correlation", species, "correlation of sepal and petal for setosa", [1]),
    Case("species: means", species, "rank the species by sepal", ["virginica 6", "setosa 5", "versicolor 1.5"]),
    Case("steps: maximum", steps, "max current?", [2.5, 10]),
    Case("steps: mean", steps, "what's the average current", [1.5]),
    Case("stems: maximum", stems, "Which harmonic has the largest amplitude?", [9, 3]),
    Case("stems: peaks", stems, "peaks?", [9, 3]),
    Case("band: slope", band, "By how much does the mean rise per day?", [1, "USD"]),
    Case("band: width", band, "How wide is the interval?", [9, 16]),
    Case("twins: trap", twins, "Is there a second y axis?", ["scale of its own"]),
    Case("twins: each", twins, "How does rain develop?", ["falls", 20, 80], ["°C"]),
    Case("twins: warmth", twins, "What is the lowest temperature?", [-2, 1]),
    Case("logarithmic: axes", logarithmic, "Are the axes logarithmic?", ["logarithmic"]),
    Case("logarithmic: exponent", logarithmic, "What is the exponent of the power law?", [-2]),
    Case("dates with gaps: when", dates_with_gaps, "When was the level highest?", [180, "2026-03-12"]),
    Case("dates with gaps: range", dates_with_gaps, "Which dates are covered?", ["2026-03-01", "2026-03-14"]),
    Case("dates with gaps: gaps", dates_with_gaps, "Are there gaps in the data?", ["2026-03-04", "2026-03-12"]),
    Case("shares: one", shares, "What percentage did Green get?", [33.25]),
    Case("shares: all", shares, "Do they add up to 100?", [100]),
    Case("losses: worst", losses, "Which quarter was the worst?", ["Q2", -7.5]),
    Case("losses: total", losses, "What is the total profit?", [-3]),
    Case("losses: negative", losses, "Are any values negative?", [-7.5]),
    Case("tiny: slope", tiny, "What's the slope in A per V?", [2e-12]),
    Case("tiny: maximum", tiny, "maximum current", [1.6e-11, 8]),
    Case("huge: maximum", huge, "In which year was spending highest?", [3.5e9, 2020], ["2,020"]),
    Case("huge: mean", huge, "mean spending", [2.5e9]),
    Case("medals: year", medals, "When did the medals peak?", [67, 2016], ["2,016"]),
    Case("medals: one", medals, "How many medals in 2008?", [51]),
    Case("unicode: one", unicode_names, "Wie hoch liegt Zürich?", [408]),
    Case("unicode: highest", unicode_names, "Which city is highest?", ["São Paulo", 760, "東京", 40]),
    Case("unicode: other script", unicode_names, "What is the value for 東京?", [40], ["408"]),
    Case("medals: of some", medals, "What is the mean of 3 medals in 2 groups?", [50.83], ["2008"]),
    Case("one point: value", one_point, "What is the energy?", [17.25, "J"]),
    Case("one point: trend", one_point, "What is the slope?", ["says nothing about trends"], ["rises", "falls"]),
    Case("one point: count", one_point, "How many points?", [1]),
    Case("constant groups: difference", constant_groups, "Difference between high and low?", [2, 6, 4]),
    Case("constant groups: spread", constant_groups, "Standard deviation of high?", [6, "throughout"]),
    Case("not finite: mean", not_finite, "What is the mean ratio?", [2.5]),
    Case("not finite: missing", not_finite, "Are there NaNs?", [3, 7]),
    Case("decay: half-life", decay, "What is the half-life?", [5, "halves"]),
    Case("decay: kind", decay, "Is the decay exponential?", ["exponential", 5]),
    Case("saturating: end", saturating, "What is the maximum rate?", [9.091, 20]),
    Case("saturating: trend", saturating, "Does the rate increase?", ["rises"]),
    Case("saturating: level", saturating, "Does it level off?", ["levels off", 8.935, 12]),
    Case("sine: peaks", sine, "Where are the peaks?", [5, 0.25, 1.25, 2.25, 3.25, 4.25]),
    Case("sine: amplitude", sine, "What is the amplitude?", [0.5, -0.5]),
    Case("heatmap: greatest", heatmap, "Which cell has the highest absorbance?", [12, 2, 1]),
    Case("heatmap: mean", heatmap, "mean absorbance?", [4.5]),
    Case("density: tallest", density, "Where is the density highest?", [0.25, 2, 4]),
    Case("density: bins", density, "How many bins?", [3]),
    Case("pie: share", pie, "What share is fruit?", [30], ["50"]),
    Case("pie: largest", pie, "Which slice is the biggest?", ["bread", 50]),
    Case("parabola: minimum", parabola, "Where is the minimum?", [-4, 3]),
    Case("parabola: trend", parabola, "Is there a linear trend?", ["no linear trend", 0]),
    Case("threshold: above", threshold, "What is the maximum of the well?", [55, 3]),
    Case("threshold: limit", threshold, "What is the limit?", [50]),
    Case("cropped bars: trap", cropped_bars, "Is the chart misleading?", ["does not include zero", 90, 97]),
    Case("cropped bars: gap", cropped_bars, "How much better is ours than theirs?", [96, 94]),
    Case("inverted: trap", inverted, "Is an axis inverted?", ["inverted"]),
    Case("inverted: gradient", inverted, "temperature gradient?", [33.33]),
)
