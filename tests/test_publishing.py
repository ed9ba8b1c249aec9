"""The joint: identity, target, digest, and a parcel on disk."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.prefixes import stock
from gofigr_jupyter.publishing import Publisher, base62, digest_of
from gofigr_jupyter.records import (
    Attachment,
    Capture,
    CellFacts,
    Displayed,
    Missing,
    Notebook,
    Provenance,
    Ref,
    Source,
)
from gofigr_jupyter.settings import Settings

NONE = Missing("not looked for")
PROVENANCE = Provenance(CellFacts("plot()", "c1", 1), NONE, NONE, NONE, NONE)


def capture(data: bytes = b"\x89PNG") -> Capture:
    return Capture("matplotlib", "T", (Displayed("image/png", data),), Missing("no source"))


@given(st.integers(0, 10**12))
def test_base62_counts(number: int) -> None:
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    value = 0
    for digit in base62(number):
        value = value * 62 + digits.index(digit)
    assert value == number


def test_ids_use_a_reserved_prefix_once_there_is_one(home: Path) -> None:
    publisher = Publisher(Settings(home=home))
    first = publisher.mint()
    assert first.short_id is None
    assert first.link.endswith(f"/r/{first.client_id}")
    stock(home, "embedded", "aB3dE6gH")
    assert [publisher.mint().short_id for _ in range(3)] == ["aB3dE6gH0", "aB3dE6gH1", "aB3dE6gH2"]
    assert Publisher(Settings(home=home)).mint().short_id is None, "a prefix belongs to one session"


def test_analysis_is_the_notebook_unless_chosen(home: Path) -> None:
    publisher = Publisher(Settings(home=home))
    notebook = Notebook("Growth.ipynb", "/x/Growth.ipynb", "test")
    assert publisher.target(Ref(name="f"), notebook).analysis == Ref(name="Growth")
    assert publisher.target(Ref(name="f"), NONE, script="/x/run.py").analysis == Ref(name="run")
    assert publisher.target(Ref(name="f"), NONE).analysis.name
    chosen = Publisher(Settings(home=home, analysis="Chosen"))
    assert chosen.target(Ref(name="f"), notebook).analysis == Ref(name="Chosen")


def test_digest_sees_picture_code_data_and_metadata() -> None:
    base = digest_of(capture(), "code", {}, ())
    others = [
        digest_of(capture(b"other"), "code", {}, ()),
        digest_of(capture(), "other", {}, ()),
        digest_of(capture(), "code", {"a": 1}, ()),
        digest_of(capture(), "code", {}, (Attachment("d", "file", "csv", b"1"),)),
        digest_of(Capture("plotly", "T", (), Source("plotly", b"{}")), "code", {}, ()),
    ]
    assert base == digest_of(capture(), "code", {}, ())
    assert len({base, *others}) == 6


def test_published_is_on_disk_and_then_unchanged(home: Path) -> None:
    publisher = Publisher(Settings(home=home, default_metadata={"study": 1}))
    target = publisher.target(Ref(name="f"), NONE)
    digest = digest_of(capture(), "plot()", {}, ())
    assert publisher.unchanged(target, digest) is None
    ids = publisher.mint()
    parcel = publisher.publish(ids, target, capture(), PROVENANCE, digest, metadata={"run": 2})
    box = Outbox(home)
    assert [box.read(entry) for entry in box.list("new")] == [parcel]
    assert parcel.metadata == {"study": 1, "run": 2}
    latest = publisher.unchanged(target, digest)
    assert latest is not None
    assert latest.client_id == ids.client_id
    assert publisher.unchanged(target, "other digest") is None
    assert publisher.unchanged(publisher.target(Ref(name="g"), NONE), digest) is None
