"""Server-sent events: read as the standard says, taken up where they broke, from a real server too."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise, repeat
from pathlib import Path

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from gofigr_jupyter.client import sse
from gofigr_jupyter.client.events import Hold
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.sse import ServerSentEvent, events
from gofigr_jupyter.errors import APIError, ConnectionFailed, Forbidden, RateLimited
from gofigr_jupyter.local import draw_port
from gofigr_jupyter.schema.insight import Answer, AnswerDelta, AnswerStarted, Comparison, Evidence
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig, loopback_hosts
from gofigr_jupyter.settings import Settings
from tests.client.script import Asked, facing, playing
from tests.server.conftest import TOKEN

TARGET = ("figure", "f")
SSE = "text/event-stream"
STREAM = (
    b"\xef\xbb\xbf: hello\r\n\r\nretry: 1500\nid: 1\nevent: comment.created\ndata: {\"a\":\ndata:1}\n\n"
    b"data\n\nevent: nothing\n\nid\rid: \0bad\rdata: x\xe2\x80\xa8y\r\rdata: never ended"
)
READ = [
    ServerSentEvent("comment.created", '{"a":\n1}', "1", 1.5),
    ServerSentEvent("message", "", "1", 1.5),
    ServerSentEvent("message", "x\u2028y", "", 1.5),
]


@settings(max_examples=50)
@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_the_standards_corners_in_any_pieces(cuts: list[int]) -> None:
    at = sorted({0, len(STREAM), *cuts})
    pieces = [STREAM[start:end] for start, end in pairwise(at)]
    assert list(events(pieces)) == READ


def test_events_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LARGEST", 1 << 16)
    with pytest.raises(ValueError, match="long"):
        list(events(repeat(b"x" * 1000)))
    with pytest.raises(ValueError, match="large"):
        list(events(repeat(b"data: " + b"x" * 1000 + b"\n")))
    with pytest.raises(ValueError, match="large"):
        list(events(repeat(b"data:\n")))


def said(number: int, **data: object) -> bytes:
    return f"id: {number}\nevent: comment.created\ndata: {json.dumps({'n': number} | data)}\n\n".encode()


def test_a_line_that_breaks_is_taken_up(tmp_path: Path) -> None:
    resumed: list[str | None] = []

    def one(request: Asked) -> None:
        resumed.append(request.headers["Last-Event-ID"])
        number = len(resumed)
        request.begin(200, SSE)
        request.wfile.write(b": keep-alive\n\n" + said(number) + b"data: half of one")

    with facing(tmp_path, one) as (gf, _):
        stream = gf.events(TARGET, last_event_id="0")
        assert [next(stream).data["n"] for _ in range(3)] == [1, 2, 3]
        stream.close()
    assert resumed == ["0", "1", "2"]


def test_a_stream_is_not_held_back_by_the_sign_in(tmp_path: Path) -> None:
    over = threading.Event()
    refused: list[str] = []

    def serve(request: Asked) -> None:
        if request.path.startswith("/api/token"):
            request.say(200, b'{"access": "a", "refresh": "r"}')
        elif not refused:
            refused.append(request.headers["Authorization"])
            request.say(401, b'{"code": "token_not_valid"}')
        else:
            request.begin(200, SSE)
            request.wfile.write(said(1))
            over.wait(10)

    with playing(serve) as (url, asked):
        with GoFigr(settings=Settings(home=tmp_path, url=url, username="ann", password="p")) as gf:
            stream = gf.events(TARGET)
            assert next(stream).id == "1", "while it is still going on"
            stream.close()
        over.set()
    assert [line.partition("?")[0].rpartition("/api/")[2] for line in asked] == [
        "token/",
        "v1.4.1/events/",
        "token/refresh/",
        "v1.4.1/events/",
    ]


def test_a_line_that_stays_broken_is_given_up(tmp_path: Path) -> None:
    with facing(tmp_path, lambda r: r.begin(200, SSE)) as (gf, asked):
        with pytest.raises(ConnectionFailed, match="again and again"):
            next(gf.events(TARGET))
        assert len(asked) == 3
    with facing(tmp_path, lambda r: r.say(403, b"{}")) as (gf, asked), pytest.raises(Forbidden):
        next(gf.events(TARGET))
    with facing(tmp_path, lambda r: r.say(200, b"{}")) as (gf, asked), pytest.raises(ConnectionFailed, match="no events"):
        next(gf.events(TARGET))
    bad = b"data: {\n\n"
    with facing(tmp_path, lambda r: r.say(200, bad, SSE)) as (gf, asked), pytest.raises(ConnectionFailed, match="read"):
        next(gf.events(TARGET))


def silent(over: threading.Event) -> Callable[[Asked], None]:
    """A stream on which nothing happens."""

    def wait(request: Asked) -> None:
        request.begin(200, SSE)
        request.wfile.write(b": keep-alive\n\n")
        request.wfile.flush()
        over.wait(20)

    return wait


def test_a_stream_that_waits_is_ended_by_its_hold(tmp_path: Path) -> None:
    over, began, hold = threading.Event(), threading.Event(), Hold()
    with facing(tmp_path, silent(over)) as (gf, asked):
        listener = threading.Thread(target=lambda: list(gf.events(TARGET, hold=hold, on_begin=began.set)))
        listener.start()
        assert began.wait(10)
        hold.end()
        listener.join(10)
        assert not listener.is_alive(), "it must not wait for the server"
        assert list(gf.events(TARGET, hold=hold)) == []
        over.set()
    assert len(asked) == 1


def test_a_stream_that_nobody_wants_ends_at_a_sign_of_life(tmp_path: Path) -> None:
    over, hold = threading.Event(), Hold(lambda: False)
    with facing(tmp_path, silent(over)) as (gf, _):
        assert list(gf.events(TARGET, hold=hold)) == []
        over.set()
    assert hold.is_ended


def test_each_line_is_told_of(tmp_path: Path) -> None:
    lines: list[int] = []
    numbers = iter(range(1, 9))

    def one(request: Asked) -> None:
        request.begin(200, SSE)
        request.wfile.write(said(next(numbers)))

    with facing(tmp_path, one) as (gf, _):
        stream = gf.events(TARGET, on_begin=lambda: lines.append(len(lines)))
        assert [next(stream).data["n"] for _ in range(3)] == [1, 2, 3]
        stream.close()
    assert lines == [0, 1, 2]


# ---------------------------------------------------------------- answers piece by piece

ENGINE = {"name": "model", "model": None, "is_local": True}
WHOLE = {
    "api_id": "q",
    "conversation": "c",
    "answer": "It decays.",
    "answer_html": "<p>It decays.</p>",
    "evidence": [],
    "engine": ENGINE,
    "usage": {"input_tokens": 1, "output_tokens": 2},
    "created_on": "2026-01-01T00:00:00.000000+00:00",
}


def told(name: str, **data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def test_an_answer_piece_by_piece(tmp_path: Path) -> None:
    content = (
        told("start", api_id="q", conversation="c", engine=ENGINE)
        + told("delta", text="It ")
        + told("delta", text="decays.")
        + told("evidence", kind="series", label="y", ref={"revision": "r"})
        + told("news", of="later servers")
        + told("done", **WHOLE)
        + told("delta", text="too late")
    )
    bodies: list[dict[str, object]] = []

    def answer(request: Asked) -> None:
        bodies.append(json.loads(request.body))
        request.say(200, content, SSE)

    with facing(tmp_path, answer) as (gf, _):
        pieces = list(gf.insight.stream("r", "Why?", conversation="c"))
    assert [type(piece) for piece in pieces] == [AnswerStarted, AnswerDelta, AnswerDelta, Evidence, Answer]
    assert isinstance(pieces[-1], Answer)
    assert pieces[-1].answer == "It decays."
    assert bodies == [{"figure_revision": "r", "query": "Why?", "conversation": "c", "stream": True}]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (told("error", detail="no engine", code="no_engine"), APIError),
        (told("delta", text="It"), ConnectionFailed),
        (told("delta", other="It"), ConnectionFailed),
        (b"data: {\n\n", ConnectionFailed),
    ],
)
def test_an_answer_that_fails(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    with facing(tmp_path, lambda r: r.say(200, content, SSE)) as (gf, asked):
        with pytest.raises(error):
            list(gf.insight.stream("r", "Why?"))
        assert len(asked) == 1, "a question is not asked twice"


def test_a_comparison_comes_piece_by_piece_too(tmp_path: Path) -> None:
    content = told("delta", text="The code.") + told("done", **WHOLE, changes={"code": [{"change": "added"}]})
    bodies: list[dict[str, object]] = []

    def answer(request: Asked) -> None:
        bodies.append(json.loads(request.body))
        request.say(200, content, SSE)

    with facing(tmp_path, answer) as (gf, _):
        *_, last = gf.insight.stream_comparison("a", "b", "Why?", conversation="c", agreed=True)
    assert isinstance(last, Comparison)
    assert last.changes.code == [{"change": "added"}]
    assert bodies == [{"revisions": ["a", "b"], "query": "Why?", "conversation": "c", "agreed": True, "stream": True}]


def test_a_hand_on_an_answer_ends_it(tmp_path: Path) -> None:
    hold = Hold()
    with facing(tmp_path, lambda r: r.say(200, told("delta", text="It") + told("delta", text="goes"), SSE)) as (gf, _):
        pieces = gf.insight.stream("r", "Why?", hold=hold)
        assert isinstance(next(pieces), AnswerDelta)
        hold.end()
        assert len(list(pieces)) <= 1, "what had arrived may still come, and it is no failure"
        assert list(gf.insight.stream("r", "Why?", hold=hold)) == []


def test_the_rest_of_insight(tmp_path: Path) -> None:
    with facing(tmp_path, lambda r: r.say(200, json.dumps(WHOLE).encode())) as (gf, asked):
        assert gf.insight.query("r", "Why?").engine.is_local
        assert gf.insight.compare("a", "b").changes.code == []
        assert gf.insight.text_query("w", "Why?", context="c").usage.output_tokens == 2
    assert [line.rpartition("/deep_insight/")[2] for line in asked] == ["query/", "compare/", "text_query/"]
    available = {"available": False, "reason": "no_engine", "engine": None, "remaining": None, "resets_on": None}
    with facing(tmp_path, lambda r: r.say(200, json.dumps(available).encode())) as (gf, _):
        assert gf.insight.availability("r").reason == "no_engine"
    limited = b'{"detail": "enough", "code": "rate_limited", "resets_on": null}'
    with facing(tmp_path, lambda r: r.say(429, limited, Retry_After="3600")) as (gf, _), pytest.raises(RateLimited):
        gf.insight.query("r", "Why?")


# ---------------------------------------------------------------- a real server


@pytest.fixture
def served(tmp_path: Path) -> Iterator[GoFigr]:
    """A client of our own server over real HTTP."""
    port = draw_port()
    config = ServerConfig(tmp_path / "data", port, embedded=True, local_token=TOKEN, allowed_hosts=loopback_hosts(port))
    app = create_app(config)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        with GoFigr(settings=Settings(home=tmp_path, url=f"http://127.0.0.1:{port}", api_key=TOKEN)) as gf:
            yield gf
    finally:
        server.should_exit = True
        thread.join()
        app.state.tasks.close()
        app.state.store.close()


def test_what_is_said_is_heard(served: GoFigr, tmp_path: Path) -> None:
    figure = served.find_figure("Decay", "Notes", create=True)
    first = served.comments.create(figure, "first")
    heard: list[tuple[str, str]] = []

    def listen() -> None:
        for event in served.events(figure):
            heard.append((event.event, event.data["content"]))
            if event.event == "comment.updated":
                return

    listener = threading.Thread(target=listen)
    listener.start()
    while listener.is_alive() and not heard:
        served.comments.create(figure, "second")
        listener.join(0.1)
    served.comments.change(first, "changed")
    listener.join(20)
    assert not listener.is_alive()
    assert heard[0] == ("comment.created", "second")
    assert heard[-1] == ("comment.updated", "changed")
    content = bytes(range(256)) * 4096 * 4
    (tmp_path / "large.bin").write_bytes(content)
    sent: list[int] = []
    revision = served.revisions.create(figure=figure, data=[tmp_path / "large.bin"], progress=lambda done, _: sent.append(done))
    assert sent == sorted(sent)
    assert sent[-1] > len(content)
    assert revision.data[0].save(tmp_path / "copy.bin").read_bytes() == content
