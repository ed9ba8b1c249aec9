"""Pictures of published revisions, brought to the CDN that somebody wished them on; each is there once, and says where.

In: errands of one server and account. Out: the picture is on the CDN, and its address in the revision's metadata and in
its receipt; or the reason why not. Whoever is killed in between, the address that was promised is on the disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gofigr_jupyter.client.cdn_asset import CdnAsset
from gofigr_jupyter.client.cdn_sending import Journal
from gofigr_jupyter.client.fig1 import Drawn, Fig1
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.client.web_address import checked
from gofigr_jupyter.errors import (
    CaptureError,
    ConfigurationError,
    ConnectionFailed,
    GoFigrError,
    NotUploadable,
    StatusError,
)
from gofigr_jupyter.local import local_server
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.errands import Errand, errands, put_errand, wish_id, write_errand
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import Missing, OnCdn, Parcel, State
from gofigr_jupyter.schema.fig1 import UploadTicket
from gofigr_jupyter.schema.figures import DataObject, Revision, RevisionDraft
from gofigr_jupyter.settings import load_cdn_account
from gofigr_jupyter.spawn import ensure_server
from gofigr_jupyter.worker.accounts import Connection
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.courier import Courier, Key
from gofigr_jupyter.worker.report import report
from gofigr_jupyter.worker.verdicts import judge

log = logging.getLogger(__name__)

_PATIENCE = Patience(5.0, tries=2, first=0.1)  # one more address; then the backoff waits
_FORMATS = ("png", "jpeg", "webp", "gif", "svg")  # those that a CDN takes, dearest first
_ROLES = ("displayed", "picture")  # what was seen comes before what was drawn


def ask_for_cdn(home: Path, parcel: Parcel) -> dict[str, str]:
    """The wish that a parcel carries becomes an errand; or what is missing, with the reason. Raises OutboxError."""
    if isinstance(parcel.cdn, Missing):
        return {"cdn": parcel.cdn.reason}
    if parcel.cdn is not None:
        put_errand(home, Errand(parcel.client_id, parcel.target.url, parcel.target.account, parcel.cdn))
    return {}


class Carrier(Courier):
    """Carries the pictures of one lane, oldest first."""

    def __init__(self, home: Path, key: Key, connection: Connection, backoff: Backoff) -> None:
        super().__init__("pictures for the CDN", backoff)
        self._home = home
        self._key = key
        self._connection = connection

    def own(self) -> dict[Path, Errand]:
        """Those for revisions of this server and account."""
        return {path: one for path, one in errands(self._home).items() if (one.url, one.account) == self._key}

    def bring_all(self) -> None:
        """Carry each; a CDN that fails is left alone for this round, and the others go on."""
        failing: set[str | None] = set()
        on_the_way = {entry.client_id for entry in Outbox(self._home).list("new", "taken")}
        for path, errand in self.own().items():
            if self.is_stopping:
                return
            if errand.client_id in on_the_way or errand.wish.account in failing:
                continue
            try:
                self._carry(path, errand)
            except Exception as error:  # noqa: BLE001 - one that trips a bug of ours must not stop the others
                if not self._is_over(path, errand, error):
                    failing.add(errand.wish.account)
        if not failing:
            self._backoff.reset()

    def _is_over(self, path: Path, errand: Errand, error: Exception) -> bool:
        """Whether trying again cannot help; else it waits, and its receipt says for what."""
        if not isinstance(error, GoFigrError):
            log.error("the picture of %s", errand.client_id, exc_info=error)
        verdict = judge(self._connection.meant(error))
        if isinstance(error, CaptureError | NotUploadable | ConfigurationError):
            self._give_up(path, errand, str(error))
        elif not verdict.waits:
            self._give_up(path, errand, verdict.problem)
        else:
            log.warning("the CDN waits: %s", verdict.problem)
            self._backoff.failed(verdict)
            self._tell(errand, cdn_waits=verdict.problem)
            return False
        return True

    def _carry(self, path: Path, errand: Errand) -> None:
        gf = self._connection.client()
        revision = gf.revisions.get(errand.client_id)
        there = self._noted(revision, errand)
        if there is None:
            asset = self._uploaded(errand, Drawn(_picture(gf, revision), errand.wish.title))
            there = _as_told(errand, asset)
            _note(gf, errand, lambda _: {"cdn": asdict(there)})
        self._tell(errand, cdn=there, cdn_waits=None)
        path.unlink(missing_ok=True)

    def _noted(self, revision: Revision, errand: Errand) -> OnCdn | None:
        """Where it is, if this wish was granted before; whoever may change the record could have written that."""
        told = revision.metadata.get("cdn") if isinstance(revision.metadata, Mapping) else None
        if not isinstance(told, dict) or told.get("wish") != wish_id(errand.wish):
            return None
        account = load_cdn_account(self._home, errand.wish.account)
        base = account.fig1_url or local_server(self._home).url
        try:
            there = OnCdn(**told)
            checked(there.address, base)
        except (TypeError, AttributeError, ConnectionFailed):
            return None
        is_sound = all(isinstance(one, int if name == "size_bytes" else str) for name, one in asdict(there).items())
        return there if is_sound else None

    def _uploaded(self, errand: Errand, picture: Drawn) -> CdnAsset:
        wish = errand.wish
        if wish.account is None:
            ensure_server(self._home)

        def note(ticket: UploadTicket) -> None:
            write_errand(self._home, replace(errand, ticket=ticket.model_dump(mode="json")))

        ticket = None if errand.ticket is None else UploadTicket.model_validate(dict(errand.ticket))
        with Fig1(settings=load_cdn_account(self._home, wish.account), patience=_PATIENCE) as fig1:
            return fig1.upload_noted(picture, Journal(note, ticket), folder=wish.folder)

    def _give_up(self, path: Path, errand: Errand, problem: str) -> None:
        """It will never be there: the receipt and the record say why."""
        log.warning("a picture is not put on the CDN: %s", problem)
        receipt = read_receipt(self._home, errand.client_id)
        missing = {**(receipt.missing if receipt is not None else {}), "cdn": problem}
        self._tell(errand, missing=missing, cdn_waits=None)
        with suppress(GoFigrError):
            gf = self._connection.client()
            _note(gf, errand, lambda known: {"missing": {**(known.get("missing") or {}), "cdn": problem}})
        path.unlink(missing_ok=True)

    def _tell(self, errand: Errand, **changes: Any) -> None:
        """The receipt says it, if that is news."""
        before = read_receipt(self._home, errand.client_id)
        if before is None or any(getattr(before, name) != value for name, value in changes.items()):
            report(self._home, errand.client_id, before.state if before is not None else State.COMPLETE, **changes)


def _picture(gf: GoFigr, revision: Revision) -> bytes:
    """The picture that people saw, as the server has it. Raises CaptureError where there is none."""
    found = [(rank, item) for item in revision.data or [] if (rank := _rank(item)) is not None]
    if not found:
        raise CaptureError("there is no picture of this figure")
    return gf.data.get(min(found, key=lambda one: one[0])[1].api_id or "").data or b""


def _rank(item: DataObject) -> tuple[int, int] | None:
    role, form = item.metadata.get("role"), item.metadata.get("format")
    if item.type != "image" or role not in _ROLES or form not in _FORMATS:
        return None
    return (form == "svg", _ROLES.index(role) * len(_FORMATS) + _FORMATS.index(form))


def _as_told(errand: Errand, asset: CdnAsset) -> OnCdn:
    return OnCdn(
        wish_id(errand.wish), asset.address, asset.key, asset.name, asset.content_type, asset.size_bytes, asset.alt
    )


def _note(gf: GoFigr, errand: Errand, facts: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """Say it in the record as that is now, for readers who never see the receipt."""
    metadata = gf.revisions.get(errand.client_id).metadata
    known = metadata if isinstance(metadata, dict) else {}
    with suppress(StatusError):  # a server that refuses this keeps the figure all the same
        gf.revisions.change(errand.client_id, RevisionDraft(metadata={**known, **facts(known)}), silent=True)
