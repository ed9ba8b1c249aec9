"""Every crash point of one put: killed before each of its system calls, and after the last."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gofigr_jupyter.errors import OutboxError
from gofigr_jupyter.outbox.box import Outbox

# Forks one process for each point, since starting an interpreter for each would take its time.
CODE = """
import os, signal, sys
from pathlib import Path
from gofigr_jupyter.outbox.box import Outbox
from tests.outbox.parcels import a_parcel

CALLS = ("open", "mkdir", "rename", "write", "close")
home = Path(sys.argv[1])
for point in range(200):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        box = Outbox(home / f"{point:03d}")
        box.put(a_parcel())  # the folders are there, as for any put but the first
        kill, left, say = os.kill, [point], os.write

        def dying(call):
            def wrapped(*args, **kwargs):
                if left[0] == 0:
                    kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1
                return call(*args, **kwargs)

            return wrapped

        for name in CALLS:
            setattr(os, name, dying(getattr(os, name)))
        box.put(a_parcel())
        left[0] = 1_000
        say(writer, b"!")
        kill(os.getpid(), signal.SIGKILL)
    os.close(writer)
    os.waitpid(pid, 0)
    returned = os.read(reader, 1) == b"!"
    os.close(reader)
    print(point, int(returned))
    if returned:
        break
"""


def test_a_kill_at_any_point_of_a_put_leaves_all_or_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120
    )
    points = [line.split() for line in done.stdout.splitlines()]
    assert len(points) > 10
    assert [returned for _, returned in points] == ["0"] * (len(points) - 1) + ["1"]
    found = []
    for point, _ in points:
        box = Outbox(tmp_path / f"{int(point):03d}")
        entries = box.list("new")
        for entry in entries:
            try:
                box.read(entry)
            except OutboxError as error:
                raise AssertionError(f"half a parcel after a kill at {point}") from error
        found.append(len(entries) - 1)
    assert set(found) == {0, 1}
    assert found == sorted(found)  # nothing, until the one rename that makes it all
    assert found[-1] == 1
