"""What was made is there again, whole; or not at all. The least used goes when there is no room."""

from __future__ import annotations

from pathlib import Path

import pytest
from blake3 import blake3

from gofigr_jupyter.server.cdn.album import SEAL, Album
from gofigr_jupyter.server.store.blobs import Cache

ONE, TWO = (blake3(name).hexdigest() for name in (b"one", b"two"))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache.in_folder(tmp_path)


def names(album: Album, digest: str, among: str) -> str:
    """Which of these are there, without using them any more than the others."""
    return "".join(name for name in among if album.get(digest, name) is not None)


def test_what_is_put_is_there_also_for_another(cache: Cache) -> None:
    album = Album(cache, 1000, 9)
    seal = album.put(ONE, "a", b"picture")
    assert seal == blake3(b"picture").hexdigest()
    for one in (album, Album(cache, 1000, 9)):
        assert one.get(ONE, "a") == (b"picture", seal)
        assert one.get(ONE, "b") is one.get(TWO, "a") is None
        assert one.total == len(b"picture") + SEAL


def test_the_least_used_goes_first(cache: Cache, tmp_path: Path) -> None:
    album = Album(cache, 3 * (10 + SEAL), 9)
    for name in "abc":
        album.put(ONE, name, bytes(10))
    album.get(ONE, "a")
    album.put(TWO, "d", bytes(10))
    assert album.get(ONE, "b") is None
    assert names(album, ONE, "abc") == "ac"
    assert album.total == 3 * (10 + SEAL) == sum(path.stat().st_size for path in tmp_path.rglob("*-?"))


def test_what_is_larger_than_all_room_is_not_kept(cache: Cache) -> None:
    album = Album(cache, 100, 9)
    album.put(ONE, "a", bytes(200))
    assert album.get(ONE, "a") is None
    assert album.total == 0


def test_of_one_picture_the_oldest_goes(cache: Cache) -> None:
    album = Album(cache, 10_000, 3)
    album.put(TWO, "x", b"")
    for name in "abcd":
        album.put(ONE, name, b"")
        album.get(ONE, "a")
    assert names(album, ONE, "abcd") == "bcd"
    assert names(album, TWO, "x") == "x"


def test_again_under_the_same_name(cache: Cache) -> None:
    album = Album(cache, 1000, 3)
    for content in (b"long content", b"short"):
        album.put(ONE, "a", content)
    assert album.total == len(b"short") + SEAL


@pytest.mark.parametrize("harm", [b"", b"x", bytes(SEAL), b"picturf" + blake3(b"picture").digest()])
def test_what_was_damaged_is_as_if_it_never_was(cache: Cache, tmp_path: Path, harm: bytes) -> None:
    Album(cache, 1000, 9).put(ONE, "a", b"picture")
    [path] = tmp_path.rglob("*-a")
    path.write_bytes(harm)
    album = Album(cache, 1000, 9)
    assert album.get(ONE, "a") is None
    assert not path.exists()
    assert album.total == 0


def test_what_others_took_away(cache: Cache, tmp_path: Path) -> None:
    album = Album(cache, 1000, 9)
    album.put(ONE, "a", b"picture")
    next(tmp_path.rglob("*-a")).unlink()
    assert album.get(ONE, "a") is None
    assert album.total == 0


def test_all_of_a_picture(cache: Cache) -> None:
    album = Album(cache, 1000, 9)
    for digest in (ONE, TWO):
        for name in "ab":
            album.put(digest, name, b"")
    album.remove(ONE)
    album.remove(ONE)
    assert (names(album, ONE, "ab"), names(album, TWO, "ab")) == ("", "ab")


def test_what_an_older_edition_made_is_taken_away(cache: Cache, tmp_path: Path) -> None:
    cache.put(f"cdn/0/{ONE[:2]}/{ONE}-a", b"old")
    cache.put("cdn/stray", b"old")
    cache.put("thumbnails/1", b"not ours")
    assert Album(cache, 1000, 9).total == 0
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["1"]


def test_a_cache_that_takes_nothing(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "cdn").write_text("in the way")
    album = Album(cache, 1000, 9)
    assert album.put(ONE, "a", b"picture") == blake3(b"picture").hexdigest()
    assert album.get(ONE, "a") is None
    assert album.total == 0
