"""The engine `bedrock` against recorded streams of a real HTTP server: whole, cut off, throttled, refused, garbage."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from zlib import crc32

import matplotlib as mpl
import pytest

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.insight import gathering, settings
from gofigr_jupyter.server.insight.bedrock import NO_CREDENTIALS, NO_REGION, NOT_LET_IN, Bedrock
from gofigr_jupyter.server.insight.engine import BUSY, CUT_OFF, Asked, Cost, Delta, EngineFailed, Picture, Turn
from tests.capture.series.shelf import tables_of
from tests.server.insight import wire
from tests.server.insight.cases import line
from tests.server.insight.shelf import record
from tests.server.insight.test_openai import answered, number_of

mpl.use("agg")
MODEL = "eu.example.small-v1:0"
SECRET = "very-secret"
HEADERS = {"content-type": "application/vnd.amazon.eventstream"}


def frame(kind: str, body: Any, message: str = "event") -> bytes:
    """One message as AWS frames it: lengths, headers, payload, and check sums of each."""
    told = {":message-type": message, f":{message}-type": kind, ":content-type": "application/json"}
    headers = b"".join(_text(name) + b"\x07" + struct.pack(">H", len(value)) + value.encode() for name, value in told.items())
    payload = json.dumps(body).encode()
    head = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    whole = head + struct.pack(">I", crc32(head)) + headers + payload
    return whole + struct.pack(">I", crc32(whole))


def _text(name: str) -> bytes:
    return bytes([len(name)]) + name.encode()


def said(text: str) -> bytes:
    return frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})


START = frame("messageStart", {"role": "assistant"})
THOUGHT = frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hm."}}})
STOP = frame("contentBlockStop", {"contentBlockIndex": 0}) + frame("messageStop", {"stopReason": "end_turn"})
USAGE = frame("metadata", {"usage": {"inputTokens": 321, "outputTokens": 9, "totalTokens": 330}, "metrics": {"latencyMs": 5}})


@pytest.fixture(scope="module")
def question() -> Asked:
    facts = gathering.facts_of(record(tables_of(line())), "")
    return Asked("What is the slope?", facts, [Turn("Hello?", "Hello."), Turn("Lost?", "")])


@pytest.fixture(autouse=True)
def amazon(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A machine that has credentials in its environment, and nowhere else; and buckets at another address."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@contextmanager
def model(*answer: bytes, **options: Any) -> Iterator[tuple[Bedrock, list[wire.Asked]]]:
    with wire.recorded(*answer, **({"headers": HEADERS} | options)) as (url, asked):
        yield Bedrock(MODEL, url), asked


def refusal(code: str, message: str, status: int) -> Any:
    body = json.dumps({"message": message}).encode()
    return model(body, status=status, headers={"content-type": "application/json", "x-amzn-errortype": code})


def test_words_come_as_they_are_said_with_what_they_rest_on(question: Asked) -> None:
    fact = number_of(question, "slope 2")
    pieces = (START, THOUGHT, said("It rises by "), said("2 N per mm"), said(f" [F{fact}"), said("]."), STOP, USAGE)
    with model(*pieces) as (engine, asked):
        text, evidence, costs = answered(engine, question)
    assert text == "It rises by 2 N per mm."
    assert [one.label for one in evidence] == ["Spring"]
    assert costs == [Cost(321, 9)]
    ((path, headers, body),) = asked
    assert path.endswith("/converse-stream")
    assert "small-v1" in path
    assert "AKIDEXAMPLE" in headers["authorization"]
    assert "eu-central-1" in headers["authorization"]
    assert "numbers but those in the facts" in body["system"][0]["text"]
    assert [one["role"] for one in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][-1]["content"][0]["text"].endswith("What is the slope?")


def test_the_picture_goes_along_where_the_model_sees(question: Asked) -> None:
    with model(START, said("I see it."), STOP) as (engine, asked):
        answered(engine, replace(question, picture=Picture(b"png", 40, 30)))
    _, picture = asked[0][2]["messages"][-1]["content"]
    assert picture == {"image": {"format": "png", "source": {"bytes": "cG5n"}}}
    assert "picture of the figure is attached" in asked[0][2]["system"][0]["text"]


def test_numbers_that_stand_in_no_fact_are_named(question: Asked) -> None:
    with model(START, said("The slope is 2 and the p-value 0.0312."), STOP, USAGE) as (engine, _):
        text, _, _ = answered(engine, question)
    assert text.endswith("**Not in the record:** 0.0312. Do not rely on these numbers.")


GARBLED = bytearray(said("It falls"))
GARBLED[-6] ^= 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((START, said("It rises")), CUT_OFF),
        ((START, said("It rises"), said(" by two")[:-9]), CUT_OFF),
        ((), CUT_OFF),
        ((START, STOP, USAGE), "The model gave no answer."),
        ((START, bytes(GARBLED), STOP), "cannot be read"),
        ((b"<html>A proxy says hello to everybody who comes along</html>" * 9,), "cannot be read"),
        ((START, said("It"), frame("throttlingException", {"message": "Too many tokens"}, "exception")), BUSY),
        ((START, frame("modelStreamErrorException", {"message": "It fell over"}, "exception")), "It fell over"),
    ],
)
def test_what_is_no_whole_answer_fails(question: Asked, answer: tuple[bytes, ...], says: str) -> None:
    with model(*answer) as (engine, _), pytest.raises(EngineFailed, match=says):
        answered(engine, question)


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("ThrottlingException", 429, BUSY),
        ("ServiceUnavailableException", 503, BUSY),
        ("ValidationException", 400, r"refused \(ValidationException\): about arn:aws:iam::123"),
        ("AccessDeniedException", 403, NOT_LET_IN),
        ("UnrecognizedClientException", 403, NOT_LET_IN),
    ],
)
def test_refusals(question: Asked, code: str, status: int, says: str) -> None:
    with refusal(code, "about arn:aws:iam::123", status) as (engine, asked), pytest.raises(EngineFailed, match=says) as failure:
        answered(engine, question)
    assert len(asked) == 1, "nobody waits for a second try"
    assert SECRET not in str(failure.value)


def test_who_is_not_let_in_learns_nothing_of_the_account(question: Asked) -> None:
    with refusal("AccessDeniedException", "arn:aws:iam::123 may not", 403) as (engine, _), pytest.raises(EngineFailed) as failure:
        answered(engine, question)
    assert "arn" not in str(failure.value)


def test_who_stops_listening_hangs_up(question: Asked) -> None:
    with model(START, *(said("word ") for _ in range(1000))) as (engine, _):
        pieces = engine.answer(question)
        assert isinstance(next(pieces), Delta)
        pieces.close()


def test_without_credentials_region_or_anybody_there(question: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineFailed, match="cannot be reached"):
        answered(Bedrock(MODEL, "http://127.0.0.1:9"), question)
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(EngineFailed, match=NO_REGION):
        answered(Bedrock(MODEL), question)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(EngineFailed, match=NO_CREDENTIALS):
        answered(Bedrock(MODEL, "http://127.0.0.1:9"), question)


def test_where_questions_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Bedrock(MODEL).host == "bedrock-runtime.eu-central-1.amazonaws.com"
    assert Bedrock(MODEL, "https://vpce-1.example.org/").host == "vpce-1.example.org"
    assert not Bedrock(MODEL, "http://127.0.0.1:9").shape.is_local
    monkeypatch.delenv("AWS_REGION")
    assert Bedrock(MODEL).host == "Amazon Bedrock"


def test_the_operator_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.ENGINE_VARIABLE, "bedrock")
    with pytest.raises(ConfigurationError, match="INSIGHT_MODEL"):
        settings.from_environment()
    monkeypatch.setenv(settings.MODEL_VARIABLE, MODEL)
    assert settings.from_environment().model == MODEL
    monkeypatch.setenv(settings.URL_VARIABLE, "nowhere")
    with pytest.raises(ConfigurationError, match="is an address"):
        settings.from_environment()
    monkeypatch.delenv(settings.URL_VARIABLE)
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ConfigurationError, match=r"gofigr-jupyter\[bedrock\]"):
        settings.from_environment()


def test_boto3_went_away(question: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(EngineFailed, match="no boto3"):
        answered(Bedrock(MODEL), question)
