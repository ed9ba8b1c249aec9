"""What will be made of which picture: never larger than it is, and the same for all who ask for the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.server.cdn import plans
from gofigr_jupyter.server.cdn.plans import About, Plan
from gofigr_jupyter.server.cdn.wishes import Wish

PHOTO = About("image/jpeg", 4000, 3000)


def size(wish: Wish, about: About = PHOTO) -> tuple[int, int, bool]:
    plan = Plan.of(wish, about)
    return plan.width, plan.height, plan.crop


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(400), (400, 300, False)),
        (Wish(None, 300), (400, 300, False)),
        (Wish(400, 400), (400, 300, False)),
        (Wish(400, 400, "cover"), (400, 400, True)),
        (Wish(400, 300, "cover"), (400, 300, False)),
        (Wish(400, dpr=2), (800, 600, False)),
        (Wish(333, dpr=1.5), (500, 375, False)),
        (Wish(), (4000, 3000, False)),
        (Wish(9999), (4000, 3000, False)),
        (Wish(8000, 8000, "cover"), (3000, 3000, True)),
        (Wish(1), (1, 1, False)),
    ],
)
def test_sizes(wish: Wish, expected: tuple[int, int, bool]) -> None:
    assert size(wish) == expected


def test_what_is_equal_in_the_end_is_kept_once() -> None:
    same = [Wish(400, 300), Wish(400), Wish(200, dpr=2), Wish(None, 300), Wish(400, 300, "cover"), Wish(400, 4000)]
    assert {Plan.of(wish, PHOTO).name for wish in same} == {"400x300-q80.jpeg"}
    larger = [Wish(w) for w in range(4000, 10_000, 100)]
    assert len({Plan.of(wish, PHOTO).name for wish in larger}) == 1


def test_quality_counts_where_there_is_one() -> None:
    plot = About("image/png", 800, 600)
    assert {Plan.of(Wish(400, quality=q), plot).name for q in (10, 90)} == {"400x300.png"}
    assert Plan.of(Wish(400, quality=10, format="webp"), plot).name == "400x300-q10.webp"


BOTH = ("avif", "webp")


@pytest.mark.parametrize(
    ("wish", "about", "expected"),
    [
        (Wish(400), PHOTO, "jpeg"),
        (Wish(400, accepted=BOTH), PHOTO, "avif"),
        (Wish(4000, accepted=BOTH), PHOTO, "webp"),  # too much for the slow one
        (Wish(4000, format="avif"), PHOTO, "avif"),  # unless it is asked for
        (Wish(400, accepted=("webp",)), PHOTO, "webp"),
        (Wish(40, accepted=BOTH), About("image/gif", 80, 60, 5), "webp"),
        (Wish(40), About("image/gif", 80, 60, 5), "gif"),
        (Wish(40), About("image/gif", 80, 60), "png"),
        (Wish(40), About("image/webp", 80, 60), "webp"),
    ],
)
def test_formats(wish: Wish, about: About, expected: str) -> None:
    assert Plan.of(wish, about).format == expected


def test_only_some_formats_move() -> None:
    about = About("image/gif", 80, 60, 5)
    assert {f: Plan.of(Wish(40, format=f), about).moves for f in ("webp", "avif", "jpeg", "png")} == {
        "webp": True,
        "avif": True,
        "jpeg": False,
        "png": True,
    }


SIDES = st.integers(1, 10_000)


@given(
    st.builds(
        Wish,
        st.none() | SIDES,
        st.none() | SIDES,
        st.sampled_from(["contain", "cover"]),
        st.integers(1, 100),
        st.sampled_from([None, "avif", "webp", "jpeg", "png"]),
        st.floats(1, 4),
        st.sampled_from([(), ("webp",), BOTH]),
    ),
    st.builds(About, st.sampled_from(sorted(plans.ORIGINAL)), st.integers(1, 60_000), st.integers(1, 60_000), st.integers(1, 1000)),
)
def test_bounds_hold(wish: Wish, about: About) -> None:
    plan = Plan.of(wish, about)
    assert 1 <= plan.width <= min(about.width, plans.MOST_SIDE)
    assert 1 <= plan.height <= min(about.height, plans.MOST_SIDE)
    assert plan.width * plan.height <= plans.MOST_PIXELS
    assert not plan.moves or plan.width * plan.height * about.frames <= plans.MOST_MOVING_PIXELS + 1
    if wish.width is not None:
        assert plan.width <= wish.width * wish.dpr + 0.5
    if wish.height is not None:
        assert plan.height <= wish.height * wish.dpr + 0.5
