"""git in its cage, against a real git server: what can be read is read, and nothing else is ever asked."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from gofigr_jupyter.server.fetching import NOWHERE, Reach, Unreachable
from gofigr_jupyter.server.git import child, repository
from gofigr_jupyter.server.git.child import Bounds, Stopped
from gofigr_jupyter.server.git.repository import Remote
from tests.server.git.forge import Forge, Repository, git


def nothing() -> None:
    """A watch that never ends anything."""


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    """May reach this machine."""
    return Remote(Reach({"127.0.0.1"}), tmp_path)


def test_branches(remote: Remote, server: Forge) -> None:
    access = remote.look(server.url(), None, None)
    assert (access.accessible, access.reason) == (True, None)
    assert (access.default_branch, access.branches) == ("main", ["feature/x", "main"])
    assert remote.look(server.url(), "feature/x", None).accessible
    missing = remote.look(server.url(), "nope", None)
    assert (missing.accessible, missing.reason) == (False, "There is no such branch.")


def test_without_the_operators_word_nothing_is_asked(tmp_path: Path, server: Forge) -> None:
    remote = Remote(Reach(), tmp_path)
    for host in (
        "127.0.0.1",
        "[::1]",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "localhost",
        "localhost.",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
    ):
        access = remote.look(server.url(host=host), None, None)
        assert (access.accessible, access.reason) == (False, NOWHERE), host
    assert server.seen == []


def test_plain_http_is_for_what_the_operator_names(tmp_path: Path) -> None:
    remote = Remote(Reach((), lambda _host, _port: ["93.184.216.34"]), tmp_path)
    access = remote.look("http://example.org/r", None, None)
    assert access.reason == "This server reads repositories by https and ssh only."


def test_a_name_that_is_answered_anew_leads_nowhere_else(tmp_path: Path, server: Forge) -> None:
    """The name exists for our resolver only, and only the first time: git goes to the address that was checked."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    remote = Remote(Reach({"127.0.0.1"}, resolve), tmp_path)
    assert remote.look(server.url(host="rebinding.invalid"), None, None).accessible
    assert asked == ["rebinding.invalid"]
    assert {host for host, _ in server.seen} == {f"rebinding.invalid:{server.port}"}


def test_redirects_are_not_followed(remote: Remote, server: Forge, repository: Repository) -> None:
    server.redirect_to = f"http://127.0.0.1:{server.port}/elsewhere"
    assert remote.look(server.url(), None, None).reason == "The address leads on to another one; give that one."
    assert len(server.seen) == 1


def test_nobody_is_asked_for_a_password(remote: Remote, server: Forge) -> None:
    server.needs_password = True
    assert remote.look(server.url(), None, None).reason == "There is none, or it is private: give an SSH key."


