"""A file on its way in: a promised address and a request in, the stored file out; or nothing of it at all.

The bytes pass through memory a little at a time, and no thread waits for a slow sender. All becomes visible in one
transaction, when the bytes are durable; a process that is killed before leaves chunks that the sweep takes away.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing
from functools import partial
from typing import Self

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from gofigr_jupyter import media
from gofigr_jupyter.media import MD, TXT, Medium
from gofigr_jupyter.schema.fig1 import EXPIRED, NOT_SUPPORTED, OFFSET_HEADER, PARTIAL_TYPE, Limits, too_large
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.cdn import askers, beginnings, kinds, signing
from gofigr_jupyter.server.cdn.beginnings import Beginnings, Coming
from gofigr_jupyter.server.cdn.envelope import refusal
from gofigr_jupyter.server.cdn.signing import Claim
from gofigr_jupyter.server.cdn.sniffing import Sniffer
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import cdn, content, cutting, placing, tree, words
from gofigr_jupyter.server.store.blobs import Filling, Stored
from gofigr_jupyter.server.store.content import Incoming
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import CdnFile, Site

AT_ONCE = 16  # files; each takes some 12 MB of memory while it comes
CRUMBS = 64  # pieces of a block; of so many, each costs more than a copy of them all
MOST_CRUMBS = 4096  # that are held before they are made one
PATIENCE = 60.0  # seconds without a byte
SHORT_PATIENCE = 5.0  # the same, where nobody wants what comes
MOST_IGNORED = 64 << 20


class Receiver:
    """Takes files in for one data folder."""

    def __init__(self, store: Store, config: ServerConfig) -> None:
        self._store = store
        self._folder = config.data_dir
        self.limits = config.limits or Limits()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._beginnings = Beginnings()
        store.spared = self._beginnings.chunks

    async def receive(self, request: Request, token: str, *, goes_on: bool = False) -> str:
        """Keep the body of a PUT, or of a PATCH that `goes_on` where one broke; its key. Refuses as documented."""
        try:
            return await self._received(request, token, goes_on=goes_on)
        except Refusal:
            await _ignore(request)
            raise

    async def size(self, token: str) -> int:
        """How many bytes have come to an address whose file is not there yet."""
        claim, _ = await run_in_threadpool(self._claim, token)
        return self._beginnings.size(claim.file_id)

    async def _received(self, request: Request, token: str, *, goes_on: bool) -> str:
        claim, bucket_id = await run_in_threadpool(self._claim, token)
        kind = media.declared(claim.content_type)
        if kind is None or not _is_said(request, None if goes_on else kind):
            raise refusal(400, NOT_SUPPORTED)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise refusal(400, "The file must not be compressed on its way.")
        offset = _offset(request) if goes_on else None
        if _told_length(request) > claim.most - (offset or 0):
            raise refusal(413, too_large(claim.most))
        async with self._room:
            if await self._beginnings.wait(claim.file_id):
                await run_in_threadpool(self._claim, token)  # which that one may have used
            with self._beginnings.coming(claim.file_id, kind, offset) as coming, ExitStack() as stack:
                if coming.filling is None:
                    coming.bucket_id = bucket_id
                entering = self._store.filling(coming.bucket_id, coming.filling)
                filling = coming.filling = await run_in_threadpool(stack.enter_context, entering)
                if coming.size and not await run_in_threadpool(filling.is_there):
                    raise beginnings.lost()
                await _take(request, coming, claim.most)
                return await run_in_threadpool(self.keep, claim, kind, filling, coming.sniffer, coming.bucket_id)

    def _claim(self, token: str) -> tuple[Claim, str | None]:
        """What the address is good for, and where bytes go; refuses what is forged, old, used, or taken back."""
        claim = signing.read(self._folder, token)
        if claim is None:
            raise refusal(400, EXPIRED)
        with self._store.reading() as db:
            _, site, _ = _promised(db, claim)
            return claim, placing.in_force(db, site.workspace)

    def keep(self, claim: Claim, kind: Medium, filling: Filling, sniffer: Sniffer, bucket_id: str | None) -> str:
        """All of a file has come: make it what its address leads to. Refuses what it may not be."""
        if kind not in sniffer.kinds():
            raise refusal(400, NOT_SUPPORTED)
        if sniffer.problem:
            raise refusal(400, sniffer.problem)
        stored = filling.end()
        with self._store.writing() as db:
            row, site, by = _promised(db, claim)  # which may have ended, or been kept, while the bytes came
            name = row.key.rpartition("/")[2]
            folders = row.key.split("/")[2:-1]
            asset = tree.create_asset(db, site.workspace, {"id": tree.new_id(), "name": name, "description": None}, by)
            values = {"id": tree.new_id(), "meta": {"cdn_key": row.key, "content_type": kind.content_type}}
            revision = tree.create_asset_revision(db, asset, values, by)
            content.replace(db, revision, [_incoming(name, kind, stored, sniffer, bucket_id)], is_new=True)
            cdn.make_folders(db, site.id, folders)
            cdn.fulfil(db, row, revision)
            return row.key


def _promised(db: Transaction, claim: Claim) -> tuple[CdnFile, Site, str]:
    """The address, its site, and in whose name the file is kept."""
    row = cdn.promised(db, claim.file_id)
    site = db.get(Site, claim.site_id)
    by = askers.author(db, site, claim.asker) if site is not None else None
    if row is None or site is None or row.key != claim.key or by is None:
        raise refusal(400, EXPIRED)
    return row, site, by


def _incoming(name: str, kind: Medium, stored: Stored, sniffer: Sniffer, bucket_id: str | None) -> Incoming:
    told = {"format": kinds.data_format(kind), "content_type": kind.content_type}
    draft = DataDraft(name=name, type=kinds.data_type(kind), metadata=told)
    head = bytes(sniffer.head)
    text = words.text_in(head) if kind in (TXT, MD) else None
    return Incoming(draft, stored, bucket_id, text, words.is_bound(head))


async def _take(request: Request, coming: Coming, most: int) -> None:
    """Store the body as it comes, and look at it; refuses (413) more than there may be, (400) nothing at all."""
    count, held = coming.size, 0
    block: list[bytes] = []
    async with _Behind() as behind:
        try:
            async with aclosing(_pieces(request, PATIENCE)) as pieces:
                async for piece in pieces:
                    count += len(piece)
                    require_size(count, most)
                    held += len(piece)
                    block.append(piece)
                    if held >= cutting.size_at(count) or len(block) >= MOST_CRUMBS:
                        await behind.do(partial(_store, coming, block))
                        block, held = [], 0
        finally:  # what came before a line broke counts, too
            await behind.do(partial(_store, coming, block))
    require_size(count, most)


def require_size(size: int, most: int) -> None:
    """Refuses (413) more than there may be, (400) nothing at all."""
    if size > most:
        raise refusal(413, too_large(most))
    if not size:
        raise refusal(400, "The file is empty.")


def _store(coming: Coming, block: list[bytes]) -> None:
    assert coming.filling is not None  # noqa: S101 - it was begun
    pieces = block if len(block) < CRUMBS else [b"".join(block)]
    for piece in pieces:
        coming.sniffer.feed(piece)
    coming.filling.feed(pieces)


class _Behind:
    """One thing after the other, each in a thread while its giver does the next; all are done at the end."""

    def __init__(self) -> None:
        self._running: asyncio.Future[None] | None = None

    async def do(self, work: Callable[[], None]) -> None:
        """Begin this when what was given before is done; raises what that raised."""
        if self._running is not None:
            await self._running
        self._running = asyncio.get_running_loop().run_in_executor(None, work)

    async def __aenter__(self) -> Self:
        """For `async with`."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait for the last; what it raises counts most, for nobody may go on behind what was not stored."""
        if self._running is not None:
            await asyncio.wait([self._running])
            self._running.result()


