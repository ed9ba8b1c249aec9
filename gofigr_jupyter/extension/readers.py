"""`read_csv` and its friends, and `sync`, as the official client has them: pandas reads, and the file is kept.

In: what pandas' own readers take. Out: what they give. In a notebook nothing is sent from here: the worker sends the
file with the next figure. Who asks for a file by name wants it kept, whatever the setting `inputs` says of others.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gofigr_jupyter.extension import current, front

if TYPE_CHECKING:
    from gofigr_jupyter.client.assets import AssetRevision
    from gofigr_jupyter.client.gofigr import GoFigr

READERS = (
    "read_csv", "read_excel", "read_json", "read_html", "read_parquet", "read_feather", "read_hdf", "read_pickle",
    "read_sas", "read_table", "read_fwf", "read_orc", "read_spss", "read_stata", "read_xml",
)  # fmt: skip
REVISION_ATTRIBUTE = "_gofigr_revision"  # in the `attrs` of a frame, as the official client writes it


class Sync:
    """Keeps files that are read: `sync(path)`, `sync.open(path)`, `sync.read_csv(path)` and all of `READERS`.

    With a client, and outside notebooks, a file is sent at once. Sending raises errors of the APIError tree.
    """

    def __init__(self, client: GoFigr | None = None) -> None:
        self._client = client

    def __call__(self, pathlike: Any, quiet: bool = False) -> Any:
        """As `sync`."""
        return self.sync(pathlike, quiet)

    def sync(self, pathlike: Any, quiet: bool = False) -> Any:  # noqa: ARG002 - the official client takes it
        """Keep a file with the figures that follow; gives the path back."""
        _note(pathlike, "gofigr_jupyter.sync")
        self._send(pathlike)
        return pathlike

    def open(self, pathlike: Any, *args: Any, **kwargs: Any) -> Any:
        """Like `open`, and the file is kept."""
        return builtins.open(self.sync(pathlike), *args, **kwargs)  # noqa: PTH123 - it takes what open() takes

    def sync_revision(self, pathlike: Any) -> AssetRevision:
        """Send a file now, unless its content is there: the asset revision that holds it. Raises APIError."""
        _note(pathlike, "gofigr_jupyter.sync")
        client = self._client or _client()
        try:
            return client.assets.sync(Path(pathlike), client.find_workspace())
        finally:
            if client is not self._client:
                client.close()

    def open_and_get_revision(self, pathlike: Any, *args: Any, **kwargs: Any) -> tuple[Any, AssetRevision]:
        """The open file, and the asset revision that holds it, which is sent now if need be."""
        revision = self.sync_revision(pathlike)
        return builtins.open(pathlike, *args, **kwargs), revision  # noqa: PTH123 - as above

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in READERS:
            return _reader(name, self._send)
        raise AttributeError(f"sync has no {name}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *READERS]

    def _send(self, pathlike: Any) -> AssetRevision | None:
        if self._client is None or current.current() is not None or not Path(pathlike).is_file():
            return None
        return self._client.assets.sync(Path(pathlike), self._client.find_workspace())


sync = Sync()


def _client() -> GoFigr:
    opening = import_module("gofigr_jupyter.opening")
    loaded = current.current()
    made: GoFigr = opening.GoFigr(settings=None if loaded is None else loaded.session.settings)
    return made


def _note(what: Any, read_by: str) -> None:
    loaded = current.current()
    reads = front.script_reads() if loaded is None else loaded.session.reads
    reads.read(what, read_by, is_asked_for=True)


def _reader(name: str, send: Callable[[Any], AssetRevision | None]) -> Callable[..., Any]:
    def read(path: Any, *args: Any, **kwargs: Any) -> Any:
        _note(path, f"gofigr_jupyter.{name}")
        found = getattr(import_module("pandas"), name)(path, *args, **kwargs)
        sent = send(path) if isinstance(path, str | Path) else None
        if sent is not None and hasattr(found, "attrs"):
            found.attrs[REVISION_ATTRIBUTE] = sent.api_id
        return found

    read.__name__ = read.__qualname__ = name
    read.__doc__ = f"Like `pandas.{name}`, and the file is kept with the figures that follow."
    return read


def __getattr__(name: str) -> Any:
    if name in READERS:
        return getattr(sync, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
