"""What is sent: files straight from the disk, as often as it takes, and never what changed under way."""

from __future__ import annotations

import base64
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.client.bodies import Body, Bulk
from gofigr_jupyter.client.pieces import InFile, file, text
from tests.client.script import Asked, facing


@given(st.lists(st.binary(max_size=300), max_size=4), st.text())
def test_any_body_reads_as_json(contents: list[bytes], words: str) -> None:
    with Body({"data": [{"data": Bulk(one)} for one in contents], "words": words}, None, None) as body:
        sent = b"".join(body.options()["content"])
        assert body.headers["Content-Length"] == str(len(sent))
        assert sent == b"".join(body.options()["content"]), "and again"
    read = json.loads(sent)
    assert read["words"] == words
    assert [base64.b64decode(one["data"]) for one in read["data"]] == contents


def test_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Body(float("nan"), None, None)
    with pytest.raises(TypeError, match="set"):
        Body({1}, None, None)


def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as stream:
        for _ in range(32):
            stream.write(b"\x5a" * (1 << 20))
    with Body({"data": Bulk(InFile(path))}, None, None) as body:
        tracemalloc.start()
        size = sum(map(len, body.options()["content"]))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert body.headers["Content-Length"] == str(size)
    assert size > (32 << 20) * 4 // 3
    assert peak < 3 << 20


def test_a_file_is_sent_again_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    bodies: list[Any] = []
    told: list[int] = []

    def take(request: Asked) -> None:
        bodies.append(json.loads(request.body))
        request.say(201, json.dumps({"api_id": "r"}).encode())

    with facing(tmp_path, lambda r: r.say(502, b"{}"), take) as (gf, asked):
        gf.revisions.create(figure="f", data=[path, text("t")], progress=lambda done, _: told.append(done))
        gf.revisions.change("r", data=[file(path)])
        gf.asset_revisions.create(asset="a", data=[path])
        gf.revisions.append_data("r", [path])
    assert [line.split()[0] for line in asked] == ["POST", "POST", "PATCH", "POST", "POST"]
    assert all(base64.b64decode(body["data"][0]["data"]) == path.read_bytes() for body in bodies)
    assert [one["type"] for one in bodies[0]["data"]] == ["file", "text"]
    assert told.count(told[-1]) == 2, "told anew for the second try"


def test_a_file_that_changes_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"one")
    draft = file(path)
    path.write_bytes(b"other")
    with facing(tmp_path, lambda r: r.say(201, b"{}")) as (gf, asked), pytest.raises(ValueError, match="changed"):
        gf.revisions.create(figure="f", data=[draft])
    assert asked == []
