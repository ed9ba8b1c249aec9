"""Pictures of revisions on the CDN: the parcel carries the wish, the worker carries the picture, and it is there once."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.errands import Errand, errands, put_errand, wish_id
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import CdnWish, Missing, Parcel, Receipt, State
from gofigr_jupyter.schema.figures import DataDraft, Revision, RevisionDraft
from gofigr_jupyter.server.store import cdn, find
from gofigr_jupyter.server.store.tables import CdnFile
from gofigr_jupyter.settings import Settings, store_account, store_cdn_account
from gofigr_jupyter.worker import lane
from gofigr_jupyter.worker.accounts import Connection
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.cdn import Carrier
from tests.fakes.fig1 import KEY, FakeFig1, Handler, fake_fig1, refuse
from tests.outbox.parcels import a_parcel
from tests.server.conftest import started
from tests.server.table import Table, table
from tests.waiting import until
from tests.worker.river import at_work
from tests.worker.test_kills import a_worker

__all__ = ["started"]


@pytest.fixture(scope="module")
def server(started: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """A server that is a CDN as well."""
    with table(started, tmp_path_factory.mktemp("table")) as made:
        yield made


@pytest.fixture(scope="module")
def key(server: Table) -> str:
    """Of a site on it."""
    with server.app.state.store.writing() as db:
        place = find.workspace(db, server.gf.primary_workspace.api_id or "")
        return cdn.create_key(db, cdn.site_named(db, place, "default"))[1]


@pytest.fixture
def fake() -> Iterator[FakeFig1]:
    with fake_fig1() as fake:
        yield fake


def png() -> bytes:
    """A picture that no other test has."""
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(stream, "PNG")
    return stream.getvalue() + uuid.uuid4().bytes


class Desk:
    """A home with accounts for a server and a CDN."""

    def __init__(self, home: Path, server: Table, url: str, key: str) -> None:
        self.home = home
        self.server = server
        self.account = store_account(replace(server.settings(), home=home))
        self.cdn = store_cdn_account(Settings(home=home, fig1_url=url, fig1_api_key=key))

    def wish(self, folder: str = "figs") -> CdnWish:
        return CdnWish(self.cdn, folder, "Dose response")

    def parcel(self, **changes: Any) -> Parcel:
        figure = f"Figure {uuid.uuid4()}"
        target = {"url": self.server.url, "account": self.account, "figure": figure}
        return a_parcel(**{**target, "picture": png(), "cdn": self.wish(), **changes})

    def revision(self, picture: bytes | None = None, form: str = "png") -> str:
        """One that arrived before anybody spoke of a CDN."""
        api_id = self.server.revision()
        facts = {"local_id": str(uuid.uuid4()), "format": form, "role": "displayed"}
        draft = DataDraft(name="figure", type="image", data=picture or png(), metadata=facts)
        self.server.gf.revisions.append_data(api_id, [draft])
        return api_id

    def carry(self) -> None:
        """One round of a worker's."""
        connection = Connection(self.home, self.server.url, self.account)
        with closing(connection):
            Carrier(self.home, (self.server.url, self.account), connection, Backoff()).bring_all()

    def errand(self, revision: str, folder: str = "figs") -> None:
        put_errand(self.home, Errand(revision, self.server.url, self.account, self.wish(folder)))

    def receipt(self, api_id: str) -> Receipt:
        found = read_receipt(self.home, api_id)
        assert found is not None
        return found

    def metadata(self, api_id: str) -> dict[str, Any]:
        revision: Revision = self.server.gf.revisions.get(api_id)
        assert isinstance(revision.metadata, dict)
        return revision.metadata

    def visible(self) -> list[str]:
        """The addresses under which the CDN shows something."""
        with self.server.app.state.store.reading() as db:
            return list(db.scalars(select(CdnFile.key).where(CdnFile.data_id.is_not(None))))


@pytest.fixture
def desk(home: Path, server: Table, key: str) -> Desk:
    return Desk(home, server, server.url, key)


@pytest.fixture
def away(home: Path, server: Table, fake: FakeFig1) -> Desk:
    """One whose CDN is another service, which can fail."""
    return Desk(home, server, fake.base, KEY)


# ---------------------------------------------------------------- the whole way


