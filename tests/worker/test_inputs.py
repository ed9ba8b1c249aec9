"""Input files on a real server: each content once, linked to its figures, and never one that was changed meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import StatusError
from gofigr_jupyter.outbox.consents import Consent, consents, put_consent
from gofigr_jupyter.provenance.inputs_rules import ASKS
from gofigr_jupyter.records import InputFile, Parcel, State
from gofigr_jupyter.schema.figures import LinkDraft
from gofigr_jupyter.worker.inputs import Inputs
from gofigr_jupyter.worker.publish import publish
from gofigr_jupyter.worker.targets import Places
from tests.client.conftest import As, app, as_user, config, connect, gf, started, wire
from tests.outbox.parcels import a_parcel
from tests.worker.river import River

__all__ = ["app", "as_user", "config", "connect", "gf", "started", "wire"]


def noted(path: Path, *, cell: int | None = 3, digest: bool = False, **more: Any) -> InputFile:
    """A file as the kernel noted it just now."""
    state = path.stat()
    known = blake3(path.read_bytes()).hexdigest() if digest else None
    told: dict[str, Any] = {"keep": True, **more}
    return InputFile(str(path), "pandas.read_csv", cell, state.st_size, state.st_mtime_ns, known, **told)


def parcel_of(*files: InputFile, **more: Any) -> Parcel:
    parcel = a_parcel(**more)
    return replace(parcel, provenance=replace(parcel.provenance, inputs=files))


Sends = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def send(gf: GoFigr) -> Sends:
    """Publish a parcel and link its inputs, with a worker of its own; what the metadata then say of them."""

    def sent(parcel: Parcel, inputs: Inputs | None = None, **options: Any) -> list[dict[str, Any]]:
        places = Places()
        publish(gf, places, parcel)
        assert (inputs or Inputs()).link(gf, places, parcel, **options) is None
        told: list[dict[str, Any]] = gf.revisions.get(parcel.client_id).metadata["inputs"]
        return told

    return sent


def assets(gf: GoFigr) -> dict[str, list[str]]:
    """All assets with the hashes of their revisions."""
    found = gf.workspaces.get(gf.primary_workspace.api_id).assets or []
    return {one.name: [v.data[0].hash or "" for v in gf.assets.get(one.api_id).revisions] for one in found}


def test_a_file_is_sent_once_and_linked_to_each_figure(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("dose\n1\n")
    digest = blake3(b"dose\n1\n").hexdigest()
    parcels = [parcel_of(noted(path)), parcel_of(noted(path, cell=1, digest=True), figure="Other")]
    for parcel in [*parcels, *parcels]:  # twice: a retry doubles nothing, nor does another worker
        [told] = send(parcel)
        assert told["digest"] == digest
        assert not told["changed"]
        assert "problem" not in told
        [link] = gf.revisions.get(parcel.client_id).assets or []
        assert link.asset_revision == told["asset_revision"]
    assert assets(gf) == {"doses.csv": [digest]}
    links = [(gf.revisions.get(one.client_id).assets or [])[0] for one in parcels]
    assert [link.use_type for link in links] == ["direct", "indirect"]
    version = gf.asset_revisions.get(links[0].asset_revision)
    assert version.data[0].bytes() == b"dose\n1\n"
    assert {one.figure_revision for one in version.figure_revisions} == {one.client_id for one in parcels}


def test_new_content_is_a_new_revision_of_the_same_asset(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    for text in ("1", "22"):
        path.write_text(text)
        send(parcel_of(noted(path)))
    assert assets(gf) == {"doses.csv": [blake3(b"1").hexdigest(), blake3(b"22").hexdigest()]}


def test_files_of_one_name_in_two_folders_are_two_assets(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.csv").write_text(name)
        send(parcel_of(noted(tmp_path / name / "data.csv")))
    found = gf.workspaces.get(gf.primary_workspace.api_id).assets or []
    assert [one.name for one in found] == ["data.csv", "data.csv"]
    assert {one.description for one in found} == {str(tmp_path / name / "data.csv") for name in "ab"}


def test_an_asset_of_the_official_client_is_taken_up(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("old")
    theirs = gf.assets.sync(path, gf.primary_workspace)
    path.write_text("newer")
    [told] = send(parcel_of(noted(path)))
    assert told["asset"] == theirs.asset


@pytest.mark.parametrize("is_known", [True, False])
def test_a_file_that_was_changed_is_said_to_be_and_not_sent(
    gf: GoFigr, send: Sends, tmp_path: Path, is_known: bool
) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("as read")
    file = noted(path, digest=is_known)
    path.write_text("written later")
    [told] = send(parcel_of(file))
    assert told["changed"]
    assert "changed" in told["problem"]
    assert told["digest"] == (blake3(b"as read").hexdigest() if is_known else None)
    assert assets(gf) == {}
    assert gf.revisions.get  # the figure itself is there


def test_a_file_that_was_only_touched_is_the_same(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("as read")
    file = noted(path, digest=True)
    os.utime(path, ns=(1, 1))
    [told] = send(parcel_of(file))
    assert not told["changed"]
    assert assets(gf) == {"doses.csv": [file.digest]}


def test_a_file_that_is_gone(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("as read")
    file = noted(path)
    path.unlink()
    [told] = send(parcel_of(file))
    assert (told["changed"], told["problem"]) == (True, "it is no longer there")


def test_what_may_not_go_is_hashed_and_stays(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("mine")
    parcel = parcel_of(noted(path, keep=False, why_not=ASKS))
    [told] = send(parcel)
    assert told["digest"] == blake3(b"mine").hexdigest()
    assert told["problem"] == ASKS
    assert assets(gf) == {}
    [told] = send(parcel, is_allowed=True)
    assert told["asset_revision"]
    assert assets(gf) == {"doses.csv": [told["digest"]]}
    large = parcel_of(noted(path, keep=False, why_not="it is larger"), figure="Other")
    assert "asset" not in send(large, is_allowed=True)[0]


def test_addresses_are_told(gf: GoFigr, send: Sends) -> None:
    [told] = send(parcel_of(InputFile("https://example.org/a.csv", "pandas.read_csv", 3)))
    assert (told["path"], told["size"], told["changed"]) == ("https://example.org/a.csv", None, False)


def test_odd_names_are_kept(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 \xe2\x98\x95.csv")
    path.write_text("x")
    [told] = send(parcel_of(noted(path)))
    assert told["asset_revision"]


def test_links_and_metadata_of_others_stay(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("theirs.csv", "doses.csv")]
    for path in paths:
        path.write_text(path.name)
    theirs = gf.assets.sync(paths[0], gf.primary_workspace)
    parcel = parcel_of(noted(paths[1]), metadata={"mine": 1})
    publish(gf, Places(), parcel)
    gf.revisions.change(parcel.client_id, assets=[LinkDraft(asset_revision=theirs.api_id)])
    send(parcel)
    revision = gf.revisions.get(parcel.client_id)
    assert len(revision.assets or []) == 2
    assert revision.metadata["mine"] == 1


def test_a_slice_says_which_files_are_direct(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        path.write_text(path.name)
    parcel = parcel_of(*(noted(path, cell=1) for path in paths))
    told = send(parcel, direct=frozenset({str(paths[1])}))
    assert [one["use_type"] for one in told] == ["indirect", "direct"]


def test_a_file_written_to_while_it_is_sent_is_no_asset(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("as read")
    file = noted(path, digest=True)

    class Rewritten(Inputs):
        def _checked(self, file: InputFile) -> Any:
            checked = super()._checked(file)
            before = path.stat()
            path.write_text("AS READ")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # the same size and time, other bytes
            return checked

    [told] = send(parcel_of(file), Rewritten())
    assert "changed while it was sent" in told["problem"]
    assert all(versions == [] for versions in assets(gf).values())


def test_a_deleted_asset_is_made_again(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("x")
    inputs = Inputs()
    [told] = send(parcel_of(noted(path)), inputs)
    gf.assets.delete(told["asset"])
    [again] = send(parcel_of(noted(path), figure="Other"), inputs)
    assert again["asset_revision"]
    assert gf.asset_revisions.get(again["asset_revision"]).data[0].bytes() == b"x"


def test_lineage_tells_all(gf: GoFigr, send: Sends, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("x")
    parcel = parcel_of(noted(path), InputFile("https://example.org/a.csv", "pandas.read_csv", 3))
    send(parcel)
    found = gf.revisions.data_lineage(parcel.client_id).inputs
    assert [one.path for one in found] == ["doses.csv", "https://example.org/a.csv"]


def test_a_server_that_knows_no_assets_keeps_the_figure(river: River, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("x")
    parcel = river.put(provenance=replace(a_parcel().provenance, inputs=(noted(path),)))
    with river.worker():
        river.drained()
        receipt = river.reaches(parcel, State.COMPLETE)
    assert receipt.problem is None
    [told] = river.fake.revisions()[0]["metadata"]["inputs"]
    assert told["digest"] == blake3(b"x").hexdigest()
    assert "does not take it" in told["problem"]


def test_a_server_that_fails_is_tried_again(river: River, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("x")
    river.fake.fail(503, r"POST .*find_by_hash", times=2)
    parcel = river.put(provenance=replace(a_parcel().provenance, inputs=(noted(path),)))
    with river.worker():
        river.drained()
        river.reaches(parcel, State.COMPLETE)
    assert sum("find_by_hash" in line for line in river.fake.requests) >= 3


def test_consent_is_carried_out_once_and_forgotten(river: River, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("x")
    files = (noted(path, keep=False, why_not=ASKS),)
    parcel = river.put(provenance=replace(a_parcel().provenance, inputs=files))
    with river.worker():
        river.reaches(parcel, State.COMPLETE)
        river.drained()
        asked = [line for line in river.fake.requests if "find_by_hash" in line]
        assert asked == []
        put_consent(river.home, Consent(parcel.client_id, parcel.target.url, parcel.target.account))
        put_consent(river.home, Consent("of nobody", parcel.target.url, parcel.target.account))
        river.until(lambda: not consents(river.home), 20)
    assert any("find_by_hash" in line for line in river.fake.requests)


def test_who_may_not_write_there_is_told(as_user: As, gf: GoFigr, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("x")
    parcel = parcel_of(noted(path))
    publish(gf, Places(), parcel)
    with pytest.raises(StatusError):
        Inputs().link(as_user("eve"), Places(), parcel)
