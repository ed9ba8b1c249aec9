"""One file on its way to a CDN: an address is promised, the bytes go there, and however often it breaks, there once.

In: a file, who promises addresses, and the connections to them. Out: the promise under which the file is there. A line
that breaks is gone on with where the server can; else a new address takes the file from its beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from gofigr_jupyter.client.bodies import Plain, Progress
from gofigr_jupyter.client.cdn_files import Sendable
from gofigr_jupyter.client.retries import Attempts
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.client.web_address import checked, origin
from gofigr_jupyter.errors import BodyChanged, Conflict, ConnectionFailed, ServerFailed, StatusError
from gofigr_jupyter.schema.fig1 import EXPIRED, OFFSET_HEADER, PARTIAL_TYPE, UploadTicket


@dataclass(frozen=True)
class Road:
    """What a file is sent by.

    `base` is the API's own address, which says what other addresses may be believed; `promise` gets a new one;
    `storage` connects to an origin, without a key and without second tries; `attempts` says how often it may be tried.
    """

    base: Callable[[], str]
    promise: Callable[[Sendable], UploadTicket]
    storage: Callable[[str], Transport]
    attempts: Callable[[], Attempts]


@dataclass(frozen=True)
class Journal:
    """For who may be killed half-way: `ticket` was noted by an earlier run, `note` keeps one before it is used."""

    note: Callable[[UploadTicket], None]
    ticket: UploadTicket | None = None


class Sending:
    """One file; `run` may be called once."""

    def __init__(self, road: Road, one: Sendable, progress: Progress | None, journal: Journal | None) -> None:
        self._road = road
        self._one = one
        self._progress = progress
        self._journal = journal
        self._looked = _looks(one.body)

    def run(self) -> UploadTicket:
        """Send it. Raises APIError, BodyChanged for a file that became another, OSError."""
        noted = self._journal.ticket if self._journal is not None else None
        if noted is not None and self._is_there(noted):
            return noted
        ticket, offset = (self._promised(), 0) if noted is None else (noted, self._begun(noted))
        tries = self._road.attempts()
        while True:
            try:
                self._send(ticket, offset)
            except (StatusError, ConnectionFailed) as error:
                pause = _pause(tries, error)
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                return ticket
            reached = self._reached(ticket, tries)
            if reached is not None:
                tries = self._road.attempts() if reached > offset else tries  # a bad line that brings something is one
                offset = reached
            elif self._is_there(ticket):  # only the answer was lost
                return ticket
            else:
                ticket, offset = self._promised(), 0

    def _begun(self, noted: UploadTicket) -> int:
        """How much an earlier run has brought there."""
        try:
            return self._offset(noted) or 0
        except ConnectionFailed:
            return 0

    def _promised(self) -> UploadTicket:
        ticket = self._road.promise(self._one)
        ticket = ticket.model_copy(
            update={
                "upload_url": checked(ticket.upload_url, self._road.base()),
                "cdn_url": checked(ticket.cdn_url, self._road.base()),
            }
        )
        if self._journal is not None:
            self._journal.note(ticket)
        return ticket

    def _send(self, ticket: UploadTicket, offset: int) -> None:
        """The bytes to where they may go; no key goes with them, and of the answer only the status counts."""
        method, headers, body = "PUT", {}, self._one.body
        if offset:
            if _looks(body) != self._looked:
                raise BodyChanged("The file was changed while it was being sent")
            method, body = "PATCH", replace(body, start=offset)
            headers = {"Content-Type": PARTIAL_TYPE, OFFSET_HEADER: str(offset)}
        storage, path = self._way(ticket.upload_url)
        with storage.stream(method, path, body=body, headers=headers, progress=self._progress, whole=True):
            pass

    def _reached(self, ticket: UploadTicket, tries: Attempts) -> int | None:
        """How much has arrived; None where the server cannot go on. A line that is still cut is waited for."""
        while True:
            try:
                return self._offset(ticket)
            except ConnectionFailed:
                pause = tries.after_failure(was_sent=True)
                if pause is None:
                    raise
                time.sleep(pause)

    def _offset(self, ticket: UploadTicket) -> int | None:
        storage, path = self._way(ticket.upload_url)
        try:
            with storage.stream("HEAD", path) as answer:
                told = answer.headers.get(OFFSET_HEADER, "")
        except StatusError:
            return None
        is_number = told.isascii() and told.isdecimal() and len(told) < 16
        return int(told) if is_number and int(told) <= self._one.body.size else None

    def _is_there(self, ticket: UploadTicket) -> bool:
        """Whether the promised address has a file as long as ours."""
        storage, path = self._way(ticket.cdn_url)
        try:
            with storage.stream("HEAD", path) as answer:
                return str(answer.headers.get("content-length")) == str(self._one.body.size)
        except (StatusError, ConnectionFailed):
            return False

    def _way(self, address: str) -> tuple[Transport, str]:
        parts = urlsplit(checked(address, self._road.base()))
        return self._road.storage(origin(address)), f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def _pause(tries: Attempts, error: StatusError | ConnectionFailed) -> float | None:
    """How long to wait before another try; None where none would help."""
    if isinstance(error, StatusError) and not (_was_late(error) or isinstance(error, ServerFailed | Conflict)):
        return tries.after_answer(error.status, error.retry_after)
    return tries.after_failure(was_sent=True)


def _was_late(refused: StatusError) -> bool:
    """Whether an address was good no longer: in Fig1's words, or as S3 says it, in XML."""
    return refused.status == 403 or (refused.status == 400 and refused.detail == EXPIRED)


def _looks(body: Plain) -> tuple[int, int] | None:
    """What tells that a file is still the same."""
    if not isinstance(body.content, Path):
        return None
    about = body.content.stat()
    return about.st_size, about.st_mtime_ns
