"""Uploads over lines that break: each file is there once, gone on with where the server can, else from the beginning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.client.cdn_sending import Journal
from gofigr_jupyter.client.fig1 import Drawn, Fig1
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.errors import BodyChanged, ConnectionFailed
from gofigr_jupyter.schema.fig1 import UploadTicket
from gofigr_jupyter.settings import Settings
from tests.fakes.fig1 import EXPIRED, KEY, FakeFig1, cut_after, fake_fig1, lose_answer, refuse, say
from tests.test_media import FILES, SONG

PNG = FILES["a.png"][1]
LONG = SONG * 5000  # some two megabytes


@pytest.fixture
def fake() -> Iterator[FakeFig1]:
    with fake_fig1() as fake:
        fake.can_resume = True
        yield fake


@pytest.fixture
def fig1(fake: FakeFig1, tmp_path: Path) -> Iterator[Fig1]:
    with Fig1(KEY, fake.base, Settings(home=tmp_path), patience=Patience(2.0, tries=3, first=0.01)) as made:
        yield made


# ---------------------------------------------------------------- going on


def test_a_broken_line_is_gone_on_with(fig1: Fig1, fake: FakeFig1, tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(LONG)
    fake.fail("put", *[cut_after(300_000)] * 5)
    told: list[int] = []
    asset = fig1.upload(tmp_path / "song.mp3", progress=lambda done, _: told.append(done))
    assert fake.asked == ["order", "put", *["patch"] * 5], "five cuts, of three tries: each had brought something"
    assert fake.files[asset.key][1] == LONG
    assert told[-1] == len(LONG)
    assert min(told[len(told) // 2 :]) >= 300_000, "it counts on from there"


def test_a_line_that_brings_nothing_is_given_up(fig1: Fig1, fake: FakeFig1) -> None:
    fake.fail("put", cut_after(1000), *[cut_after(0)] * 9)
    with pytest.raises(ConnectionFailed):
        fig1.upload(LONG)
    assert fake.asked.count("patch") == 3


def test_all_had_come_but_for_the_answer(fig1: Fig1, fake: FakeFig1) -> None:
    for can_resume in (True, False):
        fake.can_resume = can_resume
        fake.fail("put", lose_answer)
        asset = fig1.upload(PNG, name="a.png", folder=str(can_resume))
        assert fake.files[asset.key][1] == PNG
    assert fake.asked == ["order", "put"] * 2, "nothing is sent twice"


def test_who_knows_no_parts_gets_it_from_the_beginning(fig1: Fig1, fake: FakeFig1) -> None:
    fake.can_resume = False
    fake.fail("put", cut_after(300_000))
    asset = fig1.upload(LONG)
    assert fake.asked == ["order", "put", "order", "put"]
    assert fake.files[asset.key][1] == LONG


@pytest.mark.parametrize("offset", ["-1", "abc", "", "99999999999", "1" * 400])
def test_offsets_are_not_believed(fig1: Fig1, fake: FakeFig1, offset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fakes import fig1 as fakes

    monkeypatch.setattr(fakes.Handler, "do_HEAD", say(b"", 204, Upload_Offset=offset))
    fake.fail("put", cut_after(10))
    fig1.upload(PNG)
    assert fake.asked == ["order", "put", "order", "put"]


def test_a_wrong_offset_is_asked_for_again(fig1: Fig1, fake: FakeFig1) -> None:
    fake.fail("put", cut_after(1000), say(b"", 409, Upload_Offset="500"))
    asset = fig1.upload(LONG)
    assert fake.asked == ["order", "put", "patch", "patch"]
    assert fake.files[asset.key][1] == LONG


def test_no_file_is_made_of_two(fig1: Fig1, fake: FakeFig1, tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(LONG)

    def change(handler: object) -> None:
        path.write_bytes(LONG[:-417] + b"\xff\xfb\x90\x64" + b"x" * 413)
        cut_after(300_000)(handler)  # type: ignore[arg-type]

    fake.fail("put", change)
    with pytest.raises(BodyChanged):
        fig1.upload(path)
    assert fake.files == {}


# ---------------------------------------------------------------- who was killed half-way


class Notebook:
    """What a worker has on its disk."""

    def __init__(self) -> None:
        self.noted: list[UploadTicket] = []

    def journal(self) -> Journal:
        return Journal(self.noted.append, self.noted[-1] if self.noted else None)


def test_an_address_is_noted_before_it_is_used(fig1: Fig1, fake: FakeFig1) -> None:
    book = Notebook()
    fake.fail("put", lambda handler: (book.noted[0], handler._take()))
    asset = fig1.upload_noted(Drawn(PNG, "Dose response"), book.journal(), folder="figs")
    assert [one.cdn_url for one in book.noted] == [asset.address]
    assert asset.alt == "Dose response"
    again = fig1.upload_noted(Drawn(PNG, "Dose response"), book.journal(), folder="figs")
    assert again == asset
    assert fake.asked == ["order", "put"], "it is there, and was only not heard of"


def test_the_next_run_goes_on_at_the_same_address(fig1: Fig1, fake: FakeFig1) -> None:
    book = Notebook()
    fake.fail("put", cut_after(1000), *[cut_after(0)] * 3)
    with pytest.raises(ConnectionFailed):
        fig1.upload_noted(Drawn(LONG), book.journal())
    fake.faults.clear()
    fig1.upload_noted(Drawn(LONG), book.journal())
    assert fake.asked == ["order", "put", *["patch"] * 4]
    assert len(fake.files) == 1


def test_an_address_that_has_expired_meanwhile(fig1: Fig1, fake: FakeFig1) -> None:
    book = Notebook()
    fake.fail("put", refuse(413, "too large for now"))
    with pytest.raises(Exception, match="too large"):
        fig1.upload_noted(Drawn(PNG), book.journal())
    fake.fail("put", refuse(400, EXPIRED))
    fake.can_resume = False
    asset = fig1.upload_noted(Drawn(PNG), book.journal())
    assert fake.asked == ["order", "put", "put", "order", "put"]
    assert book.noted[-1].cdn_url == asset.address
    assert len(fake.files) == 1
