"""Makes a data folder of a backup, and proves every byte of it by its hash before a server can open it.

All is built in a folder within the target. While that is there no server starts; it goes when all is in its place.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.store.backup import (
    Manifest,
    NotABackup,
    Told,
    copy_chunks,
    hash_of,
    named_in,
    private,
    read_manifest,
    write_durably,
)
from gofigr_jupyter.server.store.blobs import Blobs
from gofigr_jupyter.server.store.database import FILE_NAME
from gofigr_jupyter.server.store.disk import sync
from gofigr_jupyter.server.store.store import BLOBS, RESTORING


def restore(backup: Path, data_dir: Path, told: Told = lambda _done, _of: None) -> Manifest:
    """Make `data_dir` what was backed up; raises NotABackup, and ConfigurationError when something is there already.

    What an earlier restore began and did not finish is begun anew.
    """
    manifest = read_manifest(backup)
    _require_empty(data_dir, manifest)
    _require_whole(backup, manifest)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    data_dir.chmod(0o700)
    building = data_dir / RESTORING
    _begin(data_dir, building)
    try:
        with private():
            _build(backup, manifest, building, told)
        _put_in_place(building, data_dir)
    except NotABackup:
        shutil.rmtree(building)
        raise
    return manifest


def _require_empty(data_dir: Path, manifest: Manifest) -> None:
    found = {path.name for path in data_dir.iterdir()} if data_dir.exists() else set()
    # With its mark, what has a name of ours is what an earlier restore had put in place when it was ended.
    ours = {RESTORING, BLOBS, FILE_NAME, *manifest.files} if RESTORING in found else set()
    if found - ours:
        raise ConfigurationError(f"{data_dir} is not empty. A backup is restored into a folder of its own.")


def _begin(data_dir: Path, building: Path) -> None:
    building.mkdir(mode=0o700, exist_ok=True)
    sync(data_dir)
    for path in [*data_dir.iterdir(), *building.iterdir()]:
        if path == building:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _require_whole(backup: Path, manifest: Manifest) -> None:
    """What can be known at once, before anything is written."""
    try:
        sound = hash_of(backup / manifest.rows) == manifest.rows_hash
        for digest in manifest.files.values():
            sound = sound and hash_of(backup / "files" / digest) == digest
    except OSError as error:
        raise NotABackup(f"The backup in {backup} is not whole: {error.strerror}.") from error
    if not sound:
        raise NotABackup(f"The backup in {backup} is damaged.")
    with closing(Blobs.in_folder(backup / BLOBS)) as there:
        gone = set(manifest.chunks) - {digest for digest, _ in there.listing()}
    if gone:
        raise NotABackup(f"The backup in {backup} is not whole: {len(gone)} chunks are missing.")


def _build(backup: Path, manifest: Manifest, building: Path, told: Told) -> None:
    with closing(Blobs.in_folder(backup / BLOBS)) as source, closing(Blobs.in_folder(building / BLOBS)) as target:
        lost = copy_chunks(source, target, manifest.chunks, told)
    if lost:
        raise NotABackup(f"The backup in {backup} is damaged: {len(lost)} chunks are not what they were.")
    for name, digest in manifest.files.items():
        write_durably(building / name, (backup / "files" / digest).read_bytes())
        if hash_of(building / name) != digest:
            raise NotABackup(f"The backup in {backup} is damaged: {name} is not what it was.")
    rows = building / FILE_NAME
    rows.touch(mode=0o600)
    shutil.copyfile(backup / manifest.rows, rows)
    sync(rows)
    if hash_of(rows) != manifest.rows_hash or not _is_sound(rows):
        raise NotABackup(f"The rows of the backup in {backup} are damaged.")
    if set(named_in(rows)[0]) - set(manifest.absent) != set(manifest.chunks):
        raise NotABackup(f"The rows of the backup in {backup} name other chunks than its manifest.")
    sync(building)


def _is_sound(rows: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{rows.resolve().as_uri()}?mode=ro", uri=True)) as read:
            return [row[0] for row in read.execute("PRAGMA integrity_check")] == ["ok"]
    except sqlite3.DatabaseError:
        return False


def _put_in_place(building: Path, data_dir: Path) -> None:
    for path in sorted(building.iterdir(), key=lambda path: path.name == FILE_NAME):  # the rows last
        path.rename(data_dir / path.name)
    sync(data_dir)
    building.rmdir()
    sync(data_dir)
