"""Copies a data folder while its server runs: the rows as of one moment, then the chunks that those rows name.

A second backup into the same folder copies only what is new. What is there without a manifest is no backup; the
manifest comes last, and takes the place of the one before in one step.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC
from itertools import islice
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.errors import ConfigurationError, GoFigrError
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.blobs import Blobs, DamagedBlob
from gofigr_jupyter.server.store.database import FILE_NAME, file_in
from gofigr_jupyter.server.store.disk import sync
from gofigr_jupyter.server.store.store import BLOBS
from gofigr_jupyter.server.store.sweep import LOCK_NAME, TURNSTILE_NAME, Gate

MANIFEST = "manifest.json"
FORMAT = 1
# What belongs to a running process, and what is copied in a way of its own.
NOT_COPIED = {"lock", LOCK_NAME, TURNSTILE_NAME, FILE_NAME}
AT_A_TIME = 128
LARGEST_FILE = 1 << 20

Told = Callable[[int, int], None]  # how much is done, of how much


class NotABackup(GoFigrError):
    """A folder that no backup was finished in, or one that is damaged."""


@dataclass(frozen=True)
class Manifest:
    """What a backup consists of: the file with the rows, files by name, chunks; all with their BLAKE3.

    `absent` are chunks that the server itself had lost; `elsewhere` counts data objects whose bytes lie in buckets.
    """

    made_on: str
    rows: str
    rows_hash: str
    files: Mapping[str, str]
    chunks: Sequence[str]
    size_bytes: int
    absent: Sequence[str] = field(default_factory=list)
    elsewhere: int = 0
    format: int = FORMAT

    def seal(self) -> str:
        """The BLAKE3 of all that it says."""
        return blake3(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Backup:
    """What was done: `new` chunks of all that the manifest names were copied."""

    manifest: Manifest
    new: int


def back_up(data_dir: Path, target: Path, told: Told = lambda _done, _of: None) -> Backup:
    """Copy a data folder into `target`; raises ConfigurationError where there is none."""
    source = file_in(data_dir)
    if target.resolve().is_relative_to(data_dir.resolve()) or data_dir.resolve().is_relative_to(target.resolve()):
        raise ConfigurationError("A backup lies in a folder of its own, apart from the data.")
    with (
        private(),
        _claimed(target),
        closing(Blobs.in_folder(target / BLOBS)) as there,
        closing(Blobs.in_folder(data_dir / BLOBS)) as here,
    ):
        return _back_up(source, here, target, there, told)


def _back_up(source: Path, here: Blobs, target: Path, there: Blobs, told: Told) -> Backup:
    at = people.now().astimezone(UTC)
    rows = target / f"rows-{at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}.sqlite"
    with Gate(source.parent).upload():  # as an upload does, it keeps the sweep away from what it has seen
        copy_rows(source, rows)
        chunks, elsewhere = named_in(rows)
        sizes = dict(here.listing())
        known = {digest for digest, size in there.listing() if size == sizes.get(digest, size)}
        absent = copy_chunks(here, there, [one for one in chunks if one not in known], told)
        files = _copy_files(source.parent, target / "files")
    sizes = dict(there.listing())
    kept = [digest for digest in chunks if digest not in absent]
    size = sum(sizes[digest] for digest in kept)
    manifest = Manifest(at.isoformat(), rows.name, hash_of(rows), files, kept, size, sorted(absent), elsewhere)
    _finish(target, manifest)
    there.remove(set(sizes) - set(kept))
    return Backup(manifest, len(set(kept) - known))


def read_manifest(folder: Path) -> Manifest:
    """What a finished backup says of itself; raises NotABackup."""
    try:
        written = json.loads((folder / MANIFEST).read_bytes())
        seal = written.pop("seal")
        manifest = Manifest(**written)
    except FileNotFoundError as error:
        raise NotABackup(f"There is no finished backup in {folder}.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotABackup(f"The manifest of the backup in {folder} cannot be read.") from error
    if manifest.format != FORMAT or manifest.seal() != seal:
        raise NotABackup(f"The manifest of the backup in {folder} is damaged, or of another version.")
    return manifest


def copy_rows(source: Path, target: Path) -> None:
    """The rows as they are at one moment, whoever writes meanwhile; durable."""
    target.touch(mode=0o600)
    address = f"{source.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=60)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
    sync(target)


def named_in(rows: Path) -> tuple[list[str], int]:
    """The chunks that the rows name in the server's own folder, and how many data objects lie in buckets."""
    with closing(sqlite3.connect(f"{rows.resolve().as_uri()}?mode=ro", uri=True)) as read:
        columns = {row[1] for row in read.execute("PRAGMA table_info(data_items)")}
        place = "bucket_id" if "bucket_id" in columns else "NULL"
        chunks: dict[str, None] = {}
        elsewhere = 0
        for bucket, named in read.execute(f"SELECT {place}, chunks FROM data_items"):  # noqa: S608 - one of two words
            if bucket is None:
                chunks.update(dict.fromkeys(json.loads(named)))
            else:
                elsewhere += 1
    return list(chunks), elsewhere


