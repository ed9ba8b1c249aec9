"""Readers that open files below Python, unheard by the audit hook: which functions of which modules, and their paths.

A table and nothing else: who adds a library adds a line. Names that a version lacks are left out.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Given = dict[str, Any]
Found = Iterator[tuple[Any, bool]]  # a path, address, folder or pattern; whether it is written


@dataclass(frozen=True, slots=True)
class Reader:
    """Functions of one module, by name or as `Class.method`. `takes` names their first arguments, in order.

    `finds` tells what they are about to read. `looks_around`: they look into the caller's variables, by its frame.
    """

    module: str
    names: tuple[str, ...]
    takes: tuple[str, ...]
    finds: Callable[[Given], Found]
    looks_around: bool = False


_PATHS = (
    "source input_file where path path_or_paths metadata_path path_or_buffer file_glob filename_or_obj paths".split()
)


def _first(given: Given) -> Found:
    yield next((given[name] for name in _PATHS if name in given), None), False


def _by_mode(given: Given) -> Found:
    mode = given.get("mode") or "r"
    path = given.get("path", given.get("name", given.get("filename")))
    writes = isinstance(mode, str) and mode[:1] in {"w", "x"}
    yield path, writes


def _of_filesystem(given: Given) -> Found:
    mode, system = given.get("mode") or "rb", given["self"]
    protocols = system.protocol if isinstance(system.protocol, tuple | list) else (system.protocol,)
    if "r" in mode and protocols[0] not in {"memory", "abstract"}:
        yield system.unstrip_protocol(given.get("path")), False


_LITERAL = re.compile(r"(\bTO\s+)?(?:'((?:[^'\n]|''){1,1000})'|\"((?:[^\"\n]){1,1000})\")", re.IGNORECASE)
_LONGEST = 100_000


def _in_query(given: Given) -> Found:
    """Every text in the query, and every parameter, that names a file that is there, or an address."""
    query, parameters = given.get("query"), given.get("parameters")
    for match in _LITERAL.finditer(query[:_LONGEST]) if isinstance(query, str) else ():
        text, is_written = (match[2] or match[3]).replace("''", "'"), match[1] is not None
        if is_written or _names_something(text):
            yield text, is_written
    values = parameters.values() if isinstance(parameters, dict) else parameters
    for value in values if isinstance(values, list | tuple | type({}.values())) else ():
        if isinstance(value, str) and _names_something(value):
            yield value, False


def _names_something(text: str) -> bool:
    if "://" in text:
        return True
    if len(text) > 1000 or not ("." in text or "/" in text or "\\" in text):
        return False
    if os.path.isfile(os.path.expanduser(text)):  # noqa: PTH111, PTH113 - in the user's own time
        return True
    return glob.has_magic(text) and next(glob.iglob(text, recursive=True), None) is not None  # noqa: PTH207 - as above


def _database(given: Given) -> Found:
    path = given.get("database")
    if isinstance(path, str | os.PathLike) and os.path.isfile(path):  # noqa: PTH113 - in the user's own time
        yield path, False


def _on_connection(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"DuckDBPyConnection.{name}" for name in names)


_KINDS = "csv csv_batched parquet ipc ipc_stream json ndjson excel ods avro delta lines".split()
_POLARS = (*(f"read_{kind}" for kind in _KINDS), *(f"scan_{kind}" for kind in _KINDS))
_QUERIES = ("sql", "query", "execute", "executemany", "from_query")
_FILES = ("read_csv", "read_json", "read_parquet", "from_csv_auto", "from_parquet")
_XARRAY = ("open_dataset", "open_dataarray", "open_datatree", "load_dataset", "load_dataarray")

READERS: tuple[Reader, ...] = (
    Reader("pyarrow", ("memory_map",), ("path", "mode"), _by_mode),
    Reader("pyarrow", ("input_stream",), ("source",), _first),
    Reader("pyarrow.csv", ("read_csv", "open_csv"), ("input_file",), _first),
    Reader("pyarrow.json", ("read_json", "open_json"), ("input_file",), _first),
    Reader("pyarrow.feather", ("read_feather", "read_table"), ("source",), _first),
    Reader("pyarrow.orc", ("read_table",), ("source",), _first),
    Reader("pyarrow.orc", ("ORCFile.__init__",), ("self", "source"), _first),
    Reader("pyarrow.ipc", ("open_file", "open_stream"), ("source",), _first),
    Reader("pyarrow.dataset", ("dataset",), ("source",), _first),
    Reader("pyarrow.dataset", ("parquet_dataset",), ("metadata_path",), _first),
    Reader("pyarrow.parquet", ("read_table", "read_pandas"), ("source",), _first),
    Reader("pyarrow.parquet", ("read_metadata", "read_schema"), ("where",), _first),
    Reader("pyarrow.parquet", ("ParquetFile.__init__",), ("self", "source"), _first),
    Reader("pyarrow.parquet", ("ParquetDataset.__init__",), ("self", "path_or_paths"), _first),
    Reader("polars", _POLARS, ("source",), _first),
    Reader("duckdb", _QUERIES, ("query", "parameters"), _in_query, looks_around=True),
    Reader("duckdb", _FILES, ("source",), _first, looks_around=True),
    Reader("duckdb", ("connect",), ("database",), _database),
    Reader("duckdb", _on_connection(_QUERIES), ("self", "query", "parameters"), _in_query, looks_around=True),
    Reader("duckdb", _on_connection(_FILES), ("self", "source"), _first, looks_around=True),
    Reader("h5py", ("File.__init__",), ("self", "name", "mode"), _by_mode),
    Reader("tables", ("open_file",), ("filename", "mode"), _by_mode),
    Reader("xarray", _XARRAY, ("filename_or_obj",), _first),
    Reader("xarray", ("open_mfdataset",), ("paths",), _first),
    Reader("fsspec.spec", ("AbstractFileSystem.open",), ("self", "path", "mode"), _of_filesystem),
)  # fmt: skip
