"""Prints what the engine `facts` answered, at the end of a run: a table to be read by people."""

from __future__ import annotations

import pytest

PROPERTY = "fact"
LONGEST = 150


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With several workers the properties of each report come to the one that prints."""
    told = [
        (value, report.outcome)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY and getattr(report, "when", "") == "call"
    ]
    if told:
        terminalreporter.section("facts about figures of known data")
        for (case, query, answer), outcome in sorted(told):
            mark = "right" if outcome == "passed" else "WRONG"
            text = answer if len(answer) <= LONGEST else f"{answer[: LONGEST - 1]}…"
            terminalreporter.write_line(f"{mark:5}  {case:28}  {query}\n{'':37}{text}")
