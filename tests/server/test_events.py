"""The stream of events: over real connections to a real server."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from gofigr_jupyter.schema.comments import Comment
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig, loopback_hosts
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.store import events
from gofigr_jupyter.server.store.bell import Bell
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import Event, Revision
from gofigr_jupyter.server.streams import KEEP_ALIVE, Pace, news
from tests.server.conftest import API, Client, found
from tests.server.people import People
from tests.server.processes import Server, new_figure
from tests.server.talking import Scene, say, scene, share
from tests.waiting import until

SOON = 1.0  # seconds in which news arrives
LATELY = 8.0  # seconds in which a stream ends whose reader may not look any more; mostly two


class Stream:
    """An open stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def next(self) -> dict[str, Any] | None:
        """The next event; None when the stream has ended."""
        event: dict[str, Any] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name in {"id", "event", "data"}:
                event[name] = json.loads(value) if name == "data" else value
            if not line and "data" in event:
                return event
        return None

    def names(self, count: int) -> list[str]:
        """What the next events are called."""
        return [event["event"] for _ in range(count) if (event := self.next())]


@contextmanager
def watching(client: Client, place: dict[str, str], since: str | None = None) -> Iterator[Stream]:
    """Watch an object, within this block."""
    headers = {"last-event-id": since} if since else {}
    with client.stream("GET", f"{API}/events/", params=place, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200
        yield Stream(answer)


@pytest.fixture
def served(config: ServerConfig) -> Iterator[FastAPI]:
    """An app behind a real server."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_app(replace(config, port=port, allowed_hosts=loopback_hosts(port)))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    until(lambda: server.started, 30)
    yield app
    server.should_exit = True
    app.state.store.bell.close()
    thread.join(30)
    app.state.store.close()


@pytest.fixture
def people(served: FastAPI) -> Iterator[People]:
    made: list[Client] = []

    def client_of(authorization: str) -> Client:
        url = f"http://127.0.0.1:{served.state.config.port}"
        made.append(httpx.Client(base_url=url, headers={"authorization": authorization}, timeout=30))
        return made[-1]

    yield People(served, client_of)
    for one in made:
        one.close()


@pytest.fixture
def here(served: FastAPI, people: People) -> Scene:
    return scene(served, people)


# ---------------------------------------------------------------- what arrives


def test_what_others_say_arrives_at_once(people: People, here: Scene) -> None:
    owner, viewer, place = people("owner"), people("viewer"), here.place("figure_revision")
    with watching(viewer, place) as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["cache-control"] == "no-store"

        def arrives(name: str) -> Any:
            began = time.monotonic()
            event = stream.next()
            assert event is not None
            assert time.monotonic() - began < SOON
            assert event["event"] == name
            return event["data"]

        made = say(owner, place, "**hello**")
        assert Comment.model_validate(arrives("comment.created")).content_html == "<p><strong>hello</strong></p>\n"
        url = f"{API}/comment/{made['api_id']}/"
        found(owner.patch(url, json={"content": "changed"}))
        assert arrives("comment.updated")["content"] == "changed"
        reaction = viewer.post(f"{API}/reaction/", json={"comment": made["api_id"], "emoji": "👍"}).json()
        assert arrives("reaction.created") == reaction
        viewer.delete(f"{API}/reaction/{reaction['api_id']}/")
        assert arrives("reaction.deleted") == reaction
        owner.delete(url)
        assert arrives("comment.deleted")["api_id"] == made["api_id"]
        found(owner.patch(f"{API}/revision/{here.revision}/", json={"metadata": {"a": 1}}))
        changed = arrives("revision.updated")
        assert (changed["api_id"], changed["figure"]) == (here.revision, here.figure)


def test_a_figure_tells_of_its_revisions(people: People, here: Scene) -> None:
    owner = people("owner")
    with watching(people("viewer"), here.place("figure")) as stream:
        made = owner.post(f"{API}/revision/", json={"figure": here.figure, "data": [], "metadata": {}}).json()
        found(owner.patch(f"{API}/revision/{here.revision}/", json={"metadata": {"a": 1}}))
        told = [stream.next(), stream.next()]
        assert [event["data"]["api_id"] for event in told if event] == [made["api_id"], here.revision]


def test_a_machines_reply_arrives_when_it_is_settled(people: People, here: Scene) -> None:
    owner, place = people("owner"), here.place("figure")
    asked = say(owner, place, "Why?")
    with watching(owner, place) as stream:
        owner.post(f"{API}/comment/{asked['api_id']}/ai_response/", json={})
        told = [stream.next(), stream.next()]
        assert [event["event"] for event in told if event] == ["comment.created", "comment.updated"]
        assert told[1] is not None
        assert told[1]["data"]["ai_status"] == "done"


def test_one_hears_of_what_one_watches_and_of_nothing_else(people: People, here: Scene) -> None:
    owner = people("owner")
    with watching(people("viewer"), here.place("asset")) as stream:
        for kind in ("figure", "figure_revision", "asset_revision", "asset"):
            say(owner, here.place(kind), kind)
        event = stream.next()
        assert event is not None
        assert event["data"]["content"] == "asset"


def test_each_reader_is_told_what_is_theirs(people: People, here: Scene) -> None:
    owner, viewer, place = people("owner"), people("viewer"), here.place("figure")
    made = say(owner, place)
    owner.post(f"{API}/reaction/", json={"comment": made["api_id"], "emoji": "👍"})
    with watching(owner, place) as mine, watching(viewer, place) as theirs:
        found(owner.patch(f"{API}/comment/{made['api_id']}/", json={"content": "again"}))
        told = [stream.next() for stream in (mine, theirs)]
        assert [event["data"]["reactions"][0]["mine"] for event in told if event] == [True, False]


# ---------------------------------------------------------------- coming back


def test_who_comes_back_misses_nothing(people: People, here: Scene) -> None:
    owner, viewer, place = people("owner"), people("viewer"), here.place("figure")
    with watching(viewer, place) as stream:
        say(owner, place, "first")
        seen = stream.next()
    assert seen is not None
    for n in range(3):
        say(owner, place, str(n))
    with watching(viewer, place, seen["id"]) as stream:
        told = [stream.next() for _ in range(3)]
        assert [event["data"]["content"] for event in told if event] == ["0", "1", "2"]
        numbers = [int(event["id"]) for event in told if event]
        assert numbers == sorted(set(numbers))
        say(owner, place, "and on")
        assert stream.names(1) == ["comment.created"]


def test_who_is_cut_off_before_the_first_event_misses_nothing(people: People, here: Scene) -> None:
    owner, place = people("owner"), here.place("figure")
    with watching(people("viewer"), place) as stream:
        since = next(stream._lines).removeprefix("id: ")
    say(owner, place, "meanwhile")
    with watching(people("viewer"), place, since) as stream:
        event = stream.next()
        assert event is not None
        assert event["data"]["content"] == "meanwhile"


def test_what_was_deleted_meanwhile_is_not_told(people: People, here: Scene) -> None:
    owner, viewer, place = people("owner"), people("viewer"), here.place("figure_revision")
    kept, gone = say(owner, place, "kept"), say(owner, place, "secret")
    found(owner.patch(f"{API}/comment/{gone['api_id']}/", json={"content": "secret, too"}))
    owner.delete(f"{API}/comment/{gone['api_id']}/")
    with watching(viewer, place, "0") as stream:
        told = [stream.next(), stream.next()]
        assert [event["event"] for event in told if event] == ["comment.created", "comment.deleted"]
        assert [event["data"]["api_id"] for event in told if event] == [kept["api_id"], gone["api_id"]]
        assert "secret" not in json.dumps(told)


def test_more_than_one_look_finds(served: FastAPI, people: People, here: Scene) -> None:
    with served.state.store.writing() as db:
        target = db.get(Revision, here.revision)
        for n in range(250):
            events.tell(db, "reaction.deleted", target, {"api_id": str(n)})
    with watching(people("viewer"), here.place("figure_revision"), "0") as stream:
        told = [event["data"]["api_id"] for _ in range(250) if (event := stream.next())]
        assert told == [str(n) for n in range(250)]


def test_a_number_that_was_never_given_means_now(people: People, here: Scene) -> None:
    owner, place = people("owner"), here.place("figure")
    say(owner, place, "before")
    with watching(owner, place, "999999999") as stream:
        say(owner, place, "after")
        event = stream.next()
        assert event is not None
        assert event["data"]["content"] == "after"


def test_events_are_kept_for_a_day(served: FastAPI, here: Scene) -> None:
    with served.state.store.writing() as db:
        target = db.get(Revision, here.revision)
        for hours in (25, 23):
            at = now() - timedelta(hours=hours)
            payload = {"api_id": str(hours)}
            db.add(Event(name="comment.deleted", payload=payload, revision_id=here.revision, created_on=at))
    with served.state.store.writing() as db:
        events.tell(db, "comment.deleted", target, {"api_id": "new"})
    with served.state.store.reading() as db:
        assert [one.payload["api_id"] for one in events.since(db, target, 0)] == ["23", "new"]


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"target_type": None}, 400),
        ({"target_id": None}, 400),
        ({"target_type": "workspace"}, 400),
        ({"target_id": "nothing"}, 404),
    ],
)
def test_what_cannot_be_watched(people: People, here: Scene, change: dict[str, Any], status: int) -> None:
    query = {name: value for name, value in (here.place("figure") | change).items() if value is not None}
    assert people("owner").get(f"{API}/events/", params=query).status_code == status


def test_strangers_watch_nothing(people: People, here: Scene) -> None:
    stranger, owner, place = people("stranger"), people("owner"), here.place("figure")
    assert stranger.get(f"{API}/events/", params=place).status_code == 403
    refused = owner.get(f"{API}/events/", params=place, headers={"last-event-id": "yesterday"})
    assert refused.status_code == 400
    found(owner.post(f"{API}/figure/{here.figure}/share/link/", json={"enabled": True}))
    with httpx.Client(base_url=owner.base_url) as nobody:
        assert nobody.get(f"{API}/figure/{here.figure}/").status_code == 200
        assert nobody.get(f"{API}/events/", params=place).status_code == 403


@pytest.mark.slow
def test_a_stream_ends_when_its_reader_may_not_look_any_more(served: FastAPI, people: People, here: Scene) -> None:
    owner, guest, place = people("owner"), people("guest"), here.place("figure")
    share(owner, "figure", here.figure, "guest")
    key = people.key("viewer")
    key_id = found(key.get(f"{API}/api_key/"))[0]["api_id"]
    with (
        watching(guest, place) as shared,
        watching(key, place) as by_key,
        watching(people("viewer"), place) as account,
    ):
        share(owner, "figure", here.figure, "guest", enabled=False)
        assert people("viewer").delete(f"{API}/api_key/{key_id}/").status_code == 204
        say(owner, place, "for members only")
        assert shared.next() is None
        assert by_key.next() is None
        assert account.names(1) == ["comment.created"]
        people.disable("viewer")
        assert account.next() is None
    with watching(owner, place) as stream:
        assert owner.delete(f"{API}/figure/{here.figure}/").status_code == 204
        assert stream.next() is None
    until(lambda: served.state.places.taken() == 0, LATELY)


# ---------------------------------------------------------------- what it holds


def test_a_stream_holds_no_connection_and_frees_everything(served: FastAPI, people: People, here: Scene) -> None:
    pool = served.state.store.database._engine.pool
    with watching(people("viewer"), here.place("figure")) as stream:
        say(people("owner"), here.place("figure"))
        assert stream.names(1) == ["comment.created"]
        until(lambda: pool.checkedout() == 0, LATELY)
        assert (served.state.places.taken(), served.state.store.bell.count()) == (1, 1)
    until(lambda: (served.state.places.taken(), served.state.store.bell.count()) == (0, 0), LATELY)


def test_nobody_has_too_many_streams(served: FastAPI, people: People, here: Scene) -> None:
    served.state.places._most = 2
    viewer, place = people("viewer"), here.place("figure")
    with watching(viewer, place), watching(viewer, place):
        refused = viewer.get(f"{API}/events/", params=place)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        with watching(people("owner"), place):
            pass
    until(lambda: served.state.places.taken() == 0, LATELY)
    with watching(viewer, place):
        pass


# ---------------------------------------------------------------- the stream itself


def heard(look: Callable[[], list[str]], pace: Pace, count: int, bell: Bell | None = None) -> list[str]:
    """The first messages of a stream."""

    async def read() -> list[str]:
        found = []
        async for message in news(bell or Bell(), "it", 7, look, pace):
            found.append(message)
            if len(found) == count:
                break
        return found

    return asyncio.run(read())


def test_silence_is_broken_now_and_then() -> None:
    looks: list[float] = []

    def look() -> list[str]:
        looks.append(time.monotonic())
        return []

    began = time.monotonic()
    assert heard(look, Pace(look=0.05, keep_alive=0.15), 3)[1:] == [KEEP_ALIVE, KEEP_ALIVE]
    assert time.monotonic() - began >= 0.3
    assert len(looks) <= 10


def test_a_stream_ends_with_a_refusal_and_with_the_bell() -> None:
    def refuse() -> list[str]:
        raise forbidden()

    assert len(heard(refuse, Pace(), 9)) == 1
    bell = Bell()
    bell.close()
    assert len(heard(lambda: ["never"], Pace(), 9, bell)) == 1


def test_a_ring_between_two_looks_is_heard() -> None:
    bell = Bell()
    found: list[list[str]] = [[], ["news"]]

    def look() -> list[str]:
        if len(found) == 2:
            bell.ring(["it"])
        return found.pop(0)

    began = time.monotonic()
    assert heard(look, Pace(look=30.0), 2, bell)[1] == "news"
    assert time.monotonic() - began < 5


# ---------------------------------------------------------------- the server's end


@pytest.mark.slow
def test_a_stream_does_not_keep_the_server_from_ending(tmp_path: Path) -> None:
    with Server(tmp_path).wait() as server, server.client() as client:
        place = {"target_type": "figure", "target_id": new_figure(client)}
        with watching(client, place) as stream:
            began = time.monotonic()
            assert server.terminate() == 0
            assert time.monotonic() - began < 5
            assert stream.next() is None


@pytest.mark.slow
def test_who_only_watches_does_not_keep_an_idle_server_running(tmp_path: Path) -> None:
    with Server(tmp_path, GOFIGR_JUPYTER_SERVER_IDLE="3").wait() as server, server.client() as client:
        place = {"target_type": "figure", "target_id": new_figure(client)}
        with watching(client, place) as stream:
            assert stream.next() is None
        assert server.process.wait(10) == 0
