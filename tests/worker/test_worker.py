"""The worker and a server that keeps the contract: all arrives, once, in order, and the receipts tell."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from gofigr_jupyter.outbox import prefixes
from gofigr_jupyter.outbox.files import read_json
from gofigr_jupyter.outbox.renames import Rename, put_rename, renames
from gofigr_jupyter.records import Missing, Ref, State
from gofigr_jupyter.spawn import alive
from gofigr_jupyter.worker.loop import Worker
from tests.fakes.draws import FakeDraws
from tests.fakes.server import FakeGoFigr
from tests.worker.river import River


def test_parcels_arrive_complete_once_and_in_order(river: River) -> None:
    parcels = [river.put(f"Figure {n % 3}") for n in range(9)]
    with river.worker():
        river.drained()
    river.arrived_once_in_order(parcels)
    assert river.fake.names("analysis") == ["Notes"]
    receipt = river.reaches(parcels[-1], State.COMPLETE)
    assert (receipt.revision_number, receipt.figure_name) == (3, "Figure 2")
    assert receipt.missing == {"pdf": "no source"}
    assert [(d.format, d.is_watermarked) for d in receipt.downloads] == [
        ("png", False),
        ("svg", False),
        ("svg", False),
        ("png", True),
    ]
    assert receipt.size_bytes
    assert receipt.problem is None


def test_the_record_of_a_revision(river: River) -> None:
    parcel = river.put(metadata={"note": "mine", "title": "given"}, short_id="fake0001a")
    with river.worker():
        river.drained()
    [revision] = river.fake.revisions()
    assert revision["short_id"] == "fake0001a"
    assert revision["api_id"] == parcel.client_id
    metadata = revision["metadata"]
    assert metadata["title"] == "given"
    assert metadata["note"] == "mine"
    assert metadata["git"]["branch"] == "main"
    assert metadata["secrets_masked"] == 1
    assert metadata["execution_count"] == 3
    data = {item["metadata"]["role"]: item for item in map(river.fake.objects["data"].get, revision["data"])}
    assert data["cell"]["name"] == "Jupyter Cell"
    assert data["cell"]["metadata"]["language"] == "Python"
    assert data["watermark"]["metadata"]["is_watermarked"] is True
    assert data["attachment"]["type"] == "dataframe"


def test_new_parcels_are_seen_while_the_worker_runs_and_drawing_gives_way(river: River) -> None:
    draws = FakeDraws(seconds=0.3)
    with river.worker(draws):
        first = river.put()
        river.until(lambda: bool(draws.drawn))
        rest = [river.put() for _ in range(5)]
        river.reaches(rest[-1], State.PUBLISHED)
        assert len(draws.drawn) <= 2
        river.drained()
    river.arrived_once_in_order([first, *rest])


def test_places_by_id_by_name_and_not_to_be_made(river: River) -> None:
    lab = river.fake.add("workspace", {"name": "Lab", "workspace_type": "secondary", "owner": "bob"})
    notes = river.fake.add("analysis", {"name": "Old notes", "workspace": lab["api_id"]})
    known = river.fake.add("figure", {"name": "Known", "analysis": notes["api_id"]})
    target = river.put().target
    by_id = river.put(target=replace(target, figure=Ref(api_id=known["api_id"])))
    by_name = river.put(target=replace(target, workspace=Ref(name="Lab"), analysis=Ref(name="Old notes")))
    made = river.put(target=replace(target, workspace=Ref(name="New lab"), analysis=Ref(name="Old notes")))
    never = river.put(target=replace(target, workspace=Ref(name="No lab", create=False)))
    gone = river.put(target=replace(target, figure=Ref(api_id="00" * 16)))
    with river.worker():
        river.drained()
    assert [revision["api_id"] for revision in river.fake.revisions("Known")] == [by_id.client_id]
    assert (
        river.fake.objects["figure"][river.fake.objects["revision"][by_name.client_id]["figure"]]["analysis"]
        == notes["api_id"]
    )
    assert river.fake.names("workspace") == ["Primary", "Lab", "New lab"]
    assert made.client_id in river.fake.objects["revision"]
    assert "no workspace 'No lab'" in str(river.reaches(never, State.FAILED).problem)
    assert "404" in str(river.reaches(gone, State.FAILED).problem)
    assert river.box.counts()["failed"] == 2


def test_a_figure_deleted_or_renamed_meanwhile_is_made_anew(river: River) -> None:
    with river.worker():
        river.reaches(river.put(), State.COMPLETE)
        [figure] = river.fake.objects["figure"]
        del river.fake.objects["figure"][figure]
        river.reaches(second := river.put(), State.COMPLETE)
    river.fake.objects["figure"][river.fake.objects["revision"][second.client_id]["figure"]]["name"] = "Renamed"
    with river.worker():
        river.reaches(third := river.put(), State.COMPLETE)
    assert sorted(river.fake.names("figure")) == ["Decay", "Renamed"]
    assert [revision["api_id"] for revision in river.fake.revisions("Decay")] == [third.client_id]


def test_prefixes_are_kept_in_stock(river: River) -> None:
    shelf = prefixes.server_key(river.fake.url)
    with river.worker():
        river.reaches(river.put(), State.COMPLETE)
        river.until(lambda: prefixes.count(river.home, shelf) == prefixes.TARGET_STOCK)
        assert prefixes.take_prefix(river.home, shelf)
        river.until(lambda: prefixes.count(river.home, shelf) == prefixes.TARGET_STOCK)


def test_a_taken_short_id_costs_the_short_id_only(river: River) -> None:
    river.fake.fail(409, "POST /api/v1.4.1/revision/")
    parcel = river.put(short_id="fake0001a", link="http://x/r/fake0001a")
    with river.worker():
        receipt = river.reaches(parcel, State.COMPLETE)
    assert receipt.short_id is None
    assert receipt.link == f"http://x/r/{parcel.client_id}"


def test_a_figure_without_a_displayed_picture_or_facts(river: River) -> None:
    parcel = river.put()
    bare = replace(
        parcel,
        client_id="12345678-1234-4234-8234-123456789abc",
        capture=replace(parcel.capture, displayed=(), source=Missing("cannot be pickled")),
        provenance=replace(
            parcel.provenance,
            cell=Missing("a"),
            history=Missing("b"),
            environment=Missing("c"),
            git=Missing("d"),
            notebook=Missing("e"),
        ),
        attachments=(),
    )
    river.box.put(bare)
    with river.worker():
        river.reaches(bare, State.COMPLETE)
    revision = river.fake.objects["revision"][bare.client_id]
    assert revision["metadata"]["missing"] == {
        "cell": "a",
        "history": "b",
        "environment": "c",
        "git": "d",
        "notebook": "e",
        "source": "cannot be pickled",
        "pdf": "no source",  # and what could not be drawn, for readers who never see the receipt
    }


def test_an_idle_worker_ends_and_tells_its_status(river: River) -> None:
    parcel = river.put()
    started = time.monotonic()
    Worker(river.home, FakeDraws(), idle=0.6, poll=0.01).run()
    assert 0.6 < time.monotonic() - started < 60
    river.reaches(parcel, State.COMPLETE, 0.1)
    assert not alive(river.home, "worker")
    status = read_json(river.home / "run" / "worker.json")
    assert status is not None
    assert status["servers"][0]["server"] == river.fake.url


def test_two_workers_at_once_are_one(river: River) -> None:
    with river.worker():
        river.until(lambda: alive(river.home, "worker"))
        started = time.monotonic()
        Worker(river.home, FakeDraws()).run()  # finds the lock taken and leaves
        assert time.monotonic() - started < 60
        river.reaches(river.put(), State.COMPLETE)


def test_the_embedded_server_must_be_ours(home: Path, fake: FakeGoFigr, monkeypatch: pytest.MonkeyPatch) -> None:
    from gofigr_jupyter.local import local_server
    from gofigr_jupyter.worker import accounts

    monkeypatch.setattr(accounts, "ensure_server", lambda _home: True)
    server = local_server(home)
    river = River(home, fake)
    parcel = river.put(url=None, account=None)
    with river.worker():
        river.reaches(parcel, State.UPLOADING)
        time.sleep(0.5)
        with FakeGoFigr(port=server.port, token=server.token) as ours:
            river.reaches(parcel, State.COMPLETE)
            assert parcel.client_id in ours.objects["revision"]
    assert not fake.requests


def test_an_analysis_gets_its_notebooks_name_when_that_arrives(river: River) -> None:
    early = river.put("Early")
    note = Rename(early.target.url, early.target.account, early.target.workspace, "Notes", "Growth")
    with river.worker():
        river.drained()
        put_rename(river.home, note)
        river.until(lambda: not renames(river.home))
        assert river.fake.names("analysis") == ["Growth"]
        river.put("Late")  # a kernel that has not heard of it yet
        river.drained()
        put_rename(river.home, note)
        river.until(lambda: not renames(river.home))
    assert river.fake.names("analysis") == ["Growth"]
    assert sorted(river.fake.names("figure")) == ["Early", "Late"]
