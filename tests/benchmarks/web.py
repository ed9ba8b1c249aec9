"""The CDN over HTTP, in a process of its own: a large file in, beside copying and hashing it; small pictures out; memory.

The sender is a bare socket, which costs next to nothing, and then our own client. For the pictures the server has one
core, and who asks the other.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from blake3 import blake3
from PIL import Image

from gofigr_jupyter import Fig1
from gofigr_jupyter.server.cdn import sites
from tests.benchmarks.numbers import median
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import THIS, Variant, temporary_folder
from tests.server.cdn.files import mp4
from tests.server.processes import Server

FACTOR, MEMORY, TREE, HITS = 1.5, 64, 512, 1000
BLOCK = 1 << 20
CONNECTIONS = 8
ASKS_FOR = "/api/sdk/assets/upload"


@dataclass(frozen=True)
class Service:
    """A running server, and a key for it."""

    server: Server
    key: str

    def target(self, name: str, kind: str) -> dict[str, Any]:
        """Where a file may be put."""
        with self.server.client() as client:
            body = {"filename": name, "contentType": kind}
            answer = client.post(ASKS_FOR, json=body, headers={"x-fig1-api-key": self.key})
            data: dict[str, Any] = answer.raise_for_status().json()["data"]
            return data

    def put(self, name: str, kind: str, path: Path) -> str:
        """Send a file as fast as can be; the path that it has there."""
        target, size = self.target(name, kind), path.stat().st_size
        head = f"PUT {urlsplit(target['uploadUrl']).path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: {kind}\r\n"
        with self.connected() as line, path.open("rb") as file:
            line.sendall(f"{head}Content-Length: {size}\r\nConnection: close\r\n\r\n".encode())
            line.sendfile(file, 0, size)
            answer = b"".join(iter(lambda: line.recv(BLOCK), b""))
        if b" 200 " not in answer.partition(b"\r\n")[0]:
            raise ValueError(answer[:500])
        return urlsplit(target["cdnUrl"]).path

    @property
    def host(self) -> str:
        """As it is called."""
        return f"127.0.0.1:{self.server.local.port}"

    def connected(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.server.local.port))

    def processor_seconds(self) -> float:
        """What it has used so far, itself."""
        used = psutil.Process(self.server.process.pid).cpu_times()
        return used.user + used.system

    def peak(self) -> float:
        """The most megabytes it ever had."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def memory(self) -> float:
        """Megabytes that it and its children have now; what they share counts once."""
        own = psutil.Process(self.server.process.pid)
        return sum(_pss(one.pid) for one in [own, *own.children(recursive=True)])


