"""The bundle's own description: RO-Crate 1.1, JSON-LD that says what each file is and how the figure came from them.

In: a record, and the files of the bundle. Out: the text of `ro-crate-metadata.json`, the same for the same record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gofigr_jupyter.proof.recorded import Recorded
from gofigr_jupyter.records import Environment

NAME = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"
AUTHOR, LICENCE, PYTHON, RUN = "#author", "#licence", "#python", "#making"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the bundle; `part` is `script`, `notebook`, `input`, `figure` or empty."""

    path: str
    about: str
    media_type: str
    size: int | None = None
    part: str = ""
    digest: str | None = None  # BLAKE3-256, hex


def text(record: Recorded, files: Sequence[File]) -> str:
    """The description of a bundle with these files."""
    graph = [_descriptor(), _root(record, files), *(_file(one) for one in files), *_context(record, files)]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def _descriptor() -> dict[str, Any]:
    return {
        "@id": NAME,
        "@type": "CreativeWork",
        "conformsTo": {"@id": PROFILE},
        "about": {"@id": "./"},
    }


def _root(record: Recorded, files: Sequence[File]) -> dict[str, Any]:
    about = record.about
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": record.title,
        "description": f"{about.figure}, revision {about.number}: a figure with the code, the packages and the files "
        "that made it",
        "datePublished": about.created_on or "1970-01-01",
        "identifier": about.revision,
        "url": about.link,
        "author": {"@id": AUTHOR},
        "license": {"@id": LICENCE},
        "mainEntity": {"@id": _id("script.py")},
        "hasPart": _ids(files),
        "mentions": [{"@id": RUN}],
    }


def _file(one: File) -> dict[str, Any]:
    kinds: Any = ["File", "SoftwareSourceCode"] if one.part in {"script", "notebook"} else "File"
    entity: dict[str, Any] = {
        "@id": _id(one.path),
        "@type": kinds,
        "name": one.path,
        "description": one.about,
        "encodingFormat": one.media_type,
    }
    if one.size is not None:
        entity["contentSize"] = str(one.size)
    if one.digest:
        entity["identifier"] = f"blake3:{one.digest}"
    if one.part in {"script", "notebook"}:
        entity["programmingLanguage"] = {"@id": PYTHON}
    return entity


def _context(record: Recorded, files: Sequence[File]) -> list[dict[str, Any]]:
    """What is no file: who, with what, under which terms, and the making itself."""
    about, environment = record.about, record.environment
    python: dict[str, Any] = {"@id": PYTHON, "@type": "ComputerLanguage", "name": "Python"}
    python["url"] = "https://www.python.org/"
    if isinstance(environment, Environment) and environment.python:
        python["version"] = environment.python
    making: dict[str, Any] = {
        "@id": RUN,
        "@type": "CreateAction",
        "name": "The making of the figure",
        "instrument": {"@id": _id("script.py")},
        "object": _ids(one for one in files if one.part == "input"),
        "result": _ids(one for one in files if one.part == "figure"),
        "agent": {"@id": AUTHOR},
    }
    if about.created_on:
        making["endTime"] = about.created_on
    licence = {
        "@id": LICENCE,
        "@type": "CreativeWork",
        "name": "Not stated",
        "description": "Nobody has stated under which terms this may be used; ask its author.",
    }
    return [{"@id": AUTHOR, "@type": "Person", "name": about.author or "unknown"}, licence, python, making]


def _ids(files: Iterable[File]) -> list[dict[str, str]]:
    return [{"@id": _id(one.path)} for one in files]


def _id(path: str) -> str:
    return quote(path, safe="/")
