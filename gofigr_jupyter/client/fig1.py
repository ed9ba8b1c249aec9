"""Family fig1: files on a CDN, by Fig1's assets API - Fig1's own service, or a server of ours.

In: files, bytes, or what a picture can be made of. Out: `CdnAsset`s with permanent addresses. The key goes to the API's
own address only; what the server says of other addresses is checked before it is used.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self

import httpx

from gofigr_jupyter.client.bodies import Progress
from gofigr_jupyter.client.cdn_asset import CdnAsset
from gofigr_jupyter.client.cdn_files import Sendable, folder_path, sendable
from gofigr_jupyter.client.cdn_sending import Journal, Road, Sending
from gofigr_jupyter.client.resource import Shape, read_as
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.client.system import Prover
from gofigr_jupyter.client.transport import TIMEOUT, Done, Transport
from gofigr_jupyter.client.web_address import is_loopback
from gofigr_jupyter.errors import (
    ConnectionFailed,
    GoFigrError,
    NotUploadable,
    StatusError,
    status_error,
)
from gofigr_jupyter.local import local_fig1_key, local_server
from gofigr_jupyter.schema.fig1 import Envelope, Folder, FolderDraft, UploadOrder, UploadTicket
from gofigr_jupyter.settings import Settings, cdn_account

API = "/api/sdk/assets"
_AT_ONCE = 4  # uploads; more only share the same line
_MOST_ADDRESSES = 8  # storages that are kept a connection to


@dataclass(frozen=True)
class Drawn:
    """The picture of something that is no file: a figure, an image in memory."""

    content: bytes
    title: str = ""


@dataclass(frozen=True)
class NotUploaded:
    """Stands in the place of an asset that could not be uploaded; asking for its URL raises `error`, which says why."""

    name: str
    error: Exception

    def url(self, **_: Any) -> NoReturn:
        """Raise what went wrong."""
        raise self.error

    def __str__(self) -> str:
        """What failed, and why."""
        return f"{self.name} was not uploaded: {self.error}"


class KeyHeader(httpx.Auth):
    """`X-Fig1-API-Key: <key>`; `find` tells the key in force, for that of our own server may be drawn anew."""

    def __init__(self, find: Callable[[], str]) -> None:
        self._find = find

    def without(self, text: str) -> str:
        """A text in which the key does not stand, whatever a server says."""
        return text.replace(self._find(), "***")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign."""
        request.headers["X-Fig1-API-Key"] = self._find()
        yield request


