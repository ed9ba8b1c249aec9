"""`python -m gofigr_jupyter.worker`: the worker of the state folder that the environment names."""

from __future__ import annotations

import logging
import signal

from gofigr_jupyter.settings import state_home
from gofigr_jupyter.worker.loop import Worker, idle_seconds
from gofigr_jupyter.worker.render import Renderer


def main() -> None:
    """Run until idle, SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every request
    worker = Worker(state_home(), Renderer(), idle=idle_seconds())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    main()
