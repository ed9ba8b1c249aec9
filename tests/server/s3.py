"""A real S3 server (SeaweedFS) on loopback ports of its own, for tests of buckets."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

ACCESS, SECRET = "AKIATESTTESTTESTTEST", "verySecretKeyOfTheTests"
KINDS = ("master", "volume", "filer", "s3")


class SeaweedFS:
    """The server; `environment` is what its clients are told, `make` makes buckets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = _free_ports(2 * len(KINDS))
        self.ports = dict(zip(KINDS, ports, strict=False))
        self._grpc = dict(zip(KINDS, ports[len(KINDS) :], strict=True))
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        identity = {"name": "tests", "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}]}
        actions = {"actions": ["Admin", "Read", "Write", "List"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity | actions]}))

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which it is reached."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['s3']}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def start(self) -> SeaweedFS:
        """Start it (again), and wait until it answers."""
        # A folder for the sockets that it would leave behind in /tmp.
        sockets = Path(tempfile.mkdtemp(prefix="weed"))
        self._sockets = sockets
        command = [str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "server", f"-dir={self.folder}"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.config={self.folder / 's3.json'}"]
        command += ["-s3.autoCreateBucket=false", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += ["-master.telemetry=false", "-master.volumePreallocate=false", "-master.volumeSizeLimitMB=64"]
        # Each bucket takes several volumes.
        command += ["-volume.max=1000", f"-filer.localSocket={sockets}/filer", f"-s3.localSocket={sockets}/s3"]
        for kind in KINDS:
            command += [f"-{kind}.port={self.ports[kind]}", f"-{kind}.port.grpc={self._grpc[kind]}"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env=environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "log").read_text()[-3000:]
            if self._answers():
                return self
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text()[-3000:])

    def _answers(self) -> bool:
        try:
            self.make("up")
            return httpx.get(self.environment["AWS_ENDPOINT_URL"], timeout=5).status_code < 500
        except (httpx.HTTPError, AssertionError):
            return False

    def make(self, bucket: str) -> str:
        """A bucket with this name."""
        answer = httpx.post(f"http://127.0.0.1:{self.ports['filer']}/buckets/{bucket}/", timeout=10)
        assert answer.status_code in {201, 409}, answer.text
        return bucket

    def names(self, bucket: str) -> list[str]:
        """The objects in a bucket."""
        found, left = [], [f"/buckets/{bucket}/"]
        while left:
            folder = left.pop()
            listing = httpx.get(
                f"http://127.0.0.1:{self.ports['filer']}{folder}?limit=1000", headers={"accept": "application/json"}
            ).json()
            for entry in listing["Entries"] or ():
                if entry["Mode"] >> 31:  # Go's mark of a folder
                    left.append(entry["FullPath"] + "/")
                else:
                    found.append(entry["FullPath"].removeprefix(f"/buckets/{bucket}/"))
        return sorted(found)

    def stop(self) -> None:
        """End it; what it keeps stays."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            shutil.rmtree(self._sockets)
            for port in self._grpc.values():
                for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    path.unlink(missing_ok=True)


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
