"""Which of the paths that a session opened are inputs of its figures.

In: absolute paths and addresses, as text. Out: yes or no, and what may be said of them. Never: what belongs to the
interpreter, to packages, to fonts and caches, and what may hold a secret. Touches no disk, but for the folders at load.
"""

from __future__ import annotations

import os
import re
import site
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from platformdirs import user_cache_path

from gofigr_jupyter.provenance.secret_files import is_secret_file
from gofigr_jupyter.provenance.secrets import mask

_SYSTEM = (
    "/proc/", "/sys/", "/dev/", "/etc/", "/lib/", "/lib64/", "/bin/", "/sbin/", "/usr/lib/", "/usr/lib64/", "/usr/bin/",
    "/usr/share/", "/usr/libexec/", "/usr/include/", "/usr/local/lib/", "/usr/local/share/", "/run/user/",
    "/run/lock/", "/var/cache/", "/System/", "/Library/", "C:\\Windows\\", "C:\\Program Files",
)  # fmt: skip
_OF_PREFIX = ("lib", "lib64", "bin", "share", "include", "etc", "Lib", "Scripts", "Library", "pkgs")
_CACHES = (
    "XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR",
    "JUPYTER_CONFIG_DIR", "PIP_CACHE_DIR", "PYTHONPYCACHEPREFIX",
)  # fmt: skip
_OF_FONTS = re.compile(r"fontlist-v\d+\.json")  # where matplotlib's own folder cannot be written to, anywhere
_FOLDERS = frozenset({"__pycache__", "site-packages", "dist-packages", "node_modules"})
_OF_KERNELS = re.compile(r"ipykernel_\d+")  # where a debugger keeps the cells' sources
_NOT_DATA = frozenset(
    ".ttf .otf .ttc .pfb .pfa .afm .woff .woff2 .pyc .pyo .pyd .so .dll .dylib .ipynb .lock .pid".split()
)
_MODULES = (".py", ".pyw", ".pyi")
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+(?:::[a-z][a-z0-9+.-]*)*)://", re.IGNORECASE)
_TELLING = re.compile(r"sig|token|key|secret|cred|auth|pass|expires|session|x-amz|x-goog", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lay around a session when it began.

    `never` are beginnings of paths that no input has. `installed` are folders that modules come from: a module there is
    a package's, a file of another kind may be data.
    """

    never: tuple[str, ...]
    installed: tuple[str, ...]


def surroundings(home: Path, working_dir: str) -> Surroundings:
    """As they are now; `home` is our own state folder."""
    ours = [str(home), str(Path(__file__).parents[1])]
    never = {folder.rstrip(os.sep) + os.sep for folder in _with_links([*_packages(), *ours])}
    never |= {folder.rstrip(os.sep) + os.sep for folder in _caches()}
    user = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    hidden = [] if user in {"~", os.sep} or working_dir.startswith(user + "/.") else [user.rstrip(os.sep) + "/."]
    known = [str(Path(entry).absolute()).rstrip(os.sep) for entry in sys.path if entry]
    installed = tuple(entry + os.sep for entry in known if entry != working_dir)
    # Shortest first, without those that others cover: modules are opened by the thousand, and most are found at once.
    kept: list[str] = []
    for beginning in sorted({*never, *hidden, *_SYSTEM}, key=lambda text: (len(text), text)):
        if not beginning.startswith(tuple(kept)):
            kept.append(beginning)
    first = sysconfig.get_path("purelib") + os.sep
    return Surroundings(tuple(sorted(kept, key=lambda text: not first.startswith(text))), installed)


def _packages() -> list[str]:
    found = [path for name, path in sysconfig.get_paths().items() if name not in {"data", "scripts"}]
    found += [*site.getsitepackages(), site.getusersitepackages()]
    found += [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        found += [str(Path(prefix) / name) for name in _OF_PREFIX]
    return [path for path in found if path and path != os.sep]


def _caches() -> list[str]:
    return [str(user_cache_path()), *filter(None, map(os.environ.get, _CACHES))]


def _with_links(folders: list[str]) -> list[str]:
    return [*folders, *map(os.path.realpath, folders)]


def is_input(path: str, working_dir: str, around: Surroundings) -> bool:
    """Whether a file that was read is an input."""
    if path.startswith(around.never):
        return False
    is_near = _is_near(path, working_dir)
    # A project may itself lie in a hidden folder: what is near is judged by its way from there alone.
    steps = (path[len(working_dir) :] if is_near else path).replace("\\", "/").split("/")
    if any(step.startswith(".") and step not in {".", ".."} for step in steps):
        return False
    if not _FOLDERS.isdisjoint(steps) or any(map(_OF_KERNELS.fullmatch, steps)):
        return False
    name = steps[-1]
    suffix = PurePath(name).suffix.lower()
    if suffix in _NOT_DATA or is_secret_file(name) or _OF_FONTS.fullmatch(name):
        return False
    return is_near or suffix not in _MODULES or not path.startswith(around.installed)


def _is_near(path: str, working_dir: str) -> bool:
    return bool(working_dir) and path.startswith(working_dir.rstrip(os.sep) + os.sep)


def is_scratch(path: str, working_dir: str, written: frozenset[str] | set[str]) -> bool:
    """Whether it is a temporary file of the session's own making; what lies where people work is more than that."""
    if path not in written or _is_near(path, working_dir):
        return False
    return any(path.startswith(folder + os.sep) for folder in _with_links([tempfile.gettempdir()]))


def is_address(text: str) -> bool:
    """Whether it names something on the net, not a file; `C:` is a drive."""
    match = _ADDRESS.match(text)
    return match is not None and match[1].lower() not in {"file", "local", "memory"}


def clean_address(text: str) -> str:
    """An address without names, passwords, signatures and keys in it."""
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
        shown = urlunsplit((parts.scheme, host, parts.path, "", ""))
        query = parts.query
        if query and not any(_TELLING.search(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
            shown += f"?{query}"
    except ValueError:
        shown = text.partition("?")[0]
    return mask(shown, kind="text")[0]