def copy_chunks(source: Blobs, target: Blobs, chunks: Sequence[str], told: Told) -> set[str]:
    """Copy chunks, durably and proved by their hashes; returns those that the source has lost."""
    lost: set[str] = set()
    done = 0
    told(0, len(chunks))
    for batch in _batches(chunks):
        target.put_chunks(_whole(source, batch, lost))
        done += len(batch)
        told(done, len(chunks))
    return lost


def hash_of(path: Path) -> str:
    """The BLAKE3 of a file."""
    hasher = blake3()
    hasher.update_mmap(path)
    return hasher.hexdigest()


@contextmanager
def private() -> Iterator[None]:
    """What is made in here is for the operator's eyes only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def write_durably(path: Path, content: bytes) -> None:
    """A file that is there whole or not at all."""
    mine = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    mine.replace(path)
    sync(path.parent)


@contextmanager
def _claimed(target: Path) -> Iterator[None]:
    """A folder for one backup at a time."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    foreign = sorted(path.name for path in target.iterdir() if not _is_ours(path.name))
    if foreign:
        raise ConfigurationError(f"{target} has something else in it ({foreign[0]}); name a folder for backups.")
    target.chmod(0o700)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ConfigurationError(f"Another backup into {target} is running.") from error
    finally:
        os.close(descriptor)


def _is_ours(name: str) -> bool:
    return name in {MANIFEST, BLOBS, "files"} or name.startswith(("rows-", f".{MANIFEST}."))


def _copy_files(source: Path, target: Path) -> dict[str, str]:
    """The small files beside the rows, secrets among them; their hashes by name."""
    target.mkdir(exist_ok=True, mode=0o700)
    hashes = {}
    for path in sorted(source.iterdir()):
        is_state = path.name in NOT_COPIED or path.name.startswith((".", f"{FILE_NAME}-"))
        if is_state or path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_FILE:
            continue
        content = path.read_bytes()
        # Named by what is in it: the files of the backup before stay as they are until this one is finished.
        hashes[path.name] = blake3(content).hexdigest()
        write_durably(target / hashes[path.name], content)
    return hashes


def _finish(target: Path, manifest: Manifest) -> None:
    sync(target)
    write_durably(target / MANIFEST, json.dumps(asdict(manifest) | {"seal": manifest.seal()}).encode())
    for path in target.iterdir():
        if (path.name.startswith("rows-") and path.name != manifest.rows) or path.name.startswith("."):
            path.unlink()
    for path in (target / "files").iterdir():
        if path.name not in manifest.files.values():
            path.unlink()


def _batches(chunks: Iterable[str]) -> Iterator[list[str]]:
    left = iter(chunks)
    while batch := list(islice(left, AT_A_TIME)):
        yield batch


def _whole(source: Blobs, chunks: Iterable[str], lost: set[str]) -> Iterator[bytes]:
    for digest in chunks:
        try:
            yield from source.read([digest])
        except DamagedBlob:
            lost.add(digest)
