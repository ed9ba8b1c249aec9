"""What the user chose: arguments > GF_* environment > .gofigr file (searched upward, then home) > defaults.

In: keyword arguments, the environment, a JSON file. Out: one frozen Settings. Credentials stay inside it and in 0600
account files; they are in no repr, parcel or log. This module talks to no server.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platformdirs import user_data_path

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.local import local_server
from gofigr_jupyter.records import Ref

CONFIG_NAME = ".gofigr"
GOFIGR_URL = "https://api.gofigr.io"
FIG1_URL = "https://app.fig1.ai"
HOME_VARIABLE = "GOFIGR_JUPYTER_HOME"
FORMATS = ("svg", "pdf", "html", "json", "watermark", "thumbnail", "series")
CARDS = ("full", "compact", "off")
INPUTS = ("all", "listed", "ask", "off")
_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


@dataclass(frozen=True)
class ApiId:
    """A workspace, analysis or figure given by its id."""

    api_id: str


@dataclass(frozen=True)
class FindByName:
    """A workspace, analysis or figure given by its name; made when it does not exist and `create` is true."""

    name: str
    description: str | None = None
    create: bool = False


@dataclass(frozen=True)
class NotebookName:
    """Stands for "the name of the running notebook" where an analysis is asked for."""


Place = Ref | ApiId | FindByName | NotebookName | str | None


def as_ref(place: Any) -> Ref:
    """Turn what people write for a place into a Ref: an id (UUID text, `ApiId`), a name, an object with `api_id`."""
    match place:
        case None | NotebookName():
            return Ref()
        case Ref():
            return place
        case ApiId():
            return Ref(api_id=place.api_id)
        case FindByName():
            return Ref(name=place.name, description=place.description, create=place.create)
        case str():
            return Ref(api_id=place.lower()) if looks_like_id(place) else Ref(name=place)
        case type() if place is NotebookName:
            return Ref()
    api_id = getattr(place, "api_id", None)
    if isinstance(api_id, str):
        return Ref(api_id=api_id)
    raise ConfigurationError(
        f"{place!r} names no workspace, analysis or figure; use a name, an id, FindByName(...) or ApiId(...)"
    )


def looks_like_id(text: str) -> bool:
    """Whether a text is a UUID, as the wire contract tells ids from names."""
    digits = text.strip().replace("-", "")
    return len(digits) == 32 and all(c in "0123456789abcdefABCDEF" for c in digits)


def state_home(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of all state: outbox, accounts, server data, runtime files. `GOFIGR_JUPYTER_HOME` moves it."""
    chosen = (os.environ if environ is None else environ).get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    try:
        return user_data_path("gofigr_jupyter", appauthor=False)
    except (RuntimeError, KeyError, OSError):  # neither HOME nor an entry in the password database
        return Path(tempfile.gettempdir()) / f"gofigr_jupyter-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


