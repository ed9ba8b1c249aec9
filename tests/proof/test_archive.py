"""The zip: the same bytes for the same files, in pieces, with names that stay in their folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.proof.archive import Entry, zipped
from gofigr_jupyter.proof.places import is_safe


def of(*entries: Entry) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zipped(entries))))


NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?\.(txt|png)", fullmatch=True).filter(is_safe)


@given(st.dictionaries(NAMES, st.binary(max_size=3000)))
def test_all_comes_back_and_the_bytes_are_the_same_each_time(files: dict[str, bytes]) -> None:
    entries = [Entry.of(name, data) for name, data in files.items()]
    first = b"".join(zipped(entries))
    assert first == b"".join(zipped(entries))
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


@pytest.mark.parametrize("name", ["../x", "/x", "a/../b", "a//b", "a\\b", "C:x", "con.txt", "", ".", "a/.", "x\0", "a "])
def test_unsafe_names_are_refused(name: str) -> None:
    with pytest.raises(GoFigrError):
        list(zipped([Entry.of(name, b"x")]))


def test_a_name_occurs_once_even_where_capitals_do_not_count() -> None:
    with pytest.raises(GoFigrError):
        list(zipped([Entry.of("a.txt", b""), Entry.of("A.txt", b"")]))


def test_nothing_large_is_in_memory_and_nothing_is_read_before_its_turn() -> None:
    read: list[str] = []

    def pieces(name: str) -> Iterator[bytes]:
        read.append(name)
        for _ in range(8):
            yield b"\0" * (1 << 20)

    sent = zipped([Entry(name, 8 << 20, lambda name=name: pieces(name)) for name in ("a.png", "b.png")])
    assert max(len(next(sent)) for _ in range(4)) < 3 << 20
    assert read == ["a.png"]
    list(sent)
    assert read == ["a.png", "b.png"]


def test_a_size_that_is_not_known(tmp_path: Path) -> None:
    with of(Entry("a.bin", None, lambda: [b"x" * 10, b"y"])) as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == b"x" * 10 + b"y"
