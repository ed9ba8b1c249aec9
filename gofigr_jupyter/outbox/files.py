"""Small files that are whole or absent: written beside their place, then renamed into it."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import OutboxError

_turn = itertools.count()


def write_json(path: Path, content: Mapping[str, Any], *, durable: bool = False) -> None:
    """Replace a small file at once; `durable` waits for the disk. Raises OutboxError; the old one stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{next(_turn)}")
    try:
        descriptor = _create(draft)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_text(content))
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise OutboxError(trouble(error, path)) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let nobody else into a folder of small files, so that a look and the deed after it are one. Raises OutboxError.

    Not for long, and only among those who ask: threads, and processes too, where the file system knows locks.
    """
    path = folder / "lock"
    try:
        descriptor = _create(path)
    except OSError as error:
        raise OutboxError(trouble(error, path)) from error
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_index(path: Path, content: Mapping[str, Any]) -> None:
    """Overwrite a small file whose loss costs nothing: at half the price, but a crash may leave it unreadable.

    Raises OutboxError.
    """
    try:
        with os.fdopen(_create(path), "wb", buffering=0) as stream:
            stream.write(_text(content))
    except OSError as error:
        raise OutboxError(trouble(error, path)) from error


def _text(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def read_json(path: Path) -> dict[str, Any] | None:
    """The content of a small file; None when it is absent or unreadable, which its readers treat alike."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def trouble(error: OSError, path: Path) -> str:
    """One line for people about a file that could not be read or written."""
    return f"{error.strerror or error} ({path})"


def make_folder(path: Path) -> None:
    """Make a folder and those above it, for their owner alone; `mkdir(parents=True)` opens the upper ones."""
    try:
        path.mkdir(0o700, exist_ok=True)
    except FileNotFoundError:
        make_folder(path.parent)
        path.mkdir(0o700, exist_ok=True)


def _create(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:  # the first file of its folder
        make_folder(path.parent)
        return os.open(path, flags, 0o600)
