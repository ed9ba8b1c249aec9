"""Whether a repository can be read, asked by request; the details are in `git/test_repository.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import REACHABLE_VARIABLE, ServerConfig, reachable
from gofigr_jupyter.server.fetching import NOWHERE
from tests.server.conftest import API, Client, created, found, workspace_of
from tests.server.git.forge import Forge, Repository, forge
from tests.server.people import People

CHECK = f"{API}/git/check/"


@pytest.fixture
def config(config: ServerConfig) -> ServerConfig:
    """The operator lets users reach this machine."""
    return replace(config, reachable=frozenset({"127.0.0.1"}))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Forge]:
    """A git server with one repository."""
    Repository(tmp_path / "repositories").commit({"README.md": "one"})
    with forge(tmp_path / "repositories") as made:
        yield made


def test_a_repository(me: Client, server: Forge) -> None:
    assert found(me.post(CHECK, json={"url": server.url()})) == {
        "accessible": True,
        "reason": None,
        "default_branch": "main",
        "branches": ["main"],
    }
    missing = found(me.post(CHECK, json={"url": server.url(), "branch": "nope"}))
    assert (missing["accessible"], missing["reason"]) == (False, "There is no such branch.")


@pytest.mark.parametrize(
    "url",
    """http://10.0.0.1/r http://[::1]/r http://0.0.0.0/r http://169.254.169.254/latest/meta-data http://2130706433/r
    http://0x7f000001/r http://0177.0.0.1/r http://localhost.localdomain/r ssh://git@192.168.0.1/r git@10.0.0.1:r
    https://metadata.invalid/r""".split(),
)
def test_where_the_server_does_not_go(me: Client, url: str) -> None:
    answer = found(me.post(CHECK, json={"url": url}))
    assert (answer["accessible"], answer["reason"], answer["branches"]) == (False, NOWHERE, [])


@pytest.mark.parametrize("url", ["file:///etc", "/etc", "ext::sh -c id", "-oProxyCommand=id:x", "", "fd::3"])
def test_what_is_no_address(me: Client, url: str) -> None:
    answer = found(me.post(CHECK, json={"url": url}))
    assert (answer["accessible"], answer["reason"][:25]) == (False, "Repositories are read at ")


def test_secrets_in_an_address_are_not_repeated(me: Client) -> None:
    answer = me.post(CHECK, json={"url": "https://ada:s3cr3t@example.org/r"})
    assert found(answer)["accessible"] is False
    assert "s3cr3t" not in answer.text


def test_keys_are_ones_own(people: People, anonymous: Client) -> None:
    ada, eve = people("ada"), people("eve")
    key = created(ada.post(f"{API}/ssh_key/", json={"name": "hers"}))["api_id"]
    body = {"url": "git@127.0.0.1:1/r", "ssh_key": key}
    assert eve.post(CHECK, json=body).status_code == 403
    assert ada.post(CHECK, json=body | {"ssh_key": "nothing"}).status_code == 404
    scoped = people.key("ada", workspace_of(ada)["api_id"])
    assert scoped.post(CHECK, json=body).status_code == 403, "it would open more than the workspace"
    assert anonymous.post(CHECK, json=body).status_code == 403
    assert found(people.key("ada").post(CHECK, json=body))["accessible"] is False


@pytest.mark.parametrize("body", [{}, {"url": 7}, {"url": "x" * 2001}, {"url": "a\0b"}])
def test_bodies_that_make_no_sense(me: Client, body: dict[str, object]) -> None:
    answer = me.post(CHECK, json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"url"}


def test_a_key_whose_seal_is_lost(me: Client, config: ServerConfig) -> None:
    key = created(me.post(f"{API}/ssh_key/", json={"name": "k"}))["api_id"]
    (config.data_dir / "sealing.key").unlink()
    answer = me.post(CHECK, json={"url": "git@127.0.0.1:r", "ssh_key": key})
    assert (answer.status_code, set(answer.json())) == (400, {"ssh_key"})


def test_the_operators_setting(monkeypatch: pytest.MonkeyPatch, config: ServerConfig) -> None:
    monkeypatch.setenv(REACHABLE_VARIABLE, " git.lab, 10.0.0.0/8 ,")
    assert reachable() == {"git.lab", "10.0.0.0/8"}
    app: FastAPI | None = None
    with pytest.raises(Exception, match="is no host, no address and no network"):
        app = create_app(replace(config, reachable=frozenset({"http://git.lab"})))
    assert app is None
