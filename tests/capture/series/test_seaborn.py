"""seaborn's plots give tables that somebody would write by hand: one row for each bar, box or point."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pytest

from tests.capture.series.shelf import facts, only, tables_of, values

mpl.use("agg")
pytestmark = pytest.mark.filterwarnings("ignore:vert. bool was deprecated")  # seaborn's own call of matplotlib
pandas, seaborn = pytest.importorskip("pandas"), pytest.importorskip("seaborn")
from matplotlib import pyplot as plt  # noqa: E402

RANDOM = np.random.default_rng(3)
DATA = pandas.DataFrame(
    {
        "flipper_length_mm": RANDOM.normal(200, 10, 40).round(1),
        "body_mass_g": RANDOM.normal(4000, 300, 40).round(),
        "species": ["Adelie", "Gentoo"] * 20,
        "sex": ["m"] * 20 + ["f"] * 20,
    }
)
FLIPPER, MASS = "flipper_length_mm", "body_mass_g"
GROUPS = DATA.groupby(["sex", "species"], sort=False)[MASS]
MEANS = [pytest.approx(GROUPS.get_group((sex, one)).mean()) for sex in "mf" for one in ("Adelie", "Gentoo")]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def drawn(plot: str, **options) -> dict:
    """The tables of a plot."""
    if plot in {"relplot", "catplot", "lmplot", "jointplot", "pairplot", "clustermap"}:
        return tables_of(getattr(seaborn, plot)(options.pop("data", DATA), **options).figure)
    plt.figure()
    return tables_of(getattr(seaborn, plot)(DATA, **options).figure)


def test_a_histogram_has_edges_with_units_and_names_of_its_parts():
    found = only(drawn("histplot", x=FLIPPER, hue="species", bins=4))
    assert found.column_names == ["series", "x_low", "x_high", "y"]
    assert set(values(found)["series"]) == {"Adelie", "Gentoo"}
    assert facts(found, "x_low") == ("flipper_length from", "mm", "x_low")
    assert facts(found, "x_high") == ("flipper_length to", "mm", "x_high")
    assert sum(values(found)["y"]) == 40


@pytest.mark.parametrize("capsize", [0, 0.3])
def test_bars_have_their_error_bars(capsize):
    found = values(only(drawn("barplot", x="species", y=MASS, hue="sex", errorbar="sd", capsize=capsize)))
    assert found["series"] == ["m", "m", "f", "f"]
    assert found["x"] == ["Adelie", "Gentoo"] * 2
    assert found["y"] == MEANS
    assert found["y_low"][0] == pytest.approx(found["y"][0] - GROUPS.get_group(("m", "Adelie")).std())
    assert found["y_high"][3] == pytest.approx(found["y"][3] + GROUPS.get_group(("f", "Gentoo")).std())
    assert "width" not in found


def test_lying_bars_as_well():
    found = values(only(drawn("barplot", y="species", x=MASS, errorbar="sd")))
    assert found["y"] == ["Adelie", "Gentoo"]
    assert all(low < mean < high for low, mean, high in zip(found["x_low"], found["x"], found["x_high"], strict=True))


def test_points_have_their_error_bars():
    found = values(only(drawn("pointplot", x="species", y=MASS, hue="sex", errorbar="sd")))
    assert (found["series"], found["y"]) == (["m", "m", "f", "f"], MEANS)
    assert all(low < mean < high for low, mean, high in zip(found["y_low"], found["y"], found["y_high"], strict=True))


def test_boxes_of_several_colours():
    found = drawn("boxplot", x="species", y=MASS, hue="sex")
    boxes = values(found["Boxes"])
    assert sorted(zip(boxes["series"], boxes["x"], boxes["median"], strict=True)) == sorted(
        (sex, one, GROUPS.get_group((sex, one)).median()) for sex in "mf" for one in ("Adelie", "Gentoo")
    )
    assert facts(found["Boxes"], "median") == ("Median of body_mass", "g", "median")
    assert set(found) <= {"Boxes", "Outliers"}


def test_violins_have_boxes_inside():
    found = drawn("violinplot", x="species", y=MASS)
    assert values(found["Boxes"])["median"] == [
        DATA[DATA.species == one][MASS].median() for one in ("Adelie", "Gentoo")
    ]
    assert set(values(found["Areas"])["series"]) == {"Adelie", "Gentoo"}
    assert set(found) == {"Boxes", "Areas"}


def test_points_in_strips_have_one_column_of_series():
    found = values(only(drawn("stripplot", x="species", y=MASS, hue="sex")))
    assert list(found) == ["x", "x_position", "y", "series"]
    assert sorted(found["y"]) == sorted(DATA[MASS])


def test_counts():
    found = values(only(drawn("countplot", x="species", hue="sex")))
    assert found["y"] == [10] * 4


@pytest.mark.parametrize(
    ("plot", "options", "expected"),
    [
        ("histplot", {"x": FLIPPER, "y": MASS, "bins": 3}, {"Mesh"}),
        ("kdeplot", {"x": FLIPPER, "hue": "species"}, {"Lines"}),
        ("kdeplot", {"x": FLIPPER, "fill": True}, {"Areas"}),
        ("kdeplot", {"x": FLIPPER, "y": MASS, "levels": 3}, {"Contours"}),
        ("ecdfplot", {"x": FLIPPER}, {"Lines"}),
        ("rugplot", {"x": FLIPPER}, {"Line segments"}),
        ("scatterplot", {"x": FLIPPER, "y": MASS, "hue": "species", "size": MASS}, {"Points"}),
        ("lineplot", {"x": "species", "y": MASS, "n_boot": 20}, {"Lines", "Areas"}),
        ("regplot", {"x": FLIPPER, "y": MASS, "n_boot": 20}, {"Points", "Lines", "Areas"}),
        ("residplot", {"x": FLIPPER, "y": MASS}, {"Points", "Horizontal lines"}),
        ("boxenplot", {"x": "species", "y": MASS}, {"Rectangles", "Lines", "Points"}),
        ("relplot", {"x": FLIPPER, "y": MASS, "col": "sex"}, {"sex = m", "sex = f"}),
        ("pairplot", {"data": DATA[[FLIPPER, MASS]]}, {
            "Axes 1: flipper_length", "Axes 2: flipper_length against body_mass",
            "Axes 3: body_mass against flipper_length", "Axes 4: body_mass",
        }),
    ],
)  # fmt: skip
def test_every_plot_has_its_tables(plot, options, expected):
    assert set(drawn(plot, **options)) == expected
