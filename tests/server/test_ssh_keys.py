"""SSH keys: made here or brought along, shown by their public half, sealed so that the database alone opens nothing."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from gofigr_jupyter.server import keypairs, keyring
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.sealing import Seal, SealBroken
from gofigr_jupyter.server.store.tables import SshKey
from tests.debian import program
from tests.server.conftest import API, Client, created, found, workspace_of
from tests.server.people import People

KEYS = f"{API}/ssh_key/"

def keygen(folder: Path, *options: str, passphrase: str = "") -> Path:
    """A key of ssh-keygen's."""
    path = folder / "id"
    command = [program("ssh-keygen", "openssh-client"), "-q", "-f", str(path), "-N", passphrase, "-C", "ada@home", *options]
    subprocess.run(command, check=True, capture_output=True)
    return path


def fingerprint(path: Path) -> str:
    """As ssh-keygen prints it."""
    done = subprocess.run([program("ssh-keygen", "openssh-client"), "-l", "-f", str(path)], check=True, capture_output=True, text=True)
    return done.stdout.split()[1]


# ---------------------------------------------------------------- key pairs


def test_a_pair_made_here_is_one_for_ssh(tmp_path: Path) -> None:
    pair = keypairs.make("Ada's laptop\n# x")
    (tmp_path / "id").write_bytes(pair.private_key)
    (tmp_path / "id").chmod(0o600)
    (tmp_path / "id.pub").write_text(pair.public_key)
    derived = subprocess.run(
        ["ssh-keygen", "-y", "-P", "", "-f", str(tmp_path / "id")], check=True, capture_output=True, text=True
    )
    assert pair.public_key.split()[:2] == derived.stdout.split()[:2]
    assert pair.public_key.split()[0] == "ssh-ed25519"
    assert pair.public_key.split()[2:] == ["Ada-s-laptop-x"]
    assert pair.fingerprint == fingerprint(tmp_path / "id.pub")
    assert pair.private_key.decode().splitlines()[1] not in repr(pair)


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
@pytest.mark.parametrize(
    "options",
    [("-t", "ed25519"), ("-t", "ecdsa"), ("-t", "rsa", "-b", "2048"), ("-t", "rsa", "-b", "2048", "-m", "PEM")],
)
def test_a_users_own_pair(tmp_path: Path, options: tuple[str, ...], passphrase: str) -> None:
    path = keygen(tmp_path, *options, passphrase=passphrase)
    pair = keypairs.read(path.read_text(), passphrase or None, "ada")
    assert pair.fingerprint == fingerprint(path)
    assert pair.public_key.split()[:2] == path.with_suffix(".pub").read_text().split()[:2]
    assert keypairs.read(pair.private_key.decode().replace("\n", "\r\n"), None, "ada").fingerprint == pair.fingerprint


def test_what_is_no_key(tmp_path: Path) -> None:
    own = keygen(tmp_path, "-t", "ed25519", passphrase="correct horse").read_text()
    texts: list[tuple[str, str | None]] = [
        (own, None),
        (own, "wrong"),
        (own[:-80] + own[-60:], "correct horse"),
        ("", None),
        ("ssh-ed25519 AAAA", None),
        (keypairs.OPENSSH, None),
        (keypairs.OPENSSH + "\n!!!\n-----END OPENSSH PRIVATE KEY-----", None),
        (keypairs.OPENSSH + "\nAAAA\n-----END OPENSSH PRIVATE KEY-----", None),
        (path_text(tmp_path, "pub"), None),
    ]
    for text, passphrase in texts:
        with pytest.raises(keypairs.BadKey) as refusal:
            keypairs.read(text, passphrase, "ada")
        assert "horse" not in str(refusal.value)


def path_text(folder: Path, suffix: str) -> str:
    """The public half."""
    return (folder / f"id.{suffix}").read_text()


def test_a_key_that_takes_hours_to_open_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keygen(tmp_path, "-t", "ed25519", "-a", "16", passphrase="x")
    assert keypairs.read(path.read_text(), "x", "ada")
    monkeypatch.setattr(keypairs, "MOST_ROUNDS", 15)
    with pytest.raises(keypairs.BadKey, match="15 rounds"):
        keypairs.read(path.read_text(), "x", "ada")


def test_weak_keys_are_refused(tmp_path: Path) -> None:
    path = keygen(tmp_path, "-t", "rsa", "-b", "1024")
    with pytest.raises(keypairs.BadKey, match="2048 bits"):
        keypairs.read(path.read_text(), None, "ada")


# ---------------------------------------------------------------- the seal


