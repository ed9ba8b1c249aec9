"""Deep Insight under a card, on the kernel's side: against a real server, and a model that says what it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter.extension import insights
from gofigr_jupyter.server.insight.settings import InsightSettings
from gofigr_jupyter.settings import Settings
from tests.extension.conftest import Notebook
from tests.server.conftest import started
from tests.server.insight.model import Model, answering, model
from tests.server.insight.published import CODE, spring
from tests.server.table import Table, table
from tests.waiting import until

__all__ = ["started"]


class Page:
    """What one page has been told of one card's answers."""

    def __init__(self, settings: Settings, revision: str) -> None:
        self.news: list[dict[str, Any]] = []
        self.revision = revision
        self.asked = 0
        self.insights = insights.Insights(lambda: settings, lambda key, news: self.news.append({"key": key, **news}))

    def do(self, do: str, **more: Any) -> dict[str, Any]:
        return self.insights.answer(self.revision, {"ask": "insight", "key": "k", "do": do, **more})

    def open(self) -> None:
        assert self.do("open") == {}

    def ask(self, question: str, **more: Any) -> str:
        """Begin to ask; the turn's id."""
        self.asked += "id" not in more
        turn = more.pop("id", f"t{self.asked}")
        assert self.do("ask", id=turn, question=question, **more) == {}
        return turn

    def told(self, name: str) -> Any:
        """The last news of this name."""
        return [one[name] for one in self.news if name in one][-1]

    def turn(self, turn: str) -> dict[str, Any]:
        """As the page draws it now."""
        return next((one["turn"] for one in reversed(self.news) if one.get("turn", {}).get("id") == turn), {"state": "asking"})

    def settled(self, turn: str) -> dict[str, Any]:
        """The same, once nothing more is to come."""
        until(lambda: self.turn(turn)["state"] not in {"asking", "answering"})
        return self.turn(turn)


def at_work() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("gofigr-insight")]


