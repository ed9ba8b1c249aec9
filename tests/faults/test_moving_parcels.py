"""Whoever looks into the outbox while the worker moves parcels about sees parcels that move, not damage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gofigr_jupyter.outbox.box import Entry, Outbox
from tests.outbox.parcels import a_parcel


class Crowded(Outbox):
    """An outbox in which somebody acts between a first look and what follows from it."""

    def __init__(self, home: Path, act: Callable[[Outbox, Entry], object]) -> None:
        super().__init__(home)
        self.act = act
        self.acted = False

    def list(self, *folders: str) -> list[Entry]:
        found = super().list(*folders)
        if not self.acted and found:
            self.acted = True
            self.act(Outbox(self.home), found[0])
        return found


def finish(box: Outbox, entry: Entry) -> None:
    """What a worker does to a parcel in the end."""
    box.settle(box.claim(entry))


@pytest.mark.parametrize("act", [Outbox.claim, finish], ids=["claimed", "finished"])
def test_fsck_beside_a_worker(home: Path, act: Callable[[Outbox, Entry], object]) -> None:
    for _ in range(2):
        Outbox(home).put(a_parcel())
    report = Crowded(home, act).fsck()
    assert report.damaged == {}
    assert report.checked == 2


def test_fsck_still_finds_what_is_gone_altogether(home: Path) -> None:
    Outbox(home).put(parcel := a_parcel())
    entry = Outbox(home).find(parcel.client_id)
    assert entry is not None

    def steal(_box: Outbox, stolen: Entry) -> None:
        stolen.path.rename(home / "elsewhere")

    assert set(Crowded(home, steal).fsck().damaged) == {parcel.client_id}


def test_fsck_reads_a_parcel_where_it_has_gone_to(home: Path) -> None:
    box = Outbox(home)
    box.put(parcel := a_parcel())

    def damage(box: Outbox, entry: Entry) -> None:
        (box.claim(entry).path / "blob-0").write_bytes(b"?")

    assert set(Crowded(home, damage).fsck().damaged) == {parcel.client_id}
