"""Chunks: equal ones once, damaged ones noticed and mended, unused ones swept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gofigr_jupyter.server.store.blobs import CHUNK_BYTES, Blobs, DamagedBlob


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """An empty store."""
    return Blobs.in_folder(tmp_path / "blobs")


def files(folder: Path) -> list[Path]:
    """All stored chunks."""
    return [path for path in folder.rglob("*") if path.is_file()]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3 * CHUNK_BYTES), st.integers(0, 9))
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
