"""An embedded server with a site, and programs that have its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gofigr_jupyter.server.store import cdn, find
from tests.server.cdn.rooms import opened, room, shared
from tests.server.conftest import ORIGIN, Client, Maker, workspace_of

__all__ = ["opened", "room", "shared"]

UPLOAD, FOLDERS = "/api/sdk/assets/upload", "/api/sdk/assets/folders"
KEY = "X-Fig1-API-Key"


class Program:
    """Somebody who puts files on a site, as the reference says; in two steps."""

    def __init__(self, client: Client, key: str) -> None:
        self.client, self.key = client, key

    def ask(self, filename: str, content_type: str, **more: Any) -> httpx.Response:
        body = {"filename": filename, "contentType": content_type} | more
        return self.client.post(UPLOAD, json=body, headers={KEY: self.key})

    def target(self, filename: str, content_type: str, **more: Any) -> dict[str, Any]:
        answer = self.ask(filename, content_type, **more)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True
        return answer.json()["data"]

    def put(self, target: dict[str, Any], content: Any, content_type: str | None = None) -> httpx.Response:
        headers = {"content-type": content_type} if content_type else {}
        return self.client.put(target["uploadUrl"], content=content, headers=headers)

    def upload(self, filename: str, content_type: str, content: bytes, **more: Any) -> str:
        """Both; where the file is, without the host."""
        target = self.target(filename, content_type, **more)
        answer = self.put(target, content, content_type)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"] == {"cdnUrl": target["cdnUrl"], "key": target["key"]}
        return target["cdnUrl"].removeprefix(ORIGIN)

    def folders(self) -> list[dict[str, Any]]:
        return self.client.get(FOLDERS, headers={KEY: self.key}).json()["data"]


Programs = Callable[..., Program]


@pytest.fixture
def program_of(app: FastAPI, me: Client, client_of: Maker) -> Programs:
    """Makes programs, each with a key of its own for a site."""

    def make(site: str = "default") -> Program:
        with app.state.store.writing() as db:
            place = find.workspace(db, workspace_of(me)["api_id"])
            _, key = cdn.create_key(db, cdn.site_named(db, place, site))
        return Program(client_of(), key)

    return make


@pytest.fixture
def program(program_of: Programs) -> Program:
    """One with a key for the usual site."""
    return program_of()


def refused(answer: httpx.Response, status: int, error: str | None = None) -> str:
    """What a refusal says, in its envelope."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"success", "error"}
    assert body["success"] is False
    assert isinstance(body["error"], str)
    if error is not None:
        assert body["error"] == error
    return body["error"]
