"""The folder of parcels: `tmp -> new -> taken -> done | failed`, each step one rename; no kill loses one.

In: Parcels from any number of kernels. Out: the same Parcels, verified, for the one worker. Knows no network.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import OutboxError, ParcelDamaged
from gofigr_jupyter.outbox import codec
from gofigr_jupyter.outbox.files import make_folder, trouble
from gofigr_jupyter.outbox.syncing import Syncer, open_folder
from gofigr_jupyter.records import Parcel

FOLDERS = ("new", "taken", "done", "failed")
KEPT_SECONDS = 7 * 24 * 3600.0  # how long a finished parcel's record stays
_ORPHAN_SECONDS = 3600.0  # no put takes as long: what lies in tmp after this was killed half-way
_syncer = Syncer()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_turn = itertools.count()


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A parcel in the outbox; entries sort in the order in which their figures were shown."""

    name: str  # <17 digits of microseconds><3 of the turn>-<client_id>
    folder: str  # new | taken | done | failed
    root: Path

    @property
    def path(self) -> Path:
        """Where its files lie."""
        return self.root / self.folder / self.name

    @property
    def client_id(self) -> str:
        """The parcel's id, and its revision's."""
        return self.name[21:]

    @property
    def created_at(self) -> datetime:
        """When the figure was shown."""
        return _EPOCH + timedelta(microseconds=int(self.name[:17]))


