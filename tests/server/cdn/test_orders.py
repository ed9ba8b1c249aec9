"""What is asked in odd ways: understood where it is harmless, else a refusal in the envelope that says what is wrong."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.server.cdn.conftest import FOLDERS, KEY, UPLOAD, Program, refused
from tests.server.cdn.files import FILES

GOOD = {"filename": "a.png", "contentType": "image/png"}
JSON = {"content-type": "application/json"}


def test_orders_of_another_shape(program: Program) -> None:
    odd: list[Any] = [[], "x", 1, None, True, {}, [GOOD]]
    odd += [GOOD | {name: value} for name in GOOD for value in (None, 1, True, [], ["a.png"], {}, {"a": 1}, 1e300)]
    odd += [GOOD | {"folder": value} for value in (1, False, [], ["a"], {})]
    odd += [{name: GOOD[name]} for name in GOOD]
    odd += [GOOD | {"contentType": kind} for kind in ("image/png\r\nX: y", "image/png\0", "x" * 5000)]
    odd += [GOOD | {"filename": "x" * 5000}, GOOD | {"folder": "x" * 5000}]
    for body in odd:
        said = refused(program.client.post(UPLOAD, content=json.dumps(body), headers=JSON | {KEY: program.key}), 400)
        assert not said.startswith("["), "a sentence"


NO_JSON = [
    b"",
    b"{",
    b'{"filename":"a.png","filename":"b.png","contentType":"image/png"}',
    b'{"filename":NaN}',
    b'{"filename":1e999}',
    b'{"filename":' + b"9" * 10_000 + b"}",
    b'{"filename":"\\ud800.png","contentType":"image/png"}',
    b"\xff\xfe{}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"filename":"' + b"a" * 3_000_000 + b'.png","contentType":"image/png"}',
]


def test_bodies_that_are_no_orders(program: Program) -> None:
    for body in NO_JSON:
        for path in (UPLOAD, FOLDERS):
            refused(program.client.post(path, content=body, headers=JSON | {KEY: program.key}), 400)


def test_bodies_of_another_kind(program: Program) -> None:
    good, headers = json.dumps(GOOD).encode(), {KEY: program.key}
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/json; charset=latin-1", ""):
        refused(program.client.post(UPLOAD, content=good, headers=headers | {"content-type": kind}), 415)
    packed = headers | JSON | {"content-encoding": "gzip"}
    refused(program.client.post(UPLOAD, content=gzip.compress(good), headers=packed), 415)
    for kind in ("APPLICATION/JSON", "application/json; charset=UTF-8"):
        assert program.client.post(UPLOAD, content=good, headers=headers | {"content-type": kind}).status_code == 200


def test_folders_of_another_shape(program: Program) -> None:
    for name in (None, 1, [], {}, True):
        refused(program.client.post(FOLDERS, json={"name": name}, headers={KEY: program.key}), 400)
        refused(program.client.post(FOLDERS, json={"name": "a", "parentId": name or [1]}, headers={KEY: program.key}), 400)
    assert program.client.post(FOLDERS, json={"name": "a", "parentId": None}, headers={KEY: program.key}).status_code == 201


def test_harmless_ways_to_say_it(program: Program) -> None:
    for kind, name in (("IMAGE/PNG", "a.PNG"), (" image/png ; charset=x", "a.png"), ("audio/webm", "a.webm"), ("text/x-markdown", "a.md")):
        ending = name.rpartition(".")[2].lower()
        target = program.target(name, kind, folder="/a//b/", size=-1, more={})
        assert target["key"].split("/")[2:4] == ["a", "b"]
        assert program.put(target, FILES[ending][1], kind).status_code == 200
    for folder in (None, "", "/", "//"):
        assert program.target("a.png", "image/png", folder=folder)["key"].count("/") == 2


def test_methods_that_are_not_taken(program: Program) -> None:
    paths = {UPLOAD: "POST", FOLDERS: "GET, POST", "/cdn/upload/x.y": "HEAD, PATCH, PUT", "/cdn/sites/x/y.png": "GET, HEAD"}
    for path, allowed in paths.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - {*allowed.split(", ")}:
            answer = program.client.request(method, path, headers={KEY: program.key})
            refused(answer, 405)
            assert answer.headers["allow"] == allowed


def test_files_sent_as_something_else(program: Program) -> None:
    kind, content = FILES["png"]
    target = program.target("a.png", kind)
    for name, value in (
        ("content-encoding", "gzip"),
        ("content-encoding", "br, identity"),
        ("content-type", "multipart/form-data; boundary=x"),
        ("content-type", "text/html"),
        ("content-type", "image/jpeg"),
    ):
        told = {"content-type": kind} | {name: value}
        assert refused(program.client.put(target["uploadUrl"], content=content, headers=told), 400)
        refused(program.client.get(target["cdnUrl"]), 404)
    assert program.put(target, content, kind).status_code == 200
