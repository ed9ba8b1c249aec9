"""Asks the Jupyter server that runs this kernel for the notebook's path; always in a background thread.

In: the kernel's id and the files that running servers leave in the user's runtime folder. Out: Notebook or None within
half a second. The token of a server goes into the header of a request to that server alone.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gofigr_jupyter.provenance.notebook import of_path
from gofigr_jupyter.records import Notebook

PATIENCE = 0.5  # seconds in all
_LARGEST = 4 * 1024 * 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def ask(hints: Mapping[str, str]) -> Notebook | None:
    """Find the session of this kernel on the servers that may run it; None when none answers in time."""
    deadline = time.monotonic() + PATIENCE
    if hints.get("COLAB_JUPYTER_IP"):
        port = hints.get("KMP_TARGET_PORT", "9000")
        sessions = _sessions(f"http://{hints['COLAB_JUPYTER_IP']}:{port}/", "", deadline)
        names = [str(session.get("name", "")) for session in sessions]
        return Notebook(names[0], None, "Colab") if names and names[0] else None
    kernel_id = _kernel_id(hints)
    if kernel_id is None:
        return None
    for server in _servers(runtime_folder(hints), hints.get("JPY_PARENT_PID", "")):
        for session in _sessions(str(server.get("url", "")), str(server.get("token", "")), deadline):
            if (session.get("kernel") or {}).get("id") == kernel_id:
                return _notebook(session, server)
    return None


def runtime_folder(hints: Mapping[str, str]) -> Path:
    """Where Jupyter servers note that they run."""
    if hints.get("JUPYTER_RUNTIME_DIR"):
        return Path(hints["JUPYTER_RUNTIME_DIR"])
    if hints.get("connection_file"):
        return Path(hints["connection_file"]).parent
    if hints.get("JUPYTER_DATA_DIR"):
        return Path(hints["JUPYTER_DATA_DIR"]) / "runtime"
    home = Path(hints.get("HOME") or hints.get("USERPROFILE") or "/nonexistent")
    if sys.platform == "darwin":
        return home / "Library" / "Jupyter" / "runtime"
    if sys.platform == "win32":
        return Path(hints.get("APPDATA") or home) / "jupyter" / "runtime"
    return Path(hints.get("XDG_DATA_HOME") or home / ".local" / "share") / "jupyter" / "runtime"


def _kernel_id(hints: Mapping[str, str]) -> str | None:
    if hints.get("kernel_id"):
        return hints["kernel_id"]
    match = re.search(r"kernel-([0-9a-f-]{36})\.json$", hints.get("connection_file", ""))
    return match[1] if match else None


def _servers(folder: Path, parent: str) -> Iterator[dict[str, Any]]:
    """The servers that are noted as running, this kernel's own parent first, then the newest."""
    noted = []
    try:
        for path in (*folder.glob("jpserver-*.json"), *folder.glob("nbserver-*.json")):
            noted.append((path.stem.endswith(f"-{parent}"), path.stat().st_mtime, path))
    except OSError:
        return
    for _, _, path in sorted(noted, reverse=True)[:20]:
        try:
            server = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        # A dead server's port may be another program's by now: that one must not be told the token.
        if isinstance(server, dict) and _is_ours(path) and _is_running(server.get("pid")):
            yield server


def _is_ours(path: Path) -> bool:
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()


def _is_running(pid: Any) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    if sys.platform == "win32":  # os.kill would end it there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _sessions(url: str, token: str, deadline: float) -> list[dict[str, Any]]:
    """`GET api/sessions`; an empty list for whatever is not a proper answer in time. Redirects are not followed."""
    left = deadline - time.monotonic()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return []
    if left <= 0 or not host or parts.scheme not in {"http", "https"}:
        return []
    connection = _connection(parts.scheme, host, port, left)
    try:
        headers = {"Accept": "application/json"} | ({"Authorization": f"token {token}"} if token else {})
        connection.request("GET", f"{parts.path.rstrip('/')}/api/sessions", headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read(_LARGEST)) if response.status == 200 else []
    except (OSError, ValueError, http.client.HTTPException):
        return []
    finally:
        connection.close()
    return [session for session in answer if isinstance(session, dict)] if isinstance(answer, list) else []


def _connection(scheme: str, host: str, port: int | None, timeout: float) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout)
    context = ssl.create_default_context()
    if host in _LOOPBACK:  # certificates of local servers are home-made
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)


def _notebook(session: dict[str, Any], server: dict[str, Any]) -> Notebook | None:
    path = str(session.get("path") or (session.get("notebook") or {}).get("path") or "")
    path = path.removeprefix("RTC:")  # with real-time collaboration
    if not path or session.get("type", "notebook") != "notebook":
        return None
    root = str(server.get("root_dir") or server.get("notebook_dir") or "")
    return of_path(str(Path(root) / path) if root else path, "Jupyter server")
