"""Find a Chromium on this machine, or install one by the ordinary means."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet: no first-run page, no updates, no reporting; and able to run in a container.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> tuple[str | None, list[str]]:
    """The path of a Chromium and what was tried to get it; the path is None when nothing helped."""
    tried = [f"{', '.join(NAMES)} on PATH"]
    if path := _on_path() or _playwrights_own():
        return path, tried
    tried.append(_run([sys.executable, "-m", "playwright", "install", "chromium"]))
    if path := _playwrights_own():
        return path, tried
    if shutil.which("apt-get") and os.geteuid() == 0:
        tried.append(_run(["apt-get", "update", "-q"]))
        tried.append(_run(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]))
    return _on_path(), tried


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _playwrights_own() -> str | None:
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    places = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*", "chrome-win*/chrome.exe")
    return next((str(path) for place in places for path in root.glob(f"chromium-*/{place}")), None)


def _run(command: list[str]) -> str:
    shown = " ".join(command)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{shown} ({error})"
    last = (done.stderr or done.stdout).strip().splitlines()[-1:] or [""]
    return f"{shown} (exit {done.returncode}: {last[0][:200]})"