def test_the_seal(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    sealed = seal.lock(b"secret", "one")
    assert b"secret" not in sealed
    assert seal.lock(b"secret", "one") != sealed
    assert Seal(tmp_path).unlock(sealed, "one") == b"secret"
    assert stat.S_IMODE((tmp_path / "sealing.key").stat().st_mode) == 0o600
    for wrong, about in ((sealed, "two"), (sealed[:-1], "one"), (b"", "one"), (sealed[:-1] + b"x", "one")):
        with pytest.raises(SealBroken):
            seal.unlock(wrong, about)
    (tmp_path / "sealing.key").unlink()
    with pytest.raises(SealBroken):
        seal.unlock(sealed, "one")


# ---------------------------------------------------------------- the routes


def test_a_pair_is_made(me: Client) -> None:
    key = created(me.post(KEYS, json={"name": "for git"}))
    assert set(key) == {"api_id", "name", "public_key", "fingerprint", "created"}
    assert key["public_key"].startswith("ssh-ed25519 AAAA")
    assert key["fingerprint"] == keypairs.fingerprint(key["public_key"])
    assert found(me.get(KEYS)) == [key]
    assert me.delete(f"{KEYS}{key['api_id']}/").status_code == 204
    assert found(me.get(KEYS)) == []
    assert me.delete(f"{KEYS}{key['api_id']}/").status_code == 404


def test_ones_own_pair(me: Client, app: FastAPI, config: ServerConfig, tmp_path: Path) -> None:
    path = keygen(tmp_path, "-t", "ed25519", passphrase="correct horse")
    body = {"name": "mine", "private_key": path.read_text(), "passphrase": "correct horse"}
    answer = me.post(KEYS, json=body)
    assert created(answer)["fingerprint"] == fingerprint(path)
    assert "PRIVATE" not in answer.text + me.get(KEYS).text
    row = key_row(app, answer.json()["api_id"])
    assert keypairs.read(keyring.unlocked(config.data_dir, row).decode(), None, "").fingerprint == fingerprint(path)
    wrong = me.post(KEYS, json=body | {"passphrase": "secret guess"})
    assert wrong.status_code == 400
    assert set(wrong.json()) == {"private_key"}
    assert "secret guess" not in wrong.text


def key_row(app: FastAPI, key_id: str) -> SshKey:
    """What is stored."""
    with app.state.store.reading() as db:
        row = db.get(SshKey, key_id)
        assert row is not None
        db.expunge(row)
        return row


def test_the_database_alone_opens_nothing(me: Client, app: FastAPI, config: ServerConfig, tmp_path: Path) -> None:
    key = created(me.post(KEYS, json={"name": "for git"}))
    row = key_row(app, key["api_id"])
    private = keyring.unlocked(config.data_dir, row)
    with sqlite3.connect(config.data_dir / "gofigr.sqlite") as database:
        dump = "\n".join(database.iterdump()).encode()
    assert all(line not in dump for line in private.splitlines() if len(line) > 20)
    assert (config.data_dir / "sealing.key").read_bytes().strip() not in dump
    with pytest.raises(Refusal, match="cannot open this key"):
        keyring.unlocked(tmp_path / "elsewhere", row)
    row.user_id += 1
    with pytest.raises(Refusal):
        keyring.unlocked(config.data_dir, row)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x", "private_key": "hello"}, "private_key"),
        ({"name": "x", "passphrase": "hello"}, "passphrase"),
        ({"name": "x", "private_key": "x" * 20_001}, "private_key"),
    ],
)
def test_drafts_that_make_no_sense(me: Client, body: dict[str, Any], field: str) -> None:
    answer = me.post(KEYS, json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {field}
    assert found(me.get(KEYS)) == []


def test_keys_belong_to_people(people: People, anonymous: Client) -> None:
    ada, eve = people("ada"), people("eve")
    key = created(ada.post(KEYS, json={"name": "hers"}))
    assert found(eve.get(KEYS)) == []
    assert eve.delete(f"{KEYS}{key['api_id']}/").status_code == 403
    assert anonymous.get(KEYS).status_code == anonymous.post(KEYS, json={"name": "x"}).status_code == 403
    program, scoped = people.key("ada"), people.key("ada", workspace_of(ada)["api_id"])
    assert found(program.get(KEYS)) == [key]
    assert program.post(KEYS, json={"name": "x"}).status_code == 403
    assert program.delete(f"{KEYS}{key['api_id']}/").status_code == 403
    assert scoped.get(KEYS).status_code == 403
    assert found(ada.get(KEYS)) == [key]


def test_there_is_an_end_to_it(me: Client) -> None:
    for _ in range(25):
        created(me.post(KEYS, json={"name": "one more"}))
    assert me.post(KEYS, json={"name": "too many"}).status_code == 400
