"""All that can go wrong on the way: nothing is lost, nothing doubled, nothing passes, and the receipts are honest."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from gofigr_jupyter.errors import OutboxError
from gofigr_jupyter.outbox import files
from gofigr_jupyter.outbox.latest import Latest, read_latest, write_latest
from gofigr_jupyter.records import State
from gofigr_jupyter.settings import Settings, store_account
from tests.fakes.server import API_KEY, FakeGoFigr
from tests.worker.river import River

SHORT_PAUSES = 6  # so many failures with any server
KINDS = ["down", "html", "truncated", 500, 503, "drop after commit"]
PLACES = ["POST .*/revision/$", "GET .*/revision/", "append_data", "POST .*/figure/", "workspace"]
FAILURES = [  # each kind and each place by default, each kind at each place in the long tier
    pytest.param(kind, place, marks=[pytest.mark.long] if (one + other) % 3 else [])
    for one, kind in enumerate(KINDS)
    for other, place in enumerate(PLACES)
]


@pytest.mark.parametrize(("kind", "where"), FAILURES)
def test_a_failing_server_delays_and_nothing_else(river: River, kind: str | int, where: str) -> None:
    river.fake.fail(kind, where, times=2)
    parcels = [river.put(f"Figure {n % 2}") for n in range(4)]
    with river.worker():
        river.drained()
    river.arrived_once_in_order(parcels)


def test_every_kind_of_trouble_at_once(river: River) -> None:
    for kind in ("down", "html", 502, "truncated", "drop after commit", 500):
        river.fake.fail(kind, "", times=SHORT_PAUSES)
    parcels = [river.put(f"Figure {n % 3}") for n in range(12)]
    with river.worker():
        river.drained(120)
    river.arrived_once_in_order(parcels)


def test_an_answer_lost_after_commit_doubles_nothing(river: River) -> None:
    river.fake.fail("drop after commit", "POST .*/revision/$", times=3)
    river.fake.fail("drop after commit", "append_data", times=3)
    parcel = river.put()
    with river.worker():
        river.drained()
    river.arrived_once_in_order([parcel])
    assert sum("POST" in line and line.endswith("/revision/") for line in river.fake.requests) >= 2


def test_a_server_away_for_the_whole_session(home: Path, river: River) -> None:
    river.fake.fail("down", "", times=float("inf"))
    parcels = [river.put() for _ in range(3)]
    with river.worker():
        for parcel in parcels:
            receipt = river.reaches(parcel, State.WAITING)
            assert "cannot be reached" in str(receipt.problem)
            assert receipt.figure_name == "Decay"
            assert receipt.advice
        later = river.put()
        river.reaches(later, State.WAITING)
    assert river.box.counts()["done"] == 0
    river.fake.mend()
    with river.worker():
        river.drained()
    river.arrived_once_in_order([*parcels, later])


def test_retry_after_is_honoured_and_a_poke_ends_the_pause(river: River) -> None:
    river.fake.fail(429, "POST .*/revision/$", seconds=600)
    parcel = river.put()
    with river.worker():
        receipt = river.reaches(parcel, State.WAITING)
        assert "slower" in str(receipt.problem)
        asked = len(river.fake.requests)
        time.sleep(0.5)
        assert len(river.fake.requests) == asked
        river.box.poke()
        river.drained()
    river.arrived_once_in_order([parcel])


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_revoked_and_restored_in_the_middle_of_the_queue(river: River, status: int) -> None:
    if status == 403:  # some servers answer so
        river.fake.fail(403, "/api/", times=float("inf"))
    first = river.put()
    if status == 401:
        with river.worker():
            river.reaches(first, State.COMPLETE)
    river.fake.keys.clear()
    second, third = river.put(), river.put()
    with river.worker():
        receipt = river.reaches(second, State.WAITING)
        assert receipt.advice == "Run: gofigr-jupyter login"
        river.reaches(third, State.WAITING)
        river.fake.mend()
        river.fake.keys.add("a new key")
        store_account(Settings(home=river.home, url=river.fake.url, api_key="unused"))
        account = river.home / "accounts" / f"{river.account}.json"
        account.write_text(account.read_text().replace(API_KEY, "a new key"))
        river.drained()
    river.arrived_once_in_order([first, second, third])


@pytest.mark.parametrize("is_revoked", [True, False])
def test_a_refusal_of_the_old_token_says_nothing_about_the_new_one(river: River, is_revoked: bool) -> None:
    """Somebody signs in again while a figure is on the wire; the old token is refused it, and may still be good."""
    river.fake.fail(403, "POST .*/revision/$")
    parcel = river.put()
    account = river.home / "accounts" / f"{river.account}.json"
    content = account.read_text().replace(API_KEY, "a new key")

    def sign_in_again(line: str) -> None:
        if line.startswith("POST") and line.endswith("/revision/"):
            river.fake.keys = {"a new key"} if is_revoked else {"a new key", API_KEY}
            account.write_text(content)

    river.fake.on_request = sign_in_again
    with river.worker():
        river.until(lambda: bool(river.box.list("done", "failed")))
    river.arrived_once_in_order([parcel])
    assert sum(line.startswith("POST") and line.endswith("/revision/") for line in river.fake.requests) == 2


def test_an_account_that_is_gone_waits_for_a_login(river: River) -> None:
    account = river.home / "accounts" / f"{river.account}.json"
    content = account.read_text()
    account.unlink()
    parcel = river.put()
    with river.worker():
        assert "login" in str(river.reaches(parcel, State.WAITING).advice)
        account.write_text(content)
        river.drained()
    river.arrived_once_in_order([parcel])


def test_another_server_is_not_held_up(river: River) -> None:
    with FakeGoFigr() as slow:
        goes_on = threading.Event()
        slow.on_request = lambda _line: not goes_on.wait(120)
        account = store_account(Settings(home=river.home, url=slow.url, api_key=slow.token))
        waiting = river.put(url=slow.url, account=account)
        parcel = river.put()
        with river.worker():
            river.reaches(parcel, State.COMPLETE, 50)
            assert waiting.client_id not in slow.objects["revision"]
            goes_on.set()
            river.reaches(waiting, State.COMPLETE)


@pytest.mark.parametrize("harm", ["blob", "json", "everything"])
def test_a_damaged_parcel_stops_nothing_else(river: River, harm: str) -> None:
    first, damaged, last = river.put(), river.put(), river.put()
    write_latest(river.home, "figure", Latest("digest", damaged.client_id, None, ""))
    entry = river.box.find(damaged.client_id)
    assert entry is not None
    match harm:
        case "blob":
            (entry.path / "blob-0").write_bytes(b"not the picture")
        case "json":
            (entry.path / "parcel.json").write_bytes((entry.path / "parcel.json").read_bytes()[:-20])
        case "everything":
            for path in entry.path.iterdir():
                path.unlink()
    with river.worker():
        receipt = river.reaches(damaged, State.FAILED)
        river.drained()
    assert "damaged" in str(receipt.problem)
    assert "again" in str(receipt.advice)
    river.arrived_once_in_order([first, last])
    assert [e.client_id for e in river.box.list("failed")] == [damaged.client_id]
    assert read_latest(river.home, "figure") is None  # running the cell again publishes again


def test_a_refusal_needs_a_person_and_can_be_retried(river: River) -> None:
    river.fake.fail(413, "POST .*/revision/$")
    refused, other = river.put("Large"), river.put()
    with river.worker():
        receipt = river.reaches(refused, State.FAILED)
        assert "413" in str(receipt.problem)
        assert "too large" in str(receipt.advice)
        river.reaches(other, State.COMPLETE)
        assert river.box.retry(refused.client_id) == 1
        river.reaches(refused, State.COMPLETE)


def test_a_form_that_the_server_refuses_is_missing_and_the_rest_arrives(river: River) -> None:
    river.fake.fail(413, "append_data", times=2)  # all together, then the first alone
    parcel = river.put()
    with river.worker():
        receipt = river.reaches(parcel, State.COMPLETE)
    assert "refuses" in receipt.missing["svg"]
    roles = {river.fake.objects["data"][d]["metadata"]["role"] for d in river.fake.revisions()[0]["data"]}
    assert {"displayed", "watermark", "thumbnail"} <= roles


def test_not_done_before_the_server_shows_the_displayed_bytes(river: River) -> None:
    parcel = river.put()
    shown = river.fake.shown
    lying = True

    def forgetful(kind, item, *, full):
        out = shown(kind, item, full=full)
        if lying and kind == "revision" and out.get("data"):
            out["data"][0] |= {"hash": "00" * 32}
        return out

    river.fake.shown = forgetful
    with river.worker():
        river.until(lambda: "Not settled" in str((r := river.receipt(parcel)) and r.problem))
        assert river.box.counts()["taken"] == 1
        assert river.reaches(parcel, State.WAITING).problem
        lying = False
        river.box.poke()
        river.drained()
    river.arrived_once_in_order([parcel])


def test_data_that_a_server_has_lost_is_sent_again(river: River) -> None:
    parcel = river.put()
    lost = []

    def lose(line: str) -> None:
        if "append_data" in line and not lost:
            revision = river.fake.objects["revision"][parcel.client_id]
            lost.append(revision["data"].pop(3))

    river.fake.on_request = lose
    with river.worker():
        river.drained()
    assert lost
    river.arrived_once_in_order([parcel])


def test_a_revision_that_a_server_has_lost_is_published_again(river: River) -> None:
    parcel = river.put()
    lost = []

    def lose(line: str) -> None:
        if line.startswith("GET") and parcel.client_id in line and not lost:
            lost.append(river.fake.objects["revision"].pop(parcel.client_id))
            river.fake.created.clear()

    river.fake.on_request = lose
    with river.worker():
        river.drained()
    assert lost
    river.arrived_once_in_order([parcel])


def test_a_disk_that_is_full_while_receipts_are_written(river: River, monkeypatch: pytest.MonkeyPatch) -> None:
    parcels = [river.put() for _ in range(3)]
    create, is_full, refused = files._create, True, []

    def on_a_full_disk(path: Path) -> int:
        if is_full:
            refused.append(path)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create(path)

    monkeypatch.setattr(files, "_create", on_a_full_disk)
    with river.worker():
        river.until(lambda: len(refused) > SHORT_PAUSES)
        assert river.box.counts()["done"] == 0
        is_full = False
        river.drained()
    river.arrived_once_in_order(parcels)


def test_a_disk_that_is_full_when_the_revision_has_just_arrived(river: River, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = river.put()
    create, refused = files._create, []

    def on_a_full_disk(path: Path) -> int:
        if river.fake.created and len(refused) < 4:
            refused.append(path)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create(path)

    monkeypatch.setattr(files, "_create", on_a_full_disk)
    with river.worker():
        river.drained()
    assert len(refused) == 4
    river.arrived_once_in_order([parcel])


def test_a_bug_of_ours_costs_one_parcel_not_the_worker(river: River, monkeypatch: pytest.MonkeyPatch) -> None:
    from gofigr_jupyter.worker import lane

    publish = lane.publish

    def tripping(gf, places, parcel):
        if parcel.target.figure.name == "Cursed":
            raise ZeroDivisionError("oh")
        return publish(gf, places, parcel)

    monkeypatch.setattr(lane, "publish", tripping)
    cursed, fine = river.put("Cursed"), river.put()
    with river.worker():
        assert "ZeroDivisionError" in str(river.reaches(cursed, State.FAILED).problem)
        river.reaches(fine, State.COMPLETE)


def test_a_parcel_that_somebody_takes_away_is_let_go(river: River) -> None:
    river.fake.fail("down", "", times=float("inf"))
    gone, stays = river.put(), river.put()
    with river.worker():
        river.reaches(gone, State.WAITING)
        entry = river.box.find(gone.client_id)
        assert entry is not None
        entry.path.rename(river.home / "elsewhere")
        river.fake.mend()
        river.reaches(stays, State.COMPLETE)


def test_an_outbox_that_cannot_be_listed_for_a_while(river: River) -> None:
    parcel = river.put()
    new = river.box.root / "new"
    new.rename(river.home / "away")
    new.write_text("a file in the way")
    with pytest.raises(OutboxError):
        river.box.list("new")
    with river.worker():
        time.sleep(0.3)
        new.unlink()
        (river.home / "away").rename(new)
        river.reaches(parcel, State.COMPLETE)
