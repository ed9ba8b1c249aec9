"""Somebody says that the files which a session reads may go to the server: on a card, or by `%gofigr inputs send`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.consents import Consent, put_consent
from gofigr_jupyter.spawn import ensure_worker

if TYPE_CHECKING:
    from gofigr_jupyter.extension.session import Session


def send_inputs(session: Session) -> int:
    """From now on they go along; for how many figures that are out already they follow. Raises OutboxError."""
    session.reads.allow()
    box, count = Outbox(session.settings.home), 0
    for client_id in session.cards.inputs_allowed():
        entry = box.find(client_id)
        if entry is not None:  # where it went is written there; the settings may have changed since
            target = box.peek(entry).target
            put_consent(box.home, Consent(client_id, target.url, target.account))
            count += 1
    if count:
        ensure_worker(box.home)
    return count
