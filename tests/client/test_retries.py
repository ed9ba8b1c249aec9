"""What passes is waited for, what is safe is sent again, and nothing is ever made twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.retries import Attempts, Patience
from gofigr_jupyter.errors import ConnectionFailed, RateLimited, ServerFailed
from gofigr_jupyter.local import draw_port
from gofigr_jupyter.schema.figures import FigureDraft
from gofigr_jupyter.settings import Settings
from tests.fakes.server import API_KEY, FakeGoFigr, serving

QUICK = Patience(2.0, tries=4, first=0.01)


@pytest.fixture
def fake() -> Iterator[FakeGoFigr]:
    yield from serving()


@pytest.fixture
def gf(fake: FakeGoFigr, tmp_path: Path) -> Iterator[GoFigr]:
    with GoFigr(settings=Settings(home=tmp_path, url=fake.url, api_key=API_KEY), patience=QUICK) as client:
        yield client


# ---------------------------------------------------------------- the rules alone


def test_waits_double_and_stop() -> None:
    attempts = Attempts(Patience(100, tries=4, first=1.0), "GET")
    waits = [attempts.after_failure(was_sent=True) for _ in range(5)]
    assert waits[3:] == [None, None]
    assert all(low <= (wait or 0) <= low * 2 for wait, low in zip(waits[:3], (0.5, 1, 2), strict=True))


def test_all_waits_together_are_bounded() -> None:
    attempts = Attempts(Patience(5, tries=100), "GET")
    assert attempts.after_answer(503, 3) == 3
    assert attempts.after_answer(503, 3) is None
    assert Attempts(Patience(5), "GET").after_answer(429, 3600) is None
    assert Attempts(Patience(0), "GET").after_answer(429, 0) is None


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_can_be_repeated(method: str) -> None:
    for status in (429, 502, 503, 504):
        assert Attempts(QUICK, method).after_answer(status, None) is not None
    for status in (400, 401, 403, 404, 409, 413, 500):
        assert Attempts(QUICK, method).after_answer(status, None) is None
    assert Attempts(QUICK, method).after_failure(was_sent=True) is not None


def test_what_makes_something_is_repeated_only_when_nothing_was_made() -> None:
    assert Attempts(QUICK, "POST").after_failure(was_sent=True) is None
    assert Attempts(QUICK, "POST").after_failure(was_sent=False) is not None
    assert Attempts(QUICK, "POST").after_answer(503, None) is None
    assert Attempts(QUICK, "POST").after_answer(429, None) is not None
    assert Attempts(QUICK, "POST", repeatable=True).after_failure(was_sent=True) is not None


def test_a_refusal_counts_as_done_only_after_a_try_that_may_have_arrived() -> None:
    first = Attempts(QUICK, "DELETE")
    assert not first.found_done(404)
    first.after_failure(was_sent=False)
    assert not first.found_done(404)
    first.after_failure(was_sent=True)
    assert first.found_done(404)
    assert not first.found_done(403)


# ---------------------------------------------------------------- on a real line


@pytest.mark.parametrize("kind", [502, 503, 504, 429, "down", "truncated"])
def test_what_passes_is_not_noticed(fake: FakeGoFigr, gf: GoFigr, kind: str | int) -> None:
    fake.fail(kind, "GET", times=2, seconds=0.01)
    if kind == "truncated":  # an answer that is whole, and no JSON, is not better the second time
        with pytest.raises(ConnectionFailed, match="JSON"):
            gf.user()
    else:
        assert gf.user().username == "ann"
        assert len(fake.requests) == 3


def test_what_lasts_is_told(fake: FakeGoFigr, gf: GoFigr) -> None:
    fake.fail(503, "GET", times=9)
    with pytest.raises(ServerFailed, match="503"):
        gf.user()
    assert len(fake.requests) == 4
    fake.fail(429, "GET", times=9, seconds=3600)
    fake.faults.reverse()
    with pytest.raises(RateLimited) as caught:
        gf.user()
    assert caught.value.retry_after == 3600
    assert len(fake.requests) == 5  # and nobody waited for an hour


def test_a_revision_is_made_once(fake: FakeGoFigr, gf: GoFigr) -> None:
    figure = gf.find_figure("Decay", "Notes", create=True)
    fake.fail("drop after commit", "POST .*/revision/")
    made = gf.revisions.create(figure=figure, metadata={"n": 1})
    assert made.metadata == {"n": 1}
    assert len(fake.revisions()) == 1
    fake.fail(502, "POST .*/revision/")
    assert gf.revisions.create(figure=figure).revision_index == 1
    assert len(fake.revisions()) == 2


def test_what_may_have_been_made_is_not_made_again(fake: FakeGoFigr, gf: GoFigr) -> None:
    analysis = gf.find_analysis("Notes", create=True)
    fake.fail("drop after commit", "POST .*/figure/")
    with pytest.raises(ConnectionFailed):
        gf.figures.create(FigureDraft(name="Decay", analysis=analysis.api_id))
    assert fake.names("figure") == ["Decay"]
    fake.fail(429, "POST .*/figure/", seconds=0.01)
    gf.figures.create(name="Growth", analysis=analysis)
    assert fake.names("figure") == ["Decay", "Growth"]


def test_changes_and_deletions_arrive(fake: FakeGoFigr, gf: GoFigr) -> None:
    figure = gf.find_figure("Decay", "Notes", create=True)
    fake.fail("drop after commit", "PATCH")
    assert gf.figures.change(figure, name="Growth").name == "Growth"
    fake.fail("drop after commit", "DELETE")
    figure.delete()
    assert fake.names("figure") == []


def test_a_busy_sign_in_is_waited_for(fake: FakeGoFigr, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, url=fake.url, username="ann", password="secret")
    with GoFigr(settings=settings, patience=QUICK) as gf:
        fake.fail(503, "POST /api/token/", times=2)
        gf.find_analysis("Notes", create=True)
        assert fake.names("analysis") == ["Notes"]


def test_a_server_that_comes_late(tmp_path: Path) -> None:
    port = draw_port()
    late = FakeGoFigr(port=port)
    settings = Settings(home=tmp_path, url=f"http://127.0.0.1:{port}", api_key=API_KEY)
    timer = threading.Timer(0.2, late.__enter__)
    timer.start()
    try:
        with GoFigr(settings=settings, patience=Patience(10, tries=20, first=0.1)) as gf:
            assert gf.find_analysis("Notes", create=True).name == "Notes"
    finally:
        timer.join()
        late.__exit__()


def test_patience_can_be_switched_off(fake: FakeGoFigr, tmp_path: Path) -> None:
    with GoFigr(settings=Settings(home=tmp_path, url=fake.url, api_key=API_KEY), patience=0) as gf:
        for kind, error in ((503, ServerFailed), (429, RateLimited), ("down", ConnectionFailed)):
            fake.fail(kind)
            with pytest.raises(error):
                gf.user()
    assert len(fake.requests) == 3
