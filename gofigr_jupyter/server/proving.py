"""Has figures made again, in the background: on the server of this machine alone, for the user whose machine it is.

In: a task that names revisions. Out: what the command `verify` tells, line by line, as progress and result. It runs as
a process of its own, so that neither code nor pictures of a figure ever reach the server's; team servers run nothing.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.tasks import Job, Kind, TaskFailed, Tasks

KIND = "proof"
MOST = 500  # figures of one task
HOST = "127.0.0.1"
TICK = 0.5
PATIENCE = 10.0  # seconds that the command has to end what it runs
LONGEST_LINE = 1 << 16
_ROOT = Path(__file__).resolve().parents[2]


def register(tasks: Tasks, config: ServerConfig) -> None:
    """Make this kind of task known; it is begun again after a stop, for that does no harm."""
    tasks.register(KIND, Kind(lambda job: _run(job, config), is_repeatable=True))


def _run(job: Job, config: ServerConfig) -> Any:
    if not config.embedded or config.local_token is None:
        raise TaskFailed("This server runs no code; use: gofigr-jupyter verify")
    wanted = [str(one) for one in job.request.get("revisions", ())][:MOST]
    verdicts: dict[str, Any] = {}
    for number, api_id in enumerate(wanted):
        job.report(number / len(wanted), f"Figure {number + 1} of {len(wanted)}")
        verdicts[api_id] = _verify(job, config, api_id, number / len(wanted), 1 / len(wanted))
    return {"verdicts": verdicts}


def _verify(job: Job, config: ServerConfig, api_id: str, begun: float, share: float) -> Any:
    """The verdict on one revision, in its short form. Raises TaskFailed when there is none."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "gofigr_jupyter", "verify", api_id, "--lines"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=config.data_dir,
        env=_environment(config),
        start_new_session=True,
    )
    verdict, problem = None, ""
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in _lines(process.stdout, job):
            told = _told(line)
            if told is None:
                problem = line.strip() if not problem.startswith("Error: ") else problem  # advice may follow
            elif "stage" in told:
                done = told.get("done")
                job.report(begun + share * (done if isinstance(done, int | float) else 0), str(told["stage"])[:200])
            elif "refused" in told:
                raise TaskFailed(str(told["refused"])[:300])
            else:
                verdict = told.get("verdict", verdict)
    finally:
        _end(process)
    if verdict is None:
        raise TaskFailed(problem.removeprefix("Error: ")[:300] or "It ended without a verdict.")
    return verdict


def _lines(stream: IO[str], job: Job) -> Iterator[str]:
    """What the command says, as it says it; in between, whether it is to go on is asked."""
    said: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        with suppress(ValueError, OSError):  # closed, because nobody listens any more
            while line := stream.readline(LONGEST_LINE):
                said.put(line)
        said.put(None)

    threading.Thread(target=listen, name="gofigr-proof", daemon=True).start()
    while True:
        try:
            line = said.get(timeout=TICK)
        except queue.Empty:
            job.check()
            continue
        if line is None:
            return
        yield line


def _told(line: str) -> Mapping[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _end(process: subprocess.Popen[str]) -> None:
    """Ask it to end, so that it ends what it runs, too; then see to it."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _environment(config: ServerConfig) -> dict[str, str]:
    """Our own, with the way to this very server and the key to it; no proxy stands on that way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GF_")}
    direct = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), HOST]))
    return kept | {
        "GF_URL": f"http://{HOST}:{config.port}",
        "GF_API_KEY": str(config.local_token),
        "NO_PROXY": direct,
        "no_proxy": direct,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), kept.get("PYTHONPATH")])),
    }
