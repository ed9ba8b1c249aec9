"""The card's "Make again": starts the command `verify` as a process of its own and passes on what it says.

In: a figure's id, the settings, somebody to tell. Out: short words, as they come. Nothing of it runs in the kernel: a
thread of ours reads a pipe; unloading ends the process, and what it runs.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gofigr_jupyter.settings import HOME_VARIABLE, Settings

_log = logging.getLogger("gofigr_jupyter")
_MOST = 3  # at a time: they would only take the processor from one another
_BEGUN = "Being made again"
_ROOT = Path(__file__).resolve().parents[2]
_OTHERS = ("PYTHONINSPECT", "PYTHONSTARTUP", "MPLBACKEND")  # meant for the kernel

Tell = Callable[[str], None]


class Proofs:
    """The processes of one session that make figures again, at most one for each figure."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, subprocess.Popen[str]] = {}

    def start(self, client_id: str, settings: Settings, tell: Tell) -> dict[str, Any]:
        """Begin, unless it is under way; `tell` is called from a thread of ours. Raises OSError."""
        with self._lock:
            if client_id in self._running:
                return {"problem": "It is being made again already"}
            if len(self._running) >= _MOST:
                return {"problem": f"{_MOST} figures are being made again already; try it when they are done"}
            self._running[client_id] = _started(client_id, settings)
        tell(_BEGUN)
        threading.Thread(target=self._follow, args=(client_id, tell), name="gofigr-proof", daemon=True).start()
        return {}

    def close(self) -> None:
        """End them all."""
        with self._lock:
            for process in self._running.values():
                process.terminate()

    def _follow(self, client_id: str, tell: Tell) -> None:
        process = self._running[client_id]
        said, problem = "", ""
        try:
            for line in process.stdout or ():
                told = _told(line)
                if told is None:
                    problem = line.strip() if not problem.startswith("Error: ") else problem  # advice may follow
                elif "stage" in told:
                    tell(f"{_BEGUN}: {told['stage']}")
                else:
                    said = str(told.get("said") or told.get("refused") or said)
            tell(said or f"Could not be made again: {problem.removeprefix('Error: ')}")
        except Exception:  # noqa: BLE001 - a thread of ours must not end in the user's cell
            _log.exception("a proof could not be followed")
        finally:
            with suppress(OSError):
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
            with self._lock:
                self._running.pop(client_id, None)


def _started(client_id: str, settings: Settings) -> subprocess.Popen[str]:
    where = ["--local"] if settings.is_embedded else []
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gofigr_jupyter", "verify", client_id, "--lines", *where],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=settings.home,
        env=_environment(settings),
        start_new_session=True,  # an interrupt is meant for the kernel
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The kernel's own, with the settings of this session in place of others; no secret stands in a command line."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GF_") and k not in _OTHERS}
    kept[HOME_VARIABLE] = str(settings.home)
    for name in ("url", "api_key", "username", "password"):
        value = getattr(settings, name)
        if value is not None:
            kept[f"GF_{name.upper()}"] = str(value)
    if not {"site-packages", "dist-packages"} & set(_ROOT.parts):  # imported from a checkout: it must be found again
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_ROOT), kept.get("PYTHONPATH")]))
    return kept


def _told(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
