"""How fast the server answers when it has years of figures in it: single requests, and four clients that publish."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.crowd import Crowd, populate, revision_body
from tests.benchmarks.numbers import median, quantile
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import THIS, Variant, temporary_folder
from tests.server.processes import API, Server

SIZES = {"large": (1000, 20_000, 200_000), "small": (100, 2_000, 20_000)}
CLIENTS, SECONDS = 4, 10.0
GROWTH = 1.3


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Rows for single requests at full size, the sustained rate, and how the times grow with the size."""
    scale = 1 if effort.settle else 100
    found = {name: _measured([number // scale or 1 for number in size], effort) for name, size in SIZES.items()}
    rows = []
    for what, share, limit in (
        ("GET revision", 0.99, 15),
        ("GET analysis with 200 figures", 0.95, 60),
        ("POST revision with a 30 KB picture", 0.95, 60),
    ):
        times = found["large"][what]
        worst = quantile(times, share)
        label = f"{what}, among 200,000 revisions"
        value = f"{median(times):.1f} ms (p{100 * share:.0f} {worst:.1f})"
        rows.append(Row(label, f"p{100 * share:.0f} ≤ {limit} ms", {THIS: value}, worst <= limit))
    rate = found["large"]["rate"][0]
    rows.append(Row(f"Revisions a second from {CLIENTS} clients", "≥ 40", {THIS: f"{rate:.0f}"}, rate >= 40))
    growth = {what: median(found["large"][what]) / median(found["small"][what]) for what in found["large"] if what != "rate"}
    text = ", ".join(f"{what.split(' with')[0]} {ratio:.2f}×" for what, ratio in growth.items())
    rows.append(Row("The same requests at ten times the size", f"≤ {GROWTH}×", {THIS: text}, max(growth.values()) <= GROWTH))
    return rows


def _measured(size: list[int], effort: Effort) -> dict[str, list[float]]:
    """Milliseconds of each request, in turns so that nothing but the size differs; and the rate."""
    number = 400 if effort.settle else 4
    with temporary_folder() as home:
        crowd = populate(home, analyses=size[0], figures=size[1] + 200, revisions=size[2])
        with Server(home).wait() as server:
            asker = Asker(server)
            requests: dict[str, Callable[[int], object]] = {
                "GET revision": lambda i: asker.get(f"revision/{crowd.revisions[i % len(crowd.revisions)]}/"),
                "GET analysis with 200 figures": lambda _: asker.get(f"analysis/{crowd.analysis}/"),
                "POST revision with a 30 KB picture": lambda i: asker.post(
                    "revision/", revision_body(crowd.figures[i % len(crowd.figures)], i)
                ),
            }
            times: dict[str, list[float]] = {what: [] for what in requests}
            for turn in range(number + 5):
                for what, request in requests.items():
                    took = _timed(request, turn)
                    if turn >= 5:
                        times[what].append(took)
            times["rate"] = [_rate(asker, crowd, SECONDS if effort.settle else 0.5)]
    return times


def _timed(request: Callable[[int], object], turn: int) -> float:
    prepared = request(turn)  # a request that is ready to be sent: making it up is not the server's time
    assert callable(prepared)
    began = time.perf_counter()
    prepared()
    return 1000 * (time.perf_counter() - began)


def _rate(asker: Asker, crowd: Crowd, seconds: float) -> float:
    """Revisions a second, each client sending the next when the last one is answered."""
    done = [0] * CLIENTS
    began = time.perf_counter()

    def publish(me: int) -> None:
        while time.perf_counter() - began < seconds:
            figure = crowd.figures[(me + CLIENTS * done[me]) % len(crowd.figures)]
            asker.post("revision/", revision_body(figure, 100_000 * (me + 1) + done[me]))()
            done[me] += 1

    threads = [threading.Thread(target=publish, args=(me,)) for me in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


class Asker:
    """Requests as the official client sends them: each on a connection of its own."""

    def __init__(self, server: Server) -> None:
        self._address = urlsplit(server.local.url)
        self._headers = {"authorization": f"Token {server.local.token}", "content-type": "application/json"}

    def get(self, path: str) -> Callable[[], None]:
        """A GET, ready to be sent."""
        return lambda: self._send("GET", path, None, 200)

    def post(self, path: str, body: Any) -> Callable[[], None]:
        """A POST, ready to be sent."""
        content = json.dumps(body).encode()
        return lambda: self._send("POST", path, content, 201)

    def _send(self, method: str, path: str, content: bytes | None, status: int) -> None:
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=60)
        try:
            connection.request(method, f"{API}/{path}", content, self._headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != status:
            raise AssertionError(f"{method} {path}: {answer.status} {body[:200]!r}")
