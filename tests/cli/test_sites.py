"""Keys for putting files on the web, from their operator's terminal."""

import json

import pytest

from gofigr_jupyter.local import local_server
from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.store import cdn
from gofigr_jupyter.server.store.store import Store

pytestmark = pytest.mark.slow


def known(folder, text):
    store = Store.in_folder(folder)
    with store.reading() as db:
        row = cdn.key_by_text(db, text)
    store.close()
    return row


def test_keys_of_the_embedded_server(command, home):
    made = command("fig1-key", "add", "--site", "handbook")
    key = made.out.strip()
    assert key.startswith("fig1_sdk_")
    assert len(key) == len("fig1_sdk_") + 43
    assert local_server(home).url in made.err
    row = known(home / "server", key)
    assert row.site.name == "handbook"
    assert len(row.site.slug) >= 16
    command("fig1-key", "add", "--site", "handbook")
    listed = json.loads(command("fig1-key", "list", "--json").out)
    assert [one["site"] for one in listed] == ["handbook", "handbook"]
    assert key not in json.dumps(listed)
    shown = command("fig1-key", "list").out
    assert f"fig1_sdk_...{key[-4:]}" in shown
    assert key not in shown
    command("fig1-key", "remove", row.id[:8])
    assert known(home / "server", key) is None
    assert command("fig1-key", "remove", row.id[:8], check=False).code == 2
    assert command("fig1-key", "add", "--site", "../x", check=False).code == 2


def test_keys_of_a_team_server(command, tmp_path):
    team = tmp_path / "team"
    options = "--data-dir", str(team)
    assert command("fig1-key", "add", *options, check=False).code == 2, "there is no server"
    accounts.add_user(team, "ada", None, "correct horse")
    assert "--workspace" in command("fig1-key", "add", *options, check=False).err
    assert command("fig1-key", "add", "--workspace", "nowhere", *options, check=False).code == 2
    made = command("fig1-key", "add", "--workspace", "ada's primary workspace", *options)
    assert known(team, made.out.strip()).site.name == "default"
    assert "There are no keys" not in command("fig1-key", "list", *options).out
