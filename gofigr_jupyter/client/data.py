"""Data objects: the bytes that revisions are made of. They never change; what arrives is held against its hash."""

from __future__ import annotations

import builtins
import importlib
import secrets
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from blake3 import blake3

from gofigr_jupyter.client.bodies import Progress
from gofigr_jupyter.client.extraction import Extractor
from gofigr_jupyter.client.live import Live, fetched
from gofigr_jupyter.client.resource import API, Ident, id_of, read_as, step
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import BrokenOff, ConnectionFailed
from gofigr_jupyter.schema import figures as wire
from gofigr_jupyter.schema.base import Base64Bytes
from gofigr_jupyter.schema.figures import TableHead
from gofigr_jupyter.schema.storage import DataStorage


class DataObject(Live, wire.DataObject):
    """One piece of a revision: bytes with a type; `data` is fetched when it is asked for.

    `hash` is BLAKE3-256 of the raw bytes in hex, `size_bytes` their number.
    """

    family: ClassVar[str] = "data"
    on_demand: ClassVar[tuple[str, ...]] = ("data",)

    api_id: str
    data: Base64Bytes = fetched()

    def bytes(self) -> builtins.bytes:
        """The raw bytes, held against the hash; unlike `data` they are not kept here."""
        return Data(self._connection).bytes(self.api_id)

    def text(self) -> str:
        """The bytes as text in UTF-8; what is none is replaced by U+FFFD."""
        return self.bytes().decode("utf-8", errors="replace")

    def dataframe(self) -> Any:
        """A table as a pandas DataFrame; its `attrs["columns"]` tell labels and units where there are some.

        Raises ValueError for what is no table, ImportError without pandas.
        """
        pandas = importlib.import_module("pandas")
        if self.type != "dataframe":
            raise ValueError(f"{self.name!r} is no table; its type is {self.type}")
        stream = BytesIO(self.bytes())
        if self.metadata.get("format") == "parquet":
            found = pandas.read_parquet(stream, engine="pyarrow")
        else:
            found = pandas.read_csv(stream, encoding=self.metadata.get("encoding") or "utf-8")
        if isinstance(self.metadata.get("columns"), list):
            found.attrs["columns"] = self.metadata["columns"]
        return found

    def save(self, path: str | Path, *, progress: Progress | None = None) -> Path:
        """Write the bytes to a file, as `Data.save` does."""
        return Data(self._connection).save(self, path, progress=progress)


class Data:
    """Data objects by their id."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, api_id: Ident) -> DataObject:
        """One data object with its bytes."""
        return read_as(DataObject, self._transport.request("GET", self._at(api_id)), self._transport)

    def bytes(self, api_id: Ident, *, progress: Progress | None = None) -> builtins.bytes:
        """The raw bytes. Raises ConnectionFailed when they are not those that the hash was made of."""
        buffer = BytesIO()
        self._fetch(api_id, buffer, progress)
        return buffer.getvalue()

    def save(self, api_id: Ident, path: str | Path, *, progress: Progress | None = None) -> Path:
        """Write the raw bytes to a file as they arrive; returns its path.

        The file appears when all is there and agrees with the hash, and replaces one that was there; otherwise it
        stays as it was and ConnectionFailed is raised. `progress` is told the bytes written, and how many there are.
        """
        target = Path(path)
        if target.is_dir():
            raise IsADirectoryError(f"{target} is a folder; name the file")
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            with partial.open("xb") as stream:
                self._fetch(api_id, stream, progress)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return target

    def storage(self, api_id: Ident) -> DataStorage:
        """Where its bytes lie."""
        return read_as(DataStorage, self._transport.request("GET", f"{self._at(api_id)}storage/"))

    def rows(self, api_id: Ident, series: str = "") -> TableHead:
        """The first rows of a table, or of one series in it, as the server reads them; StatusError for no table."""
        params = {"series": series} if series else None
        return read_as(TableHead, self._transport.request("GET", f"{self._at(api_id)}rows/", params=params))

    def _at(self, api_id: Ident) -> str:
        return f"{API}/data/{step(id_of(api_id))}/"

    def _fetch(self, api_id: Ident, stream: BinaryIO, progress: Progress | None) -> None:
        """The bytes into an empty stream; what breaks off is begun anew."""
        size = api_id.size_bytes or None if isinstance(api_id, wire.DataObject) else None
        attempts = self._transport.attempts("GET")
        while True:
            try:
                return self._fetch_once(api_id, _writer(stream, progress, size))
            except BrokenOff:
                pause = attempts.after_failure(was_sent=True)
                if pause is None:
                    raise
            time.sleep(pause)
            stream.seek(0)
            stream.truncate()

    def _fetch_once(self, api_id: Ident, write: Callable[[builtins.bytes], object]) -> None:
        digest = blake3()

        def take(piece: builtins.bytes) -> None:
            digest.update(piece)
            write(piece)

        extractor = Extractor(take)
        with self._transport.stream("GET", self._at(api_id)) as response:
            try:
                for piece in response.iter_bytes():
                    extractor.feed(piece)
                found = read_as(wire.DataObject, extractor.finish())
            except (ValueError, RecursionError) as error:
                raise ConnectionFailed(f"The server's answer is not a data object: {error}") from error
        if not extractor.has_data:
            raise ConnectionFailed("The server's answer is a data object without its bytes")
        promised = {found.hash, api_id.hash if isinstance(api_id, wire.DataObject) else None} - {None}
        if promised - {digest.hexdigest()}:
            raise ConnectionFailed("The bytes that arrived are not those that the hash was made of; nothing was kept")


def _writer(stream: BinaryIO, progress: Progress | None, size: int | None) -> Callable[[builtins.bytes], object]:
    """Writes pieces and tells of it; what is longer than it was said to be is not written to its end."""

    def write(piece: builtins.bytes) -> None:
        stream.write(piece)
        if size is not None and stream.tell() > size:
            raise ConnectionFailed(f"The server sends more than the {size} bytes that there are; nothing was kept")
        if progress is not None:
            progress(stream.tell(), size)

    return write
