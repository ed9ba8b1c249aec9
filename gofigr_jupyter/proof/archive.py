"""A zip that is written while it is sent: the same files give the same bytes, and no file is in memory as a whole.

In: entries. Out: pieces of the zip. Names that would leave the folder are refused, whoever made them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.proof.places import is_safe

WHEN = (1980, 1, 1, 0, 0, 0)  # the zip format's first moment: no clock in the bytes
PIECE = 1 << 20
_PACKED = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".zip", ".gz", ".parquet", ".pdf", ".xlsx", ".npz")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the zip: its name, its size in bytes if that is known, and how its bytes are had when they are due."""

    name: str
    size: int | None
    read: Callable[[], Iterable[bytes]]

    @classmethod
    def of(cls, name: str, content: bytes) -> Entry:
        """A file that is in memory."""
        return cls(name, len(content), lambda: [content])


class _Pipe:
    """Takes what the zip's writer writes, and gives it on."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._position = 0

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        pass

    def seekable(self) -> bool:
        return False

    def taken(self) -> bytes:
        data, self._waiting = b"".join(self._waiting), []
        return data


def zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The zip, in pieces. Raises GoFigrError for a name that is not safe, or occurs twice."""
    pipe, names = _Pipe(), set()
    with zipfile.ZipFile(pipe, "w") as archive:  # type: ignore[call-overload]  # it needs no more of a stream
        for entry in entries:
            if not is_safe(entry.name) or entry.name.lower() in names:
                raise GoFigrError(f"{entry.name!r} cannot be put into a zip")
            names.add(entry.name.lower())
            with archive.open(_described(entry), "w", force_zip64=entry.size is None) as stream:
                for content in entry.read():
                    for start in range(0, len(content), PIECE):
                        stream.write(content[start : start + PIECE])
                        if data := pipe.taken():
                            yield data
    yield pipe.taken()


def _described(entry: Entry) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(entry.name, WHEN)
    info.compress_type = zipfile.ZIP_STORED if entry.name.lower().endswith(_PACKED) else zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, wherever this runs
    info.external_attr = 0o100644 << 16
    if entry.size is not None:
        info.file_size = entry.size
    return info
