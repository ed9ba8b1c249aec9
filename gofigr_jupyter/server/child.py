"""Both ends of a pipe: a child process of little memory and time reads a stranger's file, and sends what it finds.

A frame is a JSON header and raw bytes. A bomb, or a flaw in a decoder, costs the child. It gets nothing of the server's
environment.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, BinaryIO

from gofigr_jupyter.errors import GoFigrError

MEMORY = 1 << 30
GENTLE = 10  # its priority, as `nice` has it
SECONDS = 120
MOST_HEADER = 4 << 20
MOST_BLOBS = 1000
MOST_BYTES = 1 << 30  # of all frames together
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
ROOT = Path(__file__).resolve().parents[2]
LENGTH = struct.Struct(">I")

Frame = tuple[dict[str, Any], list[bytes]]
Reader = Callable[[BinaryIO], Iterator[Frame]]


class Unreadable(GoFigrError):
    """A file cannot be read; the text says no more than that."""


# ---------------------------------------------------------------- the child's end


def main(read: Reader) -> None:
    """Send what `read` finds in the file that is standard input."""
    _confine()
    for header, blobs in read(sys.stdin.buffer):
        _send(sys.stdout.buffer, header, blobs)
    sys.stdout.buffer.flush()


def spare(*modules: str) -> None:
    """Do without libraries that others load where they are: it would take longer than the child's own work."""
    sys.modules.update(dict.fromkeys(modules))  # type: ignore[arg-type]  # None is what the import system looks for


def _confine() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))  # its complaints
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(stream: BinaryIO, header: dict[str, Any], blobs: Sequence[bytes]) -> None:
    text = json.dumps(header | {"sizes": [len(blob) for blob in blobs]}).encode()
    stream.write(LENGTH.pack(len(text)) + text)
    for blob in blobs:
        stream.write(blob)


# ---------------------------------------------------------------- the server's end


def frames(
    module: str,
    path: Path,
    check: Callable[[], None],
    *,
    arguments: Sequence[str] = (),
    seconds: float | None = None,
    gently: bool = False,
) -> Iterator[Frame]:
    """What the module's child finds in a file; `check` may raise between frames. Raises Unreadable.

    The child is ended after `seconds`, by default SECONDS. `gently` it takes only the time that others leave.
    """
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"PYTHONPATH": str(ROOT)}
    with path.open("rb") as source, tempfile.TemporaryFile() as complaint:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=complaint,
            env=environment,
            cwd=os.sep,
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        if gently and hasattr(os, "setpriority"):  # not on Windows
            with suppress(ProcessLookupError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + GENTLE)
        alarm = threading.Timer(SECONDS if seconds is None else seconds, process.kill)
        alarm.start()
        try:
            left = MOST_BYTES
            while (frame := _receive(process.stdout, left)) is not None:
                left -= sum(map(len, frame[1]))
                check()
                yield frame
            if process.wait() != 0:
                raise Unreadable("The file cannot be read.")
        finally:
            alarm.cancel()
            alarm.join()
            process.kill()
            process.stdout.close()
            process.wait()


def _receive(stream: IO[bytes], most: int) -> Frame | None:
    head = stream.read(LENGTH.size)
    if not head:
        return None
    try:
        length = LENGTH.unpack(head)[0]
        header: dict[str, Any] = json.loads(_exactly(stream, length) if length <= MOST_HEADER else b"")
        sizes = header.pop("sizes")
        if len(sizes) > MOST_BLOBS or sum(sizes) > most or min(sizes, default=0) < 0:
            raise Unreadable("There is too much in the file.")
        return header, [_exactly(stream, size) for size in sizes]
    except (struct.error, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Unreadable("The file cannot be read.") from error


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise Unreadable("The file cannot be read.")
    return data
