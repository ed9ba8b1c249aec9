"""What the operator says of Deep Insight: which engine answers, and how many questions it is asked in a month."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

from gofigr_jupyter.errors import ConfigurationError

ENGINE_VARIABLE = "GOFIGR_JUPYTER_INSIGHT"
URL_VARIABLE = "GOFIGR_JUPYTER_INSIGHT_URL"
MODEL_VARIABLE = "GOFIGR_JUPYTER_INSIGHT_MODEL"
KEY_VARIABLE = "GOFIGR_JUPYTER_INSIGHT_KEY"
VISION_VARIABLE = "GOFIGR_JUPYTER_INSIGHT_VISION"
USER_VARIABLE = "GOFIGR_JUPYTER_INSIGHT_PER_USER"
WORKSPACE_VARIABLE = "GOFIGR_JUPYTER_INSIGHT_PER_WORKSPACE"
MODELS = ("openai", "bedrock")
ENGINES = ("facts", *MODELS, "off")


@dataclass(frozen=True, slots=True)
class InsightSettings:
    """`engine` is one of ENGINES; of questions in a calendar month, None is any number.

    `url` is the base address of an OpenAI-compatible API, such as `http://127.0.0.1:11434/v1`; of Bedrock it is
    needed only where it is not the region's own. With `vision` the model is shown the picture of the figure, too.
    """

    engine: str = "facts"
    url: str = ""
    model: str = ""
    key: str = field(default="", repr=False)
    per_user: int | None = None
    per_workspace: int | None = None
    vision: bool = False

    @property
    def sees(self) -> bool:
        """Whether pictures are sent to a model."""
        return self.vision and self.engine in MODELS


def from_environment() -> InsightSettings:
    """Raises ConfigurationError for what cannot be meant."""
    engine = _told(ENGINE_VARIABLE).lower() or "facts"
    if engine not in ENGINES:
        raise ConfigurationError(f"{ENGINE_VARIABLE} is one of {', '.join(ENGINES)}.")
    url, model = _told(URL_VARIABLE).rstrip("/"), _told(MODEL_VARIABLE)
    if engine == "openai" and not (_is_address(url) and model):
        raise ConfigurationError(
            f"{ENGINE_VARIABLE}=openai needs {URL_VARIABLE}, an address like http://127.0.0.1:11434/v1, "
            f"and {MODEL_VARIABLE}, the name of the model."
        )
    if engine == "bedrock":
        _check_bedrock(url, model)
    counts = _count(USER_VARIABLE), _count(WORKSPACE_VARIABLE)
    return InsightSettings(engine, url, model, _told(KEY_VARIABLE), *counts, vision=_vision())


def _check_bedrock(url: str, model: str) -> None:
    if not model or (url and not _is_address(url)):
        raise ConfigurationError(
            f"{ENGINE_VARIABLE}=bedrock needs {MODEL_VARIABLE}, the id of a model or an inference profile; "
            f"{URL_VARIABLE}, if it is set, is an address."
        )
    if find_spec("boto3") is None:
        raise ConfigurationError(
            f"{ENGINE_VARIABLE}=bedrock needs boto3, which comes with: pip install 'gofigr-jupyter[bedrock]'"
        )


def _told(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def _vision() -> bool:
    told = _told(VISION_VARIABLE) or "0"
    if told not in {"0", "1"}:
        raise ConfigurationError(f"{VISION_VARIABLE} is 1, for a model that sees pictures, or 0.")
    return told == "1"


def _count(variable: str) -> int | None:
    told = _told(variable)
    if told and not (told.isascii() and told.isdecimal() and len(told) < 10):
        raise ConfigurationError(f"{variable} is how many questions may be asked in a month.")
    return int(told) if told else None
