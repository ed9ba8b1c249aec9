"""Buckets of S3 and what speaks like it, opened with the operator's usual AWS_* environment.

Names and prefixes come from people and are checked here; what a bucket says goes to nobody but as one of our sentences,
for it may quote keys.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.store.arrivals import Arrivals
from gofigr_jupyter.server.store.blobs import Blobs

NAME = re.compile(r"(?!xn--)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?!.*(\.\.|\.-|-\.))[a-z0-9.-]{1,61}[a-z0-9]")
PART = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9!_.*'() =@+-]+")
LONGEST_KEY = 512
CODE = re.compile(r"<Code>(\w{3,60})</Code>")
# The options of its HTTP client that the environment may name, as AWS_ALLOW_HTTP does.
FLAGS = ("allow_http", "allow_invalid_certificates")
TEXTS = ("proxy_url", "proxy_ca_certificate", "proxy_excludes", "connect_timeout", "timeout")


class UnusableBucket(GoFigrError):
    """Settings that cannot be, or a bucket that does not work; the text is fit for people."""


def checked(params: Mapping[str, Any] | None) -> dict[str, str | None]:
    """The params of a bucket as they are kept, `bucket` and perhaps `key`; raises UnusableBucket."""
    given = dict(params or {})
    bucket, key = given.get("bucket"), given.get("key")
    if set(given) - {"bucket", "key"}:
        raise UnusableBucket("A bucket has `bucket` and `key`, nothing else; the server itself has the credentials.")
    if not (isinstance(bucket, str) and NAME.fullmatch(bucket)):
        raise UnusableBucket("`bucket` is no name that a bucket can have.")
    if key is not None and not (isinstance(key, str) and _is_prefix(key)):
        raise UnusableBucket("`key` is no prefix for names: plain words between slashes, without `..`.")
    return given


def _is_prefix(key: str) -> bool:
    inner = key.strip("/")
    return len(key) <= LONGEST_KEY and (not inner or all(PART.fullmatch(part) for part in inner.split("/")))


def folder_of(params: Mapping[str, Any], bucket_id: str) -> str:
    """The prefix under which one bucket's chunks lie: our own, so that nothing else in it is ever touched."""
    return "/".join(filter(None, [(params.get("key") or "").strip("/"), "gofigr", bucket_id]))


def opened(params: Mapping[str, Any], bucket_id: str) -> Blobs:
    """The chunks in a bucket."""
    return Blobs(_store(params["bucket"], folder_of(params, bucket_id)))


def arrivals(params: Mapping[str, Any], bucket_id: str) -> Arrivals:
    """What others put into a bucket, and have not yet given up to us."""
    return Arrivals(_store(params["bucket"], folder_of(params, bucket_id)))


def probe(params: Mapping[str, Any]) -> None:
    """Write a small object, read it back and delete it; raises UnusableBucket with the reason."""
    name, content = f"probe-{secrets.token_hex(8)}", secrets.token_bytes(32)
    try:
        store = _store(params["bucket"], folder_of(params, "probes"))
        obstore.put(store, name, content)
        try:
            found = obstore.get(store, name).bytes().to_bytes()
        finally:
            obstore.delete(store, [name])
    except (BaseError, OSError, ValueError) as error:
        raise UnusableBucket(f"The bucket cannot be used: {_reason(error)}") from error
    if found != content:
        raise UnusableBucket("The bucket cannot be used: it gave back other bytes than it was given.")


def _reason(error: Exception) -> str:
    code = CODE.search(str(error))
    match type(error).__name__:
        case "FileNotFoundError" | "NotFoundError":
            told = "it does not exist"
        case "PermissionDeniedError" | "UnauthenticatedError":
            told = "this server may not read, write and delete in it"
        case _:
            told = "it cannot be reached, or does not do what it is asked"
    return f"{told} ({code[1]})." if code else f"{told}."


def _store(bucket: str, prefix: str) -> S3Store:
    client: dict[str, Any] = {"timeout": "60s", "connect_timeout": "5s"}
    for name in (*FLAGS, *TEXTS):
        told = os.environ.get(f"AWS_{name.upper()}")
        if told:
            client[name] = told.strip().lower() in {"1", "true", "yes", "on"} if name in FLAGS else told
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    backoff = {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2}
    retries = {"max_retries": 3, "retry_timeout": timedelta(seconds=20), "backoff": backoff}
    options: Any = {"client_options": client, "retry_config": retries}
    return S3Store(bucket, prefix=prefix, region=region, **options)