class Fig1:
    """Uploads pictures, documents and videos to a CDN, and gives their permanent addresses.

    `api_key` and `url` come from the settings (`FIG1_API_KEY`, `FIG1_URL`) where they are left out. Without an url it
    is Fig1's own service; without either, the embedded server, if figures go there too: that needs no key. Raises
    ConfigurationError when there is no key elsewhere. Methods raise NotUploadable for what no CDN takes,
    before anything is sent, and errors of the APIError tree. May be used by several threads; `timeout` and `patience`
    as in `GoFigr`.
    """

    # Begins the embedded server of a state folder when it does not answer; None where others see to that.
    start_embedded: ClassVar[Callable[[Path], object] | None] = None
    # Makes a picture of what is no file, or raises CaptureError; None where only files and bytes can be sent.
    draw: ClassVar[Callable[[Any], Drawn] | None] = None

    def __init__(
        self,
        api_key: str | None = None,
        url: str | None = None,
        settings: Settings | None = None,
        *,
        timeout: float | httpx.Timeout = TIMEOUT,
        patience: float | Patience = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        given = {"fig1_api_key": api_key, "fig1_url": url}
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        found = settings.with_(**chosen) if settings is not None else Settings.load(**chosen)
        self._auth, base, self._prover = _where(found, type(self).start_embedded)
        self._patience = patience if isinstance(patience, Patience) else Patience(patience)
        self._timeout = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        self._wire = transport
        self._api = self._transport(base, self._auth, self._patience)
        self._storages: dict[str, Transport] = {}
        self._lock = threading.Lock()

    @property
    def base(self) -> str:
        """The service's base URL."""
        return self._api.base

    # ---------------------------------------------------------------- files

    def upload(
        self,
        what: Any,
        *,
        folder: str | None = None,
        name: str | None = None,
        alt: str | None = None,
        progress: Progress | None = None,
    ) -> CdnAsset:
        """Put a file on the CDN: a path, bytes, a figure of any library, an image of Pillow. It is there on return.

        `name` is what it is called there, `alt` what it shows, in words. Its type is told by its bytes. A figure
        becomes a PNG. Where the line breaks, it goes on from there if the server can, else from the beginning with a
        new address. `progress` is told how many bytes of how many are sent. Raises CaptureError for what no picture can
        be made of, OSError for a file that cannot be read, NotUploadable and errors of the APIError tree.
        """
        within = folder_path(folder or "")
        one, title = self._prepared(what, name)
        return self._sent(one, within, alt or title, progress)

    def upload_many(
        self,
        what: Iterable[Any],
        *,
        folder: str | None = None,
        progress: Progress | None = None,
    ) -> list[CdnAsset | NotUploaded]:
        """Upload several at once, as `upload` does; the answers stand in the order given.

        One that fails becomes a NotUploaded, which says which and why, and the others go on. `progress` is told of all
        together.
        """
        within = folder_path(folder or "")
        ready = [self._tried(each) for each in what]
        meter = _Meter(progress, sum(one[0].body.size for one in ready if not isinstance(one, NotUploaded)))
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fig1") as threads:
            jobs = [
                threads.submit(self._sent_or_not, one, within, meter.of(number)) for number, one in enumerate(ready)
            ]
            try:
                return [job.result() for job in jobs]
            except BaseException:  # an interrupt: what has not begun shall not
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    def upload_noted(self, picture: Drawn, journal: Journal, *, folder: str | None = None) -> CdnAsset:
        """The same for who may be killed half-way: the next run goes on with the address that the journal has noted.

        What was there already, though nobody heard of it any more, is not sent again. Raises as `upload` does.
        """
        one, title = self._prepared(picture, None)
        return self._sent(one, folder_path(folder or ""), title, None, journal)

    def _prepared(self, what: Any, name: str | None) -> tuple[Sendable, str]:
        """What is to be sent, and its title."""
        if isinstance(what, str | os.PathLike | bytes | bytearray | memoryview):
            content = bytes(what) if isinstance(what, bytearray | memoryview) else what
            return sendable(content, name), ""
        draw = type(self).draw
        if draw is None and not isinstance(what, Drawn):
            raise NotUploadable(f"{type(what).__name__} is neither a path nor bytes")
        drawn = what if isinstance(what, Drawn) or draw is None else draw(what)
        return sendable(drawn.content, name, drawn.title), drawn.title

    def _tried(self, what: Any) -> tuple[Sendable, str] | NotUploaded:
        try:
            return self._prepared(what, None)
        except (GoFigrError, OSError) as error:
            named = os.fspath(what) if isinstance(what, str | os.PathLike) else type(what).__name__
            return NotUploaded(str(named), error)

    def _sent_or_not(
        self, prepared: tuple[Sendable, str] | NotUploaded, folder: str, progress: Progress | None
    ) -> CdnAsset | NotUploaded:
        if isinstance(prepared, NotUploaded):
            return prepared
        try:
            return self._sent(prepared[0], folder, prepared[1], progress)
        except (GoFigrError, OSError) as error:
            return NotUploaded(prepared[0].name, error)

    def _sent(
        self, one: Sendable, folder: str, alt: str, progress: Progress | None, journal: Journal | None = None
    ) -> CdnAsset:
        road = Road(
            base=lambda: self.base,
            promise=lambda one: self._promised(one, folder),
            storage=self._storage,
            attempts=lambda: self._api.attempts("PUT"),
        )
        ticket = Sending(road, one, progress, journal).run()
        return CdnAsset(ticket.cdn_url, ticket.key, one.name, one.medium.content_type, one.body.size, alt)

    def _promised(self, one: Sendable, folder: str) -> UploadTicket:
        order = UploadOrder(filename=one.name, content_type=one.medium.content_type, folder=folder or None)
        return self._ask("POST", "/upload", UploadTicket, body=order.to_wire(), repeatable=True)

    # ---------------------------------------------------------------- folders

    def folders(self) -> list[Folder]:
        """All folders of the site."""
        return self._ask("GET", "/folders", list[Folder])

    def make_folder(self, path: str) -> Folder:
        """The folder of that path, `plots/2026`; it and those above it are made where there are none."""
        steps = folder_path(path).split("/")
        if steps == [""]:
            raise NotUploadable("A folder needs a name")
        known = {one.path.strip("/"): one for one in self.folders()}
        found: Folder | None = None
        for depth, name in enumerate(steps, 1):
            where = "/".join(steps[:depth])
            found = known.get(where) or self._made(name, where, found)
        if found is None:
            raise NotUploadable("A folder needs a name")
        return found

    def _made(self, name: str, path: str, parent: Folder | None) -> Folder:
        draft = FolderDraft(name=name, parent_id=None if parent is None else parent.id)
        try:
            return self._ask("POST", "/folders", Folder, body=draft.to_wire())
        except StatusError as refused:  # somebody was quicker
            there = next((one for one in self.folders() if one.path.strip("/") == path), None)
            if refused.status not in {400, 409} or there is None:
                raise
            return there

    # ---------------------------------------------------------------- the wire

    def _ask(self, method: str, path: str, shape: type[Shape], *, body: Any = None, repeatable: bool = False) -> Shape:
        """One question to the API; what is in its envelope."""
        try:
            answer = self._api.request(method, API + path, body=body, repeatable=repeatable)
        except StatusError as refused:
            if (told := self._auth.without(refused.detail)) != refused.detail:
                raise status_error(refused.status, told, retry_after=refused.retry_after) from None
            raise
        envelope = read_as(Envelope[Any], answer.content if isinstance(answer, Done) else answer)
        if not envelope.success or envelope.data is None:
            raise ConnectionFailed(
                f"{self.base} answers without what was asked for: {self._auth.without(envelope.error or '')[:200]}"
            )
        return read_as(shape, envelope.data)

    def _storage(self, where: str) -> Transport:
        """The connection to a storage: no key, no second try at the same address."""
        with self._lock:
            known = self._storages.get(where)
            if known is None:
                if len(self._storages) >= _MOST_ADDRESSES:
                    self._storages.pop(next(iter(self._storages)))
                known = self._storages[where] = self._transport(where, None, Patience(0))
            return known

    def _transport(self, base: str, auth: httpx.Auth | None, patience: Patience) -> Transport:
        is_ours = self._prover is not None and base == self._prover.base
        return Transport(
            base,
            auth,
            is_local=is_loopback(base),
            prover=self._prover if is_ours else None,
            timeout=self._timeout,
            patience=patience,
            wire=self._wire,
        )

    def close(self) -> None:
        """Drop the connections."""
        for one in (self._api, *self._storages.values()):
            one.close()

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop the connections."""
        self.close()

    def __repr__(self) -> str:
        """Where, never with what key."""
        return f"<Fig1 {self.base}>"


class _Meter:
    """Adds up what several uploads tell of themselves; one that begins again counts from its beginning."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done: dict[int, int] = {}
        self._lock = threading.Lock()

    def of(self, number: int) -> Progress | None:
        """What the upload of that number tells."""
        progress = self._progress
        if progress is None:
            return None

        def tell(done: int, _: int | None) -> None:
            with self._lock:
                self._done[number] = done
                progress(sum(self._done.values()), self._total)

        return tell


def _where(settings: Settings, start: Callable[[Path], object] | None) -> tuple[KeyHeader, str, Prover | None]:
    """The key, the address it is for, and what makes sure that our own server is behind it."""
    home, account = settings.home, cdn_account(settings)
    if account.api_key is None:
        find = partial(local_fig1_key, home / "server")
        find()  # a disk on which none can be kept is told at once
    else:
        find = partial(str, account.api_key)
    if account.url is not None:
        return KeyHeader(find), account.url, None
    begin = None if start is None else lambda: start(home)
    prover = Prover(lambda: local_server(home), start=begin)
    return KeyHeader(find), prover.base, prover
