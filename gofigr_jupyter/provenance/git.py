"""The state of the git repository around a working directory, read with the git program.

In: a folder. Out: GitState, or Missing with the reason. The folder may be hostile: git gets no chance to prompt, to
reach a network, to write, or to run what the repository's own configuration asks for. Not for the kernel's path.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer

from gofigr_jupyter.provenance.remotes import commit_link, without_credentials
from gofigr_jupyter.provenance.secrets import mask_diff
from gofigr_jupyter.records import GitState, Missing

LIMIT = 256 * 1024  # bytes of diff that are kept
PATIENCE = 5.0  # seconds for all commands together
_LONGEST_LINE = 2000  # in notebooks, outputs are lines of megabytes
_SAFE = ("core.fsmonitor=false", "core.pager=cat", "core.hooksPath=/dev/null", "diff.external=", "credential.helper=")
_DIFF = ("diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty")
_KEPT = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH"}
)


def read(working_dir: str | Path) -> GitState | Missing:
    """Read branch, commit, whether tracked files are changed, and the masked diff; takes 20 ms to 5 s."""
    return read_counted(working_dir)[0]


def read_counted(working_dir: str | Path) -> tuple[GitState | Missing, int]:
    """The same, and how many secrets were taken out of the diff."""
    try:
        return _read(_Git(str(working_dir), time.monotonic() + PATIENCE))
    except _Refused as refusal:
        return Missing(str(refusal)), 0


class _Refused(Exception):
    """Why there is no state to tell."""


@dataclass(frozen=True)
class _Git:
    folder: str
    deadline: float
    options: tuple[str, ...] = _SAFE

    def __call__(self, *arguments: str, limit: int = 4 * 1024 * 1024) -> str:
        """Run one command and return at most `limit` bytes of what it says."""
        command = ["git", "-C", self.folder]
        for option in self.options:
            command += ["-c", option]
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise _Refused(f"git took longer than {PATIENCE:g} s")
        try:
            process = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,  # no terminal to ask at, and Ctrl-C in the notebook does not reach it
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except FileNotFoundError as error:
            raise _Refused("git is not installed") from error
        except OSError as error:
            raise _Refused(f"git could not be started: {error.strerror}") from error
        return _answer(process, left, limit)


def _answer(process: subprocess.Popen[bytes], seconds: float, limit: int) -> str:
    late = Event()

    def end() -> None:
        late.set()
        _kill(process)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    with process:
        out = process.stdout.read(limit + 1) if process.stdout else b""
        is_cut = len(out) > limit
        if is_cut:
            _kill(process)
        problem = process.stderr.read(4096) if process.stderr and not is_cut else b""
    timer.cancel()
    if late.is_set():
        raise _Refused(f"git took longer than {PATIENCE:g} s")
    if process.returncode != 0 and not is_cut:
        raise _Refused(_explained(problem.decode("utf-8", "replace")))
    return out.decode("utf-8", "replace")


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # its own group since start_new_session
        else:
            process.kill()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    return kept | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",  # `git status` would write the index
        "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what the diff lacks
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "LC_ALL": "C",
    }


def _explained(problem: str) -> str:
    if "not a git repository" in problem:
        return "not a git repository"
    if "dubious ownership" in problem:
        return "git does not trust this folder, for it belongs to another user (safe.directory)"
    if "cannot change to" in problem:
        return "the working directory does not exist"
    line = problem.strip().splitlines()[0] if problem.strip() else "no reason given"
    return f"git failed: {line.removeprefix('fatal: ')[:200]}"


# ---------------------------------------------------------------- what is read


def _read(git: _Git) -> tuple[GitState | Missing, int]:
    if git("rev-parse", "--is-inside-work-tree").strip() != "true":
        return Missing("a git repository without a working tree"), 0
    config = _config(git)
    git = _Git(git.folder, git.deadline, (*_SAFE, *_disarmed(config)))
    status = git("status", "--porcelain=v2", "--branch", "--untracked-files=no", "--ignore-submodules=dirty")
    lines = status.splitlines()
    header = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# "))
    commit = header.get("branch.oid", "(initial)")
    if commit == "(initial)":
        return Missing("the git repository has no commit yet"), 0
    branch = header.get("branch.head", "(detached)")
    is_dirty = any(not line.startswith("#") for line in lines)
    diff, masked = _diff(git) if is_dirty else (None, 0)
    remote = _remote(config, branch)
    state = GitState(
        branch=None if branch == "(detached)" else branch,
        commit=commit,
        is_dirty=is_dirty,
        diff=diff,
        remote=without_credentials(remote) if remote else None,
        link=commit_link(remote, commit) if remote else None,
    )
    return state, masked


def _config(git: _Git) -> dict[str, tuple[str, str]]:
    """Every setting in force: key -> (scope, value), the last one said."""
    settings: dict[str, tuple[str, str]] = {}
    fields = git("config", "--list", "--show-scope", "-z").split("\0")
    for scope, entry in zip(fields[::2], fields[1::2], strict=False):
        key, _, value = entry.partition("\n")
        settings[key] = (scope, value)
    return settings


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


def _diff(git: _Git) -> tuple[str | None, int]:
    """The changes since the commit, code before notebooks, masked and cut."""
    try:
        text = git(*_DIFF, "--", ":(top)", ":(top,exclude)*.ipynb", limit=LIMIT)
        if len(text) < LIMIT:
            notebooks = git(*_DIFF, "--", ":(top)*.ipynb", limit=4 * LIMIT)
            text += "".join(_shortened(line) for line in notebooks.splitlines(keepends=True))
    except _Refused:
        return None, 0  # branch and commit are worth having without it
    is_cut = len(text) > LIMIT
    masked, count = mask_diff(text[:LIMIT])
    return (masked + "\n... (cut here: the diff is longer)\n" if is_cut else masked), count


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:200]}... ({len(line)} characters)\n"
