"""Pages of other origins: they may ask here, cookies never count, and nowhere else does anything open."""

from __future__ import annotations

import pytest

from tests.server.cdn.conftest import FOLDERS, KEY, UPLOAD, Program, refused
from tests.server.cdn.files import FILES
from tests.server.conftest import API, Client

EVIL = "https://app.example"
ORIGIN = {"origin": EVIL, "sec-fetch-site": "cross-site"}


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        (UPLOAD, "POST", "content-type,x-fig1-api-key"),
        (FOLDERS, "GET", "x-fig1-api-key"),
        ("/cdn/upload/x.y", "PUT", "content-type"),
        ("/cdn/upload/x.y", "PATCH", "content-type,upload-offset"),
        ("/cdn/sites/x/y.png", "GET", "range"),
    ],
)
def test_a_browser_that_asks_first_is_let_in(anonymous: Client, path: str, method: str, headers: str) -> None:
    asked = {"access-control-request-method": method, "access-control-request-headers": headers, **ORIGIN}
    answer = anonymous.options(path, headers=asked | {"access-control-request-private-network": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    assert set(headers.split(",")) <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert "access-control-allow-credentials" not in answer.headers
    assert anonymous.options(path).status_code == 204


def test_both_steps_from_a_page(program: Program) -> None:
    program.client.headers.update(ORIGIN)
    kind, content = FILES["png"]
    target = program.target("a.png", kind)
    answers = [program.ask("b.png", kind), program.put(target, content, kind), program.client.get(target["cdnUrl"])]
    answers += [program.put(target, content, kind), program.client.get(UPLOAD), program.client.post(UPLOAD, json={})]
    answers += [program.client.get(target["cdnUrl"], headers={"range": "bytes=99999-"}), program.client.get("/cdn/sites/x/y")]
    assert [one.status_code for one in answers] == [200, 200, 200, 400, 405, 401, 416, 404]
    for answer in answers:
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert "access-control-allow-credentials" not in answer.headers
    assert answers[2].headers["cross-origin-resource-policy"] == "cross-origin", "or no page could show it"
    assert "etag" in answers[2].headers["access-control-expose-headers"]


def test_the_rest_stays_shut(anonymous: Client, me: Client) -> None:
    for path in (f"{API}/workspace/", "/", "/api/sdkx/assets/upload", "/cdnx/sites/x/y", "/cdn/other/x"):
        answer = me.get(path, headers=ORIGIN)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    refused(anonymous.get("/cdn/sites/x/y.png", headers={"host": "evil.example"}), 403)


def test_a_session_opens_nothing_here(me: Client) -> None:
    refused(me.post(UPLOAD, json={"filename": "a.png", "contentType": "image/png"}), 401)
    refused(me.get(FOLDERS, headers={KEY: "fig1_sdk_x"}), 401)
