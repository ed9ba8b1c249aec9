"""The Python that ran the cell and what is installed in it, by `importlib.metadata`, in process and cached.

In: sys.path and the folders on it. Out: Environment. A cheap fingerprint tells when somebody installed something.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from gofigr_jupyter.provenance.remotes import without_credentials
from gofigr_jupyter.records import Environment, Package

_NAME = re.compile(r"^Name:[ \t]*(\S+)", re.MULTILINE)
_VERSION = re.compile(r"^Version:[ \t]*(\S+)", re.MULTILINE)

_METADATA = (".dist-info", ".egg-info", ".egg-link", ".egg")

Marks = tuple[tuple[str, int], ...]
Fingerprint = tuple[tuple[str, Marks], ...]
_seen: dict[str, tuple[int, Marks]] = {}


def fingerprint() -> Fingerprint:
    """What packages the folders on sys.path have noted, and when; some 50 µs where no folder has changed."""
    return tuple((folder, _noted(folder)) for folder in list(sys.path) if isinstance(folder, str))


def _noted(folder: str) -> Marks:
    """The names of packages' records in a folder, with their times.

    The time of the folder itself says too much: saving a notebook changes it, too.
    """
    place = os.path.abspath(folder)  # noqa: PTH100 - before each cell, so the quick one; "" is where the kernel is now
    try:
        changed = os.stat(place).st_mtime_ns  # noqa: PTH116
        known = _seen.get(place)
        if known is None or known[0] != changed:
            known = _seen[place] = (changed, _records(place))
    except OSError:  # not there, or a zip file
        return ()
    return known[1]


def _records(place: str) -> Marks:
    with os.scandir(place) as items:
        records = [item for item in items if item.name.endswith(_METADATA)]
        return tuple(sorted((item.name, item.stat().st_mtime_ns) for item in records))


def read() -> Environment:
    """Read what is installed now; some 50 to 200 ms."""
    return Environment(
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        executable=sys.executable,
        platform=platform.platform(),
        packages=_packages(),
    )


def _packages() -> tuple[Package, ...]:
    found: dict[str, Package] = {}
    for distribution in distributions():
        try:
            package = _package(distribution)
        except (OSError, ValueError, KeyError):  # half removed, or metadata that is none
            continue
        if package is not None:
            # the first on sys.path is the one that is imported
            found.setdefault(re.sub(r"[-_.]+", "-", package.name).lower(), package)
    return tuple(found[key] for key in sorted(found))


def _package(distribution: Distribution) -> Package | None:
    # Parsing whole metadata as e-mail, as `distribution.metadata` does, takes ten times as long.
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or distribution.read_text("") or ""
    head = text.split("\n\n", 1)[0]
    name, version = _NAME.search(head), _VERSION.search(head)
    if name is None or version is None:
        return None
    is_editable, origin = _origin(distribution)
    return Package(name[1], version[1], is_editable, origin)


def _origin(distribution: Distribution) -> tuple[bool, str | None]:
    """Whether it is editable, and the VCS or local URL that pip noted (PEP 610)."""
    noted = distribution.read_text("direct_url.json")
    if not noted:
        folder = Path(str(distribution.locate_file("")))
        if folder.name in {"site-packages", "dist-packages"} or not (folder / "setup.py").is_file():
            return False, None
        return True, folder.absolute().as_uri()  # `setup.py develop` of old
    record = json.loads(noted)
    if not isinstance(record, dict) or not isinstance(record.get("url"), str):
        return False, None
    url = without_credentials(record["url"])
    vcs = record.get("vcs_info") or {}
    if vcs:
        url = f"{vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', '')}"
    if record.get("subdirectory"):
        url += f"#subdirectory={record['subdirectory']}"
    return bool((record.get("dir_info") or {}).get("editable")), url