def test_a_parcels_wish_is_granted(desk: Desk) -> None:
    parcel = desk.parcel()
    before = desk.visible()
    with at_work(desk.home) as worker:
        worker.box.put(parcel)
        until(lambda: (found := read_receipt(desk.home, parcel.client_id)) is not None and found.cdn is not None)
        until(lambda: not errands(desk.home))
    receipt = desk.receipt(parcel.client_id)
    assert receipt.state is State.COMPLETE
    assert receipt.cdn is not None
    assert httpx.get(receipt.cdn.address).content == parcel.capture.displayed[0].data, "what was seen, as it was"
    assert receipt.cdn.key.partition("/figs/")[2].startswith("dose-response-")
    assert receipt.cdn.alt == "Dose response"
    told = desk.metadata(parcel.client_id)["cdn"]
    assert (told["address"], told["key"]) == (receipt.cdn.address, receipt.cdn.key)
    assert len(desk.visible()) == len(before) + 1


def test_without_a_key_the_figure_arrives_and_says_so(desk: Desk) -> None:
    parcel = desk.parcel(cdn=Missing("there is no key"))
    with at_work(desk.home) as worker:
        worker.box.put(parcel)
        until(lambda: (found := read_receipt(desk.home, parcel.client_id)) is not None and found.state is State.COMPLETE)
    assert desk.receipt(parcel.client_id).missing["cdn"] == "there is no key"
    assert desk.metadata(parcel.client_id)["missing"]["cdn"] == "there is no key"


def test_a_cdn_that_is_away_keeps_no_figure_waiting(away: Desk, fake: FakeFig1, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "Backoff", lambda *_: Backoff(0.02, 0.2))  # the same pauses, in fast motion
    fake.fail("order", *[refuse(500, "away")] * 200)
    parcel = away.parcel()

    def waits() -> str | None:
        found = read_receipt(away.home, parcel.client_id)
        return found.cdn_waits if found is not None else None

    with at_work(away.home) as worker:
        worker.box.put(parcel)
        until(lambda: waits() is not None)
        receipt = away.receipt(parcel.client_id)
        assert receipt.state is State.COMPLETE
        assert "The server has trouble (500: away)" in (receipt.cdn_waits or "")
        assert worker.box.counts()["done"] == 1
    fake.faults.clear()
    with at_work(away.home):  # another day
        until(lambda: not errands(away.home))
    receipt = away.receipt(parcel.client_id)
    assert receipt.cdn is not None
    assert receipt.cdn_waits is None
    assert next(iter(fake.files.values()))[1] == parcel.capture.displayed[0].data


# ---------------------------------------------------------------- once, whoever is killed


class KilledError(BaseException):
    """The process is no more: nobody catches this."""


def die_at(monkeypatch: pytest.MonkeyPatch, turn: int, *, after: bool) -> None:
    """The turn-th request of this process is its last; whether it arrived or not."""
    real, made = httpx.Client.send, 0

    def send(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        nonlocal made
        made += 1
        if made == turn and after:
            real(self, request, **options).close()
        if made == turn:
            raise KilledError
        return real(self, request, **options)

    monkeypatch.setattr(httpx.Client, "send", send)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("turn", range(1, 7))  # the revision, its picture, an address, the bytes, the record read and written
def test_whenever_it_dies_the_picture_is_there_once(desk: Desk, turn: int, after: bool) -> None:
    revision, before = desk.revision(), desk.visible()
    desk.errand(revision)
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, turn, after=after)
        with pytest.raises(KilledError):
            desk.carry()
    desk.carry()
    assert errands(desk.home) == {}
    (key,) = set(desk.visible()) - set(before)
    told = desk.receipt(revision).cdn
    assert told is not None
    assert told.key == key == desk.metadata(revision)["cdn"]["key"]


def test_without_a_death_there_are_that_many_requests(desk: Desk) -> None:
    desk.errand(desk.revision())
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, 7, after=False)
        desk.carry()


