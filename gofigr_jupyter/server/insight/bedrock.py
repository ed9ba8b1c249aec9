"""The engine `bedrock`: a model of Amazon Bedrock, asked over its Converse stream.

In: the facts that the engine `facts` would tell, and the question. Out: the model's words as they come. The only door
to boto3, which is an extra, and is loaded at the first question. Region and credentials are AWS's own affair.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from gofigr_jupyter.schema.insight import Engine as EngineShape
from gofigr_jupyter.server.insight import prompts, quoting
from gofigr_jupyter.server.insight.endpoint import CONNECT, DETAIL, SILENCE
from gofigr_jupyter.server.insight.engine import BUSY, CUT_OFF, MOST_TOKENS, Asked, Cost, EngineFailed, Piece

log = logging.getLogger(__name__)
NAME = "bedrock"
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
NO_CREDENTIALS = "This server has no credentials for Amazon Bedrock; whoever runs it sets them, as AWS wants them."
NO_REGION = "This server is told no region of Amazon Bedrock; whoever runs it sets AWS_REGION."
NOT_LET_IN = "Amazon Bedrock does not let this server in; its log says why."
_BUSY = frozenset(("throttling", "toomanyrequests", "servicequotaexceeded", "serviceunavailable", "modelnotready"))
_NOT_LET_IN = frozenset(
    ("accessdenied", "unrecognizedclient", "invalidsignature", "expiredtoken", "incompletesignature", "notauthorized")
)
_IN_TIME = frozenset(("ReadTimeoutError", "ConnectTimeoutError"))
_WITHOUT = frozenset(
    ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError")
)


class Bedrock:
    """Asks one model; `url` where it is not at its region's own address."""

    def __init__(self, model: str, url: str = "") -> None:
        self._model = model
        self._url = url
        self._region = next(filter(None, (os.environ.get(name) for name in REGIONS)), None)
        self._made: Any = None
        self._making = threading.Lock()

    @property
    def shape(self) -> EngineShape:
        """It is always somebody else's machine."""
        return EngineShape(name=NAME, model=self._model, is_local=False)

    @property
    def host(self) -> str:
        """Of its address; a region that only AWS's own files name is not looked up."""
        if self._url:
            return urlsplit(self._url).netloc
        return f"bedrock-runtime.{self._region}.amazonaws.com" if self._region else "Amazon Bedrock"

    def answer(self, asked: Asked) -> Generator[Piece, None, None]:
        """The answer as it comes. Raises EngineFailed."""
        return quoting.answer(asked, self._pieces(asked))

    def _pieces(self, asked: Asked) -> quoting.Said:
        """Words and costs, until the model says that this is all."""
        system, *turns = prompts.messages(asked)
        messages: list[dict[str, Any]] = [{"role": one["role"], "content": [_text(one)]} for one in turns]
        if asked.picture is not None:
            messages[-1]["content"].append({"image": {"format": "png", "source": {"bytes": asked.picture.png}}})
        is_whole = False
        with _translated():
            told = self._client().converse_stream(
                modelId=self._model,
                system=[_text(system)],
                messages=messages,
                inferenceConfig={"maxTokens": MOST_TOKENS},  # no temperature: some models refuse to be told one
            )
            with closing(told["stream"]) as events:
                for event in events:
                    is_whole = is_whole or "messageStop" in event
                    yield from _read(event)
        if not is_whole:
            raise EngineFailed(CUT_OFF)

    def _client(self) -> Any:
        """Made once: it takes long, and threads may share it."""
        with self._making:
            if self._made is None:
                self._made = _client(self._region, self._url)
            return self._made


def _client(region: str | None, url: str) -> Any:
    import boto3  # noqa: PLC0415 - an extra, and slow to load
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=CONNECT,
        read_timeout=SILENCE,
        retries={"total_max_attempts": 1},  # a person waits, and can ask again
        ignore_configured_endpoint_urls=True,  # AWS_ENDPOINT_URL is where the store's buckets are
    )
    session = boto3.Session(region_name=region)
    return session.client("bedrock-runtime", endpoint_url=url or None, config=config)


def _text(message: Mapping[str, str]) -> dict[str, Any]:
    return {"text": message["content"]}


def _read(event: Mapping[str, Any]) -> Iterator[str | Cost]:
    """What an event says; thoughts, and what later versions add, is passed over."""
    text = event.get("contentBlockDelta", {}).get("delta", {}).get("text")
    if text:
        yield str(text)
    usage = event.get("metadata", {}).get("usage")
    if usage:
        yield Cost(int(usage["inputTokens"]), int(usage["outputTokens"]))


@contextmanager
def _translated() -> Iterator[None]:
    """Failures of boto3, which have no tree in common, as sentences for people."""
    try:
        yield
    except EngineFailed:
        raise
    except ImportError as error:
        raise EngineFailed("This server has no boto3, which Amazon Bedrock needs.") from error
    except Exception as error:
        log.warning("Amazon Bedrock: %s: %s", type(error).__name__, error)
        raise EngineFailed(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    kinds = {one.__name__ for one in type(error).__mro__}
    if "NoRegionError" in kinds:
        return NO_REGION
    if kinds & _WITHOUT:
        return NO_CREDENTIALS
    if kinds & _IN_TIME:
        return "Amazon Bedrock did not answer in time."
    if "ClientError" in kinds:
        return _refusal(getattr(error, "response", {}).get("Error", {}))
    return "Amazon Bedrock cannot be reached, broke off, or sent what cannot be read."


def _refusal(told: Mapping[str, Any]) -> str:
    """What AWS says in an error; who is not let in is not told the names of accounts and roles."""
    code = str(told.get("Code") or "")
    kind = code.lower().removesuffix("exception")
    if kind in _BUSY:
        return BUSY
    if kind in _NOT_LET_IN:
        return NOT_LET_IN
    message = " ".join(str(told.get("Message") or "").split())[:DETAIL]
    return f"Amazon Bedrock refused ({code[:DETAIL]}): {message}"
