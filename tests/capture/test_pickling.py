"""Pickles of figures: what each type is reduced to holds on both roads, plain pickle and cloudpickle."""

from __future__ import annotations

import pickle

import pytest

from gofigr_jupyter.capture import pickling
from gofigr_jupyter.records import Missing, Source


class Session:
    """Something that must not be dragged along."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = (item for item in ())


def by_name(session: Session) -> tuple[type, tuple[str]]:
    return Session, (session.name,)


@pytest.mark.parametrize("beside", [3, lambda: 3], ids=["pickle", "cloudpickle"])
def test_types_are_reduced_as_asked(beside):
    source = pickling.pickled_source(lambda: {"kept": Session("x"), "beside": beside}, {Session: by_name})
    assert isinstance(source, Source), source
    assert pickle.loads(source.data)["kept"].name == "x"  # noqa: S301 -- made a moment ago


def test_what_refuses_is_missing_with_the_reason(monkeypatch):
    assert "generator" in pickling.pickled_source(lambda: {"a": Session("x")}, {}).reason
    assert isinstance(pickling.pickled_source(lambda: 1 / 0, {}), Missing)
    monkeypatch.setattr(pickling, "MAX_SOURCE_BYTES", 1000)
    assert "more than" in pickling.pickled_source(lambda: {"a": bytes(2000)}, {}).reason
