"""Real kernels, workers and servers in a tenth of the time: forked from one process that has everything imported.

What runs is the same code on the same sockets and files; only the imports are saved. `python -m tests.faults.nursery
SOCKET` is that process; it ends, and everything that it made with it, when its stdin closes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pickle
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
MUTANT = "GOFIGR_TEST_MUTANT"
_PR_SET_PDEATHSIG = 1

# Stands in for the Python that starts workers and servers; whatever else is asked of it, it passes on.
_SHIM = """\
#!{python} -IS
import json, os, socket, sys
roles = {{"gofigr_jupyter.worker": "worker", "gofigr_jupyter.server": "server"}}
role = roles.get(sys.argv[2]) if sys.argv[1:2] == ["-m"] and len(sys.argv) > 2 else None
if role is None:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as line:
    line.connect({path!r})
    order = {{"role": role, "argv": sys.argv[3:], "env": dict(os.environ), "cwd": os.getcwd()}}
    socket.send_fds(line, [b"%08d" % len(json.dumps(order))], [0, 1, 2])
    line.sendall(json.dumps(order).encode())
    line.recv(64)
"""


class Nursery:
    """The process that forks, and what it has made."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gfn-"))
        self.path = self.folder / "line"
        self.python = self.folder / "python"
        self.python.write_text(_SHIM.format(python=sys.executable, path=str(self.path)))
        self.python.chmod(self.python.stat().st_mode | stat.S_IXUSR)
        env = os.environ | {
            "PYTHONPATH": str(REPOSITORY),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery", str(self.path), str(self.python)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, cwd=REPOSITORY,
        )
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        assert ready == b"ready\n", "the nursery did not start"

    def start(self, role: str, env: dict[str, str], cwd: Path, argv: tuple[str, ...] = (), log: Path | None = None) -> int:
        """Fork one; its process id."""
        descriptor = os.open(log or cwd / f"{role}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        order = {"role": role, "argv": list(argv), "env": env, "cwd": str(cwd)}
        try:
            return int(self._ask(order, [descriptor] * 3))
        finally:
            os.close(descriptor)

    def do(self, deed: Callable[[], object], stdin: int, stdout: int) -> int:
        """Fork one that waits for a word on stdin, then does what can be pickled; its process id."""
        order = {"role": "deed", "argv": [pickle.dumps(deed).hex()], "env": dict(os.environ), "cwd": str(self.folder)}
        return int(self._ask(order, [stdin, stdout, stdout]))

    def alive(self, home: Path, role: str) -> list[int]:
        """The processes of a role that serve a home, the kernels' children too."""
        return list(json.loads(self._ask({"role": "?", "of": role, "home": str(home)}, [0, 1, 2])))

    def lives(self, pid: int) -> bool:
        """Whether a process of ours still runs."""
        return self._ask({"role": "lives?", "pid": pid}, [0, 1, 2]) == "true"

    def kill(self, pid: int) -> None:
        """SIGKILL for a process of ours; it is gone when this returns. Only its parent can know that the id is its own."""
        self._ask({"role": "kill", "pid": pid}, [0, 1, 2])

    def _ask(self, order: dict[str, Any], descriptors: list[int]) -> str:
        text = json.dumps(order).encode()
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.path))
            socket.send_fds(line, [b"%08d" % len(text)], descriptors)
            line.sendall(text)
            answer = b"".join(iter(lambda: line.recv(4096), b"")).decode()
            assert answer, "the nursery did not answer"
            return answer

    def close(self) -> None:
        """End it, and with it all that it made."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """One for a block."""
    made = Nursery()
    try:
        yield made
    finally:
        made.close()


# ---------------------------------------------------------------- the process itself


def _preload() -> None:
    import importlib

    for name in """
        ipykernel.kernelapp ipykernel.ipkernel ipykernel.inprocess IPython.core.completer matplotlib.pyplot
        matplotlib.backends.backend_agg gofigr_jupyter.extension.loading gofigr_jupyter.widgets.card
        gofigr_jupyter.worker.loop gofigr_jupyter.worker.render gofigr_jupyter.worker.__main__
        gofigr_jupyter.server.run gofigr_jupyter.server.app uvicorn.protocols.http.auto uvicorn.loops.auto
        tests.faults.mutants tests.faults.deeds
    """.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


class _Children:
    """What was forked. An id stays a child's own until it is reaped here, so no signal can reach a stranger."""

    def __init__(self) -> None:
        self._living: dict[int, tuple[str, str]] = {}  # process -> home, role

    def add(self, pid: int, home: str, role: str) -> None:
        self._living[pid] = (home, role)

    def reap(self) -> None:
        for pid in list(self._living):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._living[pid]

    def of(self, home: str, role: str) -> list[int]:
        self.reap()
        return [pid for pid, known in self._living.items() if known == (home, role)]

    def lives(self, pid: int) -> bool:
        self.reap()
        return pid in self._living

    def kill(self, pid: int) -> None:
        if self.lives(pid):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            del self._living[pid]

    def kill_all(self) -> None:
        for pid in list(self._living):
            self.kill(pid)


