"""git by ssh: which command is run, with which key, and that the key is gone afterwards."""

from __future__ import annotations

import getpass
import json
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gofigr_jupyter.server import keypairs
from gofigr_jupyter.server.fetching import Place, Reach
from gofigr_jupyter.server.git.address import parse
from gofigr_jupyter.server.git.child import to_network
from gofigr_jupyter.server.git.repository import Remote
from tests.debian import program
from tests.server.git.forge import Repository

# Stands for ssh and for the host behind it: notes what it was given, and runs git's own server side.
SSH = """#!{python}
import json, os, shlex, stat, subprocess, sys
arguments = sys.argv[1:]
key = arguments[arguments.index("-i") + 1]
with open({notes!r}, "w") as notes:
    json.dump({{"arguments": arguments, "mode": stat.S_IMODE(os.stat(key).st_mode), "key": open(key).read(),
               "path": key, "environment": sorted(os.environ)}}, notes)
program, path = shlex.split(arguments[-1])
sys.exit(subprocess.call([program, {root!r} + path]))
"""


@pytest.fixture
def notes(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stand-in writes what it was given."""
    programs = tmp_path / "programs"
    programs.mkdir()
    noted = tmp_path / "notes.json"
    stand_in = programs / "ssh"
    stand_in.write_text(SSH.format(python=sys.executable, notes=str(noted), root=str(repository.folder.parent)))
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return noted


def test_the_key_is_there_for_the_child_alone(notes: Path, tmp_path: Path) -> None:
    key = keypairs.make("test").private_key
    remote = Remote(Reach({"git.lab"}, lambda _host, _port: ["10.1.2.3"]), tmp_path)
    assert remote.look("git@git.lab:/figures.git", None, key).branches == ["feature/x", "main"]
    seen = json.loads(notes.read_text())
    assert (seen["key"].encode(), seen["mode"]) == (key, 0o600)
    assert not Path(seen["path"]).exists()
    assert "git@git.lab" in seen["arguments"]
    assert {"SSH_AUTH_SOCK", "GOFIGR_JUPYTER_HOME"}.isdisjoint(seen["environment"])
    with remote.copy("ssh://git@git.lab:2222/figures.git", None, key, lambda: None) as copy:
        assert copy.branch == "main"
        assert not Path(json.loads(notes.read_text())["path"]).exists()
    assert "2222" in json.loads(notes.read_text())["arguments"]


def test_ssh_itself_goes_to_the_checked_address_and_asks_nobody(tmp_path: Path) -> None:
    """What ssh makes of the command, as it says itself."""
    program("ssh", "openssh-client")
    place = Place("git.lab", 2222, ("10.1.2.3", "10.1.2.4"), is_named=True)
    environment = to_network(parse("ssh://git@git.lab:2222/r"), place, tmp_path, b"key", tmp_path / "known hosts")
    command = [*shlex.split(environment["GIT_SSH_COMMAND"]), "-G", "-p", "2222", "git@git.lab"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    settings = dict(line.partition(" ")[::2] for line in told)
    assert (settings["hostname"], settings["port"], settings["user"]) == ("10.1.2.3", "2222", "git")
    assert settings["hostkeyalias"] == "[git.lab]:2222"
    assert settings["batchmode"] == "yes"
    assert settings["stricthostkeychecking"] == "accept-new"
    assert settings["identityfile"] == str(tmp_path / "key")
    assert settings["identitiesonly"] == "yes"
    assert settings["permitlocalcommand"] == "no"
    assert settings["userknownhostsfile"] == str(tmp_path / "known hosts")



@contextmanager
def host(folder: Path, port: int, public_key: str) -> Iterator[None]:
    """A real host of ssh on loopback that lets in who has the key; each time it has a new key of its own."""
    daemon = program("sshd", "openssh-server")
    folder.mkdir()
    (folder / "authorized").write_text(public_key)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host")], check=True)
    lines = (
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {folder}/host",
        f"AuthorizedKeysFile {folder}/authorized",
        f"PidFile {folder}/pid",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
    )
    (folder / "config").write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([daemon, "-D", "-e", "-f", str(folder / "config")], stderr=log)
    try:
        for _ in range(100):
            time.sleep(0.05)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield
    finally:
        process.kill()
        process.wait()


def test_a_real_host(tmp_path: Path, repository: Repository) -> None:
    pair = keypairs.make("test")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known_hosts = tmp_path / "known_hosts"
    remote = Remote(Reach({"127.0.0.1"}, lambda _host, _port: ["127.0.0.1"]), tmp_path)
    url = f"ssh://{getpass.getuser()}@git.invalid:{port}{repository.bare}"
    with host(tmp_path / "first", port, pair.public_key):
        assert remote.look(url, None, pair.private_key).branches == ["feature/x", "main"]
        assert known_hosts.read_text().startswith(f"[git.invalid]:{port} ssh-ed25519 ")
        assert remote.look(url, None, keypairs.make("x").private_key).reason == "The SSH key is not let in."
        with remote.copy(url, "feature/x", pair.private_key, lambda: None) as copy:
            assert copy.branch == "feature/x"
    with host(tmp_path / "second", port, pair.public_key):
        assert remote.look(url, None, pair.private_key).reason == "The host has another key than last time."
