"""Bytes on their way to a file: in pieces, held against their hash, whole or not at all."""

from __future__ import annotations

import base64
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.extraction import Extractor
from gofigr_jupyter.errors import ConnectionFailed
from tests.client.script import Asked, facing

CONTENT = bytes(range(256)) * 40


def item(content: bytes = CONTENT, **fields: Any) -> dict[str, Any]:
    """A data object as a server sends it."""
    encoded = base64.b64encode(content).decode()
    facts = {"type": "file", "hash": blake3(content).hexdigest(), "size_bytes": len(content)}
    return {"api_id": "d", "name": "n", "metadata": {}, **facts, "data": encoded, **fields}


def extracted(text: bytes, size: int) -> tuple[bytes, dict[str, Any]]:
    found = bytearray()
    extractor = Extractor(found.extend)
    for start in range(0, len(text), size):
        extractor.feed(text[start : start + size])
    return bytes(found), extractor.finish()


# ---------------------------------------------------------------- out of the JSON

anything = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("data"), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60)
@given(
    content=st.binary(max_size=60),
    before=st.dictionaries(st.text(), anything, max_size=3),
    after=st.dictionaries(st.text(), anything, max_size=3),
    indent=st.none() | st.just(1),
    size=st.integers(1, 200),
)
def test_any_object_in_any_pieces(
    content: bytes, before: dict[str, Any], after: dict[str, Any], indent: int | None, size: int
) -> None:
    whole = {**before, "data": base64.b64encode(content).decode(), **{k: v for k, v in after.items() if k != "data"}}
    found, rest = extracted(json.dumps(whole, indent=indent).encode(), size)
    assert found == content
    assert rest == {**whole, "data": None}


def test_escaped_slashes() -> None:
    content = b"\xff" * 30
    text = json.dumps({"data": base64.b64encode(content).decode()}).replace("/", "\\/").encode()
    assert b"\\/" in text
    for size in (1, 2, 3, 5, 1000):
        assert extracted(text, size)[0] == content


@pytest.mark.parametrize(
    "text",
    [
        b'{"data": "AAAA", "data": "BBBB"}',
        b'{"data": "AAA"}',
        b'{"data": "A*AA"}',
        b'{"data": "AAAA\\u0041"}',
        b'{"data": "AAAA',
        b'["data", "AAAA"]',
        b'{"data": "AAAA"',
        b"<html>",
        b"",
    ],
)
def test_what_is_no_such_object(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        extracted(text, 3)


# ---------------------------------------------------------------- over the line


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with facing(tmp_path, lambda r: r.say(200, json.dumps(item()).encode())) as (gf, _):
        target = tmp_path / "file.bin"
        target.write_text("old")
        one = gf.data.get("d")
        assert one.save(target, progress=lambda done, total: told.append((done, total))) == target
        assert target.read_bytes() == CONTENT == gf.data.bytes("d") == one.bytes()
        assert told[-1] == (len(CONTENT), len(CONTENT))
        assert [one.name for one in tmp_path.glob("*.part")] == []
        with pytest.raises(IsADirectoryError):
            gf.data.save("d", tmp_path)


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (item(hash="0" * 64), "hash"),
        (item(data="AAAA"), "hash"),
        (item(data=None), "without its bytes"),
        ({"type": "file"}, "without its bytes"),
        (item(data="A*AA"), "not a data object"),
        (item(type="cake"), "type"),
    ],
)
def test_what_is_not_as_promised_leaves_the_old_file(tmp_path: Path, answer: dict[str, Any], match: str) -> None:
    with facing(tmp_path, lambda r: r.say(200, json.dumps(answer).encode())) as (gf, asked):
        target = tmp_path / "file.bin"
        target.write_text("old")
        with pytest.raises(ConnectionFailed, match=match):
            gf.data.save("d", target)
        assert target.read_text() == "old"
        assert [*tmp_path.glob(".file*")] == []
        assert len(asked) == 1


def test_more_than_there_is_is_not_taken(tmp_path: Path) -> None:
    listed = DataObject.model_validate({"api_id": "d", "type": "file", "size_bytes": 10})
    content = json.dumps(item()).encode()
    with facing(tmp_path, lambda r: r.say(200, content)) as (gf, _), pytest.raises(ConnectionFailed, match="10 bytes"):
        gf.data.save(listed, tmp_path / "f")
    assert [*tmp_path.iterdir()] == []


def test_the_hash_that_a_list_has_told_counts_too(tmp_path: Path) -> None:
    listed = DataObject.model_validate({"api_id": "d", "type": "file", "hash": "1" * 64, "size_bytes": len(CONTENT)})
    content = json.dumps(item()).encode()
    with facing(tmp_path, lambda r: r.say(200, content)) as (gf, _), pytest.raises(ConnectionFailed, match="hash"):
        gf.data.bytes(listed)


def test_what_breaks_off_is_begun_anew(tmp_path: Path) -> None:
    text = json.dumps(item()).encode()

    def cut(request: Asked) -> None:
        request.begin(Content_Length=str(len(text)))
        request.wfile.write(text[: len(text) // 2])
        request.close_connection = True

    with facing(tmp_path, cut, lambda r: r.say(200, text)) as (gf, asked):
        assert gf.data.save("d", tmp_path / "f").read_bytes() == CONTENT
        assert len(asked) == 2
    with facing(tmp_path, cut) as (gf, asked):
        with pytest.raises(ConnectionFailed, match="broke off"):
            gf.data.save("d", tmp_path / "g")
        assert not (tmp_path / "g").exists()
        assert len(asked) == 3


def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    pieces, piece = 128, b"\x5a" * (3 << 16)
    digest = blake3()
    for _ in range(pieces):
        digest.update(piece)
    encoded = base64.b64encode(piece)

    def send(request: Asked) -> None:
        request.begin()
        request.wfile.write(b'{"api_id": "d", "type": "file", "metadata": {"data": "no"}, "data": "')
        for _ in range(pieces):
            request.wfile.write(encoded)
        request.wfile.write(b'", "hash": "' + digest.hexdigest().encode() + b'"}')

    with facing(tmp_path, send) as (gf, _):
        gf.info  # noqa: B018 - nothing is imported while it counts
        tracemalloc.start()
        gf.data.save("d", tmp_path / "large")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (tmp_path / "large").stat().st_size == pieces * len(piece)
    assert peak < 4 << 20
