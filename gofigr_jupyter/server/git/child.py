"""Runs git where it can do nothing but what it is asked: no prompts, no configuration, one protocol, no redirects.

Time, processor, memory and the size of what it writes are bounded; a private key lies on disk while it runs, no longer.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gofigr_jupyter.server.fetching import Place, Unreachable
from gofigr_jupyter.server.git.address import Address

TICK = 0.05
OLDEST = (2, 37)  # older ones do not know curloptResolve, and would resolve the name again
PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "SYSTEMROOT")
# Bounds that git's own children inherit; a shell sets them: Python code between fork and exec is not safe with threads.
BOUNDED = 'ulimit -t "$1" && ulimit -f "$2" && { ulimit -v 3145728 2>/dev/null || :; } && shift 2 && exec "$@"'
SETTINGS = (
    "credential.helper=",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.bigFileThreshold=16m",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=20",
    "http.proxy=",
    "transfer.bundleURI=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "i18n.logOutputEncoding=UTF-8",
)


class Stopped(Unreachable):
    """git was ended: it took too long, or brought too much."""


@dataclass(frozen=True)
class Done:
    """How git ended; what it said is in a file that the next call in this folder writes anew."""

    code: int
    output: Path
    complaint: str

    @property
    def text(self) -> str:
        """What it said, which for people's file names and commits may be in any encoding."""
        return self.output.read_text("utf-8", "replace")


@dataclass(frozen=True)
class Bounds:
    """How long git may take, and how many bytes it may write: each file, and what stands in the folder afterwards."""

    seconds: float
    size: int


def run(
    arguments: Sequence[str],
    folder: Path,
    bounds: Bounds,
    *,
    environment: dict[str, str] | None = None,
    watch: Callable[[], None] | None = None,
) -> Done:
    """Run git in a folder of its own; `watch` may raise to end it. Raises Stopped and Unreachable."""
    shell = ["/bin/sh", "-c", BOUNDED, "sh", str(int(bounds.seconds) + 5), str(bounds.size // 512 + 1)]
    settings = [part for one in SETTINGS for part in ("-c", one)]
    output, complaint = folder / "stdout", folder / "stderr"
    with output.open("wb") as out, complaint.open("wb") as err:
        process = subprocess.Popen(
            [*shell, program(), *settings, *arguments],
            cwd=folder,
            env=_bare(folder) | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            _wait(process, folder, bounds, watch)
        finally:
            _end(process)
    with complaint.open("rb") as told:
        text = told.read(20_000).decode("utf-8", "replace")
    if process.returncode in {-signal.SIGXFSZ, 128 + signal.SIGXFSZ} or "File too large" in text:
        raise Stopped(too_large(bounds))
    return Done(process.returncode, output, text)


def too_large(bounds: Bounds) -> str:
    """What people are told."""
    return f"The repository is larger than {bounds.size >> 20} MB."


@cache
def program() -> str:
    """The git command. Raises Unreachable without one that is new enough."""
    found = shutil.which("git")
    if found is None:
        raise Unreachable("git is not installed on this server.")
    done = subprocess.run([found, "version"], capture_output=True, text=True, check=False, timeout=20)
    match = re.search(r"(\d+)\.(\d+)", done.stdout)
    if match is None or (int(match[1]), int(match[2])) < OLDEST:
        raise Unreachable(f"The git of this server is older than {OLDEST[0]}.{OLDEST[1]}.")
    return found


def to_network(address: Address, place: Place, folder: Path, key: bytes | None, known_hosts: Path) -> dict[str, str]:
    """What git's environment needs to reach exactly this place; writes the key into the folder."""
    allowed = {"https", "ssh"} | ({"http"} if place.is_named else set())
    if address.scheme not in allowed:
        raise Unreachable("This server reads repositories by https and ssh only.")
    environment = {"GIT_ALLOW_PROTOCOL": address.scheme}
    if address.scheme == "ssh":
        if key is None:
            raise Unreachable("An address of ssh needs an SSH key.")
        path = folder / "key"
        path.touch(mode=0o600)
        path.write_bytes(key)
        return environment | {"GIT_SSH_COMMAND": _ssh(place, path, known_hosts), "GIT_SSH_VARIANT": "ssh"}
    addresses = ",".join(f"[{one}]" if ":" in one else one for one in place.addresses)
    pinned = f"{place.host}:{place.port}:{addresses}"
    return environment | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.curloptResolve",
        "GIT_CONFIG_VALUE_0": pinned,
    }


def _ssh(place: Place, key: Path, known_hosts: Path) -> str:
    alias = place.host if place.port == 22 else f"[{place.host}]:{place.port}"
    known = str(known_hosts).replace("%", "%%")
    options = (
        f"HostName={place.addresses[0]}",
        f"HostKeyAlias={alias}",
        f'UserKnownHostsFile="{known}"',
        "GlobalKnownHostsFile=/dev/null",
        "StrictHostKeyChecking=accept-new",
        "CheckHostIP=no",
        "UpdateHostKeys=no",
        "BatchMode=yes",
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        "PreferredAuthentications=publickey",
        "ClearAllForwardings=yes",
        "PermitLocalCommand=no",
        "ProxyCommand=none",
        "ControlPath=none",
        "ConnectTimeout=10",
    )
    return shlex.join(["ssh", "-F", "/dev/null", "-i", str(key), *(part for one in options for part in ("-o", one))])


def _bare(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "SSH_ASKPASS": "false",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }


def _wait(process: subprocess.Popen[bytes], folder: Path, bounds: Bounds, watch: Callable[[], None] | None) -> None:
    deadline, rounds = time.monotonic() + bounds.seconds, 0
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(TICK)
            return
        if watch is not None:
            watch()
        if time.monotonic() > deadline:
            raise Stopped(f"The repository did not answer in full within {bounds.seconds:.0f} seconds.")
        rounds += 1
        if rounds % 10 == 0 and _size(folder) > bounds.size:
            raise Stopped(too_large(bounds))


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # git renames and removes while we look
            total += path.lstat().st_size
    return total


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:  # only then its number is surely its own
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with its helpers
        process.wait()
