"""Runs the server: one per data folder, on its own port, until it is told to end or nobody has asked for long.

The socket listens before anything heavy is imported, so that a client that is early waits instead of failing.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gofigr_jupyter import spawn
from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.local import FORBIDDEN_PORTS, HOST, LocalServer, draw_port, local_server
from gofigr_jupyter.server.config import (
    IDLE_SECONDS,
    IDLE_VARIABLE,
    ServerConfig,
    configured_hosts,
    database,
    direct_uploads,
    embeddings,
    loopback_hosts,
    package_version,
    public_host,
    public_url,
    reachable,
    secure_cookies,
    trusted_proxies,
)
from gofigr_jupyter.server.insight import settings as insight_settings
from gofigr_jupyter.server.mail import from_environment
from gofigr_jupyter.settings import write_private

if TYPE_CHECKING:
    import asyncio

    import uvicorn
    from fastapi import FastAPI

log = logging.getLogger(__name__)
PORT_PATIENCE = 3.0  # seconds that a stranger at our port is given to go away
TICK = 0.25
QUIET = 20.0  # seconds without a request after which there is time to tidy up


@dataclass
class Activity:
    """When requests came and how many are being answered; the server's only clock for ending itself."""

    last: float = field(default_factory=time.monotonic)
    running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seen(self) -> None:
        """A request begins."""
        with self._lock:
            self.last, self.running = time.monotonic(), self.running + 1

    def left(self) -> None:
        """A request has ended."""
        with self._lock:
            self.last, self.running = time.monotonic(), self.running - 1

    def idle_for(self) -> float:
        """Seconds without a request."""
        with self._lock:
            return 0.0 if self.running else time.monotonic() - self.last


def serve_embedded(home: Path) -> int:
    """Run the embedded server of a state folder until it ends; the exit status. A second one leaves at once."""
    hold = spawn.hold(home, "server")
    if hold is None:
        print("The embedded server of this folder is running already.", flush=True)
        return 0
    _prepare_process()
    local = local_server(home)
    with _folder_lock(local.data_dir):
        listener, local = _listener(local)
        status = home / "run" / "server.json"
        state = {"pid": os.getpid(), "port": local.port, "version": package_version()}
        write_private(status, json.dumps(state))
        try:
            config = ServerConfig(
                data_dir=local.data_dir,
                port=local.port,
                embedded=True,
                local_token=local.token,
                allowed_hosts=loopback_hosts(local.port),
                reachable=reachable(),
                direct_uploads=direct_uploads(),
                idle_seconds=float(os.environ.get(IDLE_VARIABLE) or IDLE_SECONDS),
                insight=insight_settings.from_environment(),
                embeddings=embeddings(),
            )
            _run(config, listener)
        finally:
            status.unlink(missing_ok=True)
    hold.release()
    return 0


def serve(host: str, port: int, data_dir: Path, *, embedded: bool = False, base_path: str = "") -> None:
    """Run a server for a team, or with `embedded` for the local user, until it is told to end.

    Raises ConfigurationError when the folder is in use or the address cannot be had.
    """
    if port in FORBIDDEN_PORTS:
        raise ConfigurationError(f"Port {port} cannot be used: the official client gives it a meaning of its own.")
    loopback = host in {"127.0.0.1", "localhost", "::1"}
    if embedded and not loopback:
        raise ConfigurationError("Only a loopback address may let the local user in without an account.")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _prepare_process()
    with _folder_lock(data_dir):
        try:
            listener = _bound(host, port)
        except OSError as error:
            raise ConfigurationError(f"{host}:{port} cannot be had: {error.strerror}") from error
        port = listener.getsockname()[1]
        named = (loopback_hosts(port) if loopback else frozenset()) | configured_hosts()
        config = ServerConfig(
            data_dir=data_dir,
            port=port,
            embedded=embedded,
            local_token=local_server(data_dir, data_dir=data_dir).token if embedded else None,
            allowed_hosts=named | public_host() if named else named,
            base_path=base_path.rstrip("/"),
            reachable=reachable(),
            direct_uploads=direct_uploads(),
            secure_cookies=secure_cookies(),
            public_url=public_url(),
            database=None if embedded else database(),
            mail=None if embedded else from_environment(),
            insight=insight_settings.from_environment(),
            embeddings=embeddings(),
        )
        print(f"Serving {data_dir} at http://{host}:{port}/", flush=True)
        _run(config, listener)


