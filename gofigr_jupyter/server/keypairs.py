"""Key pairs for SSH: made here (Ed25519), or a user's own, checked. Out: OpenSSH's formats; nothing is stored here."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field

from gofigr_jupyter.errors import GoFigrError

OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
MOST_ROUNDS = 256  # of bcrypt: ssh-keygen makes 16 or 24; a file may ask for billions
RSA_BITS = range(2048, 16385)
NOT_A_KEY = "This is not a private key that ssh can use, or the passphrase does not fit."


class BadKey(GoFigrError):
    """A private key that is not accepted; the text says why, and nothing of the key."""


@dataclass(frozen=True)
class KeyPair:
    """The public line for `authorized_keys`, its fingerprint, and the private half without passphrase."""

    public_key: str
    fingerprint: str
    private_key: bytes = field(repr=False)


def make(comment: str) -> KeyPair:
    """A new Ed25519 pair."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - seldom needed

    return _pair(Ed25519PrivateKey.generate(), comment)


def read(text: str, passphrase: str | None, comment: str) -> KeyPair:
    """A user's own pair, without its passphrase. Raises BadKey."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - seldom needed
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key  # noqa: PLC0415

    text = text.strip().replace("\r\n", "\n") + "\n"
    is_openssh = text.startswith(OPENSSH)
    if is_openssh:
        _check_rounds(text)
    elif text.startswith("-----BEGIN ENCRYPTED PRIVATE KEY"):
        raise BadKey("In this format keys are taken without passphrase only; `ssh-keygen -p -f FILE` changes that.")
    load = load_ssh_private_key if is_openssh else load_pem_private_key
    try:
        return _pair(load(text.encode(), passphrase.encode() if passphrase else None), comment)
    except BadKey:
        raise
    except (ValueError, TypeError, UnsupportedAlgorithm, AttributeError) as error:
        raise BadKey(NOT_A_KEY) from error


def fingerprint(public_key: str) -> str:
    """As `ssh-keygen -l` prints it."""
    digest = hashlib.sha256(base64.b64decode(public_key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _pair(key: object, comment: str) -> KeyPair:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey  # noqa: PLC0415 - seldom needed
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    if not isinstance(key, Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey):
        raise BadKey("Only Ed25519, ECDSA and RSA keys are taken.")
    if isinstance(key, RSAPrivateKey) and key.key_size not in RSA_BITS:
        raise BadKey(f"An RSA key needs at least {RSA_BITS.start} bits.")
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    remark = re.sub(r"[^\w.@-]+", "-", comment, flags=re.ASCII).strip("-")[:60] or "gofigr"
    return KeyPair(f"{line} {remark}", fingerprint(line), private)


def _check_rounds(text: str) -> None:
    """Refuse a file that would have the server compute for hours; its head says how long."""
    try:
        raw = base64.b64decode("".join(text.split("-----")[2].split()))
        _, rest = _field(raw.removeprefix(b"openssh-key-v1\0"))
        kdf, rest = _field(rest)
        options, _ = _field(rest)
        rounds = int.from_bytes(_field(options)[1][:4], "big") if kdf == b"bcrypt" else 0
    except (ValueError, IndexError) as error:
        raise BadKey(NOT_A_KEY) from error
    if rounds > MOST_ROUNDS:
        raise BadKey(f"The passphrase of this key takes more than {MOST_ROUNDS} rounds to check.")


def _field(raw: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(raw[:4], "big")
    return raw[4 : 4 + size], raw[4 + size :]
