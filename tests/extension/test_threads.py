"""The conversation under a card, on the kernel's side: against a real server, with two people."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter.capture.series import axes
from gofigr_jupyter.capture.series.axes import Axis, Run
from gofigr_jupyter.errors import ConnectionFailed, Forbidden, RateLimited, StatusError, Unauthorized
from gofigr_jupyter.extension import clients, conversation, threads
from gofigr_jupyter.extension.waiting import Waiting
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.comments import unwanted, waiting_comments
from gofigr_jupyter.schema.comments import DataAnchor, PictureAnchor
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.store import people as store_people
from gofigr_jupyter.settings import Settings, store_account
from tests.client.script import playing
from tests.extension.conftest import Notebook
from tests.fakes.server import FakeGoFigr
from tests.outbox.parcels import a_parcel
from tests.server.conftest import started
from tests.server.people import person_named
from tests.server.table import Table, about, table
from tests.waiting import until
from tests.worker.river import at_work

__all__ = ["started"]


class Page:
    """What one page has been told of a thread."""

    def __init__(self, settings: Settings, revision: str) -> None:
        self.news: list[dict[str, Any]] = []
        self.revision = revision
        self.threads = threads.Threads(lambda: settings, lambda key, news: self.news.append({"key": key, **news}), lambda _home: None)

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        return self.threads.answer(self.revision, {"ask": "thread", "key": "k", "do": do, **more})

    def say(self, text: str, **more: Any) -> str:
        drawn = str(more.pop("id", uuid.uuid4()))
        assert self.ask("say", id=drawn, text=text, **more) == {}
        return drawn

    def shown(self) -> dict[str, dict[str, Any]]:
        """The comments as the page has them now."""
        there: dict[str, dict[str, Any]] = {}
        for one in self.news:
            there = {} if "all" in one else there
            there |= {face["id"]: face for face in [*one.get("all", []), *one.get("now", [])]}
            for gone in one.get("gone", []):
                del there[gone]
        return there


def listening() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "gofigr-thread"]


@pytest.fixture(scope="module")
def server(started: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    with table(started, tmp_path_factory.mktemp("table")) as made:
        yield made


@pytest.fixture
def page(server: Table) -> Iterator[Page]:
    made = Page(server.settings(), server.revision())
    yield made
    made.threads.close()
    assert listening() == []


def test_an_answer_that_events_have_overtaken_changes_nothing(server: Table) -> None:
    """As when a machine has replied before the kernel hears that it will."""
    news: list[dict[str, Any]] = []
    revision = server.revision()
    said = server.gf.comments.create(about(revision), "It is on its way")
    later = server.gf.comments.change(said, "It is here")
    talk = conversation.Conversation(server.settings(), revision, Waiting(server.settings(), revision, lambda _home: None), news.append)
    for one in (later, said, later):
        talk.note(one)
    assert [[face["html"] for face in one["now"]] for one in news] == [["<p>It is here</p>\n"]]
    talk.forget(said.api_id)
    talk.note(later)
    assert news[1:] == [{"gone": [said.api_id]}]


def test_the_whole_is_told_when_somebody_looks(server: Table, page: Page) -> None:
    first = server.as_user("ann").comments.create(about(page.revision), "The outlier is **batch 3**.")
    assert page.ask("look") == {}
    (told,) = page.news
    assert told["key"] == "k"
    assert told["me"]["user"] == server.gf.user().username
    assert [one["id"] for one in told["all"]] == [first.api_id]
    assert "<strong>batch 3</strong>" in told["all"][0]["html"]
    assert listening() == []  # a look is no watch


def test_what_one_does_is_told_at_once(server: Table, page: Page) -> None:
    page.ask("look")
    said = page.say("Look at *this*")
    reply = page.say("I do", parent=said)
    assert page.shown()[reply]["parent"] == said
    assert page.ask("edit", id=said, text="Look at **that**") == {}
    assert (page.shown()[said]["edited"], page.shown()[said]["text"]) == (True, "Look at **that**")
    for on, count in ((True, 1), (True, 1), (False, 0), (False, 0)):
        assert page.ask("react", id=said, emoji="👍", on=on) == {}
        assert [one[1] for one in page.shown()[said].get("reactions", [])] == [1] * count
    assert page.ask("delete", id=said) == {}
    assert page.shown()[said]["deleted"] is True  # it has a reply
    assert page.ask("delete", id=reply) == {}
    assert page.shown() == {}
    assert server.gf.comments.list(about(page.revision)) == []


def test_a_preview_needs_no_server_and_marks_whom_it_knows(server: Table, page: Page) -> None:
    server.as_user("ann")
    assert page.ask("preview", text="*so*, @ann") == {"html": "<p><em>so</em>, @ann</p>\n"}
    assert listening() == []
    page.ask("people")
    assert '<span class="mention">@ann</span>, @nobody' in page.ask("preview", text="@ann, @nobody")["html"]
    assert "script" not in page.ask("preview", text="<script>1</script>")["html"].replace("&lt;script", "").replace("&lt;/script", "")
    assert "1 to 20,000" in page.ask("preview", text=" ")["problem"]
    away = Page(Settings(home=server.folder, url="http://127.0.0.1:9", api_key="k"), page.revision)
    assert "<strong>" in away.ask("preview", text="**b**")["html"]


ELSEWHERE = {"engine": "openai", "url": "https://models.example.invalid/v1", "model": "large", "key": "k"}


def replies(page: Page, said: str) -> list[dict[str, Any]]:
    return [one for one in page.shown().values() if one.get("parent") == said and one.get("machine") != "pending"]


def test_a_machine_replies_when_it_is_asked(page: Page) -> None:
    page.ask("open")
    assert page.ask("machine") == {"available": True}
    said = page.say("What is shown here?")
    assert page.ask("answer", id=said) == {}
    until(lambda: replies(page, said))
    (reply,) = replies(page, said)
    assert reply["machine"] == "done"
    assert "<p>" in reply["html"]
    assert page.ask("answer", id=str(uuid.uuid4())) == {"problem": "It is not on the server, or no longer"}


def test_nothing_goes_to_somebody_elses_machine_unasked(started: Path, tmp_path: Path) -> None:
    with table(started, tmp_path) as server, server.with_engine(**ELSEWHERE):
        page = Page(server.settings(), server.revision())
        page.ask("open")
        said = page.say("What is shown here?")
        told = page.ask("answer", id=said)
        assert (told["to"], told["engine"], told["picture"]) == ("models.example.invalid", "large", False)
        assert "What is shown here?" in told["text"]
        assert len(page.shown()) == 1
        assert page.ask("answer", id=said, agreed=True) == {}
        until(lambda: replies(page, said))
        (reply,) = replies(page, said)
        assert reply["machine"] == "failed"
        assert "models.example.invalid" in reply["why"]
        page.threads.close()


def test_where_no_machine_answers_none_is_offered(started: Path, tmp_path: Path) -> None:
    with table(started, tmp_path) as server, server.with_engine(engine="off"):
        page = Page(server.settings(), server.revision())
        assert page.ask("machine") == {"available": False}
        page.threads.close()


BAD = [{"u": 2, "v": 0}, {"u": "0", "v": 0}, "here", {"u": float("nan"), "v": 0}, {"x": 1, "y": 1}]
BAD += [{"axes": -1, "x": 1, "y": 1}, {"axes": 0, "x": float("inf"), "y": 1}, {"axes": 0.5, "x": 1, "y": 1}]


@pytest.mark.parametrize("anchor", BAD)
def test_only_a_point_of_the_picture_is_taken_for_one(server: Table, page: Page, anchor: Any) -> None:
    page.say("Where?", anchor=anchor)
    page.say("There", anchor={"u": 0.5, "v": 1})
    page.say("At that dose", anchor={"axes": 2, "x": 0.5, "y": -3})
    nowhere, there, at_dose = server.gf.comments.list(about(page.revision))
    assert nowhere.anchor is None
    assert there.anchor == PictureAnchor(u=0.5, v=1.0)
    assert at_dose.anchor == DataAnchor(axes=2, x=0.5, y=-3.0)


def test_a_page_learns_where_axes_run_and_what_was_said_of_points_before(server: Table) -> None:
    gf = server.gf
    figure = gf.find_figure("Growth", "Notes", create=True)
    told = [Axis("", 0, "x", scale="log", run=Run(0.1, 0.9, 1.0, 100.0)), Axis("", 0, "y", run=Run(0.9, 0.1, 0.0, 5.0))]
    told += [Axis("", 0, "y", twin_of=0, run=Run(0.9, 0.1, 7.0, 8.0)), Axis("", 1, "x")]
    before = gf.revisions.create(figure=figure)
    piece = DataDraft(type="text", name="axes", metadata={"role": "axes", "format": "json"}, data=axes.as_json(told).encode())
    after = gf.revisions.create(figure=figure, data=[piece])
    page = Page(server.settings(), after.api_id)
    assert page.ask("ground")["earlier"] == []
    gf.comments.create(before, "a dip", anchor={"axes": 0, "x": 10, "y": 2.5})
    found = page.ask("ground")
    assert found["axes"] == [
        {"axes": 0, "direction": "x", "scale": "log", "run": [0.1, 0.9, 1.0, 100.0]},
        {"axes": 0, "direction": "y", "scale": "", "run": [0.9, 0.1, 0.0, 5.0]},
    ]
    (one,) = found["earlier"]
    assert (one["text"], one["revision"], one["anchor"]) == ("a dip", 1, {"axes": 0, "x": 10.0, "y": 2.5})
    page.threads.close()


def test_sent_again_a_comment_is_the_same(server: Table, page: Page) -> None:
    drawn = str(uuid.uuid4())
    for _ in range(2):
        assert page.ask("say", id=drawn, text="once") == {}
    assert [one.api_id for one in server.gf.comments.list(about(page.revision))] == [drawn]
    assert list(page.shown()) == [drawn]


def test_an_id_of_somebody_else_is_no_success(server: Table, page: Page) -> None:
    taken = server.as_user("ann").comments.create(about(page.revision), "mine").api_id
    assert "taken" in page.ask("say", id=taken, text="mine, too")["problem"]


def test_others_are_heard_while_the_thread_is_open(server: Table, page: Page) -> None:
    ann = server.as_user("ann")
    page.ask("open")
    said = ann.comments.create(about(page.revision), "First").api_id
    until(lambda: said in page.shown())
    ann.comments.change(said, "Second")
    until(lambda: page.shown()[said].get("edited"))
    ann.reactions.create(said, "🎉")
    until(lambda: page.shown()[said].get("reactions"))
    ann.comments.delete(said)
    until(lambda: said not in page.shown())
    assert sum("all" in one for one in page.news) == 1
    assert len(listening()) == 1
    page.ask("stay")
    assert len(listening()) == 1
    page.ask("close")
    until(lambda: listening() == [])
    told = len(page.news)
    ann.comments.create(about(page.revision), "Is anybody there?")
    assert len(page.news) == told


def test_nothing_is_missed_between_the_look_and_the_line(server: Table, page: Page) -> None:
    page.ask("look")
    said = server.as_user("ann").comments.create(about(page.revision), "In between").api_id
    page.ask("stay")  # as after a laptop's sleep: no new look is asked for
    until(lambda: said in page.shown())


def test_a_card_that_goes_is_no_longer_followed(page: Page) -> None:
    page.ask("open")
    until(listening)
    page.threads.leave("k")
    page.threads.leave("unknown")
    until(lambda: listening() == [])


def test_a_page_that_says_nothing_more_is_left(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "_LEASE", 0.0)
    page.ask("open")
    until(lambda: listening() == [])


def test_a_server_that_goes_and_comes_back_is_heard_again(started: Path, tmp_path: Path) -> None:
    with table(started, tmp_path) as server:
        page = Page(server.settings(), server.revision())
        page.ask("open")
        until(listening)
        server.stop()
        problem = page.ask("edit", id=str(uuid.uuid4()), text="lost?")
        assert problem == {"problem": "The server cannot be reached"}
        server.start()
        said = server.gf.comments.create(about(page.revision), "Back").api_id
        until(lambda: said in page.shown())
        page.threads.close()
        assert listening() == []


def states(page: Page) -> list[tuple[str, str]]:
    return [(one["text"], one.get("state", "sent")) for one in page.shown().values()]


def test_what_is_said_without_a_server_waits_and_arrives_once(started: Path, tmp_path: Path) -> None:
    with table(started, tmp_path / "server") as server:
        revision, settings = server.revision(), server.settings().with_(home=tmp_path)
        first, later = Page(settings, revision), Page(settings, revision)
        first.ask("open")
        server.stop()
        said = first.say("One")
        answer = first.say("Two", parent=said)
        assert states(first) == [("One", "waiting"), ("Two", "waiting")]
        assert first.say("Two", id=answer, parent=said) == answer  # the same again is the same
        first.threads.close()

        assert "waits on this machine" in later.ask("open")["problem"]  # another session
        assert states(later) == [("One", "waiting"), ("Two", "waiting")]
        assert later.shown()[said]["who"] != "You"
        server.start()
        with at_work(tmp_path):
            until(lambda: states(later) == [("One", "sent"), ("Two", "sent")])
        assert later.shown()[answer]["parent"] == said
        assert [one.api_id for one in server.gf.comments.list(about(revision))] == [said, answer]
        assert waiting_comments(tmp_path) == {}
        later.threads.close()
        assert listening() == []


def test_what_waits_can_be_taken_back(tmp_path: Path) -> None:
    page = Page(Settings(home=tmp_path, url="http://127.0.0.1:9", api_key="k"), str(uuid.uuid4()))
    page.ask("open")
    said = page.say("Hm")
    (face,) = page.shown().values()
    assert (face["who"], face["own"], face["kept"]) == ("You", True, True)
    assert page.ask("discard", id=said) == {}
    assert page.shown() == {}
    assert waiting_comments(tmp_path) == {}
    page.threads.close()


def test_what_is_taken_back_is_deleted_where_only_the_answer_was_lost(tmp_path: Path) -> None:
    with FakeGoFigr() as fake:
        fake.objects["revision"]["r"] = {"api_id": "r"}
        page = Page(Settings(home=tmp_path, url=fake.url, api_key=fake.token), "r")
        fake.fail("drop after commit", "POST .*/comment/", times=2)
        said = page.say("Hm")
        assert [*fake.objects["comment"]] == [said]
        assert [face["state"] for face in page.shown().values()] == ["waiting"]
        assert page.ask("discard", id=said) == {}
        assert (page.shown(), waiting_comments(tmp_path), len(unwanted(tmp_path))) == ({}, {}, 1)
        with at_work(tmp_path):
            until(lambda: not unwanted(tmp_path))
        assert fake.objects["comment"] == {}
        page.threads.close()


def test_what_is_never_taken_says_so_and_can_be_tried_again(server: Table, tmp_path: Path) -> None:
    page = Page(server.settings().with_(home=tmp_path), server.revision())
    page.ask("open")
    parent = page.say("Parent")
    server.stop()
    said = page.say("Reply", parent=parent)
    server.start()
    server.gf.comments.delete(parent)
    with at_work(tmp_path):
        until(lambda: page.shown().get(said, {}).get("state") == "failed")
    assert "404" in page.shown()[said]["problem"]
    assert page.ask("say", id=said, text="Reply", parent=parent) == {"problem": "It is not on the server, or no longer"}
    assert [one.problem for one in waiting_comments(tmp_path).values()] == ["It is not on the server, or no longer"]
    assert page.ask("say", id=said, text="Reply") == {}
    assert (page.shown()[said].get("state"), waiting_comments(tmp_path)) == (None, {})
    page.threads.close()


def test_one_can_talk_before_the_figure_has_arrived(server: Table, tmp_path: Path) -> None:
    settings = server.settings().with_(home=tmp_path)
    parcel = a_parcel(url=server.url, account=store_account(settings), picture=b"not a picture")
    Outbox(tmp_path).put(parcel)
    page = Page(settings, parcel.client_id)
    assert page.ask("open") == {}
    assert page.news[-1]["all"] == []
    said = page.say("Early")
    assert states(page) == [("Early", "waiting")]
    with at_work(tmp_path):
        until(lambda: states(page) == [("Early", "sent")])
    assert [one.api_id for one in server.gf.comments.list(about(parcel.client_id))] == [said]
    page.threads.close()


def test_a_server_without_events_is_asked_now_and_then(tmp_path: Path) -> None:
    comment = (
        b'{"api_id": "c", "target_type": "figure_revision", "target_id": "r", "author": {"username": "ann"},'
        b' "content_html": "<p>%d</p>", "created_on": "2026-05-03T14:05:00Z"}'
    )
    asked: list[str] = []

    def serve(request: Any) -> None:
        asked.append(request.path)
        if "/comment/" in request.path:
            request.say(200, b'{"results": [' + comment % sum("/comment/" in one for one in asked) + b'], "next": null}')
        elif "/user/" in request.path:
            request.say(200, b'[{"username": "me"}]')
        else:
            request.say(404, b"{}")

    with playing(serve) as (url, _):
        page = Page(Settings(home=tmp_path, url=url, api_key="k"), "r")
        page.ask("open")
        until(lambda: page.shown()["c"]["html"] == "<p>2</p>")
        page.threads.close()
    assert listening() == []


def test_who_may_be_named(server: Table, page: Page) -> None:
    ann = server.as_user("ann")
    ann.users.change(first_name="Ann", last_name="Lee")
    ann.comments.create(about(page.revision), "Here")
    server.gf.revisions.share(page.revision, person(server, "guest"))
    person(server, "stranger")
    page.ask("look")
    people = page.ask("people")["people"]
    assert {"user": "ann", "who": "Ann Lee"} in people
    named = [one["user"] for one in people]
    assert named == sorted(named, key=str.casefold)
    assert {server.gf.user().username, "ann", "guest"} <= set(named)
    assert "stranger" not in named


def test_a_guest_learns_only_of_those_who_spoke(server: Table) -> None:
    revision = server.revision()
    name = person(server, "visitor")
    server.gf.revisions.share(revision, name)
    server.gf.comments.create(about(revision), "Welcome")
    page = Page(server.settings().with_(api_key=key_of(server, name)), revision)
    page.ask("look")
    assert [one["user"] for one in page.ask("people")["people"]] == [server.gf.user().username]
    page.threads.close()


def person(server: Table, name: str) -> str:
    """Somebody with an account and nothing else; the name."""
    key_of(server, name)
    return name


def key_of(server: Table, name: str) -> str:
    with server.app.state.store.writing() as db:
        _, token = store_people.create_key(db, person_named(db, name).id, "a key", None, None)
    return token


@pytest.mark.parametrize("text", ["", " \n", "x" * 20_001, None, 7, ["x"], "a\0b"])
def test_what_is_no_comment_is_not_sent(page: Page, text: object) -> None:
    assert "1 to 20,000" in page.ask("say", id=str(uuid.uuid4()), text=text)["problem"]
    assert "1 to 20,000" in page.ask("edit", id=str(uuid.uuid4()), text=text)["problem"]


def test_odd_questions_get_plain_answers(page: Page) -> None:
    assert "1 to 20,000" in page.ask("say", id="no id", text="t")["problem"]
    assert "newer than the kernel" in page.ask("dance")["problem"]
    assert "newer than the kernel" in page.threads.answer("r", {"do": "open", "key": 7})["problem"]
    assert page.ask("react", id=str(uuid.uuid4()), emoji="👍", on=True) == {"problem": "It is not on the server, or no longer"}
    page.revision = str(uuid.uuid4())
    assert page.ask("open") == {"problem": "It is not on the server, or no longer"}


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Unauthorized(401, "x"), "sign-in"),
        (Forbidden(403, "x"), "may not"),
        (RateLimited(429, "x"), "wait"),
        (ConnectionFailed("http://127.0.0.1:1 cannot be reached: [Errno 111]"), "cannot be reached"),
        (StatusError(400, "content: <b>\u202e"), "400: content: <b>"),
    ],
)
def test_what_went_wrong_is_said_in_words(error: Any, word: str) -> None:
    said = clients.why_not(error)
    assert word in said
    assert "127.0.0.1" not in said
    assert "\u202e" not in said


def test_other_settings_are_another_sign_in(server: Table) -> None:
    revision, now = server.revision(), [server.settings()]
    news: list[dict[str, Any]] = []
    answers = threads.Threads(lambda: now[0], lambda _key, told: news.append(told))
    name = server.gf.user().username
    server.as_user("ann")
    for user in (name, "ann"):
        answers.answer(revision, {"do": "look", "key": "k"})
        assert news[-1]["me"]["user"] == user
        now[0] = server.settings().with_(api_key=key_of(server, "ann"))
    answers.close()


def test_no_client_is_made_before_it_is_asked() -> None:
    def never() -> Settings:
        raise AssertionError("nobody has asked")

    threads.Threads(never).close()


def test_a_figure_pays_nothing_for_its_thread(notebook: Notebook) -> None:
    notebook.run("plt.plot([1, 2]); plt.show()")
    modules = ("gofigr_jupyter.extension.threads", "gofigr_jupyter.extension.conversation", "httpx")
    assert notebook.kernel.value(f"[name for name in {modules} if name in __import__('sys').modules]") == []
