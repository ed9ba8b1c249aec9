"""The engine `openai`: any server that speaks OpenAI's chat API - Ollama, llama.cpp, vLLM, a cloud's.

In: the facts that the engine `facts` would tell, and the question. Out: the model's words as they come, evidence where
they point to a fact, and a warning where they state a number that is in none.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from gofigr_jupyter.client.sse import events
from gofigr_jupyter.schema.insight import Engine as EngineShape
from gofigr_jupyter.server.insight import checking, prompts
from gofigr_jupyter.server.insight.endpoint import Endpoint
from gofigr_jupyter.server.insight.engine import Asked, Cost, Delta, EngineFailed, Piece

NAME = "openai"
MOST_TOKENS = 2_000
CUT_OFF = "The model broke off in the middle of its answer."


class OpenAI:
    """Asks one model of one server."""

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        self._endpoint = endpoint
        self._model = model

    @property
    def shape(self) -> EngineShape:
        """Local where its address is this machine's own."""
        return EngineShape(name=NAME, model=self._model, is_local=is_loopback(self._endpoint.url))

    def answer(self, asked: Asked) -> Generator[Piece, None, None]:
        """The answer as it comes. Raises EngineFailed."""
        facts = dict(prompts.numbered(asked))
        citations = checking.Citations()
        said: list[str] = []
        for piece in self._pieces(asked):
            if isinstance(piece, Cost):
                yield piece
                continue
            yield from _shown(citations.take(piece), facts, said)
        yield from _shown(citations.end(), facts, said)
        text = "".join(said)
        if not text.strip():
            raise EngineFailed("The model gave no answer.")
        warned = checking.warning(checking.unfounded(text, list(facts.values())))
        if warned:
            yield Delta(warned)

    def _pieces(self, asked: Asked) -> Iterator[str | Cost]:
        """Words and costs, until the server says that this is all."""
        body = {
            "model": self._model,
            "messages": prompts.messages(asked),
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": MOST_TOKENS,
            "temperature": 0,
        }
        is_whole = False
        for one in events(self._endpoint.stream("/chat/completions", body)):
            if one.data.strip() == "[DONE]":
                is_whole = True
                break
            told = _parsed(one.data)
            if "error" in told:
                raise EngineFailed(f"The model's server refused: {_problem(told['error'])}")
            for choice in told.get("choices") or ():
                text = (choice.get("delta") or {}).get("content")
                if isinstance(text, str) and text:
                    yield text
                is_whole = is_whole or bool(choice.get("finish_reason"))
            if isinstance(usage := told.get("usage"), dict):
                yield Cost(_number(usage.get("prompt_tokens")), _number(usage.get("completion_tokens")))
        if not is_whole:
            raise EngineFailed(CUT_OFF)


def is_loopback(url: str) -> bool:
    """Whether an address leads to this machine alone."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _shown(taken: tuple[str, list[int]], facts: dict[int, Any], said: list[str]) -> Iterator[Piece]:
    text, numbers = taken
    if text:
        said.append(text)
        yield Delta(text)
    yield from (facts[number].evidence for number in numbers if number in facts)


def _parsed(data: str) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EngineFailed("The model's server sent what cannot be read.") from error
    if not isinstance(told, dict):
        raise EngineFailed("The model's server sent what cannot be read.")
    return told


def _problem(error: Any) -> str:
    text = error.get("message") if isinstance(error, dict) else error
    return " ".join(str(text).split())[:300]


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