@pytest.mark.slow
def test_kill_9_while_it_is_sent(away: Desk, fake: FakeFig1) -> None:
    fake.can_resume = True
    parcel = away.parcel()
    Outbox(away.home).put(parcel)
    with a_worker(away, idle=60) as child:

        def kill(handler: Handler) -> None:
            fake.parts[handler.token] = handler.rfile.read(10)
            child.kill()
            handler.close_connection = True

        fake.fail("put", kill)
        child.wait(60)
    assert fake.files == {}
    with a_worker(away) as child:
        assert child.wait(60) == 0
    assert [content for _, content in fake.files.values()] == [parcel.capture.displayed[0].data]
    assert fake.asked == ["order", "put", "patch"], "the next one went on where the first was killed"
    assert away.receipt(parcel.client_id).cdn is not None


def test_a_wish_that_was_granted_is_not_granted_again(desk: Desk) -> None:
    revision = desk.revision()
    desk.errand(revision)
    desk.carry()
    (before, place) = desk.visible(), desk.receipt(revision).cdn
    (desk.home / "outbox" / "receipts" / f"{revision}.json").unlink()  # a week later
    desk.errand(revision)
    desk.carry()
    assert desk.visible() == before
    assert desk.receipt(revision).cdn == place
    desk.errand(revision, folder="other")
    desk.carry()
    assert len(desk.visible()) == len(before) + 1
    assert "/other/" in (desk.receipt(revision).cdn or place).key  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "lie",
    [{"address": "javascript:alert(1)"}, {"address": "http://127.0.0.1.example.org/x"}, {"address": 5}, {"more": 1}, {"key": None}],
    ids=str,
)
def test_what_somebody_wrote_into_the_record_is_not_believed(away: Desk, fake: FakeFig1, lie: dict[str, Any]) -> None:
    revision = away.revision()
    told = {"wish": wish_id(away.wish()), "address": f"{fake.base}/x.png", "key": "x.png", "name": "x.png"}
    told |= {"content_type": "image/png", "size_bytes": 5, "alt": ""}
    away.server.gf.revisions.change(revision, RevisionDraft(metadata={"cdn": {**told, **lie}}))
    away.errand(revision)
    away.carry()
    there = away.receipt(revision).cdn
    assert there is not None
    assert there.key in fake.files
    assert away.metadata(revision)["cdn"]["address"] == there.address


# ---------------------------------------------------------------- what can never be there


def test_a_figure_without_a_picture(desk: Desk) -> None:
    revision = desk.server.revision()
    desk.errand(revision)
    desk.carry()
    assert errands(desk.home) == {}
    assert desk.receipt(revision).missing["cdn"] == "there is no picture of this figure"
    assert desk.metadata(revision)["missing"]["cdn"] == "there is no picture of this figure"


def test_what_the_cdn_refuses_for_good(away: Desk, fake: FakeFig1) -> None:
    first, second = away.revision(), away.revision()
    away.errand(first)
    away.errand(second, folder="../up")
    fake.fail("order", refuse(413, "File exceeds maximum size of 10MB"))
    away.carry()
    assert "File exceeds maximum size of 10MB" in away.receipt(first).missing["cdn"]
    assert "is no folder" in away.receipt(second).missing["cdn"]
    assert errands(away.home) == {}


def test_a_revision_that_was_deleted(desk: Desk) -> None:
    desk.errand(str(uuid.uuid4()))
    desk.carry()
    assert errands(desk.home) == {}


def test_a_key_that_is_no_good_waits_and_stops_no_other(away: Desk, desk: Desk, fake: FakeFig1) -> None:
    wrong = store_cdn_account(Settings(home=away.home, fig1_url=fake.base, fig1_api_key="fig1_sdk_wrong"))
    one, other = away.revision(), away.revision()
    put_errand(away.home, Errand(one, away.server.url, away.account, CdnWish(wrong)))
    away.errand(other)
    away.carry()
    assert [errand.client_id for errand in errands(away.home).values()] == [one]
    assert "does not accept" in (away.receipt(one).cdn_waits or "")
    assert away.receipt(other).cdn is not None


def test_keys_are_in_no_parcel_and_no_errand(away: Desk, fake: FakeFig1) -> None:
    fake.fail("order", *[refuse(500, KEY)] * 4)
    away.errand(away.revision())
    away.carry()
    texts = [path.read_bytes() for path in (away.home / "outbox").rglob("*.json")]
    assert texts
    assert not any(KEY.encode() in text for text in texts)
    (account,) = [path for path in (away.home / "accounts").glob("*.json") if KEY in path.read_text()]
    assert account.stat().st_mode & 0o077 == 0