@dataclass(frozen=True)
class Settings:
    """One user's choices for one session.

    `url` None means the embedded server. `analysis` None means the notebook's name. `formats` are the further forms
    that the worker makes (`svg pdf html json watermark thumbnail series`); the shown picture is always kept. `card` is
    `full`, `compact` or `off`. `watermark` false leaves the watermarked PNG out. `inputs` says whether files that
    are read go along: `all`, those in `input_folders` (`listed`), when the card is told to (`ask`), or not even
    their names (`off`); None is `all` on this machine and `ask` elsewhere. `input_size_limit` is in bytes.
    `fig1_api_key` and `fig1_url` say where `Fig1` uploads to (also `FIG1_API_KEY` and `FIG1_URL`).
    """

    home: Path = field(default_factory=state_home)
    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    workspace: Place = None
    analysis: Place = None
    auto_publish: bool = True
    formats: tuple[str, ...] = FORMATS
    card: str = "full"
    watermark: bool = True
    inputs: str | None = None
    input_folders: tuple[str, ...] = ()
    input_size_limit: int = 100_000_000
    notebook_name: str | None = None
    notebook_path: str | None = None
    default_metadata: Mapping[str, Any] = field(default_factory=dict)
    fig1_api_key: str | None = field(default=None, repr=False)
    fig1_url: str | None = None
    config_file: Path | None = None

    @classmethod
    def load(
        cls,
        *,
        environ: Mapping[str, str] | None = None,
        start: Path | None = None,
        **arguments: Any,
    ) -> Settings:
        """Collect the settings in force; an argument of None counts as not given.

        Raises ConfigurationError for a file that is not JSON or a value that cannot work.
        """
        environ = os.environ if environ is None else environ
        known = {name for name in cls.__dataclass_fields__ if name not in {"home", "config_file"}}
        given = {name: value for name, value in arguments.items() if value is not None}
        unknown = set(given) - known - {"home"}
        if unknown:
            raise ConfigurationError(f"Unknown setting {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
        path = find_config(start, environ)
        values: dict[str, Any] = {}
        if path is not None:
            values.update({k: v for k, v in _read_config(path).items() if k in known and v is not None})
        for name in known:
            if environ.get(f"GF_{name.upper()}"):
                values[name] = environ[f"GF_{name.upper()}"]
            if name.startswith("fig1_") and environ.get(name.upper()):  # the name that Fig1's own users know
                values[name] = environ[name.upper()]
        values.update(given)
        values.setdefault("home", state_home(environ))
        if not values.get("url") and (values.get("api_key") or values.get("username")):
            values["url"] = GOFIGR_URL
        return cls(**{name: _coerced(name, value) for name, value in values.items()}, config_file=path)

    def with_(self, **changes: Any) -> Settings:
        """A copy with some settings changed, checked in the same way."""
        return replace(self, **{name: _coerced(name, value) for name, value in changes.items()})

    @property
    def is_embedded(self) -> bool:
        """Whether figures go to the embedded server on this machine."""
        return self.url is None

    def page_url(self) -> str:
        """Where the server's pages live, without a final slash. GoFigr keeps them on another host than its API."""
        if self.url is None:
            return local_server(self.home).url
        host = urlsplit(self.url).hostname or ""
        return self.url.replace("//api.", "//app.", 1) if host.endswith("gofigr.io") else self.url

    @property
    def inputs_rule(self) -> str:
        """What happens to the files that are read; data leave this machine only when somebody has said so."""
        return self.inputs or ("all" if self.is_embedded else "ask")

    def wanted_formats(self) -> tuple[str, ...]:
        """The further forms to make, with the watermark left out where it is switched off."""
        return tuple(f for f in self.formats if f != "watermark" or self.watermark)


def find_config(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Path | None:
    """The nearest `.gofigr` file from a folder upward, then in the home folder; None without one."""
    environ = os.environ if environ is None else environ
    try:
        here = (start or Path.cwd()).absolute()
        folders = [here, *here.parents]
    except OSError:  # the working directory was deleted
        folders = []
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if home:
        folders.append(Path(home))
    for folder in folders:
        candidate = folder / CONFIG_NAME
        try:
            if candidate.is_file():
                return candidate
        except OSError:
            continue
    return None


def _read_config(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is not valid JSON ({error}); mend it or run: gofigr-jupyter login") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f'{path} must hold a JSON object such as {{"api_key": "..."}}')
    return content


def _coerced(name: str, value: Any) -> Any:
    match name:
        case "auto_publish" | "watermark":
            return _boolean(name, value)
        case "formats":
            chosen = tuple(value.replace(",", " ").split()) if isinstance(value, str) else tuple(value)
            unknown = set(chosen) - set(FORMATS)
            if unknown:
                raise ConfigurationError(f"Unknown format {', '.join(sorted(unknown))}; known: {', '.join(FORMATS)}")
            return chosen
        case "card":
            if value not in CARDS:
                raise ConfigurationError(f"card is one of {', '.join(CARDS)}, not {value!r}")
            return value
        case "inputs" | "input_folders" | "input_size_limit":
            return _about_inputs(name, value)
        case "url" | "fig1_url":
            return _url(name, value)
        case "home":
            return Path(value)
        case "workspace" | "analysis":
            as_ref(value)
            return value
    return value


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, str):
        if value.strip().lower() in {"true", "1", "yes", "on"}:
            return True
        if value.strip().lower() in {"false", "0", "no", "off"}:
            return False
        raise ConfigurationError(f"{name} is true or false, not {value!r}")
    return bool(value)


def _about_inputs(name: str, value: Any) -> Any:
    if name == "input_size_limit":
        return _size(name, value)
    if name == "input_folders":
        folders = value.split(os.pathsep) if isinstance(value, str) else value
        return tuple(str(folder) for folder in folders if str(folder).strip())
    if value not in {*INPUTS, None, ""}:
        raise ConfigurationError(f"inputs is one of {', '.join(INPUTS)}, not {value!r}")
    return value or None


def _size(name: str, value: Any) -> int:
    """A number of bytes, or a text such as `250 MB`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmg]?)i?b?", str(value).strip().lower().replace("_", ""))
    if match is None or isinstance(value, bool):
        raise ConfigurationError(f"{name} is a number of bytes or a size such as '250 MB', not {value!r}")
    return int(float(match[1]) * _SIZES[match[2]])


def _url(name: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = str(value).strip().rstrip("/")
    if not text.startswith(("http://", "https://")):
        raise ConfigurationError(f"{name} must begin with http:// or https://, not {text!r}")
    if "@" in text.split("/", 3)[2]:
        raise ConfigurationError(f"{name} must not carry credentials; use the settings for them")
    return text


# ---------------------------------------------------------------- accounts: credentials at rest


@dataclass(frozen=True)
class Account:
    """Where to publish and as whom, as the worker reads it from a 0600 file; parcels hold only its id."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def store_account(settings: Settings) -> str | None:
    """Keep the credentials of a session for its worker; returns the account's id, None for the embedded server.

    The id says nothing about the secret. Settings that came from a `.gofigr` file are kept as a pointer to it, so that
    a new key there is used at once, for parcels already waiting too.
    """
    if settings.url is None:
        return None
    pointer = None
    if settings.config_file is not None:
        content = _read_config(settings.config_file)
        if content.get("api_key") == settings.api_key and content.get("password") == settings.password:
            pointer = str(settings.config_file)
    who = pointer or settings.username or hashlib.sha256((settings.api_key or "").encode()).hexdigest()
    record: dict[str, Any] = {"url": settings.url}
    if pointer:
        record["config_file"] = pointer
    else:
        record |= {"api_key": settings.api_key, "username": settings.username, "password": settings.password}
    return _kept(settings.home, f"{settings.url}\n{who}", record)


@dataclass(frozen=True)
class CdnAccount:
    """A CDN and the key for it; an `url` of None is the embedded server, a key of None its local user's own."""

    url: str | None
    api_key: str | None = field(default=None, repr=False)


def cdn_account(settings: Settings) -> CdnAccount:
    """Where these settings upload to. Raises ConfigurationError without a key where one is needed."""
    home, key, url = settings.home, settings.fig1_api_key, settings.fig1_url
    if url is not None and (home / "server" / "port").exists() and url.lower() == local_server(home).url:
        url = None
    elif url is None and (key is not None or not settings.is_embedded):
        url = FIG1_URL
    if key is not None and (not key.isascii() or not key.isprintable() or " " in key or not key):
        raise ConfigurationError("The key for the CDN (FIG1_API_KEY) has characters that no key has")
    if url is not None and key is None:
        raise ConfigurationError(
            "There is no key for the CDN: set FIG1_API_KEY, or give Fig1(api_key=...). For a server of your own, "
            "gofigr-jupyter fig1-key add makes one, and FIG1_URL says where it is"
        )
    return CdnAccount(url, key)


def with_cdn_of_now(settings: Settings) -> Settings:
    """With a key for the CDN that was set since the session began. Raises ConfigurationError."""
    if settings.fig1_api_key is not None:
        return settings
    now = Settings.load(home=settings.home)
    return settings.with_(fig1_api_key=now.fig1_api_key, fig1_url=settings.fig1_url or now.fig1_url)


def store_cdn_account(settings: Settings) -> str | None:
    """Keep the CDN's address and key for the worker, as `store_account` does. Raises ConfigurationError."""
    account = cdn_account(settings)
    if account.api_key is None:
        return None
    pointer = None
    if settings.config_file is not None:
        is_there = _read_config(settings.config_file).get("fig1_api_key") == account.api_key
        pointer = str(settings.config_file) if is_there else None
    who = pointer or hashlib.sha256(account.api_key.encode()).hexdigest()
    record = {"config_file": pointer} if pointer else {"fig1_api_key": account.api_key}
    return _kept(settings.home, f"cdn\n{account.url}\n{who}", {"fig1_url": account.url, **record})


def load_cdn_account(home: Path, account_id: str | None) -> Settings:
    """Settings that upload there; raises ConfigurationError when the key is gone."""
    if account_id is None:
        return Settings(home=home)
    try:
        record = _stored(home, account_id)
        return Settings(home=home, fig1_url=record["fig1_url"], fig1_api_key=record["fig1_api_key"])
    except (OSError, ValueError, KeyError, TypeError, ConfigurationError) as error:
        raise ConfigurationError("The key for the CDN is gone; set FIG1_API_KEY, and publish again") from error


def load_account(home: Path, account_id: str) -> Account:
    """Read an account's credentials back; raises ConfigurationError when they are gone."""
    try:
        record = _stored(home, account_id)
        return Account(
            url=record["url"],
            api_key=record.get("api_key"),
            username=record.get("username"),
            password=record.get("password"),
        )
    except (OSError, ValueError, KeyError, TypeError, ConfigurationError) as error:
        raise ConfigurationError("The sign-in for this server is gone; run: gofigr-jupyter login") from error


def _kept(home: Path, name: str, record: Mapping[str, Any]) -> str:
    """Write an account's file, and return its id, which follows from a name that holds no secret as it is."""
    account_id = hashlib.sha256(name.encode()).hexdigest()[:24]
    folder = home / "accounts"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(folder / f"{account_id}.json", json.dumps(record))
    return account_id


def _stored(home: Path, account_id: str) -> dict[str, Any]:
    """What an account's file says, with the keys of the `.gofigr` file that it points to."""
    record: dict[str, Any] = json.loads((home / "accounts" / f"{account_id}.json").read_text(encoding="utf-8"))
    return _read_config(Path(record["config_file"])) | record if "config_file" in record else record


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
