"""What is to be uploaded: a file or bytes, looked at before anything is sent.

In: a path or bytes, the name and folder that somebody wants. Out: a `Sendable`, or NotUploadable with the reason.
No file is read further than its first bytes; this file knows no server.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from blake3 import blake3

from gofigr_jupyter.client.bodies import Plain
from gofigr_jupyter.errors import NotUploadable
from gofigr_jupyter.media import HEAD, MEDIA, Medium, named, sniffed
from gofigr_jupyter.schema.fig1 import too_large

_LONGEST_NAME = 200
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*\ud800-\udfff]')
_BETWEEN_WORDS = re.compile(r"[^\w.]+")


@dataclass(frozen=True)
class Sendable:
    """One file on its way: its name on the CDN, its type by its bytes, and the bytes."""

    name: str
    medium: Medium
    body: Plain


def sendable(what: str | os.PathLike[str] | bytes, name: str | None = None, title: str = "") -> Sendable:
    """Look at a file, or at bytes. `name` is what it shall be called; bytes without one are called after `title`.

    Raises NotUploadable, and OSError for a file that cannot be read.
    """
    content: Path | bytes = bytes(what) if isinstance(what, bytes | bytearray | memoryview) else Path(what)
    head, size = (content[:HEAD], len(content)) if isinstance(content, bytes) else _opened(content)
    said = name or (content.name if isinstance(content, Path) else title) or "the picture"
    found = sniffed(head)
    if not size:
        raise NotUploadable(f"{said} is empty")
    if not found:
        raise NotUploadable(f"{said} is of no type that can be uploaded; known are {_known()}")
    chosen = name if name is not None else content.name if isinstance(content, Path) else None
    medium = _agreed(chosen, found) if chosen is not None else found[0]
    if size > medium.most_bytes:
        raise NotUploadable(f"{said}: {too_large(medium.most_bytes)} (it has {size / (1 << 20):.1f} MB)")
    full = _called(chosen, medium) if chosen is not None else _invented(title, content, medium)
    return Sendable(full, medium, Plain(content, size, medium.content_type))


def folder_path(folder: str) -> str:
    """A folder as `a/b/c`, without slashes at its ends; empty for none. Raises NotUploadable for what is no path."""
    steps = [step for step in folder.split("/") if step]
    if any(step in {".", ".."} or step != step.strip() or _NOT_IN_NAMES.search(step) for step in steps):
        raise NotUploadable(f"{folder!r} is no folder: use names with slashes between, such as 'plots/2026'")
    return "/".join(steps)


def _opened(path: Path) -> tuple[bytes, int]:
    """The beginning of a file, and how large it is."""
    with path.open("rb") as stream:
        about = os.fstat(stream.fileno())
        if not S_ISREG(about.st_mode):
            raise NotUploadable(f"{path} is no ordinary file")
        return stream.read(HEAD), about.st_size


def _agreed(name: str, found: tuple[Medium, ...]) -> Medium:
    """What both the name and the bytes say; bytes alone where the name has no extension of a known type."""
    promised = named(name)
    if promised is None or promised in found:
        return promised or found[0]
    raise NotUploadable(
        f"{name} is not what its name says: by its bytes it is {found[0].content_type}; "
        f"rename it to end with {found[0].extensions[0]}"
    )


def _called(name: str, medium: Medium) -> str:
    """A name that somebody chose, with an extension that tells its type."""
    if _NOT_IN_NAMES.search(name) or name.strip(" .") == "" or len(name) > _LONGEST_NAME:
        raise NotUploadable(f"{name[:80]!r} cannot be the name of a file on a CDN; give another: name='plot.png'")
    return name if named(name) is not None else name + medium.extensions[0]


def _invented(title: str, content: Path | bytes, medium: Medium) -> str:
    """A name for what has none: the words of its title, and what differs where the content does."""
    words = _BETWEEN_WORDS.sub("-", title.lower()).strip("-.")[:60] or medium.kind
    digest = blake3(content).hexdigest()[:8] if isinstance(content, bytes) else ""
    return f"{words}-{digest}{medium.extensions[0]}"


def _known() -> str:
    return ", ".join(one.extensions[0].lstrip(".").upper() for one in MEDIA)
