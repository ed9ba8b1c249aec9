"""Every exception of the package, in one tree.

GoFigrError
├── ConfigurationError      settings that cannot work; the text says which and what to do
├── CaptureError            a figure that could not be read or drawn again
├── CleanRoomError          a reproducible function that cannot run; the text says what it lacks
│   ├── CleanRoomSerializationError  arguments that cannot be stored
│   ├── NotSelfContained    names from outside; also a NameError
│   └── NotTrusted          code of somebody else's, and nobody said that it may run
├── NotUploadable           a file that no CDN of figures takes: its kind, its size or its name
│   └── BodyChanged         a file that was changed while it was being sent
├── OutboxError             the folder of waiting parcels could not be read or written
│   └── ParcelDamaged       one parcel is not what was saved; no retry can mend it
└── APIError                the conversation with a server failed
    ├── ConnectionFailed    no answer, or not an answer of a GoFigr server
    │   └── BrokenOff       an answer that began and did not end
    └── StatusError         an answer with a status that says no
        ├── Unauthorized (401) · Forbidden (403) · NotFound (404) · Conflict (409)
        ├── RateLimited (429)
        └── ServerFailed (5xx)
"""

from __future__ import annotations


class GoFigrError(Exception):
    """Base of everything that this package raises on purpose."""


class ConfigurationError(GoFigrError):
    """A setting is missing or cannot work; the message says which one and what to do."""


class CaptureError(GoFigrError):
    """A figure could not be read, or not be drawn again."""


class CleanRoomError(GoFigrError):
    """A reproducible function cannot run in a clean room, or what was stored of one cannot be read."""


class CleanRoomSerializationError(CleanRoomError):
    """Arguments of a reproducible function cannot be stored; the message names each and says why."""


class NotSelfContained(CleanRoomError, NameError):
    """A reproducible function uses names from outside; `names` are they, the message says what to do about each."""

    def __init__(self, message: str, *, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class NotTrusted(CleanRoomError):
    """The code of a clean room is not one's own, and was not said to be trusted."""


class NotUploadable(GoFigrError):
    """A file cannot go to the CDN, and nothing of it was made visible there; the message says why."""


class BodyChanged(NotUploadable):
    """What is being sent is not what it was when that began."""


class OutboxError(GoFigrError):
    """The outbox could not be read or written, or a parcel in it is damaged."""


class ParcelDamaged(OutboxError):
    """A parcel on disk is not what was saved; reading it again will not help."""


class APIError(GoFigrError):
    """The conversation with a server failed."""


class ConnectionFailed(APIError):
    """No answer came, or what answered is not a GoFigr server; `was_sent`: it may have got the request."""

    was_sent = True


class BrokenOff(ConnectionFailed):
    """An answer began and did not end."""


class StatusError(APIError):
    """The server answered, with a status that is not a success.

    `status` is the HTTP status, `detail` the server's own words (at most a few hundred characters).
    """

    def __init__(self, status: int, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{status}: {detail}" if detail else str(status))
        self.status = status
        self.detail = detail
        self.retry_after = retry_after  # seconds, when the server named them


class Unauthorized(StatusError):
    """401: the credentials are unknown, revoked or expired."""


class Forbidden(StatusError):
    """403: the object exists, and these credentials may not do this with it."""


class NotFound(StatusError):
    """404."""


class Conflict(StatusError):
    """409: the id is taken; on an id of our own this means that it has already arrived."""


class RateLimited(StatusError):
    """429; `retry_after` says for how many seconds, when the server did."""


class ServerFailed(StatusError):
    """5xx: the server's own failure; worth a retry."""


_BY_STATUS: dict[int, type[StatusError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
}


def status_error(status: int, detail: str, *, retry_after: float | None = None) -> StatusError:
    """Make the error of the tree that belongs to an HTTP status."""
    kind = _BY_STATUS.get(status, ServerFailed if status >= 500 else StatusError)
    return kind(status, detail, retry_after=retry_after)
