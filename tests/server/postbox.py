"""A small SMTP server that keeps what it is sent."""

from __future__ import annotations

import queue
import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class Postbox(socketserver.ThreadingTCPServer):
    """Listens on loopback; `next()` is the oldest letter not yet looked at."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: queue.Queue[tuple[list[str], EmailMessage]] = queue.Queue()
        self.logins: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]

    def next(self, seconds: float = 10) -> tuple[list[str], EmailMessage]:
        """Whom a letter was for, and the letter."""
        return self.letters.get(timeout=seconds)

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join(10)
        self.server_close()


class _Session(socketserver.StreamRequestHandler):
    server: Postbox

    def handle(self) -> None:
        """Speak as much SMTP as it takes."""
        self._say("220 postbox")
        receivers: list[str] = []
        for line in iter(self.rfile.readline, b""):
            word, text = line.split(None, 1)[0].upper().decode(), line.decode().strip()
            if word == "EHLO":
                self._say("250-postbox", "250 AUTH PLAIN")
            elif word == "AUTH":
                self.server.logins.append(text)
                self._say("235 welcome")
            elif word == "DATA":
                self._say("354 go on")
                self.server.letters.put((receivers, self._letter()))
                self._say("250 kept")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                if word == "RCPT":
                    receivers.append(text.partition("<")[2].rstrip(">"))
                self._say("250 fine")

    def _letter(self) -> EmailMessage:
        lines = []
        for line in iter(self.rfile.readline, b".\r\n"):
            lines.append(line[1:] if line.startswith(b".") else line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        return letter

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
