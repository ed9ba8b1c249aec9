"""The joint of the river: a Capture and its Provenance become a Parcel in the outbox.

In: what was shown and where it came from. Out: a parcel on disk, an id and a link that are good at once. This module
knows no shell, no plotting library and no network.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from blake3 import blake3

from gofigr_jupyter.capture.mime import lasting
from gofigr_jupyter.errors import OutboxError
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.errands import Errand, put_errand, wish_id
from gofigr_jupyter.outbox.latest import Latest, read_latest, write_latest
from gofigr_jupyter.outbox.prefixes import server_key, take_prefix
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import (
    Attachment,
    Capture,
    CdnWish,
    InputFile,
    Missing,
    Notebook,
    Parcel,
    Provenance,
    Ref,
    Showing,
    Target,
)
from gofigr_jupyter.settings import Settings, as_ref, store_account

_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Ids:
    """A revision's identity, minted here: `link` opens it in a browser as soon as it is published."""

    client_id: str
    short_id: str | None
    link: str


def base62(number: int) -> str:
    """A counter as the short ids of the wire contract write it: digits, lower case, upper case."""
    digits = ""
    while True:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
        if number == 0:
            return digits


def digest_of(
    capture: Capture,
    source: str,
    metadata: Mapping[str, Any],
    attachments: tuple[Attachment, ...],
    inputs: Iterable[InputFile] = (),
) -> str:
    """What makes a revision new: the picture, the code, what the author sent along, and what its cell read."""
    hasher = blake3(source.encode("utf-8", "surrogatepass"))
    hasher.update(json.dumps(metadata, sort_keys=True, default=str).encode("utf-8", "surrogatepass"))
    shown: list[bytes] = [lasting(item) for item in capture.displayed]
    if not shown and not isinstance(capture.source, Missing):
        shown = [capture.source.data]
    for data in [*shown, *(item.data for item in attachments)]:
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    for file in inputs:
        hasher.update(f"{file.path}\n{file.digest or (file.size, file.modified_ns)}".encode("utf-8", "surrogatepass"))
    return hasher.hexdigest()


def analysis_name(document: str) -> str:
    """An analysis is called after its notebook or script, without folder and suffix."""
    return PurePath(document).stem if document.endswith((".ipynb", ".py")) else document


class Publisher:
    """Publishes with one set of settings; cheap to make, safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.outbox = Outbox(settings.home)
        self.page_url = settings.page_url()
        self._account = store_account(settings)
        self._server = server_key(settings.url)
        self._lock = threading.Lock()
        self._prefix: str | None = None
        self._count = 0

    def mint(self) -> Ids:
        """A new identity; the short id needs a prefix that the worker has reserved, without one the UUID serves."""
        client_id = str(uuid.uuid4())
        with self._lock:
            if self._prefix is None:
                self._prefix = take_prefix(self.settings.home, self._server)
            short_id = None
            if self._prefix is not None:
                short_id = self._prefix + base62(self._count)
                self._count += 1
        return Ids(client_id, short_id, f"{self.page_url}/r/{short_id or client_id}")

    def target(self, figure: Ref, notebook: Notebook | Missing, *, script: str | None = None) -> Target:
        """Where a figure goes: the analysis is the settings' or else named after the notebook or script."""
        analysis = as_ref(self.settings.analysis)
        if analysis == Ref():
            name = script or ("Python session" if isinstance(notebook, Missing) else notebook.name)
            analysis = Ref(name=analysis_name(name))
        return Target(self.settings.url, self._account, as_ref(self.settings.workspace), analysis, figure)

    def unchanged(self, target: Target, digest: str) -> Latest | None:
        """The last revision of this figure, if it showed the same picture from the same code and inputs."""
        latest = read_latest(self.settings.home, _figure_key(target))
        return latest if latest is not None and latest.digest == digest else None

    def publish(
        self,
        ids: Ids,
        target: Target,
        capture: Capture,
        provenance: Provenance,
        digest: str,
        *,
        metadata: Mapping[str, Any] | None = None,
        attachments: tuple[Attachment, ...] = (),
        working_dir: str = "",
        showing: Showing | None = None,
        cdn: CdnWish | Missing | None = None,
    ) -> Parcel:
        """Put one revision into the outbox; on return a kill -9 cannot lose it. Raises OutboxError."""
        parcel = Parcel(
            client_id=ids.client_id,
            short_id=ids.short_id,
            link=ids.link,
            created_at=datetime.now(UTC),
            target=target,
            capture=capture,
            provenance=provenance,
            formats=self.settings.wanted_formats(),
            metadata={**self.settings.default_metadata, **(metadata or {})},
            attachments=attachments,
            working_dir=working_dir,
            showing=showing or Showing(),
            cdn=cdn,
        )
        self.outbox.put(parcel)
        with suppress(OSError, OutboxError):  # the index only saves repeats; the parcel itself is safe
            write_latest(self.settings.home, _figure_key(target), Latest(digest, ids.client_id, ids.short_id, ids.link))
        return parcel


    def put_on_cdn(self, latest: Latest, target: Target, wish: CdnWish | Missing | None) -> None:
        """A revision that went out before is to be on a CDN as well, if it is not. Raises OutboxError."""
        if not isinstance(wish, CdnWish):
            return
        receipt = read_receipt(self.settings.home, latest.client_id)
        if receipt is None or receipt.cdn is None or receipt.cdn.wish != wish_id(wish):
            put_errand(self.settings.home, Errand(latest.client_id, target.url, target.account, wish))


def _figure_key(target: Target) -> str:
    places = [target.workspace, target.analysis, target.figure]
    return "\n".join([target.url or "", *(f"{place.api_id or ''}|{place.name or ''}" for place in places)])
