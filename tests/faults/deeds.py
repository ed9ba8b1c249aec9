"""What processes do while they are struck: each says on its stdout what it has achieved."""

from __future__ import annotations

import json
import os
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import OutboxError
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.publishing import Publisher
from gofigr_jupyter.records import Parcel, Rendition
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig, loopback_hosts
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.worker import lane
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.loop import Worker
from tests.fakes.draws import FakeDraws

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would rather be tested with another HTTP client
    from starlette.testclient import TestClient

PORT = 51234
TOKEN = "ab" * 33
API = "/api/v1.4.1"


def say(word: str) -> None:
    """This much is done. No buffer between it and the reader, and not by the calls that are made to fail."""
    os.writev(1, [f"{word}\n".encode()])


def put(home: Path, parcel: Parcel) -> None:
    """The bare enqueue, through the fsyncs."""
    box = Outbox(home)
    try:
        box.put(parcel)
    except OutboxError:
        say("refused")
    else:
        say("returned")
        box.flush()
        say("flushed")


def publish(home: Path, parcel: Parcel) -> None:
    """As kernels and scripts do it: an identity from the stock, the parcel, the index of what was shown last."""
    publisher = Publisher(Settings(home=home, formats=()))
    ids = replace(publisher.mint(), client_id=parcel.client_id)
    try:
        publisher.publish(ids, parcel.target, parcel.capture, parcel.provenance, "digest")
    except OutboxError:
        say("refused")
    else:
        say("returned")


class DeadlyDraws(FakeDraws):
    """Ends the process when it comes to drawing: phase 1 is done then, phase 2 has not begun."""

    def render(self, parcel: Parcel) -> list[Rendition]:
        os._exit(0)


def work(home: Path, *, until_drawing: bool = False) -> None:
    """A worker that ends when all is done."""
    lane.Backoff = lambda *_: Backoff(0.02, 0.2)  # type: ignore[assignment, misc]
    worker, box = Worker(home, DeadlyDraws() if until_drawing else FakeDraws(), poll=0.01), Outbox(home)

    def watch() -> None:
        while box.list("new", "taken"):
            time.sleep(0.01)
        worker.stop()

    threading.Thread(target=watch, daemon=True).start()
    worker.run()
    say("done")


@contextmanager
def serving(folder: Path) -> Iterator[TestClient]:
    """The app on a data folder, and its local user."""
    app = create_app(ServerConfig(folder, PORT, embedded=True, local_token=TOKEN, allowed_hosts=loopback_hosts(PORT)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = TestClient(
                app, base_url=f"http://127.0.0.1:{PORT}", headers={"authorization": f"Token {TOKEN}"}
            )
        del client.headers["user-agent"]
        with client:
            yield client
    finally:
        app.state.darkroom.close()
        app.state.store.close()


def start_server(folder: Path) -> None:
    """The server's first start in a folder, or a later one."""
    with serving(folder):
        say("started")


def put_online(folder: Path, key: str, order: dict[str, str], content: bytes) -> None:
    """A file comes to the CDN, as Fig1's reference has it."""
    with serving(folder) as client:
        target = client.post("/api/sdk/assets/upload", json=order, headers={"X-Fig1-API-Key": key}).json()["data"]
        say("asked " + json.dumps(target))
        answer = client.put(target["uploadUrl"], content=content, headers={"content-type": order["contentType"]})
        say(f"put {answer.status_code}")
        os._exit(0)


def look(folder: Path, address: str) -> None:
    """A file of the CDN is looked at."""
    with serving(folder) as client:
        say(f"seen {client.get(address).status_code}")
        os._exit(0)


def arrive(folder: Path, draft: dict[str, Any]) -> None:
    """A revision comes in, and the process ends as soon as it is answered."""
    with serving(folder) as client:
        answer = client.post(f"{API}/revision/", json=draft)
        say(str(answer.status_code))
        os._exit(0)
