"""The engine `openai`: any server that speaks OpenAI's chat API - Ollama, llama.cpp, vLLM, a cloud's.

In: the facts that the engine `facts` would tell, and the question. Out: the model's words as they come.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Generator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from gofigr_jupyter.client.sse import events
from gofigr_jupyter.schema.insight import Engine as EngineShape
from gofigr_jupyter.server.insight import prompts, quoting
from gofigr_jupyter.server.insight.endpoint import Endpoint
from gofigr_jupyter.server.insight.engine import CUT_OFF, MOST_TOKENS, Asked, Cost, EngineFailed, Piece

NAME = "openai"


class OpenAI:
    """Asks one model of one server."""

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        self._endpoint = endpoint
        self._model = model

    @property
    def shape(self) -> EngineShape:
        """Local where its address is this machine's own."""
        return EngineShape(name=NAME, model=self._model, is_local=is_loopback(self._endpoint.url))

    @property
    def host(self) -> str:
        """Of its address."""
        return urlsplit(self._endpoint.url).netloc

    def answer(self, asked: Asked) -> Generator[Piece, None, None]:
        """The answer as it comes. Raises EngineFailed."""
        return quoting.answer(asked, self._pieces(asked))

    def _pieces(self, asked: Asked) -> quoting.Said:
        """Words and costs, until the server says that this is all."""
        body = {
            "model": self._model,
            "messages": _messages(asked),
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


def _messages(asked: Asked) -> list[dict[str, Any]]:
    """What is told, with the picture beside the question."""
    *found, question = prompts.messages(asked)
    if asked.picture is None:
        return [*found, question]
    url = f"data:image/png;base64,{base64.b64encode(asked.picture.png).decode()}"
    content = [{"type": "text", "text": question["content"]}, {"type": "image_url", "image_url": {"url": url}}]
    return [*found, {"role": question["role"], "content": content}]


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
