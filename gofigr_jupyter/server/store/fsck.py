"""Holds rows against bytes: is every chunk there and what it was, do all sizes add up, what does nothing name.

Looks at a copy of the rows, so that nobody who publishes meanwhile has to wait. Repairing takes away what nothing
names, and sets sums right; lost bytes nobody can bring back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blake3 import blake3
from sqlalchemy import ColumnElement, ScalarSelect, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.store import sweep
from gofigr_jupyter.server.store.backup import Told, copy_rows
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.database import FILE_NAME, Database, Transaction, file_in
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, DataItem, Figure, Revision, Workspace

PATIENCE = 10.0  # seconds that a repair waits for uploads to end, and lets new ones wait
Summed = type[Revision] | type[AssetRevision] | type[Figure] | type[Asset] | type[Analysis] | type[Workspace]


@dataclass(frozen=True)
class Damage:
    """One thing that is wrong: what kind of row, its id, and the problem."""

    kind: str
    api_id: str
    problem: str


@dataclass
class Report:
    """What was found; `repaired` counts sums set right, `swept` chunks taken away, `unnamed` those that were not."""

    objects: int = 0
    chunks: int = 0
    size_bytes: int = 0
    damaged: list[Damage] = field(default_factory=list)
    unnamed: int = 0
    swept: int = 0
    repaired: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong that was not repaired. Chunks without name are no damage."""
        return not self.damaged


def check(data_dir: Path, *, repair: bool = False, told: Told = lambda _done, _of: None) -> Report:
    """Examine a data folder, also while its server runs; raises ConfigurationError where there is none."""
    rows = file_in(data_dir)
    with closing(Database.in_folder(data_dir)) as database:
        if not database.is_current():
            raise ConfigurationError(f"{data_dir} is of another version. Start its server once, then check again.")
    report = Report()
    with closing(Store.in_folder(data_dir)) as store:
        # As an upload does, it keeps the sweep away from what is being looked at.
        with store.gate.upload(), tempfile.TemporaryDirectory(prefix="gofigr-fsck-") as folder:
            copy_rows(rows, Path(folder) / FILE_NAME)
            with closing(Database.in_folder(Path(folder))) as copy:
                _Bytes(store, report, told).check(copy)
                sums = list(_wrong_sums(copy))
        if repair and sums:
            report.repaired = _set_right(store)
        else:
            report.damaged += sums
        places = store.places()
        if repair:
            store.cache.clear_strays()
            report.swept = sweep.sweep(store.database, places, store.gate, PATIENCE)
        report.unnamed = len(sweep.unnamed(store.database, places))
    return report


# ---------------------------------------------------------------- bytes


class _Bytes:
    """Reads all chunks of the server's own folder; of those in buckets it believes the listing."""

    def __init__(self, store: Store, report: Report, told: Told) -> None:
        self._store = store
        self._report = report
        self._told = told
        self._sizes: dict[str, int] = {}  # of chunks that are what they should be
        self._problems: dict[str, str] = {}
        self._listed: dict[str, dict[str, int] | None] = {}

    def check(self, rows: Database) -> None:
        columns = DataItem.id, DataItem.hash, DataItem.size_bytes, DataItem.chunks, DataItem.bucket_id
        with rows.reading() as db:
            total = db.scalar(select(func.count()).select_from(DataItem)) or 0
            self._told(0, total)
            for row in db.execute(select(*columns).execution_options(yield_per=sweep.AT_A_TIME)):
                self._report.objects += 1
                problem = self._problem(*row[1:])
                if problem:
                    self._report.damaged.append(Damage("data", row.id, problem))
                self._told(self._report.objects, total)
        self._report.chunks += len(self._sizes)
        self._report.size_bytes += sum(self._sizes.values())

    def _problem(self, digest: str, size: int, chunks: list[str], bucket_id: str | None) -> str | None:
        if bucket_id is not None:
            return self._in_bucket(bucket_id, size, chunks)
        whole, found = blake3(), 0
        for chunk in chunks:
            if len(chunks) == 1 and chunk in self._sizes:
                found += self._sizes[chunk]
                continue  # it was read for another one; it is the whole, and its name its hash
            try:
                content = self._read(chunk)
            except DamagedBlob as error:
                return str(error)
            found += len(content)
            whole.update(content)
        if found != size:
            return f"it has {found} bytes, not {size}"
        told = chunks[0] if len(chunks) == 1 else whole.hexdigest()
        return None if told == digest else "its hash is another"

    def _read(self, chunk: str) -> bytes:
        if chunk in self._problems:
            raise DamagedBlob(self._problems[chunk])
        try:
            content = b"".join(self._store.blobs.read([chunk]))
        except DamagedBlob as error:
            self._problems[chunk] = str(error)
            raise
        self._sizes[chunk] = len(content)
        return content

    def _in_bucket(self, bucket_id: str, size: int, chunks: list[str]) -> str | None:
        if bucket_id not in self._listed:
            try:
                self._listed[bucket_id] = dict(self._store.place(bucket_id).listing())
            except OutOfReach:
                self._listed[bucket_id] = None
        listed = self._listed[bucket_id]
        if listed is None:
            return f"the bucket {bucket_id} is out of reach"
        missing = [chunk for chunk in chunks if chunk not in listed]
        if missing:
            return f"stored chunk {missing[0]} is missing in the bucket {bucket_id}"
        found = sum(listed[chunk] for chunk in chunks)
        return None if found == size else f"it has {found} bytes, not {size}"


# ---------------------------------------------------------------- sums


def _total(column: InstrumentedAttribute[int], where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.coalesce(func.sum(column), 0)).where(where).scalar_subquery()


def _sums() -> list[tuple[str, Summed, ColumnElement[int]]]:
    """What each size has to be, from the bottom of the tree to its top."""
    in_workspace = _total(Analysis.size_bytes, Analysis.workspace_id == Workspace.id)
    return [
        ("revision", Revision, _total(DataItem.size_bytes, DataItem.revision_id == Revision.id)),
        ("asset_revision", AssetRevision, _total(DataItem.size_bytes, DataItem.asset_revision_id == AssetRevision.id)),
        ("figure", Figure, _total(Revision.size_bytes, Revision.figure_id == Figure.id)),
        ("asset", Asset, _total(AssetRevision.size_bytes, AssetRevision.asset_id == Asset.id)),
        ("analysis", Analysis, _total(Figure.size_bytes, Figure.analysis_id == Analysis.id)),
        ("workspace", Workspace, in_workspace + _total(Asset.size_bytes, Asset.workspace_id == Workspace.id)),
    ]


def _wrong_sums(rows: Database) -> Iterator[Damage]:
    with rows.reading() as db:
        for kind, table, total in _sums():
            query = select(table.id, table.size_bytes, total).where(table.size_bytes != total)
            for api_id, size, right in db.execute(query):
                yield Damage(kind, api_id, f"its size is said to be {size} bytes; all in it has {right}")


def _set_right(store: Store) -> int:
    count = 0
    with store.writing() as db:
        for _, table, total in _sums():
            count += _changed(db, update(table).where(table.size_bytes != total).values(size_bytes=total))
    return count


def _changed(db: Transaction, statement: Any) -> int:
    return int(db.connection().execute(statement).rowcount)
