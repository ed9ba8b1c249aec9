"""Looks for what is wrong, for `%gofigr doctor` and `gofigr-jupyter doctor`: one finding for each thing looked at.

In: settings. Out: Findings, each with what was found and what to do about it. Changes nothing but a probe file, starts
nothing, and never raises.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError, ConnectionFailed, GoFigrError, Unauthorized
from gofigr_jupyter.local import HOST, local_server
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.spawn import alive

_LITTLE_SPACE = 500 * 1024**2
_SECONDS = 10.0  # that a server may take to answer
_HIDDEN = frozenset({"api_key", "password"})
_BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome", "msedge", "brave")
_APPLICATIONS = ("/Applications/Google Chrome.app", "/Applications/Chromium.app")
_NEEDED = ("ipython", "anywidget", "cloudpickle", "pillow", "httpx", "fastapi")
_USUAL = ("ipykernel", "ipywidgets", "jupyterlab_widgets", "matplotlib", "plotly")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; a finding that is not serious costs a convenience only."""

    ok: bool
    what: str
    found: str
    advice: str = ""
    is_serious: bool = True


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything in turn; yields as it goes, for some checks take a second."""
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _python, _settings, _home, _port, _server, _worker, _outbox, _git, _browser, _packages,
    )  # fmt: skip
    for look in looks:
        try:
            yield from look(settings)
        except (OSError, GoFigrError, ValueError) as error:
            what = look.__name__.strip("_").replace("_", " ")
            yield Finding(False, what, f"could not be looked at: {error}", "Mend what is said above first.")


# ---------------------------------------------------------------- this machine


def _python(_: Settings) -> Iterator[Finding]:
    found = f"{platform.python_version()} ({sys.executable}) on {platform.platform()}"
    yield Finding(sys.version_info >= (3, 11), "Python", found, "Use Python 3.11 or later.")


def _settings(settings: Settings) -> Iterator[Finding]:
    told = list(origins(settings))
    yield Finding(True, "settings", "; ".join(told) if told else "all at their defaults")
    path = settings.config_file
    if (
        path is not None
        and os.name == "posix"
        and path.stat().st_mode & 0o077
        and (settings.api_key or settings.password)
    ):
        yield Finding(False, "settings file", f"{path} can be read by others", f"Run: chmod 600 {path}")


def origins(settings: Settings) -> Iterator[str]:
    """Each setting that is not at its default, with where it came from; secrets are not shown."""
    in_file: dict[str, Any] = {}
    if settings.config_file is not None:
        in_file = json.loads(settings.config_file.read_text(encoding="utf-8"))
    for field in fields(settings):
        value = getattr(settings, field.name)
        usual = field.default_factory() if field.default_factory is not MISSING else field.default
        variable = "GOFIGR_JUPYTER_HOME" if field.name == "home" else f"GF_{field.name.upper()}"
        if field.name == "config_file" or (value == usual and not os.environ.get(variable)):
            continue
        origin = "this session"
        if os.environ.get(variable):
            origin = variable
        elif field.name in in_file or (field.name == "url" and (in_file or os.environ.get("GF_API_KEY"))):
            origin = str(settings.config_file or "GF_API_KEY")
        yield f"{field.name} = {'(hidden)' if field.name in _HIDDEN else value} ({origin})"


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    probe = home / f".probe-{secrets.token_hex(4)}"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding(
            False,
            "state folder",
            f"{home} cannot be written to: {error.strerror}",
            "Set GOFIGR_JUPYTER_HOME to a folder that can be.",
        )
        return
    yield Finding(True, "state folder", str(home))
    free = shutil.disk_usage(home).free
    yield Finding(
        free > _LITTLE_SPACE,
        "disk space",
        f"{free / 1024**3:.1f} GB free",
        "Make room, or move the state folder with GOFIGR_JUPYTER_HOME.",
    )


def _git(_: Settings) -> Iterator[Finding]:
    program = shutil.which("git")
    if program is None:
        advice = "Install git, and figures will tell the commit they came from."
        yield Finding(False, "git", "not installed", advice, is_serious=False)
        return
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False)
    yield Finding(done.returncode == 0, "git", done.stdout.strip() or done.stderr.strip()[:200], is_serious=False)


def _browser(_: Settings) -> Iterator[Finding]:
    kaleido = _version("kaleido")
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None) or os.environ.get("BROWSER_PATH")
    browser = browser or next((path for path in _APPLICATIONS if Path(path).exists()), None)
    found = f"{browser or 'no Chrome'}, {f'kaleido {kaleido}' if kaleido else 'no kaleido'}"
    advice = "For static pictures of plotly figures: pip install 'gofigr-jupyter[kaleido]'"
    if kaleido and not browser:
        advice = "For static pictures of plotly figures install Chrome or Chromium, or run: kaleido_get_chrome"
    yield Finding(bool(kaleido and browser), "plotly pictures", found, advice, is_serious=False)


def _packages(_: Settings) -> Iterator[Finding]:
    needed = {name: _version(name) for name in _NEEDED}
    gone = [name for name, found in needed.items() if found is None]
    told = ", ".join(f"{name} {found}" for name in (*_NEEDED, *_USUAL) if (found := needed.get(name) or _version(name)))
    yield Finding(not gone, "packages", told, f"Run: pip install {' '.join(gone)}")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


# ---------------------------------------------------------------- server, worker, outbox


def _port(settings: Settings) -> Iterator[Finding]:
    if not settings.is_embedded:
        return
    port = local_server(settings.home).port
    if alive(settings.home, "server"):
        yield Finding(True, "port", f"{port}, where the embedded server is running")
        return
    with socket.socket() as probe:
        probe.settimeout(1.0)
        is_taken = probe.connect_ex((HOST, port)) == 0
    advice = "End that program; else the server will take another port, and links in old notebooks go dead."
    found = f"{port} is taken by another program" if is_taken else f"{port} is free"
    yield Finding(not is_taken, "port", found, advice)


def _server(settings: Settings) -> Iterator[Finding]:
    if settings.is_embedded and not alive(settings.home, "server"):
        yield Finding(True, "server", "the embedded one starts with the next figure")
        return
    where = "the embedded server" if settings.is_embedded else str(settings.url)
    try:
        with GoFigr(settings=settings, timeout=_SECONDS, patience=0) as gf:
            user = gf.user().username
    except Unauthorized:
        yield Finding(False, "server", f"{where} does not accept this sign-in", "Run: gofigr-jupyter login")
    except ConnectionFailed as error:
        advice = "Figures wait on this machine and are sent when it answers."
        if settings.is_embedded:
            advice = f"See {settings.home / 'run' / 'server.log'}."
        yield Finding(False, "server", str(error), advice)
    except APIError as error:
        yield Finding(False, "server", f"{where} answered {error}", "Try again later; figures wait on this machine.")
    else:
        yield Finding(True, "server", f"{where} answers, signed in as {user}")


def _worker(settings: Settings) -> Iterator[Finding]:
    counts = Outbox(settings.home).counts()
    waiting = counts["new"] + counts["taken"]
    if alive(settings.home, "worker"):
        yield Finding(True, "worker", "running")
    elif waiting:
        advice = f"Run: gofigr-jupyter push. Why it ended is in {settings.home / 'run' / 'worker.log'}."
        yield Finding(False, "worker", f"not running, though {waiting} figures wait", advice)
    else:
        yield Finding(True, "worker", "starts with the next figure")


def _outbox(settings: Settings) -> Iterator[Finding]:
    outbox = Outbox(settings.home)
    counts = outbox.counts()
    found = f"{counts['new'] + counts['taken']} on the way, {counts['failed']} failed"
    advice = "See: gofigr-jupyter outbox list; then: gofigr-jupyter outbox retry"
    yield Finding(counts["failed"] == 0, "outbox", found, advice)
    told = set()
    for entry in outbox.list("new", "taken"):
        receipt = read_receipt(settings.home, entry.client_id)
        if receipt is not None and receipt.problem and receipt.problem not in told:
            told.add(receipt.problem)
            yield Finding(False, "waiting", receipt.problem, receipt.advice or "It is tried again by itself.")
    report = outbox.fsck()
    if report.damaged:
        advice = "They cannot be sent; look at them with: gofigr-jupyter outbox fsck"
        yield Finding(False, "outbox files", f"{len(report.damaged)} damaged", advice)
