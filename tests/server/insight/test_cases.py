"""The engine `facts` on figures of known data: each asked fact is right, and nothing is said without evidence."""

from __future__ import annotations

import math

import matplotlib as mpl
import pytest

from gofigr_jupyter.server.insight import teller
from gofigr_jupyter.server.insight.facts import numbers_in
from tests.server.insight.case import Case
from tests.server.insight.cases import CASES
from tests.server.insight.shelf import record_of, told

mpl.use("agg")
pytestmark = pytest.mark.filterwarnings("ignore:vert. bool was deprecated")  # seaborn's own call of matplotlib
TOLERANCE = 5e-4  # four significant digits


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_asked_fact_is_right(case: Case, record_property: pytest.RecordProperty) -> None:
    answer, evidence = told(record_of(case.draw()), case.query)
    record_property("fact", (case.name, case.query, " ".join(answer.split())))
    stated = list(numbers_in(answer.replace("\\", "")))
    for one in case.says:
        if isinstance(one, str):
            assert one in answer, answer
        else:
            assert any(math.isclose(one, number, rel_tol=TOLERANCE, abs_tol=0 if one else 1e-9) for number in stated), answer
    for words in case.never:
        assert words not in answer, answer
    is_a_claim = not answer.startswith((teller.BEYOND, teller.NOTHING, teller.SILENT))
    assert bool(evidence) or not is_a_claim, answer


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 120
    assert len({case.draw for case in CASES}) >= 40