async def _pieces(request: Request, patience: float) -> AsyncGenerator[bytes, None]:
    """The body as it comes; refuses (408) one that stops coming."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(patience):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise refusal(408, "The file stopped coming.") from error
        if piece is None:
            return
        yield piece


async def _ignore(request: Request) -> None:
    """Let some more of the body come, to no end: a browser reads no answer before it has sent what it has begun."""
    if request.headers.get("expect"):  # it asks first, and is told
        return
    count = 0
    try:
        async with aclosing(_pieces(request, SHORT_PATIENCE)) as pieces:
            async for piece in pieces:
                count += len(piece)
                if count > MOST_IGNORED:
                    return
    except (Refusal, RuntimeError, ClientDisconnect):  # it stopped, or had come to its end
        return


def _is_said(request: Request, kind: Medium | None) -> bool:
    """Whether the request says that it brings this; None: the rest of something."""
    told = request.headers.get("content-type", "")
    return media.plain(told) == PARTIAL_TYPE if kind is None else kinds.is_said(kind, told)


def _offset(request: Request) -> int:
    """The byte that a request goes on at; refuses (400) what is none."""
    told = request.headers.getlist(OFFSET_HEADER)
    if len(told) != 1 or not (told[0].isascii() and told[0].isdecimal() and len(told[0]) < 20):
        raise refusal(400, f"{OFFSET_HEADER} must say at which byte the file goes on.")
    return int(told[0])


def _told_length(request: Request) -> int:
    told = request.headers.get("content-length", "")
    return int(told[:20]) if told.isascii() and told.isdecimal() else 0
