"""What URLs ask for: the good in one normal form, the bad with a text that helps."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from gofigr_jupyter.server.cdn.wishes import FORMATS, NAMES, Wish

CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


def test_all_that_the_reference_names() -> None:
    wish = Wish.of({"w": "400", "h": "300", "fit": "cover", "q": "70", "f": "webp"}, "*/*")
    assert wish == Wish(400, 300, "cover", 70, "webp")
    assert not wish.varies


@pytest.mark.parametrize("query", [{}, {"v": "2"}, {"fit": "cover"}, {"dpr": "2"}, {"W": "400"}])
def test_nothing_is_asked(query: dict[str, str]) -> None:
    assert Wish.of(query, CHROME) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"w": "0400"}, {"w": "400"}),
        ({"w": "400", "fit": "cover"}, {"w": "400"}),
        ({"w": "400", "q": "80"}, {"w": "400"}),
        ({"w": "400", "f": "auto"}, {"w": "400"}),
        ({"w": "400", "dpr": "1.0"}, {"w": "400"}),
        ({"q": "50", "dpr": "3"}, {"q": "50"}),
        ({"w": "9", "f": "jpg"}, {"w": "9", "f": "jpeg"}),
        ({"w": "9", "utm_source": "mail"}, {"w": "9"}),
    ],
)
def test_equal_wishes_are_equal(one: dict[str, str], other: dict[str, str]) -> None:
    assert Wish.of(one, CHROME) == Wish.of(other, CHROME)


def test_a_format_that_is_named_does_not_depend_on_the_browser() -> None:
    assert Wish.of({"f": "webp"}, CHROME) == Wish.of({"f": "webp"}, "")


BAD = ["", "0", "00", "-1", "+1", "NaN", "inf", "1e9", "1e2", "10001", "9" * 5000, "4 00", " 4", "4\n", "4.0", "0x10", "４００", "1_0"]


@pytest.mark.parametrize("name", ["w", "h"])
@pytest.mark.parametrize("value", BAD)
def test_sides_that_cannot_be(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be a whole number from 1 to 10000\.$"):
        Wish.of({name: value}, CHROME)


@pytest.mark.parametrize("value", [*BAD, "101"])
def test_qualities_that_cannot_be(value: str) -> None:
    with pytest.raises(ValueError, match=r"^q must be a whole number from 1 to 100\.$"):
        Wish.of({"q": value}, CHROME)


@pytest.mark.parametrize("value", ["", "0", "0.5", "-1", "NaN", "1e9", "4.1", "5", "1.", ".5", "2x"])
def test_ratios_that_cannot_be(value: str) -> None:
    with pytest.raises(ValueError, match=r"^dpr must be a number from 1 to 4\.$"):
        Wish.of({"w": "10", "dpr": value}, CHROME)


@pytest.mark.parametrize(("name", "value"), [("fit", "fill"), ("fit", ""), ("fit", "Cover"), ("f", "bmp"), ("f", ""), ("f", "gif")])
def test_words_that_are_not_known(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be one of "):
        Wish.of({"w": "10", name: value}, CHROME)


def test_given_twice() -> None:
    with pytest.raises(ValueError, match=r"^w is given twice\.$"):
        Wish.of(QueryParams("w=1&w=2"), "")
    with pytest.raises(ValueError, match=r"^w is given twice\.$"):
        Wish.of([("w", "1"), ("w", "1")], "")


def test_a_stranger_s_parameter_may_come_twice() -> None:
    assert Wish.of(QueryParams("v=1&v=2"), "") is None


@pytest.mark.parametrize(
    ("accept", "accepted"),
    [
        (CHROME, ("avif", "webp")),
        ("image/webp,*/*", ("webp",)),
        ("IMAGE/WEBP ; q=0.3", ("webp",)),
        ("image/webp;q=0, image/avif;q=0.000", ()),
        ("*/*", ()),
        ("image/*", ()),
        ("", ()),
        (",;;,;q=0,image/webpx", ()),
    ],
)
def test_what_the_browser_shows(accept: str, accepted: tuple[str, ...]) -> None:
    wish = Wish.of({"w": "10"}, accept)
    assert wish is not None
    assert wish.accepted == accepted
    assert wish.varies


@given(st.dictionaries(st.sampled_from([*NAMES, "x"]), st.text(max_size=8) | st.sampled_from([*FORMATS, "1", "400"])), st.text(max_size=60))
def test_whatever_is_asked_there_is_a_wish_or_a_text(query: dict[str, str], accept: str) -> None:
    with suppress(ValueError):
        wish = Wish.of(query, accept)
        assert wish is None or 1 <= wish.quality <= 100
