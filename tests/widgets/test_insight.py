"""Deep Insight's side of a card: its words about engines and quotas, what can be opened, and what changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gofigr_jupyter.schema.figures import TableHead
from gofigr_jupyter.schema.insight import (
    Availability,
    Changes,
    Engine,
    Evidence,
    EvidenceRef,
    ExtractedCode,
    PictureChange,
    Preview,
)
from gofigr_jupyter.widgets import insight
from gofigr_jupyter.widgets.card import Card, CardState

FACTS = Engine(name="facts", is_local=True)
LOCAL = Engine(name="openai", model="small", is_local=True)
AWAY = Engine(name="openai", model="large\u202e", is_local=False)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"engine": FACTS}, "Answered from the figure's record, here."),
        ({"engine": None}, "Answered from the figure's record, here."),
        ({"engine": LOCAL, "remaining": 1}, "Answered by model small, here; 1 question left this month."),
        ({"engine": AWAY, "remaining": 1700}, "Sends the record of this figure to ai.example.org, model large; 1,700 questions left this month."),
        ({"available": False, "reason": "no_engine"}, "Deep Insight is switched off on this server."),
        ({"available": False, "reason": "anything else"}, "Questions cannot be asked now."),
        (
            {"available": False, "reason": "rate_limited", "remaining": 0, "resets_on": datetime(2026, 12, 1, tzinfo=UTC)},
            "No questions are left for this month; ask again from 1 December 2026.",
        ),
    ],
)
def test_who_answers_in_one_line(told: dict[str, Any], line: str) -> None:
    shown = insight.standing(Availability(**{"available": True} | told), "ai.example.org", "here")
    assert shown["line"] == line
    assert shown.get("closed", False) is not told.get("available", True)
    assert shown.get("away", False) is (told.get("engine") is AWAY)
    assert shown.get("counts", False) is (bool(told.get("remaining")))


def test_what_would_leave_is_shown_with_its_size() -> None:
    shown = insight.consent(Preview(engine=AWAY, to="ai.example.org", text="x" * 2000))
    assert shown == {"to": "ai.example.org", "model": "large", "size": "2.0 KB", "picture": False, "text": "x" * 2000}
    assert insight.consent(Preview(engine=AWAY, picture=True))["picture"] is True
    long = insight.consent(Preview(engine=AWAY, text="x" * 100_000))
    assert (long["to"], long["size"]) == ("another machine", "100 KB")
    assert long["text"].endswith("…")


def cited(kind: str, label: str = "Made by", **ref: Any) -> Evidence:
    return Evidence(kind=kind, label=label, ref=EvidenceRef(**ref))


def test_chips_say_what_they_are() -> None:
    found = [cited("code", lines=(3, 3)), cited("metadata", "Packages\n"), cited("series", "a\u202eb", data="d"), cited("new", "")]
    assert insight.chips(found) == [
        {"n": 0, "kind": "code", "label": "Made by", "here": True, "where": "line 3"},
        {"n": 1, "kind": "record", "label": "Packages"},
        {"n": 2, "kind": "series", "label": "a b", "here": True},
        {"n": 3, "kind": "new", "label": "new"},
    ]
    assert len(insight.chips([cited("code")] * 99)) == 24


def test_pages_are_paths_of_the_server() -> None:
    assert insight.page_of(cited("series", data="a/../b"), "r") == "/table/a%2F..%2Fb"
    assert insight.page_of(cited("table"), "r") == "/revision/r"
    assert insight.page_of(cited("code", data="d"), "r") == "/revision/r#code"
    assert insight.page_of(cited("metadata", "Packages", revision="q"), "r") == "/revision/q#packages"
    assert insight.page_of(cited("metadata", "#x", revision="q"), "r") == "/revision/q"
    assert insight.page_of(cited("revision", revision="//evil"), "r") == "/revision/%2F%2Fevil"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (None, {"text": "a\nb\nc", "first": 1}),
        ((2, 2), {"text": "b", "first": 2}),
        ((2, 9), {"text": "b\nc", "first": 2}),
        ((9, 1), {"text": "c", "first": 3}),
        ((-5, 1), {"text": "a", "first": 1}),
    ],
)
def test_lines_of_code(lines: tuple[int, int] | None, shown: dict[str, Any]) -> None:
    assert insight.listing(ExtractedCode(language="python", code="a\nb\nc", method="slice"), lines) == shown


def test_rows_are_cells_of_text() -> None:
    head = TableHead(columns=["Length (mm)", "b\u202e"], rows=[[0, 1.23456789], [True, None], ["x" * 99, "<b>"]], is_cut=True)
    assert insight.table(head) == {
        "columns": ["Length (mm)", "b"],
        "rows": [["0", "1.23457"], ["True", ""], ["x" * 39 + "…", "<b>"]],
        "cut": True,
    }


def test_long_code_is_cut() -> None:
    shown = insight.listing(ExtractedCode(language="python", code="a\n" * 500, method="slice"))
    assert (len(shown["text"].splitlines()), shown["rest"]) == (400, 100)


def test_differences_are_lines_of_words() -> None:
    changes = Changes(
        code=[{"change": "added", "before": [], "after": ["x"], "lines": [3, 4]}, "odd", {"change": "changed"}],
        inputs=[{"path": "/data/doses.csv", "change": "changed", "before": "aa", "after": "bb"}],
        packages=[{"name": f"package{n}", "change": "added"} for n in range(20)],
        data=[{"table": "T", "series": "s", "column": "y", "change": "changed", "what": "mean", "before": 1.23456, "after": None}, 7],
        picture=PictureChange(differing_pixels=1),
    )
    found = {one["what"]: one["lines"] for one in insight.differences(changes)}
    assert found["Code"] == ["added at lines 3-4"]
    assert found["Input files"] == ["doses.csv: aa → bb"]
    assert (len(found["Packages"]), found["Packages"][-1]) == (13, "and 8 more")
    assert found["Plotted data"] == ["T · s · y: mean 1.23456 → nothing"]
    assert found["Picture"] == ["1 pixel differs"]
    assert insight.differences(Changes(picture=PictureChange())) == []


def test_the_card_passes_questions_on_and_has_the_code() -> None:
    asked: list[dict[str, Any]] = []
    card = Card(CardState("x"), compact=False, on_request=lambda request: asked.append(request) or {})
    assert card._answer({"ask": "insight", "do": "ask", "question": "q", "key": "another's"}) == {}
    assert asked == [{"ask": "insight", "do": "ask", "question": "q", "key": card.key}]
    code = card._answer({"ask": "insight", "do": "code"})["code"]
    assert "export function weave" in code
    assert ".gofigr-insight" in code
    assert ".gofigr-body" in code
    card.close()
