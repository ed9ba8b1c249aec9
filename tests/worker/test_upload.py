"""What a parcel becomes on the wire: names and facts that no server can keep are mended, not refused."""

from __future__ import annotations

from dataclasses import replace

from gofigr_jupyter.outbox.renames import Rename, put_rename, renames
from gofigr_jupyter.records import Attachment, Ref, State
from gofigr_jupyter.schema.sound import LONGEST_NAME
from gofigr_jupyter.worker.upload import data_drafts, revision_draft
from tests.outbox.parcels import a_parcel
from tests.worker.river import River

ODD = "caf\udce9 \0"  # a file name that is not UTF-8, as Python reads it
MENDED = "caf? "


def test_odd_names_and_facts_make_a_draft() -> None:
    attachment = Attachment(ODD, "file", "csv", b"1", ODD)
    parcel = a_parcel(figure=ODD, metadata={ODD: [ODD, float("nan")]}, attachments=(attachment,))
    draft = revision_draft(parcel, "f")
    assert draft.metadata["title"] == "caf? \0"
    assert draft.metadata["caf? \0"] == ["caf? \0", "nan"]
    again = {item.metadata["local_id"] for item in data_drafts(parcel)}
    assert {item.metadata["local_id"] for item in draft.data or []} == again
    assert [item.name for item in draft.data or [] if item.metadata["role"] == "attachment"] == [MENDED]


def test_places_with_odd_names_are_made_once_and_renamed(river: River) -> None:
    first = river.put(ODD)
    target = replace(first.target, analysis=Ref(name=ODD, description=ODD), figure=Ref(name="x" * 5_000))
    parcels = [river.put(target=target) for _ in range(2)]
    with river.worker():
        river.drained()
        for parcel in [first, *parcels]:
            river.reaches(parcel, State.COMPLETE)
    assert sorted(river.fake.names("analysis")) == ["Notes", MENDED]
    assert sorted(river.fake.names("figure")) == [MENDED, "x" * LONGEST_NAME]
    put_rename(river.home, Rename(target.url, target.account, target.workspace, ODD, "now \ud800 known"))
    with river.worker():
        river.until(lambda: not list(renames(river.home)), 20)
    assert sorted(river.fake.names("analysis")) == ["Notes", "now ? known"]