class Outbox:
    """The outbox of a state folder; making one touches nothing."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "outbox"

    # ------------------------------------------------------------ the kernel's side

    def put(self, parcel: Parcel) -> None:
        """Keep a parcel: when this returns, no kill loses it. Raises OutboxError, then nothing is left."""
        name = f"{stamp(parcel.created_at)}-{parcel.client_id}"
        draft, place = self.root / "tmp" / name, self.root / "new" / name
        folder = None
        try:
            text, files = codec.encode(parcel)
            self._make(draft)
            folder = open_folder(draft)
            for file, data in {**files, "parcel.json": text}.items():
                _write(file, data, folder)
            draft.rename(place)
        except (OSError, TypeError, ValueError) as error:
            if folder is not None:
                with suppress(OSError):
                    os.close(folder)
            shutil.rmtree(draft, ignore_errors=True)
            told = trouble(error, draft) if isinstance(error, OSError) else str(error)
            raise OutboxError(f"The figure could not be saved: {told}") from error
        _syncer.add(folder)
        with suppress(OSError):
            _syncer.add(open_folder(place.parent))

    def flush(self) -> None:
        """Wait until everything put by this process is on the disk, safe from a power failure as well."""
        _syncer.wait()

    def close(self) -> None:
        """The same, leaving no thread behind."""
        _syncer.close()

    def _make(self, draft: Path) -> None:
        try:
            draft.mkdir(0o700)
        except FileNotFoundError:
            for name in (*FOLDERS, "tmp"):  # tmp last: killed in between, the next put finds it missing
                make_folder(self.root / name)
            draft.mkdir(0o700)

    # ------------------------------------------------------------ looking

    def list(self, *folders: str) -> list[Entry]:
        """The parcels of some folders (of all, when none is named), in the order of display."""
        found = []
        for folder in folders or FOLDERS:
            try:
                with os.scandir(self.root / folder) as items:
                    found += [Entry(item.name, folder, self.root) for item in items if _is_parcel(item.name)]
            except FileNotFoundError:
                continue
            except OSError as error:
                raise OutboxError(trouble(error, self.root / folder)) from error
        return sorted(found)

    def counts(self) -> dict[str, int]:
        """How many parcels lie in each folder."""
        return {folder: len(self.list(folder)) for folder in FOLDERS}

    def find(self, client_id: str) -> Entry | None:
        """The entry of a parcel, wherever it lies."""
        return next((entry for entry in self.list() if entry.client_id == client_id), None)

    def peek(self, entry: Entry) -> Parcel:
        """A parcel with empty bytes: who, where and what, without reading its files. Raises OutboxError."""
        return codec.decode(_read(entry.path / "parcel.json"), lambda _: b"")

    def read(self, entry: Entry) -> Parcel:
        """A parcel with all its bytes, verified. Raises ParcelDamaged; OutboxError where a retry may help."""

        def load(blob: Mapping[str, Any]) -> bytes:
            return codec.checked(_read(entry.path / Path(blob["file"]).name), blob)

        return codec.decode(_read(entry.path / "parcel.json"), load)

    # ------------------------------------------------------------ the worker's side

    def claim(self, entry: Entry) -> Entry:
        """`new -> taken`."""
        return self._move(entry, "taken")

    def release(self, entry: Entry) -> Entry:
        """Back to `new`: it has to be published from the start."""
        return self._move(entry, "new")

    def fail(self, entry: Entry, reason: str) -> Entry:
        """Put it aside, complete, with the reason beside it; a person decides. Write its receipt first."""
        with suppress(OSError):  # the receipt says it as well
            (entry.path / "reason.json").write_text(json.dumps({"reason": reason}), encoding="utf-8")
        return self._move(entry, "failed")

    def settle(self, entry: Entry) -> Entry:
        """`-> done`: all is on the server. The bytes go, the record stays a week. Write its receipt first."""
        done = self._move(entry, "done")
        for file in done.path.glob("blob-*"):
            with suppress(OSError):
                file.unlink()
        return done

    def _move(self, entry: Entry, folder: str) -> Entry:
        moved = Entry(entry.name, folder, self.root)
        try:
            entry.path.rename(moved.path)
        except OSError as error:
            raise OutboxError(trouble(error, entry.path)) from error
        return moved

    # ------------------------------------------------------------ care

    def retry(self, client_id: str | None = None) -> int:
        """Put failed parcels (one, or all) back in the queue; returns how many. Then `poke` the worker."""
        chosen = [entry for entry in self.list("failed") if client_id in {None, entry.client_id}]
        for entry in chosen:
            (self.root / "receipts" / f"{entry.client_id}.json").unlink(missing_ok=True)
            self.release(entry)
        return len(chosen)

    def poke(self) -> None:
        """Ask the worker to try everything that waits at once."""
        make_folder(self.root)
        (self.root / "poke").write_bytes(b"")

    def poked_at(self) -> float:
        """When `poke` was last called; 0 for never."""
        try:
            return (self.root / "poke").stat().st_mtime
        except OSError:
            return 0.0

    def fsck(self) -> Report:
        """Read every parcel that is still needed and compare it with its hashes; changes nothing."""
        damaged, checked = {}, self.list("new", "taken", "failed")
        for entry in checked:
            reason = self._damage(entry)
            if reason is not None:
                damaged[entry.client_id] = reason
        return Report(len(checked), damaged, tuple(path.name for path in self._orphans(0.0)))

    def _damage(self, entry: Entry | None) -> str | None:
        reason = None
        while entry is not None and entry.folder != "done":
            try:
                self.read(entry)
            except OutboxError as error:
                reason = str(error)
                if entry.path.exists():
                    return reason
                entry = self.find(entry.client_id)  # the worker has moved it while we read
            else:
                return None
        return None if entry is not None else reason

    def sweep(self) -> None:
        """Drop the records of what was finished a week ago, and drafts of puts that were killed."""
        old = time.time() - KEPT_SECONDS
        for entry in self.list("done"):
            with suppress(OSError):
                if entry.path.stat().st_ctime < old:
                    (self.root / "receipts" / f"{entry.client_id}.json").unlink(missing_ok=True)
                    shutil.rmtree(entry.path, ignore_errors=True)
        for path in self._orphans(_ORPHAN_SECONDS):
            shutil.rmtree(path, ignore_errors=True)

    def _orphans(self, age: float) -> Sequence[Path]:
        found = []
        with suppress(OSError):
            for path in (self.root / "tmp").iterdir():
                with suppress(OSError):
                    if path.stat().st_mtime <= time.time() - age:
                        found.append(path)
        return found


@dataclass(frozen=True, slots=True)
class Report:
    """What `fsck` found: parcels read, damaged ones with the reason, drafts of puts that never returned."""

    checked: int
    damaged: Mapping[str, str]
    orphans: tuple[str, ...]


def stamp(moment: datetime) -> str:
    """20 digits that sort by time; figures of the same microsecond sort by the turn of their put."""
    microseconds = (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds:017d}{next(_turn) % 1000:03d}"


def _is_parcel(name: str) -> bool:
    return len(name) > 21 and name[:20].isdigit() and name[20] == "-"


def _write(name: str, data: bytes, folder: int) -> None:
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ParcelDamaged(f"{path.name} is gone") from error
    except OSError as error:
        raise OutboxError(trouble(error, path)) from error
