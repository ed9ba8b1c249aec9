"""What is asked of other people's repositories: whether they can be read, and a shallow copy without working files.

In: an address, perhaps a key. Out: branches, or a `Checkout` whose files are read by object, never by a path on disk.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gofigr_jupyter.schema.imports import GitAccess
from gofigr_jupyter.server.fetching import Reach, Unreachable
from gofigr_jupyter.server.git import address as addresses
from gofigr_jupyter.server.git.child import Bounds, Done, run, to_network

log = logging.getLogger(__name__)
LOOK = Bounds(seconds=20, size=4 << 20)
CLONE = Bounds(seconds=300, size=512 << 20)
READ = Bounds(seconds=60, size=CLONE.size)
PATIENCE = 3.0  # seconds
DEPTH = 50  # commits: enough to know who last changed most notebooks
MOST_BRANCHES = 1000
LONGEST_NAME = 200
# What git and ssh say, for people; the first that fits counts. The rest of what they say stays in the log.
REASONS = (
    (r"No space left|quota exceeded", "The server's disk is full."),
    (r"redirect|error: 30\d", "The address leads on to another one; give that one."),
    (r"Permission denied|publickey", "The SSH key is not let in."),
    (r"Host key verification failed|HOST IDENTIFICATION HAS CHANGED", "The host has another key than last time."),
    (r"could not read Username|Authentication failed|\b40[13]\b", "There is none, or it is private: give an SSH key."),
    (r"Remote branch .* not found", "There is no such branch."),
    (r"not found|does not exist|does not appear to be a git|\b404\b", "There is no repository there."),
    (r"certificate|SSL|TLS|gnutls", "The host's certificate is not valid."),
    (r"timed out|Connection|resolve host|connect to|unable to access|hung up", "The host does not answer."),
    (r"index-pack", "The repository is too large, or damaged."),  # the helper that was ended says nothing more
    (r"shallow|dumb http", "The host cannot give a part of a repository."),
)


@dataclass(frozen=True)
class Commit:
    """A commit and its author."""

    hash: str
    author: str
    email: str
    date: datetime


@dataclass(frozen=True)
class File:
    """A file of the repository; its content is read by `oid`."""

    path: str
    oid: str
    size: int


class Remote:
    """Looks at and copies repositories, as far as the operator lets it reach.

    In the data folder it remembers the hosts of ssh, and works in a folder of its own: what a server that was killed
    left there, perhaps a key, goes when the next one starts.
    """

    def __init__(self, reach: Reach, data_dir: Path, *, at_once: int = 4) -> None:
        self._reach = reach
        self._known_hosts = data_dir / "known_hosts"
        self._folder = data_dir / "git"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._slots = threading.BoundedSemaphore(at_once)

    def look(self, text: str, branch: str | None, key: bytes | None) -> GitAccess:
        """Whether a repository, and its branch if one is named, can be read, or why not; never raises for that."""
        try:
            with self._slot(), self._workplace() as folder:
                address, environment = self._way(text, folder, key)
                wanted = addresses.branch(branch) if branch else None
                asked = ["ls-remote", "--symref", "--", address.url, "HEAD", "refs/heads/*"]
                done = run(asked, folder, LOOK, environment=environment)
                _succeed(done)
                default, branches = _references(done.text)
        except Unreachable as error:
            return GitAccess(accessible=False, reason=str(error))
        access = GitAccess(accessible=True, default_branch=default, branches=branches[:MOST_BRANCHES])
        if wanted is not None and wanted not in branches:
            return access.model_copy(update={"accessible": False, "reason": "There is no such branch."})
        return access

    @contextmanager
    def copy(self, text: str, branch: str | None, key: bytes | None, watch: Callable[[], None]) -> Iterator[Checkout]:
        """A shallow copy of one branch, for the block. Raises Unreachable; `watch` may raise to end it."""
        with self._workplace() as folder:
            address, environment = self._way(text, folder, key)
            asked = ["clone", "--bare", "--quiet", f"--depth={DEPTH}", "--single-branch", "--no-tags", "--template="]
            if branch:
                asked.append(f"--branch={addresses.branch(branch)}")
            done = run([*asked, "--", address.url, "copy"], folder, CLONE, environment=environment, watch=watch)
            (folder / "key").unlink(missing_ok=True)
            _succeed(done)
            yield Checkout(folder, address, watch)

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            yield Path(name)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Few looks at once: whoever waits for an answer keeps a thread of the server busy."""
        if not self._slots.acquire(timeout=PATIENCE):
            raise Unreachable("This server is looking at other repositories; try again in a moment.")
        try:
            yield
        finally:
            self._slots.release()

    def _way(self, text: str, folder: Path, key: bytes | None) -> tuple[addresses.Address, dict[str, str]]:
        address = addresses.parse(text)
        place = self._reach.find(address.host, address.port)
        return address, to_network(address, place, folder, key, self._known_hosts)