def test_what_does_not_answer(remote: Remote, server: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    assert remote.look(server.url("nothing"), None, None).reason == "There is no repository there."
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert remote.look(f"http://127.0.0.1:{port}/r", None, None).reason == "The host does not answer."
    monkeypatch.setattr(repository, "LOOK", Bounds(seconds=0.3, size=1 << 20))
    server.delay = 1.0
    assert "did not answer in full within" in str(remote.look(server.url(), None, None).reason)


def test_ssh_needs_a_key(remote: Remote) -> None:
    assert remote.look("git@127.0.0.1:r.git", None, None).reason == "An address of ssh needs an SSH key."


def test_without_git(remote: Remote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child.program.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        access = remote.look("https://127.0.0.1/r", None, None)
        assert (access.accessible, access.reason) == (False, "git is not installed on this server.")
    finally:
        monkeypatch.undo()
        child.program.cache_clear()


def test_an_old_git_is_not_used(remote: Remote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "programs" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.30.2\n")
    old.chmod(0o755)
    child.program.cache_clear()
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    try:
        assert "older than 2.37" in str(remote.look("https://127.0.0.1/r", None, None).reason)
    finally:
        monkeypatch.undo()
        child.program.cache_clear()


def test_nobodys_configuration_counts(
    remote: Remote, server: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stolen = tmp_path / "stolen"
    config = tmp_path / "gitconfig"
    config.write_text(f'[credential]\n helper = "!touch {stolen}"\n[url "http://127.0.0.1:1/"]\n insteadOf = http://\n')
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(config))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {stolen}")
    (tmp_path / ".gitconfig").write_text(config.read_text())
    assert remote.look(server.url(), None, None).accessible
    server.needs_password = True
    assert not remote.look(server.url(), None, None).accessible
    assert not stolen.exists()


def test_a_copy(remote: Remote, server: Forge, repository: Repository) -> None:
    last = git(repository.folder, "rev-parse", "main")
    with remote.copy(server.url(), None, None, nothing) as copy:
        assert (copy.branch, copy.head.author, copy.head.email) == ("main", "Ada Lovelace", "ada@example.org")
        files = copy.files(".ipynb")
        assert [(file.path, file.size) for file in files] == [("a link.ipynb", 2), ("analysis/growth.ipynb", 2)]
        assert copy.content(files[1]).read_bytes() == b"{}"
        change = copy.last_change(files[1])
        assert change is not None
        assert change.hash == git(repository.folder, "rev-list", "--max-parents=0", "HEAD")
    with remote.copy(server.url(), "feature/x", None, nothing) as copy:
        assert (copy.branch, copy.head.hash) == ("feature/x", last)


def test_links_are_no_files(remote: Remote, server: Forge, repository: Repository) -> None:
    (repository.folder / "secret.ipynb").symlink_to("/etc/passwd")
    repository.commit({})
    with remote.copy(server.url(), None, None, nothing) as copy:
        assert "secret.ipynb" not in [file.path for file in copy.files(".ipynb")]


def test_who_changed_what_is_too_old_to_know(
    remote: Remote, server: Forge, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gofigr_jupyter.server.git.repository.DEPTH", 2)
    repository.commit({"b.ipynb": "{}"}, GIT_AUTHOR_NAME="Grace")
    repository.commit({"c.ipynb": "{}"}, GIT_AUTHOR_NAME="Mary")
    with remote.copy(server.url(), None, None, nothing) as copy:
        authors = {
            file.path: change and change.author for file in copy.files(".ipynb") for change in [copy.last_change(file)]
        }
    assert authors == {"a link.ipynb": None, "analysis/growth.ipynb": None, "b.ipynb": None, "c.ipynb": "Mary"}


@pytest.mark.parametrize("branch", ["nope", "--upload-pack=id"])
def test_no_copy_of_what_is_not_there(remote: Remote, server: Forge, branch: str) -> None:
    with (
        pytest.raises(Unreachable, match=r"no such branch|cannot be the name"),
        remote.copy(server.url(), branch, None, nothing),
    ):
        pass


def test_an_empty_repository(remote: Remote, server: Forge) -> None:
    Repository(server.root, "empty")
    assert remote.look(server.url("empty"), None, None).branches == []
    with pytest.raises(Unreachable, match="is empty"), remote.copy(server.url("empty"), None, None, nothing):
        pass


def test_too_much(remote: Remote, server: Forge, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit({"large.bin": os.urandom(3 << 20)})
    monkeypatch.setattr("gofigr_jupyter.server.git.repository.CLONE", Bounds(seconds=60, size=2 << 20))
    with pytest.raises(Unreachable, match="too large"), remote.copy(server.url(), None, None, nothing):
        pass


def test_too_many_files(remote: Remote, server: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).write_bytes(b"x" * 600_000)
    with pytest.raises(Stopped, match="larger than 2 MB"):
        child.run(["ls-remote", server.url()], tmp_path, Bounds(seconds=60, size=2 << 20), environment=slow(server))


def slow(server: Forge) -> dict[str, str]:
    """Give the measuring time."""
    server.delay = 2.0
    return {"GIT_ALLOW_PROTOCOL": "http"}


def test_nothing_is_left(remote: Remote, server: Forge, tmp_path: Path) -> None:
    """Neither after work, nor, at the next start, by a server that was killed with a key on the disk."""
    remote.look(server.url(), None, None)
    with remote.copy(server.url(), None, None, nothing):
        [folder] = (tmp_path / "git").iterdir()
        assert folder.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "git").iterdir()) == []
    (tmp_path / "git" / "left").mkdir()
    (tmp_path / "git" / "left" / "key").write_text("secret")
    Remote(Reach(), tmp_path)
    assert not (tmp_path / "git").exists()


def test_a_copy_can_be_interrupted(remote: Remote, server: Forge) -> None:
    class Enough(Exception):
        pass

    server.delay = 2.0
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()

    def watch() -> None:
        if stop.is_set():
            raise Enough

    with pytest.raises(Enough), remote.copy(server.url(), None, None, watch):
        pass