def _run(config: ServerConfig, listener: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 - after the socket listens

    from gofigr_jupyter.server.app import create_app  # noqa: PLC0415 - as above
    from gofigr_jupyter.server.wire import Wire  # noqa: PLC0415 - as above

    activity = Activity()
    app = create_app(config, seen=activity.seen, left=activity.left)
    proxies = [] if config.embedded else trusted_proxies()
    # Without access log: it would keep the tickets that stand in URLs.
    settings = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", Wire),  # it takes any factory of protocols
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=30,
        proxy_headers=bool(proxies),  # else anybody on this machine could say where a request comes from
        forwarded_allow_ips=proxies,
    )
    server = uvicorn.Server(settings)
    watch = threading.Thread(target=_watch, args=(server, activity, app, config.idle_seconds), daemon=True)
    watch.start()
    log.info("gofigr_jupyter server %s at port %s", package_version(), config.port)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # uvicorn has ended in order, and passes the signal on
    finally:
        app.state.tasks.close()
        app.state.darkroom.close()
        if app.state.post is not None:
            app.state.post.close()
        app.state.store.close()


def _watch(server: uvicorn.Server, activity: Activity, app: FastAPI, limit: float | None) -> None:
    """Do the chores in quiet spells; end the server when one is long, and the streams when the server ends."""
    from gofigr_jupyter.server import chores  # noqa: PLC0415 - after the socket listens

    def is_quiet() -> bool:
        return QUIET < activity.idle_for() < (limit or float("inf")) and not server.should_exit

    tidied = 0.0
    while not server.should_exit:
        time.sleep(TICK)
        idle = activity.idle_for()
        if limit is not None and idle > limit:
            log.info("nobody has asked for %s seconds: ending", limit)
            server.should_exit = True
        elif idle > QUIET and tidied < activity.last:
            tidied = time.monotonic()
            try:
                chores.do(app.state.store, app.state.doorstep, app.state.darkroom, is_quiet, app.state.meaning)
            except Exception:
                log.exception("the chores failed; the next quiet spell will try again")
    app.state.store.bell.close()  # uvicorn waits for answers to end, and a stream does so only now


def _listener(local: LocalServer) -> tuple[socket.socket, LocalServer]:
    """The folder's own port; when a stranger keeps it, a new one, which is the folder's from then on."""
    deadline = time.monotonic() + PORT_PATIENCE
    while time.monotonic() < deadline:
        try:
            return _bound(HOST, local.port), local
        except OSError:
            time.sleep(0.2)
    port = draw_port()
    log.warning(
        "port %s is taken by another program; from now on it is %s: links to the old one are dead",
        local.port,
        port,
    )
    write_private(local.data_dir / "port", str(port))
    return _bound(HOST, port), LocalServer(local.data_dir, port, local.token)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except BaseException:
        listener.close()
        raise
    return listener


class _folder_lock:  # noqa: N801 - used like a function
    """One process per data folder; raises ConfigurationError when another has it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._descriptor = -1

    def __enter__(self) -> None:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise ConfigurationError(f"Another server is using {self._path.parent}.") from error

    def __exit__(self, *_: Any) -> None:
        os.close(self._descriptor)


def _prepare_process() -> None:
    os.umask(0o077)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal does not end it
    # uvicorn passes SIGTERM on when it has ended in order; this lets us tidy up, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
