"""A real JupyterLab or Notebook server over a folder of notebooks, with nothing of the developer's own."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

KERNEL = "gofigr-test"
LATER = pytest.param("notebook", marks=pytest.mark.long)  # the other front end, in the long tier
SIGNED_IN = "gofigr-signed-in"  # a kernel whose session is signed in at the server of the tests
SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}


@dataclass
class Site:
    """A running server; `app` is `lab` or `notebook`."""

    app: str
    root: Path
    state: Path = field(repr=False)
    port: int
    token: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, notebook: str) -> str:
        """Where a browser opens a notebook of the folder, signed in."""
        place = f"lab/tree/{notebook}?reset&" if self.app == "lab" else f"notebooks/{notebook}?"
        return f"{self.url}/{place}token={self.token}"

    def add_kernel(self, name: str, environment: Mapping[str, str]) -> None:
        """One more kind of kernel, or another one of this name: `environment` is added to what it sees."""
        _write_kernel(self.state / "data", name, environment)

    def forget_looks(self) -> None:
        """The next page that is opened has the colours that everybody begins with."""
        (self.state / "settings" / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings").unlink(missing_ok=True)

    def kernels(self) -> list[dict[str, Any]]:
        return json.loads(self._request("GET", "api/kernels"))

    def shut_kernels(self) -> None:
        """End every kernel, as a night does to an open notebook."""
        for session in json.loads(self._request("GET", "api/sessions")):
            self._request("DELETE", f"api/sessions/{session['id']}")

    def stop(self) -> None:
        """End the server, and with it its kernels."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)

    def _request(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(
            f"{self.url}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()


def start_site(app: str, root: Path, state: Path, environment: Mapping[str, str] | None = None) -> Site:
    """Start a server over `root`; its configuration, kernels' home and runtime files live below `state`.

    `environment` is added to what its kernels see. Raises RuntimeError with the log when it does not come up.
    """
    home = state / "home"
    home.mkdir(parents=True, exist_ok=True)
    _write_kernel(state / "data", KERNEL, environment or {})
    _write_settings(state / "settings")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    log = state / f"{app}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            _command(app, root, port), stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, cwd=root,
            env=_environment(state, home, token), start_new_session=True,
        )  # fmt: skip
    site = Site(app, root, state, port, token, process, log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            site.kernels()
            return site
        except OSError:
            time.sleep(0.1)
    site.stop()
    raise RuntimeError(f"{app} did not start:\n{log.read_text(errors='replace')[-4000:]}")


def write_notebook(path: Path, *cells: str, kernel: str = KERNEL) -> Path:
    """A notebook of code cells, for a kernel of the harness."""
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    nbformat.write(notebook, path)
    return path


def _command(app: str, root: Path, port: int) -> list[str]:
    quiet = {
        "lab": ["jupyterlab", "--expose-app-in-browser"],
        "notebook": ["notebook", "--JupyterNotebookApp.expose_app_in_browser=True"],
    }[app]
    return [
        sys.executable, "-m", *quiet,
        "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}",
        "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LanguageServerManager.autodetect=False",
    ]  # fmt: skip


def _environment(state: Path, home: Path, token: str) -> dict[str, str]:
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR")
    checkout = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": checkout,
        "HOME": str(home),
        "JUPYTER_TOKEN": token,  # not on the command line, where other users could read it
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "IPYTHONDIR": str(state / "ipython"),
        "GOFIGR_JUPYTER_HOME": str(state / "gofigr"),
    }


def _write_kernel(data: Path, name: str, environment: Mapping[str, str]) -> None:
    folder = data / "kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": name, "language": "python", "env": dict(environment)}
    (folder / "kernel.json").write_text(json.dumps(spec))


def _write_settings(folder: Path) -> None:
    for name, values in SETTINGS.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