def _serve(path: str) -> None:
    made = _Children()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen(64)
        door.settimeout(0.1)
        print("ready", flush=True)
        while not select.select([0], [], [], 0)[0]:  # until stdin closes
            made.reap()
            try:
                line, _ = door.accept()
            except TimeoutError:
                continue
            with line:
                line.settimeout(10)
                with contextlib.suppress(OSError, ValueError):
                    _answer(line, made, door)
    made.kill_all()


def _answer(line: socket.socket, made: _Children, door: socket.socket) -> None:
    head, descriptors, _, _ = socket.recv_fds(line, 8, 3)
    text = b""
    while len(text) < int(head):
        text += line.recv(int(head) - len(text))
    order = json.loads(text)
    match order["role"]:
        case "?":
            answer = json.dumps(made.of(order["home"], order["of"]))
        case "lives?":
            answer = json.dumps(made.lives(order["pid"]))
        case "kill":
            made.kill(order["pid"])
            answer = "killed"
        case role:
            pid = os.fork()
            if pid == 0:
                door.close()
                line.close()
                _become(order, descriptors)
            made.add(pid, order["env"].get("GOFIGR_JUPYTER_HOME", ""), role)
            answer = str(pid)
    line.sendall(answer.encode())
    for descriptor in descriptors:
        os.close(descriptor)


def _become(order: dict[str, Any], descriptors: list[int]) -> None:
    """What the forked process does for the rest of its life."""
    code = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        for place, descriptor in enumerate(descriptors):
            os.dup2(descriptor, place)
        for descriptor in descriptors:
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        sys.argv = [order["role"], *order["argv"]]
        code = _live(order["role"])
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _live(role: str) -> int:
    mutate = os.environ.get(MUTANT)
    if mutate and role in {"worker", "server"}:
        from tests.faults import mutants

        mutants.apply(mutate, role)
    if role == "worker":
        from gofigr_jupyter.worker.__main__ import main as work

        work()
    elif role == "server":
        from gofigr_jupyter.server.__main__ import main as serve

        return int(serve(["--embedded"]) or 0)
    elif role == "deed":
        deed = pickle.loads(bytes.fromhex(sys.argv[1]))  # noqa: S301 - from the test beside us
        os.write(1, b"ready\n")
        os.read(0, 2)
        deed()
    elif role == "kernel":
        sys.path.insert(0, "")
        from ipykernel.kernelapp import launch_new_instance

        launch_new_instance(["-f", sys.argv[1]])
    return 0


def short_name() -> str:
    """A name for a socket file; their paths must be short."""
    return uuid.uuid4().hex[:8]


if __name__ == "__main__":
    sys.executable = sys.argv[2]
    _preload()
    # Run as a module, so that what pickles and tracebacks name is importable.
    from tests.faults.nursery import _serve as serve_forever

    serve_forever(sys.argv[1])
