"""Figures on their way, as the command line shows and moves them."""

import json
from pathlib import Path

import pytest

from gofigr_jupyter.cli import outbox
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.comments import WaitingComment, put_comment
from gofigr_jupyter.outbox.errands import Errand, put_errand
from gofigr_jupyter.records import CdnWish, State
from gofigr_jupyter.settings import Settings, store_account
from gofigr_jupyter.worker.report import report
from tests.fakes.server import Fault
from tests.outbox.parcels import a_parcel


@pytest.fixture
def box(home):
    return Outbox(home)


def put(box, gofigr, **more):
    account = store_account(Settings(home=box.home, url=f"http://127.0.0.1:{gofigr.port}", api_key=gofigr.token))
    made = a_parcel(url=f"http://127.0.0.1:{gofigr.port}", account=account, formats=(), **more)
    box.put(made)
    return made


def test_an_empty_outbox(command):
    assert "Nothing is on its way" in command("outbox", "list").out
    assert "Everything is on the server" in command("push").out
    assert "None had failed" in command("outbox", "retry").out
    state = json.loads(command("status", "--json").out)
    assert state["server"] == "embedded"
    assert state["outbox"] == {"new": 0, "taken": 0, "done": 0, "failed": 0}
    assert state["worker_running"] is False


def test_what_waits_is_listed_and_shown(command, box, gofigr):
    parcel = put(box, gofigr, figure="Decay [bold] of\x1b[31m all")
    told = command("outbox", "list").out
    assert parcel.client_id[:8] in told
    assert "Decay [bold] of" in told
    assert "\x1b" not in told
    assert json.loads(command("outbox", "list", "--json").out)[0]["state"] == "saved"
    shown = json.loads(command("outbox", "show", parcel.client_id[:6]).out)
    assert shown["id"] == parcel.client_id
    assert shown["pictures"] == ["image/png", "image/svg+xml"]
    assert "parcel.json" in shown["files"]
    assert "1 on the way" in command("status").out
    assert command("outbox", "show", "zzz", check=False).code == 2


def test_comments_that_wait_are_counted_and_listed(command, home):
    now = "2026-05-03T14:05:00+00:00"
    for name, problem in (("a", None), ("b", "The server refuses it")):
        comment = WaitingComment(name * 8, "r", "http://127.0.0.1:9", None, f"See *{name}*\x1b[31m", now, problem=problem)
        put_comment(home, comment)
    assert json.loads(command("status", "--json").out)["comments"] == {"waiting": 1, "failed": 1}
    assert "1 waiting, 1 failed" in command("status").out
    rows = json.loads(command("outbox", "list", "--json").out)
    assert [(row["state"], row["problem"]) for row in rows] == [("waiting", None), ("failed", "The server refuses it")]
    told = command("outbox", "list").out
    assert "Comment: See *a*" in told
    assert "\x1b" not in told


@pytest.mark.slow
def test_push_sends_everything(command, box, gofigr):
    parcels = [put(box, gofigr, figure=f"Figure {n}") for n in range(3)]
    assert "Everything is on the server" in command("push").out
    assert set(gofigr.objects["revision"]) == {parcel.client_id for parcel in parcels}
    rows = json.loads(command("outbox", "list", "--json").out)
    assert [row["state"] for row in rows] == ["complete"] * 3


@pytest.mark.slow
def test_push_gives_up_in_time_and_says_why(command, box, gofigr):
    put(box, gofigr)
    gofigr.faults.append(Fault(503, times=1e9))
    done = command("push", "--timeout", "4", check=False)
    assert done.code == 1
    assert "still on their way" in done.err
    assert len(box.list("new", "taken")) == 1


@pytest.mark.slow
def test_what_failed_is_told_and_can_be_retried(command, box, gofigr):
    parcel = put(box, gofigr)
    gofigr.faults.append(Fault(413, where="POST .*/revision/", times=1e9))
    done = command("push", "--timeout", "60", check=False)
    assert done.code == 1
    assert "outbox retry" in done.err
    assert "1 failed" in command("status").out
    gofigr.faults.clear()
    assert "1 failed figures are on their way again" in command("outbox", "retry", parcel.client_id[:8]).out
    command("push")
    assert parcel.client_id in gofigr.objects["revision"]


def test_damage_is_found(command, box, gofigr):
    parcel = put(box, gofigr)
    assert "1 read, 0 damaged" in command("outbox", "fsck").out
    entry = box.find(parcel.client_id)
    blob = next(path for path in sorted(entry.path.iterdir()) if path.name != "parcel.json")
    blob.write_bytes(b"x" + blob.read_bytes()[1:])
    done = command("outbox", "fsck", check=False)
    assert done.code == 1
    assert parcel.client_id in done.out
    (entry.path / "parcel.json").write_text("{")
    command("outbox", "list")
    command("outbox", "show", parcel.client_id)


def test_pictures_that_wait_for_a_cdn_are_told(home: Path) -> None:
    box = Outbox(home)
    put_errand(home, Errand("a" * 36, None, None, CdnWish(None, "figs", "Growth")))
    report(home, "a" * 36, State.COMPLETE, cdn_waits="the server has <trouble>")
    (row,) = outbox._for_cdn(box)
    assert (row["figure"], row["state"], row["problem"]) == ("For the CDN: Growth", "waiting", "the server has <trouble>")
    assert outbox._waiting(box) == 1
    assert outbox.problems(box)[0]["problem"] == "The CDN: the server has <trouble>"
