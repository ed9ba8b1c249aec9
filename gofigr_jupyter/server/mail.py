"""E-mails, sent by a thread so that no request waits for them, or shows by its time that one was sent."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from gofigr_jupyter.errors import ConfigurationError

log = logging.getLogger(__name__)
SMTP_VARIABLE = "GOFIGR_JUPYTER_SMTP"
SENDER_VARIABLE = "GOFIGR_JUPYTER_MAIL_FROM"
PORTS = {"smtp": 587, "smtps": 465}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_WAITING = 500
SECONDS = 30.0


@dataclass(frozen=True)
class MailSettings:
    """The server that takes our e-mails: `smtps` is TLS from the start, `smtp` asks for it, except on loopback."""

    scheme: str
    host: str
    port: int
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)


def from_environment() -> MailSettings | None:
    """`smtp://user:password@host:587` or `smtps://...` and the sender's address; None when there is no such server."""
    told, sender = os.environ.get(SMTP_VARIABLE, "").strip(), os.environ.get(SENDER_VARIABLE, "").strip()
    if not told:
        return None
    try:
        parts = urlsplit(told)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConfigurationError(f"{SMTP_VARIABLE} looks like smtp://user:password@host:587, or smtps://...")
    if "@" not in sender:
        raise ConfigurationError(f"{SENDER_VARIABLE} is the address that e-mails come from; {SMTP_VARIABLE} needs it.")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailSettings(parts.scheme, parts.hostname, port or PORTS[parts.scheme], sender, username, password)


class Post:
    """Takes e-mails and sends them one after the other; what cannot be sent is logged, without saying to whom."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._waiting: queue.Queue[EmailMessage] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def send(self, to: str, subject: str, text: str) -> None:
        """Take one e-mail in plain text; returns at once."""
        try:
            message = self._message(to, subject, text)
        except (ValueError, MessageError):
            log.warning("an e-mail was not sent: its address cannot be one")
            return
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            log.warning("an e-mail was not sent: %s are waiting already", MOST_WAITING)
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="mail", daemon=True)
                self._thread.start()

    def close(self, seconds: float = 5.0) -> None:
        """Give what was taken a moment to leave; called when the server ends."""
        deadline = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.02)

    def _message(self, to: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = to  # a line break in it is a ValueError
        message["Subject"] = " ".join(subject.split())
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2].rstrip(">"))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message

    def _work(self) -> None:
        while True:
            message = self._waiting.get()
            try:
                self._deliver(message)
            except OSError as error:  # those of smtplib are such, too; their text may name the address
                log.warning("an e-mail was not sent: %s", type(error).__name__)
            except Exception:
                log.exception("an e-mail was not sent")
            finally:
                self._waiting.task_done()

    def _deliver(self, message: EmailMessage) -> None:
        import smtplib  # noqa: PLC0415 - most servers never send one
        import ssl  # noqa: PLC0415 - as above

        told, context = self._settings, ssl.create_default_context()
        if told.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(told.host, told.port, timeout=SECONDS, context=context)
        else:
            connection = smtplib.SMTP(told.host, told.port, timeout=SECONDS)
        with connection as smtp:
            if told.scheme == "smtp" and told.host not in LOOPBACK:
                smtp.starttls(context=context)
            if told.username:
                smtp.login(told.username, told.password)
            smtp.send_message(message)
