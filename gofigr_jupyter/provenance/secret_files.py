"""Which files are kept away from everybody by their name alone: keys, credentials, settings with passwords in them."""

from __future__ import annotations

import re
from pathlib import PurePath

_SUFFIXES = frozenset(
    ".pem .key .p12 .pfx .p8 .jks .keystore .kdbx .ppk .gpg .asc .der .env .ovpn .tfstate .credentials".split()
)
_SETTINGS = frozenset(["", *".json .yaml .yml .toml .ini .cfg .conf .txt .xml .properties .bak".split()])
_NAMES = re.compile(
    r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|_?netrc|passwd|shadow|kubeconfig|pgpass|authorized_keys|known_hosts"
    r"|(?:.*[-_. ])?(?:credentials?|secrets?|passwords?|api[-_]?keys?|(?:access|auth|refresh|api)[-_]?tokens?|token"
    r"|client[-_]secret.*|service[-_]?account.*)"
)


def is_secret_file(name: str) -> bool:
    """Whether a file of this name (without folders) may hold a secret; what is called so by its data is none."""
    path = PurePath(name.lower())
    if path.suffix in _SUFFIXES or name.lower().startswith(".env"):
        return True
    return path.suffix in _SETTINGS and _NAMES.fullmatch(path.stem if path.suffix else path.name) is not None