@pytest.fixture(scope="module")
def server(started: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    with table(started, tmp_path_factory.mktemp("table")) as made:
        yield made


@pytest.fixture(scope="module")
def revision(server: Table) -> str:
    return spring(server)


@pytest.fixture
def page(server: Table, revision: str) -> Iterator[Page]:
    made = Page(server.settings(), revision)
    yield made
    made.insights.close()
    until(lambda: at_work() == [])


@pytest.fixture
def slow() -> Iterator[Model]:
    with model() as made:
        yield made


def test_a_question_is_answered_from_the_record(page: Page) -> None:
    page.open()
    assert page.told("standing") == {"line": "Answered from the figure's record, on the server."}
    asked = [one["question"] for one in page.told("suggested")]
    assert asked == ["Describe this figure", "What is the trend?", "Are there outliers?", "Which code made this?"]
    answer = page.settled(page.ask("What is the slope?"))
    assert answer["state"] == "done"
    assert "slope 2" in answer["html"]
    assert answer["by"] == "machine · computed from the record"
    assert {one["kind"] for one in answer["chips"]} <= {"series", "table"}
    assert {one["key"] for one in page.news} == {"k"}
    assert {one["pane"] for one in page.news} == {"insight"}


def test_a_follow_up_is_of_the_same_conversation(page: Page) -> None:
    first = page.settled(page.ask("What is the slope?"))
    second = page.settled(page.ask("And in which unit?"))
    assert first["state"] == second["state"] == "done"
    inquiry = page.insights._inquiries["k"]
    assert inquiry._conversation
    page.open()
    assert [one["question"] for one in page.told("turns")] == ["What is the slope?", "And in which unit?"]


def test_the_code_is_shown_and_needs_no_engine(server: Table, page: Page) -> None:
    with answering(server, InsightSettings("off")):
        page.open()
        assert page.told("standing") == {"line": "Deep Insight is switched off on this server.", "closed": True}
        shown = page.settled(page.ask("Which code made this?", deed="code"))
        refused = page.settled(page.ask("What is the slope?"))
    assert shown["code"]["text"] == CODE.removeprefix("# In [1]\n") or shown["code"]["text"] == CODE
    assert "chips" not in shown
    assert (refused["state"], refused["problem"]) == ("failed", "Deep Insight is switched off on this server")


def test_where_no_statements_were_kept_it_is_said(server: Table, page: Page) -> None:
    page.revision = server.revision("Bare")
    page.open()
    assert [one["question"] for one in page.told("suggested")] == ["Describe this figure", "Which code made this?"]
    told = page.settled(page.ask("Which code made this?", deed="code"))
    assert told["state"] == "done"
    assert "not recorded" in told["html"]


def test_lines_that_an_answer_cites_are_shown_in_place(page: Page) -> None:
    turn = page.ask("Which code made this?")
    (chip,) = [one for one in page.settled(turn)["chips"] if one["kind"] == "code"]
    assert chip["here"] is True
    assert "plt.plot" in page.do("show", id=turn, at=chip["n"])["code"]["text"]
    for number in (-1, 99, "0", None):
        assert "no longer known" in page.do("show", id=turn, at=number)["problem"]
        assert "no longer known" in page.do("page", id=turn, at=number)["problem"]


def test_rows_that_an_answer_cites_are_shown_in_place(page: Page) -> None:
    turn = page.ask("What is the slope?")
    chip = page.settled(turn)["chips"][0]
    assert chip["here"] is True
    shown = page.do("show", id=turn, at=chip["n"])["table"]
    assert shown == {"columns": ["Length (mm)", "Force (N)"], "rows": [["0", "1"], ["1", "3"], ["2", "5"], ["3", "7"]]}


def test_what_changed_since_the_revision_before(server: Table) -> None:
    spring(server, "Twice")
    page = Page(server.settings(), spring(server, "Twice", slope=3.0, code=CODE + "\nplt.grid()"))
    page.open()
    assert page.told("suggested")[-1] == {"deed": "compare", "question": "What changed since revision 1?"}
    answer = page.settled(page.ask("What changed since revision 1?", deed="compare"))
    changes = {one["what"]: one["lines"] for one in answer["changes"]}
    assert list(changes) == ["Code", "Plotted data", "Picture"]
    assert "Spring · y: greatest 7 → 10" in " ".join(changes["Plotted data"])
    assert "revision 1" in answer["html"]
    page.insights.close()


def test_an_answer_comes_piece_by_piece_and_not_too_often(server: Table, page: Page, slow: Model) -> None:
    with answering(server, slow.settings(is_local=True)):
        page.open()
        assert page.told("standing") == {"line": "Answered by model small, on the server."}
        turn = page.ask("What is it?")
        until(lambda: slow.asked)
        slow.say("It **rises")
        until(lambda: "It **rises" in page.turn(turn).get("html", ""))
        assert page.turn(turn)["state"] == "answering"
        began, before = time.monotonic(), len(page.news)
        slow.say(*(f" {word}" for word in range(1, 12)), "**.", *(" and" for _ in range(300)))
        slow.end()
        answer = page.settled(turn)
    assert len(page.news) - before <= (time.monotonic() - began) / 0.1 + 3
    assert "<strong>rises 1 2 3" in answer["html"]
    assert (answer["state"], answer["by"]) == ("done", "machine · small")


def test_one_question_at_a_time(server: Table, page: Page, slow: Model) -> None:
    with answering(server, slow.settings(is_local=True)):
        turn = page.ask("What is it?")
        until(lambda: slow.asked)
        assert "still being answered" in page.do("ask", id="other", question="And?")["problem"]
        slow.say("A spring.")
        slow.end()
        page.settled(turn)
        slow.say("Yes.")
        slow.end()
        assert page.settled(page.ask("And?"))["state"] == "done"
    assert [one["content"] for one in slow.asked[1]["messages"][1:3]] == ["What is it?", "A spring."]


def test_stopped_what_has_come_stays_and_the_work_ends(server: Table, page: Page, slow: Model) -> None:
    with answering(server, slow.settings(is_local=True)):
        turn = page.ask("What is it?")
        slow.say("It is a spring")
        until(lambda: "It is a spring" in page.turn(turn).get("html", ""))
        assert page.do("stop", id=turn) == {}
        assert page.turn(turn)["state"] == "stopped"
        until(lambda: at_work() == [])
        while not slow.hung_up.wait(0.01):
            slow.say(" more")
    shown = page.turn(turn)
    assert (shown["state"], "It is a spring" in shown["html"]) == ("stopped", True)
    assert "problem" not in shown
    assert page.do("stop", id="unknown") == {}


def test_a_card_that_goes_stops_its_answers(server: Table, page: Page, slow: Model) -> None:
    with answering(server, slow.settings(is_local=True)):
        page.ask("What is it?")
        until(lambda: slow.asked)
        page.insights.leave("k")
        page.insights.leave("unknown")
        until(lambda: at_work() == [])
        while not slow.hung_up.wait(0.01):
            slow.say(" more")


def test_nothing_leaves_before_it_is_agreed(server: Table, page: Page, slow: Model) -> None:
    with answering(server, slow.settings(is_local=False)):
        page.open()
        host = f"0.0.0.0:{slow.server_port}"
        assert page.told("standing") == {"line": f"Sends the record of this figure to {host}, model small.", "away": True}
        turn = page.ask("What is the slope?")
        asked = page.settled(turn)
        assert asked["state"] == "consent"
        assert (asked["consent"]["to"], asked["consent"]["model"]) == (host, "small")
        assert "What is the slope?" in asked["consent"]["text"]
        assert "slope 2" in asked["consent"]["text"]
        assert asked["consent"]["size"].endswith("KB")
        assert slow.asked == []
        slow.say("It is 2.")
        slow.end()
        page.ask("What is the slope?", id=turn, agreed=True)
        until(lambda: page.turn(turn)["state"] == "done")
        assert "It is 2." in page.turn(turn)["html"]
        assert slow.asked[0]["messages"][-1]["content"] in asked["consent"]["text"]
        slow.say("N per mm.")
        slow.end()
        assert page.settled(page.ask("In which unit?"))["state"] == "done"
    with answering(server, slow.settings(is_local=False, model="another")):
        again = page.settled(page.ask("And now?"))
        assert (again["state"], again["consent"]["model"]) == ("consent", "another")
        assert len(slow.asked) == 2
        assert page.do("forget", id="t3") == {}
        page.open()
        assert len(page.told("turns")) == 2


def test_agreed_is_only_what_was_shown(server: Table, page: Page, slow: Model) -> None:
    with answering(server, slow.settings(is_local=False)):
        assert page.settled(page.ask("What is it?", agreed=True))["state"] == "consent"
    assert slow.asked == []


def test_no_more_questions_this_month(server: Table, page: Page) -> None:
    asked = server.gf.insight.usage(server.gf.primary_workspace).queries
    with answering(server, replace(InsightSettings(), per_workspace=asked + 1)):
        page.open()
        line = "Answered from the figure's record, on the server; 1 question left this month."
        assert page.told("standing") == {"line": line, "counts": True}
        page.settled(page.ask("What is the slope?"))
        refused = page.settled(page.ask("What is the slope?"))
        assert page.do("standing") == {}
    assert refused["problem"].startswith("No questions are left for this month; ask again after ")
    assert page.told("standing")["closed"] is True
    assert "ask again from 1 " in page.told("standing")["line"]


def test_a_server_that_is_away_is_said_to_be(started: Path, tmp_path: Path) -> None:
    with table(started, tmp_path) as server:
        page = Page(server.settings(), spring(server))
        page.open()
        server.stop()
        assert page.do("open") == {"problem": "The server cannot be reached"}
        failed = page.settled(page.ask("What is the slope?"))
        assert (failed["state"], failed["problem"]) == ("failed", "The server cannot be reached")
        server.start()
        page.ask("What is the slope?", id="t1")
        until(lambda: page.turn("t1")["state"] == "done")
        page.insights.close()


@pytest.mark.parametrize("question", ["", " \n", "x" * 4001, None, 7, "a\0b"])
def test_what_is_no_question_is_not_asked(page: Page, question: object) -> None:
    assert "1 to 4,000" in page.do("ask", id="t", question=question)["problem"]


def test_odd_requests_get_plain_answers(page: Page) -> None:
    assert "newer than the kernel" in page.do("dance")["problem"]
    assert "newer than the kernel" in page.insights.answer("r", {"do": "open", "key": 7})["problem"]
    assert page.do("stay") == {}
    assert page.do("forget", id="unknown") == {}


def test_no_client_is_made_before_it_is_asked() -> None:
    def never() -> Settings:
        raise AssertionError("nobody has asked")

    insights.Insights(never).close()


def test_a_figure_pays_nothing_for_its_answers(notebook: Notebook) -> None:
    notebook.run("plt.plot([1, 2]); plt.show()")
    modules = ("gofigr_jupyter.extension.insights", "gofigr_jupyter.extension.inquiry", "httpx", "markdown_it")
    assert notebook.kernel.value(f"[name for name in {modules} if name in __import__('sys').modules]") == []