def measure(_: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """All rows."""
    with _service() as service, temporary_folder() as folder:
        uploads = _uploads(service, folder, 500 if effort.settle else 4, min(effort.repeats, 7))
        return [*uploads, *_cached(service, folder, effort), _many(service, folder, 10_000 if effort.settle else 20)]


@contextmanager
def _service() -> Iterator[Service]:
    with temporary_folder() as home, Server(home, GOFIGR_JUPYTER_SERVER_IDLE="600") as server:
        server.wait()
        made = sites.add_key(home / "server", "default", None, embedded=True)
        yield Service(server, str(made["key"]))


# ---------------------------------------------------------------- a large file in


def _uploads(service: Service, folder: Path, megabytes: int, repeats: int) -> list[Row]:
    film, copy = folder / "film.mp4", folder / "copy"
    _film(film, 3)
    service.put("small.mp4", "video/mp4", film)
    before = service.peak()
    ways: dict[str, Callable[[], object]] = {
        "bare": lambda: service.put("film.mp4", "video/mp4", film),
        "client": lambda: _by_client(service, film),
        "sha256": lambda: _copied(film, copy, hashlib.sha256()),
        "blake3": lambda: _copied(film, copy, blake3()),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    used = []
    for turn in range(repeats):
        for name in _rotated(list(ways), turn):
            copy.unlink(missing_ok=True)
            _film(film, megabytes)  # a new one, of which the server has nothing yet
            os.sync()
            _free_memory(folder, megabytes)
            began, spent = time.perf_counter(), service.processor_seconds()
            ways[name]()
            times[name].append(time.perf_counter() - began)
            if name == "bare":
                used.append(service.processor_seconds() - spent)
    least = {name: min(values) for name, values in times.items()}
    cost = f"the server's processor {min(used):.2f} s"
    rows = []
    for copied, hashed in (("sha256", "SHA-256"), ("blake3", "BLAKE3, as the server has it")):
        bare, ours = least["bare"] / least[copied], least["client"] / least[copied]
        text = f"{bare:.2f}× by a bare sender ({least['bare']:.2f} s, {cost}), {ours:.2f}× by our own client"
        text += f"; the copy takes {least[copied]:.2f} s"
        what = f"{megabytes} MB uploaded, beside a copy with fsync and {hashed}; the best of {repeats}"
        rows.append(Row(what, f"≤ {FACTOR}×", {THIS: text}, max(bare, ours) <= FACTOR))
    more = service.peak() - before
    return [*rows, Row("Memory that the server takes for it", f"≤ {MEMORY} MB", {THIS: f"{more:.0f} MB"}, more <= MEMORY)]


def _rotated(names: list[str], turn: int) -> list[str]:
    return names[turn % len(names) :] + names[: turn % len(names)]


def _free_memory(folder: Path, megabytes: int) -> None:
    """Have the machine hold memory ready, of the kind that files take: where it is a guest, new pages come slowly."""
    block, unwanted = bytes(BLOCK), folder / "unwanted"
    with unwanted.open("wb", buffering=0) as file:
        for _ in range(3 * megabytes):
            file.write(block)
    unwanted.unlink()


def _by_client(service: Service, film: Path) -> None:
    with Fig1(service.key, service.server.local.url) as fig1:
        fig1.upload(film)


def _copied(source: Path, target: Path, digest: Any) -> None:
    with source.open("rb", buffering=0) as read, target.open("wb", buffering=0) as write:
        while block := read.read(BLOCK):
            digest.update(block)
            write.write(block)
        os.fsync(write.fileno())


def _film(path: Path, megabytes: int) -> None:
    """A film of noise, as large as that."""
    with path.open("wb") as file:
        file.write(mp4())
        for _ in range(megabytes - 1):
            file.write(os.urandom(BLOCK))
        file.write(os.urandom(BLOCK - len(mp4())))


# ---------------------------------------------------------------- small pictures out


def _cached(service: Service, folder: Path, effort: Effort) -> list[Row]:
    path = service.put("photo.jpg", "image/jpeg", _noise(folder, 800, 600))
    cores = sorted(os.sched_getaffinity(0))
    number = 4000 if effort.settle else 30
    own = psutil.Process(service.server.process.pid)
    try:
        for thread in own.threads():
            os.sched_setaffinity(thread.id, {cores[0]})
        os.sched_setaffinity(0, {cores[-1]})
        rows = []
        for what, query, accept in (
            ("Made pictures a second over HTTP, on one core", "?w=400", "image/webp"),
            ("The same of an original", "", "*/*"),
        ):
            raw = f"GET {path}{query} HTTP/1.1\r\nHost: {service.host}\r\nAccept: {accept}\r\n\r\n".encode()
            _asked(service, raw, CONNECTIONS)
            rates, costs = [], []
            for _ in range(3):
                began, spent = time.perf_counter(), service.processor_seconds()
                _asked(service, raw, number)
                rates.append(number / (time.perf_counter() - began))
                costs.append(number / max(0.01, service.processor_seconds() - spent))
            text = f"{max(rates):.0f} (per second of the processor {median(costs):.0f})"
            rows.append(Row(what, f"≥ {HITS}", {THIS: text}, max(rates) >= HITS))
        return rows
    finally:
        for thread in own.threads():
            os.sched_setaffinity(thread.id, set(cores))
        os.sched_setaffinity(0, set(cores))


def _asked(service: Service, raw: bytes, number: int) -> None:
    """The same request so often, over a few connections that are kept."""
    with selectors.DefaultSelector() as selector:
        sent = 0
        for _ in range(CONNECTIONS):
            line = service.connected()
            selector.register(line, selectors.EVENT_READ, bytearray())
            line.sendall(raw)
            sent += 1
        done = 0
        while done < number:
            for key, _ in selector.select():
                line, have = key.fileobj, key.data
                assert isinstance(line, socket.socket)
                have += line.recv(BLOCK)
                if not _is_whole(have):
                    continue
                have.clear()
                done += 1
                if sent < number:
                    line.sendall(raw)
                    sent += 1
        for key in list(selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()


def _is_whole(answer: bytearray) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise ValueError(bytes(answer[:end]))
    found = re.search(rb"content-length: (\d+)", answer[:end])
    return found is not None and len(answer) >= end + 4 + int(found[1])


# ---------------------------------------------------------------- memory


def _many(service: Service, folder: Path, number: int) -> Row:
    """So many sizes of one picture, and pictures that are bombs, four at a time."""
    path = service.put("photo2.jpg", "image/jpeg", _noise(folder, 640, 480))
    asks = [f"{path}?w={1 + turn % 100}&h={1 + turn // 100}&fit=cover&f=jpeg" for turn in range(number)]
    for name, content in _bombs():
        (folder / name).write_bytes(content)
        where = service.put(name, f"image/{name.partition('.')[2]}", folder / name)
        asks += [f"{where}?w={width}" for width in range(9, 13)]
    with service.server.client() as client, ThreadPoolExecutor(4) as threads, _watched(service) as seen:
        for status in threads.map(lambda ask: client.get(ask).status_code, asks):
            if status >= 500:
                raise ValueError(f"answered with {status}")
    what = f"Memory of the server and its children, {number} sizes of a picture and three bombs on"
    return Row(what, f"≤ {TREE} MB", {THIS: f"{max(seen):.0f} MB"}, max(seen) <= TREE)


@contextmanager
def _watched(service: Service) -> Iterator[list[float]]:
    """What the server and its children have, again and again."""
    seen, ended = [service.memory()], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            seen.append(service.memory())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _bombs() -> Iterator[tuple[str, bytes]]:
    yield "white.png", _saved(Image.new("1", (30_000, 30_000)), "PNG")
    yield "large.png", _saved(Image.new("L", (9_000, 5_500)), "PNG")
    frames = [Image.new("P", (2000, 2000), number) for number in range(100)]
    yield "frames.gif", _saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


def _noise(folder: Path, width: int, height: int) -> Path:
    path = folder / f"{width}.jpg"
    path.write_bytes(_saved(Image.effect_noise((width, height), 60).convert("RGB"), "JPEG", quality=80))
    return path


def _saved(picture: Image.Image, format_: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, format_, **options)
    return out.getvalue()


def _pss(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (OSError, ValueError):  # it has just ended
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
