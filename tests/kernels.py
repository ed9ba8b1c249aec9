"""A real kernel for tests: start one, run cells as a notebook would, read what the front end would be given."""

from __future__ import annotations

import os
import queue
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

REPOSITORY = Path(__file__).parent.parent
CARD_PREFIX = "gofigr-"
LOOK = 2.0  # seconds between two looks at whether a silent kernel is alive


@dataclass
class Ran:
    """What one cell sent out, in order, and how it ended."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The contents of messages of some kinds."""
        return [m["content"] for m in self.messages if m["msg_type"] in kinds]

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Everything displayed: figures and cards."""
        return self.of("display_data", "execute_result")

    @property
    def figures(self) -> list[dict[str, Any]]:
        """What the user's own code displayed."""
        return [c for c in self.shown if not is_card(c)]

    @property
    def cards(self) -> list[dict[str, Any]]:
        """What we displayed."""
        return [c for c in self.shown if is_card(c)]

    @property
    def text(self) -> str:
        """stdout and stderr together."""
        return "".join(c["text"] for c in self.of("stream"))

    @property
    def error(self) -> str | None:
        """The exception that the cell ended with."""
        return "\n".join(self.reply.get("traceback", [])) if self.reply.get("status") == "error" else None


def is_card(content: dict[str, Any]) -> bool:
    """Whether a display is a card of ours."""
    return str(content.get("transient", {}).get("display_id", "")).startswith(CARD_PREFIX)


class LiveKernel:
    """One running kernel."""

    def __init__(self, env: dict[str, str], cwd: Path, python: str = sys.executable) -> None:
        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(
            argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"], display_name="test", language="python"
        )
        self.manager.start_kernel(env=env, cwd=str(cwd))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def ask(self, code: str, cell_id: str | None = None) -> str:
        """Send a cell as JupyterLab does; the id of the request."""
        message = self.client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
             "stop_on_error": False},
            metadata={"cellId": cell_id or uuid.uuid4().hex[:8]},
        )
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, code: str, *, cell_id: str | None = None, timeout: float = 60, check: bool = True) -> Ran:
        """Run a cell and wait for its end; with `check`, an exception in it is an error here."""
        asked, ran, deadline = self.ask(code, cell_id), Ran(), time.monotonic() + timeout
        while True:
            got = self._next(self.client.get_iopub_msg, deadline, code)
            if got["parent_header"].get("msg_id") != asked:
                continue
            ran.messages.append(got)
            if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
                break
        while ran.reply == {}:
            reply = self._next(self.client.get_shell_msg, deadline, code)
            if reply["parent_header"].get("msg_id") == asked:
                ran.reply = reply["content"]
        if check and ran.error:
            raise AssertionError(ran.error)
        return ran

    def _next(self, get: Callable[..., dict[str, Any]], deadline: float, code: str) -> dict[str, Any]:
        """The next message of a channel. Raises TimeoutError when time is up, and soon after the kernel has died."""
        while True:
            left = deadline - time.monotonic()
            try:
                return get(timeout=max(0.01, min(left, LOOK)))
            except queue.Empty:
                if not self.manager.is_alive():
                    raise TimeoutError(f"the kernel died in: {code[:200]}") from None
                if left <= LOOK:
                    raise TimeoutError(f"the cell did not end in time: {code[:200]}") from None

    def value(self, expression: str) -> Any:
        """Evaluate an expression that prints as JSON."""
        import json

        return json.loads(self.run(f"import json as _j; print(_j.dumps({expression}))").text)

    def kill(self) -> None:
        """SIGKILL, as a crash would be."""
        self.manager.shutdown_kernel(now=True)

    def close(self) -> None:
        """End it and free its channels."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


def kernel_env(home: Path, **more: str) -> dict[str, str]:
    """An environment in which only the given state folder is used."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GF_", "FIG1_"))}
    path = os.pathsep.join(p for p in [str(REPOSITORY), env.get("PYTHONPATH", "")] if p)
    user = home.parent / "user"
    user.mkdir(exist_ok=True)
    return env | {
        "GOFIGR_JUPYTER_HOME": str(home),
        "HOME": str(user),
        "IPYTHONDIR": str(user / ".ipython"),
        "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", str(Path.home() / ".config" / "matplotlib")),
        "PYTHONPATH": path,
        "GOFIGR_JUPYTER_WORKER_IDLE": "20",
        "GOFIGR_JUPYTER_SERVER_IDLE": "60",
    } | more


@contextmanager
def live_kernel(home: Path, **env: str) -> Iterator[LiveKernel]:
    """A kernel for a block."""
    kernel = LiveKernel(kernel_env(home, **env), home.parent)
    try:
        yield kernel
    finally:
        kernel.close()
