"""What counts as a word, for what is asked as for what is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.server.wording import folded, parts, tokens, without_numbers


@given(st.text())
def test_folding_keeps_the_places_of_letters(text: str) -> None:
    assert len(folded(text)) == len(text)
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("read_csv", ["read", "csv"]),
        ("Café", ["cafe"]),
        ("ÅNGSTRÖM", ["angstrom"]),
        ("np.mean(x)", ["np", "mean", "x"]),
        ('"quoted" OR -x*', ["quoted", "or", "x"]),
        ("数据", ["数据"]),
        ("100%", ["100"]),
        ("%_*", []),
        ("", []),
    ],
)
def test_tokens(word: str, expected: list[str]) -> None:
    assert tokens(word) == expected


def test_parts_of_names_in_camel_case() -> None:
    assert parts("x = pd.DataFrame(readHTMLTable) # Plain words, ALL CAPS, snake_case, numbers123") == "Data Frame read HTML Table"
    assert parts("nothing here 12345") == ""
    assert len(parts("aB" * 200_000).split()) < 10
    assert len(parts(" ".join(f"name{n}Of" for n in range(50_000))).split()) < 3_000


def test_numbers_alone_are_not_looked_for() -> None:
    table = "dose,response\n" + "\n".join(f"{n}.5,-{n}e-3" for n in range(50))
    assert without_numbers(table) == "dose response"
    assert without_numbers("at 30 degrees for 2 hours") == "at 30 degrees for 2 hours"
