"""Chunks: equal ones once, damaged ones noticed and mended, unused ones swept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gofigr_jupyter.server.store import cutting
from gofigr_jupyter.server.store.blobs import Blobs, DamagedBlob


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """An empty store."""
    return Blobs.in_folder(tmp_path / "blobs")


def files(folder: Path) -> list[Path]:
    """All stored chunks."""
    return [path for path in folder.rglob("*") if path.is_file()]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3 * cutting.SMALL), st.integers(0, 9))
def test_what_goes_in_comes_out(blobs: Blobs, size: int, seed: int) -> None:
    content = random.Random(seed).randbytes(size)  # noqa: S311 - repeatable
    halves = [content[: size // 2], content[size // 2 :]]
    stored, pieced = blobs.put([content, halves])
    assert pieced == stored
    assert (stored.hash, stored.size) == (blake3(content).hexdigest(), size)
    assert b"".join(blobs.read(stored.chunks)) == content


def test_equal_beginnings_are_stored_once(blobs: Blobs, tmp_path: Path) -> None:
    library = random.Random(1).randbytes(4_500_000)  # noqa: S311 - repeatable
    one, two = blobs.put([library + b"figure one", library + b"figure two"])
    assert one.chunks[:4] == two.chunks[:4]
    assert len(files(tmp_path / "blobs")) == 6
    assert sum(path.stat().st_size for path in files(tmp_path / "blobs")) < 5_200_000


def test_of_what_is_large_the_later_chunks_are_larger(blobs: Blobs, tmp_path: Path) -> None:
    content = random.Random(2).randbytes(29_000_001)  # noqa: S311 - repeatable
    view = memoryview(content)
    pieces = [bytes(view[start : start + 300_000]) for start in range(0, len(content), 300_000)]
    whole, pieced, less = blobs.put([content, pieces, content[:17_500_000]])
    assert pieced == whole
    assert whole.chunks[:16] == less.chunks[:16], "what comes behind moves no cut"
    sizes = [len(chunk) for chunk in blobs.read(whole.chunks)]
    assert sizes == [1 << 20] * 16 + [4 << 20] * 2 + [29_000_001 - (24 << 20)]
    assert whole.hash == blake3(content).hexdigest()
    other = Blobs.in_folder(tmp_path / "other")
    other.put_chunks(blobs.read(whole.chunks))
    assert b"".join(other.read(whole.chunks)) == content


@pytest.mark.parametrize(
    "size", [1, 1 << 20, (5 << 20) + 3, 16 << 20, (16 << 20) + 1, 17 << 20, (20 << 20) + 9, 99_999_999]
)
@pytest.mark.parametrize("is_old", [False, True])
def test_a_span_has_what_it_should(size: int, is_old: bool) -> None:
    """Also of what an earlier version has cut into small chunks all through."""
    sizes: list[int] = []
    while sum(sizes) < size:
        sizes.append(min(cutting.SMALL if is_old else cutting.size_of(len(sizes)), size - sum(sizes)))
    starts = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
    edges = {0, size, size // 2, *starts, *(one - 1 for one in starts[1:]), *(one + 1 for one in starts[:-1])}
    some = sorted(edges)[:6] + sorted(edges)[-12:]
    for start in some:
        for end in [one for one in some if one > start]:
            first, stop, position = cutting.span(size, len(sizes), start, end)
            assert position == starts[first] <= start < starts[first + 1]
            assert starts[stop - 1] < end <= starts[stop]


@pytest.mark.parametrize("damage", [b"", b"other bytes", None])
def test_damage_is_noticed_and_mended_by_the_next_upload(blobs: Blobs, tmp_path: Path, damage: bytes | None) -> None:
    (stored,) = blobs.put([b"some bytes!"])
    (path,) = files(tmp_path / "blobs")
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    with pytest.raises(DamagedBlob):
        b"".join(blobs.read(stored.chunks))
    blobs.put([b"some bytes!"])
    assert b"".join(blobs.read(stored.chunks)) == b"some bytes!"


def test_names_in_the_store_are_ours(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put([b"x", b"y" * 2_000_000])
    for path in files(tmp_path / "blobs"):
        assert path.name == blake3(path.read_bytes()).hexdigest()
        assert path.parent.name == path.name[:2]
