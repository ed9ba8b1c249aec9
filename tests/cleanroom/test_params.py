"""Which control a parameter gets, by its type hint or its value; and what the manifest says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal, Optional

import numpy as np
import pandas as pd
import pytest

from gofigr_jupyter.cleanroom.params import (
    CheckboxParam,
    DateParam,
    DropdownParam,
    Param,
    SliderParam,
    StaticParam,
    TextParam,
    infer_param,
    neutral_type,
)


class Scale(StrEnum):
    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True)
class Ge:
    """As in annotated-types."""

    ge: float


@dataclass(frozen=True)
class Interval:
    gt: float | None = None
    lt: float | None = None
    multiple_of: float | None = None


def inferred(hint: Any, value: Any) -> Param:
    return infer_param("x", value, {"x": hint})


def bounds(hint: Any, value: Any) -> tuple[float, float, float]:
    param = inferred(hint, value)
    assert isinstance(param, SliderParam), param
    return param.bounds(value)


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (Annotated[float, (0, 1)], 0.25, (0, 1, 0.01)),
        (Annotated[int, (1, 9)], 4, (1, 9, 1)),
        (Annotated[int, (0, 100, 5)], 20, (0, 100, 5)),
        (Annotated[int, range(2, 11, 2)], 4, (2, 10, 2)),
        (Annotated[int, range(10, 1, -3)], 4, (4, 10, 3)),
        (Annotated[float, "in volts", (0, 5)], 2.0, (0, 5, 0.05)),
        (Annotated[int, Interval(gt=3, lt=9)], 5, (4, 8, 1)),
        (Annotated[float, Interval(gt=0, lt=1, multiple_of=0.25)], 0.5, (0, 1, 0.25)),
        (Annotated[float, Ge(-1)], 3.0, (-1, 6, 0.05)),
        (Annotated[int, SliderParam(0, min=1, max=7)], 3, (1, 7, 1)),
        (Optional[Annotated[int, (1, 9)]], 4, (1, 9, 1)),  # noqa: UP045 - people write it so
        (Annotated[int | None, (1, 9)], 4, (1, 9, 1)),
        (Annotated[int, (1, 9)], 12, (1, 12, 1)),  # the value always lies within
        (int, 3, (0, 100, 1)),
        (float, -2.0, (-4.0, 4.0, 0.1)),
        (None, np.float64(0.5), (0, 1.0, 0.01)),
    ],
)
def test_sliders(hint: Any, value: Any, expected: tuple[float, float, float]) -> None:
    assert bounds(hint, value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("hint", "value", "choices"),
    [
        (Literal["linear", "log"], "log", ["linear", "log"]),
        (Literal[1, 2, 4], 2, [1, 2, 4]),
        (Literal["a", "b"] | None, "a", ["a", "b"]),
        (Annotated[str, ["x", "y"]], "y", ["x", "y"]),
        (Annotated[Literal["x", "y"], "which axis"], "y", ["x", "y"]),
        (Scale, Scale.LOG, [Scale.LINEAR, Scale.LOG]),
        (None, Scale.LOG, [Scale.LINEAR, Scale.LOG]),
    ],
)
def test_dropdowns(hint: Any, value: Any, choices: list[Any]) -> None:
    param = inferred(hint, value)
    assert isinstance(param, DropdownParam)
    assert param.choices == choices
    assert param.default == value
    plain = value.value if isinstance(value, Enum) else value
    entry = param.with_default(plain).to_manifest()
    assert entry == {"type": neutral_type(plain), "widget": "dropdown", "value": plain, "choices": choices}


@pytest.mark.parametrize(
    ("hint", "value", "kind"),
    [
        (None, True, CheckboxParam),
        (None, np.bool_(True), CheckboxParam),
        (None, "title", TextParam),
        (None, date(2026, 3, 1), DateParam),
        (None, datetime(2026, 3, 1, 12), DateParam),  # noqa: DTZ001 - people have such
        (None, pd.Timestamp("2026-03-01"), DateParam),
        (None, pd.NaT, StaticParam),
        (None, None, StaticParam),
        (None, [1, 2], StaticParam),
        (None, float("inf"), StaticParam),
        (None, 10**20, StaticParam),
        (None, 10**400, StaticParam),
        (None, float("nan"), StaticParam),
        (Annotated[int, (0, 9)], True, CheckboxParam),  # a hint that the value does not fit says nothing
        (Annotated[int, (0, 9)], "all", TextParam),
        (Annotated[int, CheckboxParam(False)], 3, SliderParam),
        (list[int], [1], StaticParam),
        ("not a hint", 3, SliderParam),
        (int | str, 3, SliderParam),
    ],
)
def test_by_value(hint: Any, value: Any, kind: type[Param]) -> None:
    assert type(inferred(hint, value)) is kind


def test_the_manifest_has_gofigrs_words() -> None:
    assert infer_param("x", 3).to_manifest() == {
        "type": "integer",
        "widget": "slider",
        "value": 3,
        "min": 0,
        "max": 100,
        "step": 1,
    }
    assert infer_param("x", True).to_manifest() == {"type": "boolean", "widget": "checkbox", "value": True}
    assert infer_param("x", None).to_manifest() == {"type": "none", "value": None}
    assert infer_param("x", [1]).to_manifest() == {"type": "unknown", "value": [1]}
    assert DropdownParam("c", choices=["a", "b"]).to_manifest()["choices"] == ["c", "a", "b"]


def test_a_step_of_nothing_is_chosen_anew() -> None:
    assert SliderParam(3, min=0, max=9, step=0).bounds(3) == (0, 9, 1)


def test_as_it_would_be_written() -> None:
    assert repr(SliderParam(2, min=1, max=5)) == "SliderParam(2, min=1, max=5)"
    assert repr(DropdownParam("a", choices=["a", "b"])) == "DropdownParam('a', choices=['a', 'b'])"
