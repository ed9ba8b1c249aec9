"""The git program, run in a folder that may be hostile: no prompt, no network, no writing, and
nothing run that the folder brings along.

In: arguments. Out: what git said, or `Refused` with the reason in a user's words. What is asked is known in `git`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Timer

PATIENCE = 5.0  # seconds for all commands together
SAFE = ("core.fsmonitor=false", "core.pager=cat", "core.hooksPath=/dev/null", "diff.external=", "credential.helper=")
KEPT = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH"}
)


class Refused(Exception):
    """Why there is no state to tell."""


@dataclass(frozen=True)
class Git:
    """Runs git in one folder until a deadline, with options against what a repository may ask for."""

    folder: str
    deadline: float
    options: tuple[str, ...] = SAFE

    @classmethod
    def begun(cls, folder: str) -> Git:
        """All that is asked of it has `PATIENCE` seconds from now on."""
        return cls(folder, time.monotonic() + PATIENCE)

    def __call__(self, *arguments: str, limit: int = 4 * 1024 * 1024) -> str:
        """Run one command and return at most `limit` bytes of what it says."""
        command = ["git", "-C", self.folder]
        for option in self.options:
            command += ["-c", option]
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Refused(f"git took longer than {PATIENCE:g} s")
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
            raise Refused("git is not installed") from error
        except OSError as error:
            raise Refused(f"git could not be started: {error.strerror}") from error
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
        raise Refused(f"git took longer than {PATIENCE:g} s")
    if process.returncode != 0 and not is_cut:
        raise Refused(_explained(problem.decode("utf-8", "replace")))
    return out.decode("utf-8", "replace")


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # its own group since start_new_session
        else:
            process.kill()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in KEPT}
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
    if "must be run in a work tree" in problem:
        return "a git repository without a working tree"
    if "dubious ownership" in problem:
        return "git does not trust this folder, for it belongs to another user (safe.directory)"
    if "cannot change to" in problem:
        return "the working directory does not exist"
    line = problem.strip().splitlines()[0] if problem.strip() else "no reason given"
    return f"git failed: {line.removeprefix('fatal: ')[:200]}"
