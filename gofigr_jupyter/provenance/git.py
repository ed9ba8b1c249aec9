"""The state of the git repository around a working directory, read with the git program.

In: a folder. Out: GitState, or Missing with the reason. What has not changed since the last look is not asked for
again: each program that runs beside a cell slows it. Not for the kernel's path.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gofigr_jupyter.provenance.git_program import KEPT, SAFE, Git, Refused
from gofigr_jupyter.provenance.remotes import commit_link, without_credentials
from gofigr_jupyter.provenance.secrets import mask_diff
from gofigr_jupyter.records import GitState, Missing

LIMIT = 256 * 1024  # bytes of diff that are kept
_LONGEST_LINE = 2000  # in notebooks, outputs are lines of megabytes
_DIFF = ("diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty")
_STATUS = ("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--ignore-submodules=dirty")
_FRESH = 60.0  # seconds after which even what seems unchanged is asked for again
_MOST_CHANGED = 500  # files that are looked at to see whether a diff still holds

_Stamp = tuple[int, int, int] | None
_Stamps = dict[Path, _Stamp]


def read(working_dir: str | Path) -> GitState | Missing:
    """Read branch, commit, whether tracked files are changed, and the masked diff; takes 20 ms to 5 s."""
    return read_counted(working_dir)[0]


def read_counted(working_dir: str | Path) -> tuple[GitState | Missing, int]:
    """The same, and how many secrets were taken out of the diff."""
    return Reader().read_counted(working_dir)


class Reader:
    """Reads one repository again and again: a clean one, or one whose changes stay, costs one run of git each time."""

    def __init__(self) -> None:
        self._config: _Config | None = None
        self._diff: _Diff | None = None
        self._outside: tuple[_Surroundings, float] | None = None

    def read_counted(self, working_dir: str | Path) -> tuple[GitState | Missing, int]:
        """As the function of this name; not for two threads at once."""
        around = _Surroundings.of(working_dir)
        if self._outside is not None and self._outside[0] == around and _is_fresh(self._outside[1]):
            return Missing("not a git repository"), 0
        try:
            return self._read(Git.begun(str(working_dir)), around)
        except Refused as refusal:
            if str(refusal) == "not a git repository":
                self._outside = (around, time.monotonic())
            return Missing(str(refusal)), 0

    def _read(self, git: Git, around: _Surroundings) -> tuple[GitState | Missing, int]:
        if self._config is None or not self._config.holds(around):
            self._config, self._diff = _Config.read(git, around), None
        config = self._config.settings
        git = Git(git.folder, git.deadline, (*SAFE, *_disarmed(config)))
        status = git(*_STATUS)
        entries = status.split("\0")
        header = dict(line[2:].split(" ", 1) for line in entries if line.startswith("# "))
        commit = header.get("branch.oid", "(initial)")
        if commit == "(initial)":
            return Missing("the git repository has no commit yet"), 0
        branch = header.get("branch.head", "(detached)")
        is_dirty = any(line and not line.startswith("#") for line in entries)
        if not is_dirty:
            self._diff = None
        elif self._diff is None or not self._diff.holds(status):
            self._diff = _Diff.read(git, status, around.root)
        remote = _remote(config, branch)
        state = GitState(
            branch=None if branch == "(detached)" else branch,
            commit=commit,
            is_dirty=is_dirty,
            diff=self._diff.text if self._diff else None,
            remote=without_credentials(remote) if remote else None,
            link=commit_link(remote, commit) if remote else None,
        )
        return state, self._diff.masked if self._diff else 0


# ---------------------------------------------------------------- what holds until something changes


@dataclass(frozen=True)
class _Surroundings:
    """Which repository a folder is in, and under which settings of the environment; found without running git."""

    folder: Path
    root: Path | None
    mark: int  # the inode of the root's `.git`
    variables: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, working_dir: str | Path) -> _Surroundings:
        folder = Path.cwd() / working_dir
        variables = tuple((name, os.environ[name]) for name in sorted((*KEPT, "HOME")) if name in os.environ)
        for place in (folder, *folder.parents):
            stamp = _stamp(place / ".git")
            if stamp is not None:
                return cls(folder, place, stamp[0], variables)
        return cls(folder, None, 0, variables)


@dataclass(frozen=True)
class _Config:
    """Every setting in force: key -> (scope, value), the last one said; and the files that said so."""

    settings: dict[str, tuple[str, str]]
    around: _Surroundings
    stamps: _Stamps
    at: float

    @classmethod
    def read(cls, git: Git, around: _Surroundings) -> _Config:
        at, settings, files = time.monotonic(), {}, set(_usual_files(around))
        stamps = _stamps(files)  # before they are read: what changes meanwhile is seen the next time
        fields = git("config", "--list", "--show-scope", "--show-origin", "-z").split("\0")
        for scope, origin, entry in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
            key, _, value = entry.partition("\n")
            settings[key] = (scope, value)
            if origin.startswith("file:"):
                files.add(around.folder / origin.removeprefix("file:"))
        return cls(settings, around, _stamps(files - stamps.keys()) | stamps, at)

    def holds(self, around: _Surroundings) -> bool:
        return around == self.around and _is_fresh(self.at) and _stamps(self.stamps) == self.stamps


@dataclass(frozen=True)
class _Diff:
    """The changes since the commit, for one answer of status and one state of the files that it names."""

    text: str | None
    masked: int
    status: str
    stamps: _Stamps
    at: float

    @classmethod
    def read(cls, git: Git, status: str, root: Path | None) -> _Diff:
        at, stamps = time.monotonic(), _stamps(_changed_files(status, root))
        return cls(*_diff(git), status, stamps, at)

    def holds(self, status: str) -> bool:
        is_known = 0 < len(self.stamps) <= _MOST_CHANGED
        return is_known and status == self.status and _is_fresh(self.at) and _stamps(self.stamps) == self.stamps


def _is_fresh(since: float) -> bool:
    return time.monotonic() - since < _FRESH


def _usual_files(around: _Surroundings) -> Iterable[Path]:
    """Those that may begin to exist; HEAD, since settings may hang on the branch."""
    yield Path("/etc/gitconfig")
    home = os.environ.get("HOME")
    if home:
        yield from (Path(home, ".gitconfig"), Path(home, ".config", "git", "config"))
    if around.root is not None:
        yield from (around.root / ".git" / name for name in ("config", "config.worktree", "HEAD"))


def _changed_files(status: str, root: Path | None) -> Iterable[Path]:
    """The paths in an answer of status; none when one of them cannot be told for sure."""
    if root is None:
        return []
    fields = {"1": 8, "u": 10}  # how many stand before the path
    entries = [entry for entry in status.split("\0") if entry and not entry.startswith("#")]
    if any(entry[:1] not in fields for entry in entries):  # renamed: two paths, rare enough to ask again
        return []
    return [root / entry.split(" ", fields[entry[0]])[-1] for entry in entries]


def _stamps(files: Iterable[Path]) -> _Stamps:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> _Stamp:
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


# ---------------------------------------------------------------- what is read


def _disarmed(config: dict[str, tuple[str, str]]) -> list[str]:
    """Options against the filters that the repository itself defines: they are programs that status and diff run.

    Those of the user's own configuration (git-lfs) stay.
    """
    options = []
    for key, (scope, _) in config.items():
        if scope in {"local", "worktree"} and key.startswith("filter."):
            if key.endswith((".clean", ".smudge", ".process")):
                options.append(f"{key}=")
            elif key.endswith(".required"):
                options.append(f"{key}=false")
    return options


def _remote(config: dict[str, tuple[str, str]], branch: str) -> str | None:
    """The URL of the branch's own remote, else of origin, else of the first."""
    urls = {k[7:-4]: value for k, (_, value) in config.items() if k.startswith("remote.") and k.endswith(".url")}
    _, own = config.get(f"branch.{branch}.remote", ("", ""))
    return urls.get(own) or urls.get("origin") or next(iter(urls.values()), None)


def _diff(git: Git) -> tuple[str | None, int]:
    """The changes since the commit, code before notebooks, masked and cut."""
    try:
        text = git(*_DIFF, "--", ":(top)", ":(top,exclude)*.ipynb", limit=LIMIT)
        if len(text) < LIMIT:
            notebooks = git(*_DIFF, "--", ":(top)*.ipynb", limit=4 * LIMIT)
            text += "".join(_shortened(line) for line in notebooks.splitlines(keepends=True))
    except Refused:
        return None, 0  # branch and commit are worth having without it
    is_cut = len(text) > LIMIT
    masked, count = mask_diff(text[:LIMIT])
    return (masked + "\n... (cut here: the diff is longer)\n" if is_cut else masked), count


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:200]}... ({len(line)} characters)\n"
