"""A forked kernel, and cells that may not come to an end because somebody kills it."""

from __future__ import annotations

import contextlib
import queue
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_core.utils import ensure_event_loop

from tests.faults.nursery import Nursery, short_name
from tests.kernels import LiveKernel, Ran, kernel_env


class ForkedKernel(LiveKernel):
    """A kernel out of the nursery; `pid` is its process."""

    def __init__(self, source: Nursery, env: dict[str, str], cwd: Path) -> None:
        self._source = source
        name = short_name()
        file, _ = write_connection_file(
            str(source.folder / f"{name}.json"), transport="ipc", ip=str(source.folder / name), key=uuid.uuid4().hex.encode()
        )
        self.pid = source.start("kernel", env, cwd, (file,), source.folder / "kernel.log")
        self.client = BlockingKernelClient(connection_file=file)
        self.client.load_connection_file()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=60)
        except BaseException:
            self.close()
            raise

    def kill(self) -> None:
        """SIGKILL."""
        self._source.kill(self.pid)

    def close(self) -> None:
        """End it and free its channels."""
        self.kill()
        self.client.stop_channels()

    def attempt(self, code: str, timeout: float = 60) -> tuple[Ran, bool]:
        """Run a cell in a kernel that may be killed; what was seen of it, and whether its reply was."""
        asked = self.ask(code)
        ran, deadline, is_idle, was_alive = Ran(), time.monotonic() + timeout, False, True
        while time.monotonic() < deadline:
            is_up = self._source.lives(self.pid)
            heard = self._hear(asked, ran)
            is_idle = is_idle or heard
            if ran.reply and is_idle:
                return ran, True
            if not is_up and not was_alive:  # one more round after its death: what it sent is still in the sockets
                return ran, bool(ran.reply)
            was_alive = is_up
        raise TimeoutError(code)

    def _hear(self, asked: str, ran: Ran) -> bool:
        """Take what has come on both channels; whether the cell has ended."""
        is_idle = False
        with contextlib.suppress(queue.Empty):
            while True:
                got: dict[str, Any] = self.client.get_iopub_msg(timeout=0.03)
                if got["parent_header"].get("msg_id") == asked:
                    ran.messages.append(got)
                    if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
                        is_idle = True
                        break
        with contextlib.suppress(queue.Empty):
            while not ran.reply:
                got = self.client.get_shell_msg(timeout=0.03 if is_idle else 0.001)
                if got["parent_header"].get("msg_id") == asked:
                    ran.reply = got["content"]
        return is_idle


@contextlib.contextmanager
def own_loop() -> Iterator[None]:
    """For threads that talk to kernels: close the event loop that jupyter_client makes for each of them."""
    try:
        yield
    finally:
        ensure_event_loop().close()


def forked(source: Nursery, home: Path, **env: str) -> ForkedKernel:
    """A kernel for a state folder."""
    return ForkedKernel(source, kernel_env(home, **env), home.parent)
