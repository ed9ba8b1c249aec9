"""Labels of axes to words and units."""

from __future__ import annotations

import pytest

from gofigr_jupyter.capture.series.units import split


@pytest.mark.parametrize(
    ("label", "words", "unit"),
    [
        ("Force (N)", "Force", "N"),
        ("Force [N]", "Force", "N"),
        ("Force / N", "Force", "N"),
        ("Response / %", "Response", "%"),
        ("Temperature (°C)", "Temperature", "°C"),
        ("Speed (m/s)", "Speed", "m/s"),
        ("Dose (mg kg⁻¹)", "Dose", "mg kg⁻¹"),
        (r"Rate ($\mu$m s$^{-1}$)", "Rate", r"$\mu$m s$^{-1}$"),
        ("GDP (million USD)", "GDP", "million USD"),
        ("Price (USD per year)", "Price", "USD per year"),
        ("Depth [m below ground]", "Depth", "m below ground"),
        ("Duration (hours)", "Duration", "hours"),
        ("Flipper length mm", "Flipper length", "mm"),
        ("flipper_length_mm", "flipper_length", "mm"),
        ("body_mass_g", "body_mass", "g"),
        ("Humidity %", "Humidity", "%"),
        ("Age in years", "Age", "years"),
        ("latency_in_ms", "latency", "ms"),
        ("Power in kW", "Power", "kW"),
    ],
)
def test_units_are_found(label, words, unit):
    assert split(label) == (words, unit)


@pytest.mark.parametrize(
    "label",
    [
        "",
        "x",
        "Count (2020)",
        "Response (all patients)",
        "Time (log)",
        "N (max)",
        "Miles/gallon",
        "Profit / loss",
        "Mean (SD)",
        "Vitamin A",
        "group_s",
        "Temperature min",
        "Sick days",
        "Top 10 %",
        "Growth per mm",
        "Foo bar",
        "mm",
        "Expression in T cells",
    ],
)
def test_what_is_no_unit_stays_in_the_label(label):
    assert split(label) == (label, "")


@pytest.mark.parametrize("label", [None, 3, ["Force (N)"]])
def test_what_is_no_text_has_none(label):
    assert split(label) == ("", "")