class Checkout:
    """A copy of one branch."""

    def __init__(self, folder: Path, address: addresses.Address, watch: Callable[[], None]) -> None:
        self.address = address
        self._folder = folder
        self._watch = watch
        self.branch = self._ask("symbolic-ref", "--short", "HEAD").strip()
        head = self._commit("HEAD")
        if head is None:
            raise Unreachable("The repository is empty.")
        self.head = head
        shallow = folder / "copy" / "shallow"
        self._edge = set(shallow.read_text(encoding="ascii").split()) if shallow.exists() else set[str]()

    def files(self, suffix: str) -> list[File]:
        """All ordinary files with this suffix; links and submodules are none."""
        found = []
        for line in self._ask("ls-tree", "-r", "-z", "--long", "--full-tree", "HEAD").split("\0"):
            facts, _, path = line.partition("\t")
            if path.lower().endswith(suffix) and facts.startswith("100"):
                _, _, oid, size = facts.split()
                found.append(File(path, oid, int(size)))
        return found

    def content(self, file: File) -> Path:
        """The file's bytes, in a file of ours that is good until the next question."""
        done = self._run("cat-file", "blob", file.oid)
        _succeed(done)
        return done.output

    def last_change(self, file: File) -> Commit | None:
        """The commit that last changed a file; None where it may be older than what was copied."""
        commit = self._commit("HEAD", "--", file.path)
        return None if commit is None or commit.hash in self._edge else commit

    def _commit(self, *which: str) -> Commit | None:
        told = self._ask("log", "-1", "--no-show-signature", "--format=%H%x00%aI%x00%an%x00%ae", *which)
        if not told.strip("\n"):
            return None
        commit, date, author, email = told.strip("\n").split("\0")
        return Commit(commit, author[:LONGEST_NAME], email[:LONGEST_NAME], datetime.fromisoformat(date))

    def _ask(self, *arguments: str) -> str:
        done = self._run(*arguments)
        return done.text if done.code == 0 else ""

    def _run(self, *arguments: str) -> Done:
        asked = ["--git-dir=copy", "--literal-pathspecs", *arguments]
        return run(asked, self._folder, READ, watch=self._watch)


def _succeed(done: Done) -> None:
    if done.code != 0:
        log.info("git ended with %s: %r", done.code, done.complaint[-500:])
        fitting = (reason for pattern, reason in REASONS if re.search(pattern, done.complaint, re.IGNORECASE))
        raise Unreachable(next(fitting, "git could not read the repository."))


def _references(told: str) -> tuple[str | None, list[str]]:
    """The default branch and all branches, from what `ls-remote --symref` says."""
    default, branches = None, []
    for line in told.splitlines():
        left, _, right = line.partition("\t")
        if left.startswith("ref: refs/heads/") and right == "HEAD":
            default = left.removeprefix("ref: refs/heads/")
        elif right.startswith("refs/heads/"):
            branches.append(right.removeprefix("refs/heads/"))
    return default, branches
