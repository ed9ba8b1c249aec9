"""What secrets look like: well-known prefixes of keys and tokens, and the names that people give to secrets.

Data and predicates only; `secrets.py` finds the places to ask about.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ALNUM = re.compile(r"[A-Za-z0-9]*+")
_WORD = re.compile(r"[\w-]*+", re.ASCII)
_DOTTED = re.compile(r"[\w./-]*+", re.ASCII)

# prefix, what may follow, and how much of it at least
SHAPES: tuple[tuple[str, re.Pattern[str], int], ...] = (
    *((p, _ALNUM, 16) for p in ("AKIA", "ASIA", "ABIA", "ACCA")),  # AWS
    *((p, _ALNUM, 30) for p in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "hf_", "npm_", "r8_", "gsk_", "lin_api_")),
    ("github_pat_", _WORD, 22),
    *((f"gl{p}-", _WORD, 20) for p in ("pat", "oas", "dt", "rt", "cbt", "ptt", "ft", "agent", "soat")),  # GitLab
    ("fig1_sdk_", _WORD, 6),
    ("sk-", _WORD, 20),  # OpenAI, Anthropic and their likes
    *((f"xox{p}-", _WORD, 10) for p in "abeoprs"),  # Slack
    ("xapp-", _WORD, 16),
    ("hooks.slack.com/services/", _DOTTED, 20),
    ("discord.com/api/webhooks/", _DOTTED, 40),
    ("AIza", _WORD, 35),  # Google
    ("GOCSPX-", _WORD, 24),
    ("ya29.", _DOTTED, 20),
    ("pypi-", _WORD, 50),
    *((f"{p}k_{mode}_", _ALNUM, 10) for p in "srp" for mode in ("live", "test")),  # Stripe
    ("whsec_", _ALNUM, 20),
    ("eyJ", _DOTTED, 30),  # JSON Web Tokens
    ("SG.", _DOTTED, 40),
    ("dop_v1_", _ALNUM, 40),
    ("dapi", _ALNUM, 32),  # Databricks
    ("dckr_pat_", _WORD, 20),
    ("hvs.", _DOTTED, 20),  # Vault
    ("xai-", _WORD, 40),
    ("pplx-", _ALNUM, 40),
    ("tvly-", _WORD, 24),
    ("lsv2_pt_", _WORD, 30),
    ("glsa_", _WORD, 30),  # Grafana
    ("ntn_", _ALNUM, 40),
    ("sbp_", _ALNUM, 36),
    ("shpat_", _ALNUM, 32),
    ("AGE-SECRET-KEY-1", _ALNUM, 40),
)

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SURE = _set("""
    password passwords passwd passphrase passcode passwort pwd pw secret secrets token apikey credential credentials
    secretkey accesskey authtoken accesstoken""")
_ENDINGS = ("password", "passwd", "pwd", "apikey", "secretkey", "accesskey", "authtoken", "accesstoken")
_BEFORE_KEY = _set("""
    api access secret private auth account encryption signing service subscription license master session shared app
    application client admin storage deploy webhook jwt hmac aes fernet ssh bearer""")
_BEFORE_PASS = _set("""
    db user my root admin mysql pg postgres smtp email mail ftp ssh redis mongo proxy login account basic auth""")
_OF_LANGUAGE = _set("""
    pad eos bos unk sep cls mask special stop start end next prev image max min num n new first last""")
# `password_field`, `token_url`, `secret_name`: about a secret, not one.
_ABOUT = _set("""
    field file filename path url uri endpoint name type kind length len count size limit hint label prompt regex
    pattern placeholder env var variable input form column col columns policy index idx position pos class cls id ids
    manager provider func function callback store min max format style title text message msg error""")
PASSWORDS = _set("password passwords passwd passphrase passcode passwort pwd pw pass pin")


@lru_cache(maxsize=2048)
def words(name: str) -> tuple[str, ...]:
    """The words of a snake, kebab or camel case name, in lower case."""
    return tuple(piece.lower() for piece in _PIECES.findall(name[-80:]))


@lru_cache(maxsize=2048)
def names_secret(name: str) -> bool:
    """Whether something of this name is a secret rather than about one."""
    parts = tuple(p for p in words(name) if not p.isdigit())
    if not parts or parts[-1] in _ABOUT:
        return False
    before = dict(zip(parts[1:], parts, strict=False))
    for part in parts:
        if part == "token":
            if before.get("token") not in _OF_LANGUAGE:
                return True
        elif part in _SURE or part.endswith(_ENDINGS):
            return True
    if parts[-1] == "pass":
        return len(parts) == 1 or before["pass"] in _BEFORE_PASS
    return "key" in before and before["key"] in _BEFORE_KEY


@lru_cache(maxsize=2048)
def names_key(name: str) -> bool:
    """Whether the name only says "key", so that the value has to tell whether it is one."""
    parts = words(name)
    return bool(parts) and parts[-1] in {"key", "auth", "authorization", "sig", "signature"}


def names_password(name: str) -> bool:
    """Whether the name says password in so many words."""
    return any(part in PASSWORDS or part.endswith(_ENDINGS[:3]) for part in words(name))


def looks_random(value: str) -> bool:
    """Whether a text is long, unbroken and mixed, as keys are."""
    return (
        len(value) >= 20
        and not any(c.isspace() for c in value)
        and any(c.isdigit() for c in value)
        and any(c.isalpha() for c in value)
        and sum(c.isalnum() for c in value) >= 0.8 * len(value)
    )


def is_key(prefix: str, rest: str) -> bool:
    """Whether what follows a well-known prefix makes it a key, and not a word that begins the same way."""
    if prefix == "eyJ":
        return rest.count(".") >= 1 and ".eyJ" in rest
    if prefix == "SG.":
        return rest.count(".") == 1
    if prefix == "sk-":  # also what scikit-learn calls its CSS classes
        longest = max(map(len, re.split(r"[-_]", rest)))
        return any(c.isdigit() for c in rest) and (longest >= 20 or (longest >= 10 and rest.lower() != rest))
    return True


def is_worth(value: str, name: str) -> bool:
    """Whether a literal can be the secret: not empty, a placeholder, a label or a sentence."""
    text = value.strip()
    if not text or (len(text) > 2 and not text.strip("*.xX•_- ")):
        return False
    if text[0] in "<[{$%" and not looks_random(text[1:]):
        return False
    lowered = text.lower()
    if lowered in {"none", "null", "true", "false", "str", "string", "int", "bytes"}:
        return False
    if words(text) == words(name) and not any(c.isdigit() for c in text):  # {"token": "Token"}: a heading
        return False
    if names_password(name):
        return not (words(name)[-1] == "pwd" and text[0] in "/~.")
    return any(c.isdigit() for c in text) or not any(c.isspace() for c in text)
