"""Names of files and folders as they stand in addresses: cleaned where that is harmless, else refused with a reason.

No name of anybody's becomes a path on a disk; but addresses are copied into pages, shells and other people's disks.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 150  # characters of a name
LONGEST_PATH = 600
DEEPEST = 20
ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
# Each has a meaning in addresses, in HTML, or in shells, or looks like one that has.
UNWELCOME = re.compile(r"[\s\"#%&'*:;<>?`|^{}\[\]$!,\u2044\u2215\u2216\u2571\u29f5\u29f8]+")
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)  # of Windows


class BadName(ValueError):
    """A name that cannot be; the text says why, to people."""


def file_name(given: str) -> str:
    """The name of a file in its address. Raises BadName."""
    return _clean(given, "file")


def folder_name(given: str) -> str:
    """The name of one folder. Raises BadName."""
    return _clean(given, "folder")


def folders(given: str) -> list[str]:
    """The names in a path of folders, such as `a/b`; further slashes do not count. Raises BadName."""
    names = [_clean(part, "folder") for part in given.split("/") if part]
    if len(names) > DEEPEST or sum(len(name) + 1 for name in names) > LONGEST_PATH:
        raise BadName(f"Folders may be {DEEPEST} deep, and their names have {LONGEST_PATH} characters together")
    return names


def address(base: str, key: str) -> str:
    """Where a file is seen, on the server that `base` is."""
    return f"{base}/cdn/{quote(key)}"


def _clean(given: str, what: str) -> str:
    name = unicodedata.normalize("NFC", given).strip(" ")
    if not name:
        raise BadName(f"The name of the {what} is empty")
    if len(name) > LONGEST:
        raise BadName(f"The name of the {what} is longer than {LONGEST} characters")
    folded = unicodedata.normalize("NFKC", name)  # as some systems read it: ．．／ is ../ there
    if "/" in folded or "\\" in folded or ENCODED.search(folded):
        raise BadName(f"The name of the {what} cannot have /, \\ or %-codes in it")
    if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for one in name):
        raise BadName(f"The name of the {what} has characters in it that cannot be seen")
    if folded.startswith("."):
        raise BadName(f"The name of the {what} cannot begin with a dot")
    cleaned = re.sub(r"-*\.-*", ".", UNWELCOME.sub("-", name)).strip("-").rstrip(".")
    cleaned = re.sub(r"\.{2,}", ".", cleaned).lstrip(".")
    if not cleaned or DEVICES.fullmatch(cleaned):
        raise BadName(f"The {what} cannot have this name")
    return cleaned
