"""Servers that mean no good, or are none: no loop without end, no memory without bound, no credentials elsewhere."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from gofigr_jupyter.client import transport
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.errors import ConnectionFailed, NotFound, ServerFailed, Unauthorized
from tests.client.script import Asked, facing, playing

TARGET = ("figure", "f")


def page(request: Asked, results: list[object], cursor: object) -> None:
    request.say(200, json.dumps({"results": results, "next": cursor}).encode())


def test_lists_that_lead_in_a_circle(tmp_path: Path) -> None:
    with facing(tmp_path, lambda r: page(r, [], "again")) as (gf, asked):
        with pytest.raises(ConnectionFailed, match="circle"):
            gf.comments.list(TARGET)
        assert len(asked) == 2


def test_lists_that_never_say_anything(tmp_path: Path) -> None:
    numbers = count()
    with facing(tmp_path, lambda r: page(r, [], str(next(numbers)))) as (gf, asked):
        with pytest.raises(ConnectionFailed, match="circle"):
            gf.notifications.list()
        assert len(asked) < 200


@pytest.mark.parametrize("answer", [{"results": {}}, {"results": [], "next": 7}, {}, 7, "text", [[]], None])
def test_lists_of_another_shape(tmp_path: Path, answer: object) -> None:
    with facing(tmp_path, lambda r: r.say(200, json.dumps(answer).encode())) as (gf, _), pytest.raises(ConnectionFailed):
        gf.notifications.list()


def test_answers_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST", 1 << 20)

    def flood(request: Asked) -> None:
        request.begin()
        while True:
            request.wfile.write(b"x" * 65536)

    with facing(tmp_path, flood) as (gf, asked):
        with pytest.raises(ConnectionFailed, match="more than 1 MB"):
            gf.info()
        assert len(asked) == 1


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe", b"", b"NaN,"])
def test_answers_that_are_no_json(tmp_path: Path, content: bytes) -> None:
    with facing(tmp_path, lambda r: r.say(200, content)) as (gf, _), pytest.raises(ConnectionFailed):
        gf.info()
    with facing(tmp_path, lambda r: r.say(500, content)) as (gf, _), pytest.raises(ServerFailed):
        gf.info()


def test_answers_that_break_off(tmp_path: Path) -> None:
    def cut(request: Asked) -> None:
        request.begin(Content_Length="100")
        request.wfile.write(b'{"ai_')
        request.close_connection = True

    with facing(tmp_path, cut, cut, lambda r: r.say(200, b'{"ai_enabled": true}')) as (gf, asked):
        assert gf.info().ai_enabled
        assert len(asked) == 3


def test_fresh_tokens_that_are_never_good_enough(tmp_path: Path) -> None:
    def refuse(request: Asked) -> None:
        if request.path.startswith("/api/token"):
            request.say(200, b'{"access": "a", "refresh": "r"}')
        else:
            request.say(401, b'{"code": "token_not_valid", "detail": "no"}')

    with facing(tmp_path, refuse) as (gf, asked):
        with pytest.raises(Unauthorized):
            gf.user()
        assert len(asked) == 1, "a key has nothing to renew"
        settings = gf.settings.with_(username="ann", password="p", api_key=None)
        with type(gf)(settings=settings, patience=Patience(1, first=0.01)) as other, pytest.raises(Unauthorized):
            other.user()
        assert len(asked) == 5


def test_credentials_go_nowhere_else(tmp_path: Path) -> None:
    with playing(lambda r: r.say(200, b"{}")) as (url, elsewhere):
        with facing(tmp_path, lambda r: r.say(307, b"", Location=f"{url}/api/")) as (gf, asked):
            for call in (gf.info, lambda: gf.analyses.create(name="n", workspace="w"), lambda: gf.data.bytes("d")):
                with pytest.raises(ConnectionFailed, match="sends on to"):
                    call()
            assert len(asked) == 3
        assert elsewhere == []


def test_cookies_are_not_kept(tmp_path: Path) -> None:
    cookies: list[str | None] = []

    def tempt(request: Asked) -> None:
        cookies.append(request.headers["Cookie"])
        request.say(200, b"{}", Set_Cookie="session=1; Path=/")

    with facing(tmp_path, tempt) as (gf, _):
        gf.info()
        gf.info()
    assert cookies == [None, None]


def test_ids_and_names_lead_nowhere_else(tmp_path: Path) -> None:
    with facing(tmp_path, lambda r: r.say(404, b"{}")) as (gf, asked):
        for call in (gf.figures.get, gf.data.get, gf.users.get, gf.tasks.get, gf.metadata.get, gf.comments.get):
            with pytest.raises(NotFound):
                call("../../token/?x=#y")
        assert all("?" not in line and "..%2F..%2Ftoken%2F%3Fx%3D%23y" in line for line in asked)


def test_words_of_a_refusal_are_short(tmp_path: Path) -> None:
    content = json.dumps({"detail": "no\n\tway " * 1000}).encode()
    with facing(tmp_path, lambda r: r.say(500, content)) as (gf, _), pytest.raises(ServerFailed) as caught:
        gf.info()
    assert caught.value.detail.startswith("no way no way")
    assert len(caught.value.detail) <= 300
