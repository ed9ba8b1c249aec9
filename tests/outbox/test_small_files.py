"""Receipts, the index of the latest, and the stock of prefixes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gofigr_jupyter.errors import OutboxError
from gofigr_jupyter.outbox.latest import Latest, read_latest, write_latest
from gofigr_jupyter.outbox.prefixes import count, server_key, stock, take_prefix
from gofigr_jupyter.outbox.receipts import read_receipt, receipt_path, write_receipt
from gofigr_jupyter.records import Download, Receipt, State


def test_a_receipt_comes_back_whole(tmp_path: Path) -> None:
    assert read_receipt(tmp_path, "x") is None
    receipt = Receipt(
        "x",
        State.PUBLISHED,
        datetime.now(UTC),
        figure_name="Ünïcode",
        revision_number=2,
        downloads=(Download("png", "id", 3, is_watermarked=True),),
        missing={"pdf": "no source"},
    )
    write_receipt(tmp_path, receipt)
    assert read_receipt(tmp_path, "x") == receipt
    assert [path.name for path in receipt_path(tmp_path, "x").parent.iterdir()] == ["x.json"]


def test_a_receipt_that_cannot_be_read_counts_as_saved(tmp_path: Path) -> None:
    write_receipt(tmp_path, Receipt("x", State.COMPLETE, datetime.now(UTC)))
    for text in (b"", b"[]", b'{"state": "complete"}', b'{"state": "unheard of"}'):
        receipt_path(tmp_path, "x").write_bytes(text)
        assert read_receipt(tmp_path, "x") is None


def test_a_receipt_that_cannot_be_written_is_an_outbox_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(OutboxError):
        write_receipt(tmp_path, Receipt("x", State.COMPLETE, datetime.now(UTC)))


def test_latest(tmp_path: Path) -> None:
    assert read_latest(tmp_path, "a/b\n☃") is None
    latest = Latest("digest", "id", None, "http://x/r/id", 3)
    write_latest(tmp_path, "a/b\n☃", latest)
    assert read_latest(tmp_path, "a/b\n☃") == latest


def test_each_prefix_is_taken_by_one(tmp_path: Path) -> None:
    key = server_key("https://api.example.org/")
    assert key == server_key("https://api.example.org") != server_key(None)
    assert take_prefix(tmp_path, key) is None
    given = {f"abcdef{n:02d}" for n in range(20)}
    for prefix in given:
        stock(tmp_path, key, prefix)
    assert (count(tmp_path, key), count(tmp_path, server_key(None))) == (20, 0)
    taken: list[str | None] = []

    def take_five() -> None:
        taken.extend(take_prefix(tmp_path, key) for _ in range(5))

    threads = [threading.Thread(target=take_five) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(taken) - {None} == given
    assert len([prefix for prefix in taken if prefix]) == 20
    with pytest.raises(OutboxError):
        stock(tmp_path, key, "../evil")
